//! What befalls a cluster and its gateways: members and gateways die, wires are cut or fall silent, the primary stands
//! still. Each event ends with everything up again, so that the next one meets a cluster that may lose a member.

use crate::dice::Dice;
use crate::node::Node;
use crate::proxy::{Mode, Proxy};
use crate::support::cluster::{Cluster, MEMBERS};
use crate::told::Told;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::block_in_place;

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// The primary dies; the standby that has most becomes the primary, and the dead one its standby.
    Failover,
    /// The primary dies and comes back as it was.
    Restart,
    /// A standby dies and comes back.
    Standby,
    /// No standby confirms; the primary dies, comes back, dies again, and a standby takes over.
    Relapse,
    /// A gateway dies and comes back.
    Gateway,
    /// The gateway that puts records into the log dies and comes back.
    Sequencer,
    /// A gateway stands still, longer than it may sequence without a word, and goes on as if nothing had been.
    Sleeper,
    /// The connections of one gateway are reset, and no new one comes about.
    Cut,
    /// The connections of one gateway fall silent, and then go on.
    Mute,
    /// The primary stands still for a while.
    Stall,
    /// Both standbys stand still: nothing can be confirmed.
    Silence,
}

/// Each with how often it is thrown, of a hundred.
const EVENTS: [(Event, usize); 11] = [
    (Event::Failover, 15),
    (Event::Restart, 8),
    (Event::Standby, 11),
    (Event::Relapse, 5),
    (Event::Gateway, 12),
    (Event::Sequencer, 8),
    (Event::Sleeper, 8),
    (Event::Cut, 10),
    (Event::Mute, 10),
    (Event::Stall, 7),
    (Event::Silence, 6),
];

/// The weather over one cluster.
pub(crate) struct Storm {
    pub(crate) cluster: Cluster,
    pub(crate) nodes: Vec<Node>,
    /// From each gateway to each member.
    pub(crate) wires: Vec<Vec<Proxy>>,
    pub(crate) told: Arc<Told>,
    pub(crate) dice: Dice,
    /// If nothing else may happen.
    pub(crate) only: Option<Event>,
    pub(crate) counts: BTreeMap<Event, u32>,
}

impl Event {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        EVENTS.into_iter().map(|(event, _)| event).find(|event| event.to_string() == name)
    }
}

impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&format!("{self:?}").to_lowercase())
    }
}

impl Storm {
    /// One event, from the quiet before to everything being up again.
    pub(crate) async fn strike(&mut self) -> Result<(), String> {
        self.rest(100..1500).await;
        let mut event = self.throw();
        let sequencer = self.sequencer();
        if event == Event::Sequencer && sequencer.is_none() {
            event = Event::Gateway;
        }
        *self.counts.entry(event).or_default() += 1;
        match event {
            Event::Failover => self.failover().await,
            Event::Restart => self.restart().await,
            Event::Standby => self.standby().await,
            Event::Relapse => self.relapse().await,
            Event::Gateway | Event::Sequencer => {
                let any = self.dice.below(self.nodes.len());
                let number = sequencer.filter(|_| event == Event::Sequencer).unwrap_or(any);
                self.fell(number).await?;
            }
            Event::Sleeper => self.sleeper(sequencer).await,
            Event::Cut => self.sever(Mode::Cut, 100..4000).await,
            Event::Mute => self.sever(Mode::Mute, 100..6000).await,
            Event::Stall => self.still(vec![self.cluster.primary()], 100..4000).await,
            Event::Silence => self.still(self.cluster.standbys(), 300..4000).await,
        }
        for node in &mut self.nodes {
            node.alive()?;
        }
        Ok(())
    }

    fn throw(&mut self) -> Event {
        if let Some(only) = self.only {
            return only;
        }
        let mut left = self.dice.below(100);
        for (event, share) in EVENTS {
            if left < share {
                return event;
            }
            left -= share;
        }
        Event::Gateway
    }

    async fn rest(&mut self, range: Range<u64>) {
        let pause = self.dice.pause(range);
        tokio::time::sleep(pause).await;
    }

