//! Decisions to record, and visitors who wait for them.

use crate::place::Place;
use bandeau_consent::{
    Asked, Choice, Decision, Digest, Event, Labels, Language, Notice, Pseudonym, PurposeId, Record, RecordId, Source,
    Wording,
};
use bandeau_ledger::{Ledger, Options, Signer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::Runtime;

pub const ORIGIN: &str = "bench.test/.well-known/bandeau/log";
const PURPOSES: [&str; 4] = ["audience-plus", "advertising", "social", "media"];

fn now() -> u64 {
    u64::try_from(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// A name as the gateway gives them: a UUID of version 7.
pub fn name() -> RecordId {
    let mut bytes = random();
    bytes[..6].copy_from_slice(&now().to_be_bytes()[2..]);
    bytes[6] = 0x70 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    RecordId(bytes)
}

fn notice() -> Notice {
    let asked =
        |id: &&str| Asked { purpose: PurposeId::new(id).unwrap(), wording: Wording::default(), services: Vec::new() };
    Notice {
        language: Language::new("fr").unwrap(),
        site: "La Gazette".to_owned(),
        controller: String::new(),
        privacy: String::new(),
        title: String::new(),
        text: String::new(),
        labels: Labels { accept: "oui".to_owned(), refuse: "non".to_owned(), choose: "choisir".to_owned() },
        asked: PURPOSES.iter().map(asked).collect(),
        fixed: Vec::new(),
        data: Vec::new(),
    }
}

/// The two answers most visitors give: everything, nothing.
pub struct Answers([Decision; 2]);

impl Answers {
    pub fn new() -> Self {
        let notice = notice();
        Self([Choice::Grant, Choice::Refuse].map(|choice| Decision::uniform(&notice, choice, Source::Banner)))
    }

    /// The answer of somebody new; every second one grants.
    pub fn record(&self, number: u64) -> Record {
        let refuses = usize::from(number % 2 == 1);
        Record {
            id: name(),
            pseudonym: Pseudonym(random()),
            at: now(),
            decision: self.0[refuses].clone(),
            event: if refuses == 1 { Event::Refused } else { Event::Given },
            policy: Digest([5; 32]),
            keep: 180 * 86_400,
        }
    }
}

/// Opens the book of a place as gateway number so and so.
pub fn open(place: &Place, number: usize) -> Ledger {
    let local = place.shared().then(|| place.dir.path().join(format!("node{number}")));
    let options = Options { origin: ORIGIN.to_owned(), local, retain: None, now, name };
    let ledger = Ledger::open(&place.url, Signer::from_seed([3; 32]), options).unwrap();
    let start = Instant::now();
    while !ledger.state().is_open() {
        assert!(start.elapsed() < Duration::from_secs(30), "{}: {:?}", place.name, ledger.state());
        std::thread::sleep(Duration::from_millis(50));
    }
    ledger
}

/// What came of keeping visitors waiting for a while.
#[derive(Default)]
pub struct Run {
    pub times: Vec<Duration>,
    /// Decisions that were refused or came too late.
    pub failed: u64,
    /// What was said to one of those.
    pub why: Option<String>,
    pub elapsed: Duration,
    /// The names of some of the records.
    pub some: Vec<RecordId>,
}

/// So many visitors decide, each again as soon as the last decision is durable, for so long or until so many have.
pub fn drive(runtime: &Runtime, ledgers: &[Ledger], clients: usize, length: Duration, most: u64) -> Run {
    let answers = Arc::new(Answers::new());
    // Every connection has its statements ready before the clock starts.
    for ledger in ledgers {
        runtime.block_on(ledger.append(answers.record(0))).expect("the store is well");
    }
    let (given, start) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let visitor = |number: usize| {
        let (ledger, answers, given) = (ledgers[number % ledgers.len()].clone(), answers.clone(), given.clone());
        async move {
            let mut run = Run::default();
            while start.elapsed() < length {
                let number = given.fetch_add(1, Relaxed);
                if number >= most {
                    break;
                }
                let (record, asked) = (answers.record(number), Instant::now());
                let id = record.id;
                match ledger.append(record).await {
                    Ok(_) => {
                        run.times.push(asked.elapsed());
                        if number % 997 == 0 {
                            run.some.push(id);
                        }
                    }
                    Err(error) => {
                        run.failed += 1;
                        run.why = Some(error.to_string());
                        // As visitors do, who read first what they are told.
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
            run
        }
    };
    runtime.block_on(async {
        let tasks: Vec<_> = (0..clients).map(|number| tokio::spawn(visitor(number))).collect();
        let mut all = Run::default();
        for task in tasks {
            let run = task.await.unwrap();
            all.times.extend(run.times);
            all.some.extend(run.some);
            all.failed += run.failed;
            all.why = all.why.or(run.why);
        }
        all.elapsed = start.elapsed();
        all
    })
}
