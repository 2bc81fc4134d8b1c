//! Three gateways on a primary with two synchronous standbys, under load and in a storm.

use crate::arguments::Arguments;
use crate::check;
use crate::dice::Dice;
use crate::node::Node;
use crate::proxy::Proxy;
use crate::storm::{Event, Storm};
use crate::support::cluster::{Cluster, MEMBERS};
use crate::told::Told;
use crate::visitor::{Place, Visitor, notice};
use crate::wire::Wire;
use crate::{log, site};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::{JoinSet, block_in_place};

/// How many gateways.
const NODES: usize = 3;

/// How many answer at once.
const VISITORS: usize = 24;

/// How long what was spooled may take into the book once nothing dies any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// Breaks a cluster for as long as it is told, checks, and prints the figure. Returns whether everything held.
pub(crate) async fn run(arguments: &Arguments, seed: u64) -> bool {
    let mut dice = Dice::new(seed);
    let only = arguments.only.as_deref().map(Event::parse);
    if only == Some(None) {
        println!("crash cluster: there is no event of this name");
        return false;
    }
    let Some(cluster) = block_in_place(Cluster::start) else {
        println!("crash cluster: PostgreSQL is not installed");
        return false;
    };
    println!("a primary and two synchronous standbys are up");
    let dir = tempfile::Builder::new().prefix("bandeau-fleet-").disable_cleanup(arguments.keep).tempdir().unwrap();
    let told = Arc::new(Told::default());
    let mut storm = Storm {
        wires: wires(&cluster).await,
        cluster,
        nodes: Vec::new(),
        told,
        dice: dice.split(),
        only: only.flatten(),
        counts: BTreeMap::new(),
    };
    let told = Arc::clone(&storm.told);
    storm.nodes = nodes(&storm.wires, dir.path(), &site::start().await);
    let sound = match weather(&mut storm, arguments.minutes, &mut dice).await {
        Ok(()) => verdict(&mut storm).await,
        Err(why) => Err(why),
    };
    if let Err(why) = sound {
        told.breach(why);
    }
    if told.breaches() > 0 {
        (0..MEMBERS).for_each(|number| println!("s{number}: {}", storm.cluster.last(number)));
        storm.nodes.iter().for_each(|node| println!("{}: {}", node.name, node.last()));
    }
    told.breaches() == 0
}

/// A wire from every gateway to every member.
async fn wires(cluster: &Cluster) -> Vec<Vec<Proxy>> {
    let mut all = Vec::new();
    for _ in 0..NODES {
        let mut own = Vec::new();
        for member in 0..MEMBERS {
            own.push(Proxy::to(cluster.address(member)).await);
        }
        all.push(own);
    }
    all
}

/// The gateways, with one secret and each with files of its own. The first one makes the secret.
fn nodes(wires: &[Vec<Proxy>], dir: &Path, site: &str) -> Vec<Node> {
    let make = |(number, own): (usize, &Vec<Proxy>)| {
        let hosts: Vec<String> = own.iter().map(|wire| wire.address.to_string()).collect();
        let book = format!(
            "[book]\nstore = \"postgres://postgres@{}/bandeau?target_session_attrs=read-write\"\nlocal = \"node\"\nkey = \"{}\"\n",
            hosts.join(","),
            dir.join("bandeau.key").display()
        );
        Node::new(&format!("gateway {number}"), 100 + number as u8, &dir.join(format!("node{number}")), site, &book)
    };
    wires.iter().enumerate().map(make).collect()
}

/// Visitors answer while things happen; at the end everything is up.
async fn weather(storm: &mut Storm, minutes: f64, dice: &mut Dice) -> Result<(), String> {
    for node in &mut storm.nodes {
        node.launch();
        node.ready().await?;
    }
    let wire = Wire::new();
    let urls: Vec<String> = storm.nodes.iter().map(Node::url).collect();
    let (close, open) = watch::channel(true);
    let notice = notice(&wire, &urls[0]).await;
    let place = Place { urls, told: Arc::clone(&storm.told), notice, open };
    let mut visitors = JoinSet::new();
    for _ in 0..VISITORS {
        visitors.spawn(Visitor::new(place.clone(), wire.clone(), dice.split()).run());
    }
    for node in 0..NODES {
        visitors.spawn(log::watch(place.clone(), node, wire.clone(), dice.split()));
    }
    let (start, end) = (Instant::now(), Duration::from_secs_f64(minutes * 60.0));
    let mut result = Ok(());
    let mut told = Instant::now();
    while start.elapsed() < end && result.is_ok() {
        result = storm.strike().await;
        if told.elapsed() > Duration::from_secs(5) {
            told = Instant::now();
            let events: u32 = storm.counts.values().sum();
            println!(
                "{:4} s  {events:4} events, {:7} acknowledged",
                start.elapsed().as_secs(),
                storm.told.acknowledged()
            );
        }
    }
    storm.calm().await;
    let _ = close.send(false);
    while visitors.join_next().await.is_some() {}
    result
}

/// What must hold once everything is up again.
async fn verdict(storm: &mut Storm) -> Result<(), String> {
    let told = Arc::clone(&storm.told);
    let start = Instant::now();
    let export = loop {
        match storm.nodes[0].export() {
            Ok(export) if check::whole(&told, &export) || start.elapsed() > PATIENCE => break export,
            Err(why) if start.elapsed() > PATIENCE => return Err(why),
            _ => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    };
    let (mut figures, book) = check::book(&told, export);
    let urls: Vec<String> = storm.nodes.iter().map(Node::url).collect();
    log::hold(&urls, &Wire::new(), &told, &book, &mut figures).await;
    let (spooled, declined, unanswered) = {
        let inside = told.inside();
        (inside.facts.len(), inside.declined, inside.unanswered)
    };
    println!("\nevents: {}", storm.tally());
    println!(
        "{spooled} of the acknowledged were spooled first, {declined} grants were declined, {unanswered} got no answer"
    );
    println!(
        "crash cluster: {} events, {}, {} breaches",
        storm.counts.values().sum::<u32>(),
        figures.words(),
        told.breaches()
    );
    Ok(())
}