    async fn failover(&mut self) {
        let lost = self.cluster.primary();
        block_in_place(|| self.cluster.kill(lost));
        self.rest(0..2000).await;
        block_in_place(|| self.cluster.promote());
        self.rest(0..1000).await;
        block_in_place(|| self.renew(lost));
    }

    /// The dead one comes back as a standby; until then a commit needs the only other one.
    fn renew(&mut self, lost: usize) {
        self.cluster.rebuild(lost);
        self.cluster.settle();
    }

    async fn restart(&mut self) {
        let primary = self.cluster.primary();
        block_in_place(|| self.cluster.kill(primary));
        self.rest(0..2000).await;
        block_in_place(|| {
            self.cluster.launch(primary);
            self.cluster.settle();
        });
    }

    async fn standby(&mut self) {
        let which = self.dice.below(MEMBERS - 1);
        let number = self.cluster.standbys()[which];
        block_in_place(|| self.cluster.kill(number));
        self.rest(0..3000).await;
        block_in_place(|| {
            self.cluster.launch(number);
            self.cluster.settle();
        });
    }

    /// After a restart the primary shows what it had written and nobody had confirmed. Who takes that for confirmed
    /// loses it when the primary dies again.
    async fn relapse(&mut self) {
        let (lost, standbys) = (self.cluster.primary(), self.cluster.standbys());
        self.rest(0..3000).await;
        standbys.iter().for_each(|number| self.cluster.freeze(*number, true));
        self.rest(100..1500).await;
        block_in_place(|| {
            self.cluster.kill(lost);
            self.cluster.launch(lost);
        });
        self.rest(500..5000).await;
        block_in_place(|| self.cluster.kill(lost));
        standbys.iter().for_each(|number| self.cluster.freeze(*number, false));
        block_in_place(|| {
            self.cluster.promote();
            self.renew(lost);
        });
    }

    /// A gateway dies and comes back.
    async fn fell(&mut self, number: usize) -> Result<(), String> {
        self.nodes[number].kill();
        if self.dice.percent(30) {
            self.nodes[number].tear(self.nodes[number].dir());
        }
        self.rest(0..2000).await;
        self.nodes[number].launch();
        self.nodes[number].ready().await.map_err(|why| format!("a start after a kill: {why}"))
    }

    /// A gateway stands still: the one that sequences, half of the time.
    async fn sleeper(&mut self, sequencer: Option<usize>) {
        let any = self.dice.below(self.nodes.len());
        let number = if self.dice.percent(50) { sequencer.unwrap_or(any) } else { any };
        self.nodes[number].freeze(true);
        self.rest(500..8000).await;
        self.nodes[number].freeze(false);
    }

    async fn sever(&mut self, mode: Mode, range: Range<u64>) {
        let number = self.dice.below(self.nodes.len());
        self.wires[number].iter().for_each(|wire| wire.set(mode));
        self.rest(range).await;
        self.wires[number].iter().for_each(|wire| wire.set(Mode::Pass));
    }

    async fn still(&mut self, members: Vec<usize>, range: Range<u64>) {
        members.iter().for_each(|number| self.cluster.freeze(*number, true));
        self.rest(range).await;
        members.iter().for_each(|number| self.cluster.freeze(*number, false));
    }

    /// Which gateway puts records into the log now. The store knows it by a name that it gave itself when it started, a
    /// UUID of version 7: it begins with the time (RFC 9562 §5.7).
    fn sequencer(&mut self) -> Option<usize> {
        let sql = "SELECT holder FROM head";
        let name = block_in_place(|| self.cluster.ask("bandeau", self.cluster.primary(), sql))?;
        let named = u64::from_str_radix(name.replace('-', "").get(..12)?, 16).ok()?;
        let since = |number: &usize| self.nodes[*number].since().filter(|since| *since <= named);
        (0..self.nodes.len()).filter(|number| since(number).is_some()).max_by_key(since)
    }

    /// What happened, in words.
    pub(crate) fn tally(&self) -> String {
        let words = self.counts.iter().map(|(event, count)| format!("{count} {event}"));
        words.collect::<Vec<_>>().join(", ")
    }

    /// Lets everything settle.
    pub(crate) async fn calm(&mut self) {
        self.wires.iter().flatten().for_each(|wire| wire.set(Mode::Pass));
        block_in_place(|| self.cluster.settle());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
