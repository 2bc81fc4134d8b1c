//! Gateways on one file, killed again and again, in several lanes beside each other; and gateways killed in their
//! cradle, while they make the store and the secret for the first time.

use crate::arguments::Arguments;
use crate::check::{self, Figures};
use crate::dice::Dice;
use crate::node::Node;
use crate::receipt::Receipt;
use crate::told::Told;
use crate::visitor::{Place, Visitor, notice};
use crate::wire::Wire;
use crate::{log, site};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How many answer at once in each lane.
const VISITORS: usize = 6;

/// Of a hundred kills, so many are of gateways that never ran before.
const CRADLE: u32 = 10;

/// How long what was spooled may take into the book, and what is in the book into the log.
const PATIENCE: Duration = Duration::from_secs(60);

/// What all lanes share.
struct Run {
    site: String,
    kills: AtomicU32,
    wanted: u32,
    keep: bool,
}

impl Run {
    /// Takes one of the kills that are left.
    fn take(&self) -> bool {
        self.kills.fetch_add(1, Ordering::SeqCst) < self.wanted
    }

    fn done(&self) -> u32 {
        self.kills.load(Ordering::SeqCst).min(self.wanted)
    }
}

/// Kills as often as it is told, checks, and prints the figure. Returns whether everything held.
pub(crate) async fn run(arguments: &Arguments, seed: u64) -> bool {
    let mut dice = Dice::new(seed);
    let dir = tempfile::Builder::new().prefix("bandeau-crash-").disable_cleanup(arguments.keep).tempdir().unwrap();
    let infant = arguments.kills * CRADLE / 100;
    let make = |wanted| Run { site: String::new(), kills: AtomicU32::new(0), wanted, keep: arguments.keep };
    let site = site::start().await;
    let adult = Arc::new(Run { site: site.clone(), ..make(arguments.kills - infant) });
    let infant = Arc::new(Run { site, ..make(infant) });
    let tolds: Vec<Arc<Told>> = (0..=arguments.lanes).map(|_| Arc::default()).collect();
    let mut tasks = JoinSet::new();
    for (number, told) in tolds.iter().enumerate() {
        let (told, dice, place) = (Arc::clone(told), dice.split(), dir.path().join(format!("lane{number}")));
        if number == 0 {
            tasks.spawn(cradle(Arc::clone(&infant), told, dice, place));
        } else {
            tasks.spawn(lane(Arc::clone(&adult), number as u8, told, dice, place));
        }
    }
    let mut figures = Figures::default();
    let (start, mut tick) = (Instant::now(), tokio::time::interval(Duration::from_secs(5)));
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                Some(ended) => figures.add(&ended.unwrap_or_else(|error| {
                    tolds[0].breach(format!("the harness itself broke: {error}"));
                    Figures::default()
                })),
                None => break,
            },
            _ = tick.tick() => {
                let told: u64 = tolds.iter().map(|told| told.acknowledged()).sum();
                let kills = adult.done() + infant.done();
                println!("{:4} s  {kills:5} kills, {told:7} acknowledged", start.elapsed().as_secs());
            }
        }
    }
    let breaches: usize = tolds.iter().map(|told| told.breaches()).sum();
    println!(
        "\ncrash sqlite: {} kills ({} of them at a first start), {}, {breaches} breaches",
        adult.done() + infant.done(),
        infant.done(),
        figures.words()
    );
    breaches == 0
}

/// The gateways of one lane: one on a file of its own or, in every fourth lane, two on the same file, as there are for
/// a moment whenever a gateway is replaced.
fn nodes(run: &Run, number: u8, dir: &Path) -> Vec<Node> {
    let book = format!("[book]\nstore = \"sqlite:{0}/book.db\"\nkey = \"{0}/bandeau.key\"\n", dir.display());
    let make = |which: u8| {
        let name = format!("gateway {which} of lane {number}");
        Node::new(&name, number, &dir.join(format!("{which}")), &run.site, &book)
    };
    (0..if number.is_multiple_of(4) { 2 } else { 1 }).map(make).collect()
}

/// Gateways killed under load.
async fn lane(run: Arc<Run>, number: u8, told: Arc<Told>, mut dice: Dice, dir: impl AsRef<Path>) -> Figures {
    let mut nodes = nodes(&run, number, dir.as_ref());
    for node in &mut nodes {
        node.launch();
        if let Err(why) = node.ready().await {
            told.breach(why);
            return Figures::default();
        }
    }
    let wire = Wire::new();
    let (close, open) = watch::channel(true);
    let urls: Vec<String> = nodes.iter().map(Node::url).collect();
    let notice = notice(&wire, &urls[0]).await;
    let place = Place { urls: urls.clone(), told: Arc::clone(&told), notice, open };
    let mut visitors = JoinSet::new();
    for _ in 0..VISITORS {
        visitors.spawn(Visitor::new(place.clone(), wire.clone(), dice.split()).run());
    }
    for node in 0..urls.len() {
        visitors.spawn(log::watch(place.clone(), node, wire.clone(), dice.split()));
    }
    let sound = break_down(&run, &mut nodes, &mut dice).await;
    let _ = close.send(false);
    while visitors.join_next().await.is_some() {}
    match sound {
        Ok(()) => finish(&nodes[0], &urls, &told, &wire).await,
        Err(why) => {
            told.breach(why);
            Figures::default()
        }
    }
}

/// The kills of one lane. A gateway that ends by itself, or does not come up again, is a breach.
async fn break_down(run: &Run, nodes: &mut [Node], dice: &mut Dice) -> Result<(), String> {
    let alone = nodes.len() == 1;
    while run.take() {
        // Under load, then at any instant of the start that follows, now and then several in a row.
        tokio::time::sleep(dice.pause(0..1000)).await;
        let node = &mut nodes[dice.below(nodes.len())];
        node.alive()?;
        node.kill();
        if alone && dice.percent(20) {
            // Beside the folder of the gateway are the files of the book.
            node.tear(&node.dir().join(".."));
        }
        node.launch();
        while dice.percent(30) && run.take() {
            tokio::time::sleep(dice.pause(0..70)).await;
            node.kill();
            node.launch();
        }
        node.ready().await.map_err(|why| format!("a start after a kill: {why}"))?;
    }
    nodes.iter_mut().try_for_each(Node::alive)
}

/// What must hold of one lane at the end.
async fn finish(node: &Node, urls: &[String], told: &Told, wire: &Wire) -> Figures {
    let start = Instant::now();
    let export = loop {
        match node.export() {
            Ok(export) if check::whole(told, &export) || start.elapsed() > PATIENCE => break export,
            Err(why) if start.elapsed() > PATIENCE => {
                told.breach(why);
                return Figures::default();
            }
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    };
    let (mut figures, book) = check::book(told, export);
    log::hold(urls, wire, told, &book, &mut figures).await;
    figures
}

/// Gateways killed while they start for the first time, each in a folder of its own, and started once more.
async fn cradle(run: Arc<Run>, told: Arc<Told>, mut dice: Dice, dir: impl AsRef<Path>) -> Figures {
    let mut figures = Figures::default();
    let mut number = 0;
    while run.take() {
        number += 1;
        let dir = dir.as_ref().join(format!("{number}"));
        let mut node = Node::new(&format!("first start {number}"), 200, &dir, &run.site, "");
        node.launch();
        tokio::time::sleep(dice.pause(0..70)).await;
        node.kill();
        node.launch();
        if let Err(why) = node.ready().await {
            told.breach(format!("killed at its first start: {why}"));
            continue;
        }
        let own = Arc::new(Told::default());
        let wire = Wire::new();
        let body = json!({ "notice": notice(&wire, &node.url()).await, "answer": "accept" });
        own.inside().sent += 1;
        match wire.decide(&node.url(), None, body.to_string()).await {
            Some((head, said)) if head.status == 200 => {
                let said: Value = serde_json::from_slice(&said).unwrap_or_default();
                own.inside().receipts.push(Receipt(said["receipt"].clone()));
            }
            _ => told.breach(format!("{}: no grant after a kill at the first start: {}", node.name, node.last())),
        }
        node.kill();
        node.launch();
        match node.ready().await {
            Ok(()) => figures.add(&finish(&node, &[node.url()], &own, &wire).await),
            Err(why) => told.breach(why),
        }
        own.inside().breaches.iter().for_each(|breach| told.breach(breach.clone()));
        drop(node);
        if !run.keep {
            let _ = std::fs::remove_dir_all(&dir);
        }
    }
    figures
}
