//! `bandeau erase`: the records of one visitor, or all that are too old. Says what goes, what stays and why, and no more
//! of a visitor than how many records there were and from when.

use super::{CONFIG, confirm, count, digits, shown};
use crate::cli::{self, Failure, Outcome};
use crate::clock;
use crate::keys::Secret;
use crate::progress::Progress;
use bandeau_consent::Pseudonym;
use bandeau_ledger::{Code, Eraser, ReceiptDocument, Row, Signer, Whose, stamp};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long a program that reads the store may keep erased bytes in it before that is reported.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many records too old are counted before anything is done.
const COUNTED: u32 = 1_000_000;

/// What was typed.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("whose").required(true))]
pub(crate) struct Typed {
    /// The visitor with this short code.
    #[arg(long, value_name = "CODE", group = "whose", value_parser = code)]
    code: Option<Code>,
    /// The visitor with this receipt.
    #[arg(long, value_name = "FILE", group = "whose")]
    receipt: Option<PathBuf>,
    /// The visitor with this pseudonym.
    #[arg(long, value_name = "HEX", group = "whose", value_parser = digits)]
    pseudonym: Option<Pseudonym>,
    /// Everything that is older than book.retain; grants that have run out are recorded as such. A running gateway does
    /// this by itself.
    #[arg(long, group = "whose")]
    expired: bool,
    /// Only the one record of the code or receipt, not all of that visitor.
    #[arg(long, conflicts_with_all = ["pseudonym", "expired"])]
    only: bool,
    /// Say what would be erased, and erase nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// The configuration that names the store; bandeau.toml if neither this nor a store is given.
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The store itself, instead of the one the configuration names.
    #[arg(long, value_name = "URL", conflicts_with = "expired")]
    store: Option<String>,
}

fn code(read: &str) -> Result<Code, String> {
    Code::parse(read).ok_or_else(|| format!("{read:?} is no code: expected sixteen letters and digits"))
}

/// Erases what was typed.
pub(crate) fn erase(typed: &Typed) -> Outcome {
    let config = match (&typed.config, &typed.store) {
        (None, Some(_)) => None,
        (config, _) => Some(cli::read(config.as_deref().unwrap_or(Path::new(CONFIG)))?),
    };
    if let (true, Some(config)) = (typed.expired, &config) {
        return expired(typed, config);
    }
    let origin = config.as_ref().map_or("", |config| config.book.origin.as_str());
    let store = match (&typed.store, &config) {
        (Some(store), _) => store.as_str(),
        (None, Some(config)) => config.book.store.as_str(),
        (None, None) => return Err(Failure("no store is named".to_owned())),
    };
    if typed.config.is_none() && typed.store.is_some() {
        // Without a configuration nobody says what the log of an old store is to be called.
        bandeau_ledger::origin(store)?;
    }
    one(typed, Eraser::open(store, origin, typed.dry_run)?)
}

/// The records of one visitor.
fn one(typed: &Typed, mut eraser: Eraser) -> Outcome {
    let Some(row) = sought(typed, &mut eraser)? else {
        if !typed.dry_run {
            // An earlier run may have ended before, or have been in somebody's way.
            eraser.scrub()?;
        }
        println!("There is no such record in the book: it never was there, it was erased before, or it still waits in");
        println!("the spool of a node. Nothing was erased.");
        return Ok(ExitCode::from(1));
    };
    let rows = if typed.only { vec![row.clone()] } else { eraser.visitor(row.pseudonym)? };
    // So many are read at a time; there may be more.
    let least = if rows.len() == 1000 { "At least " } else { "" };
    println!("{least}{} of one visitor, {}.", count(rows.len() as u64, "record"), times(&rows));
    if typed.dry_run {
        println!("Nothing was erased: this was a dry run.");
        return Ok(ExitCode::SUCCESS);
    }
    let revoked = rows.iter().any(|row| row.source == "receipt");
    let standing = rows.iter().rev().find(|row| !row.source.starts_with("once")).and_then(until);
    confirm("They will be erased for good.", typed.yes)?;
    let erased = if typed.only { eraser.erase(&[row.id])? } else { eraser.clear(row.pseudonym)? };
    println!("{} erased.", count(erased, "record"));
    say(typed.only, revoked, standing);
    scrub(&mut eraser)
}

/// The record the visitor is known by, as far as the book has it.
fn sought(typed: &Typed, eraser: &mut Eraser) -> Result<Option<Row>, Failure> {
    if let Some(path) = &typed.receipt {
        let text =
            std::fs::read_to_string(path).map_err(|error| Failure(format!("cannot read {}: {error}", shown(path))))?;
        let document: ReceiptDocument =
            serde_json::from_str(&text).map_err(|error| Failure(format!("{} is no receipt: {error}", shown(path))))?;
        document.verify()?;
        let found = eraser.find(Whose::Id(document.row.id))?;
        return match found {
            Some(row) if row != document.row => {
                Err(Failure("the book holds another record of that name: the receipt is of another book".to_owned()))
            }
            found => Ok(found),
        };
    }
    match (typed.code, typed.pseudonym) {
        (Some(code), _) => Ok(eraser.find(Whose::Code(code))?),
        (None, Some(pseudonym)) => Ok(eraser.find(Whose::Visitor(pseudonym))?),
        (None, None) => Ok(None),
    }
}

fn times(rows: &[Row]) -> String {
    let (first, last) = (rows.iter().map(|row| row.at).min(), rows.iter().map(|row| row.at).max());
    match (first, last) {
        (Some(first), Some(last)) if first != last => format!("decided from {} to {}", stamp(first), stamp(last)),
        (Some(only), _) => format!("decided at {}", stamp(only)),
        _ => "decided at no time".to_owned(),
    }
}

/// Until when a record grants something, if it still does.
fn until(row: &Row) -> Option<u64> {
    let until = row.at.saturating_add(row.keep.saturating_mul(1000));
    let grants = row.choices.iter().any(|(_, answer)| answer == bandeau_consent::Choice::Grant.as_str());
    (grants && until > clock::millis()).then_some(until)
}

/// What stays, and why.
fn say(only: bool, revoked: bool, standing: Option<u64>) {
    println!("What stays:");
    println!(
        "- In the log, commitments that say nothing of anybody without the salt, which is erased. So every other proof"
    );
    println!("  holds as before.");
    println!(
        "- The names of the erased records, which hold a time and random digits, so that no node's spool brings one back."
    );
    println!("- Receipts in the visitor's own hands. They verify as before.");
    if only {
        println!("- The visitor's other records. The next one names the one that was erased as the one before it.");
    }
    if revoked {
        println!(
            "- The pseudonym, for 400 days, among those who took everything back with a receipt: a cookie that was made"
        );
        println!("  before would grant again without it.");
    }
    if let Some(until) = standing {
        println!(
            "- What the visitor granted: a cookie in a browser stands until {}, or until it is taken back",
            stamp(until)
        );
        println!("  there. The book can show no consent for it any more.");
    }
    println!(
        "- Copies: backups and exports made before hold what was erased until they are erased or run out, and a store"
    );
    println!("  restored from one holds it again. Erase once more after a restore.");
}

/// Takes what was erased out of the files.
fn scrub(eraser: &mut Eraser) -> Outcome {
    eprintln!("Going through the store, so that no copy stays: some seconds for a million records.");
    let start = Instant::now();
    while !eraser.scrub()? {
        if start.elapsed() > PATIENCE {
            return Err(Failure(
                "they are erased, but their bytes are still in the store's write-ahead log: another program is reading the \
                 store. Run the same command again once it has ended"
                    .to_owned(),
            ));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(ExitCode::SUCCESS)
}

/// What has run out and what is too old, as the gateway does it.
fn expired(typed: &Typed, config: &crate::config::Config) -> Outcome {
    let (book, now) = (&config.book, clock::millis());
    let mut eraser = Eraser::open(&book.store, &book.origin, typed.dry_run)?;
    let (lapsed, aged) = eraser.due(book.retain, now, COUNTED)?;
    println!("By the clock of this machine it is {}.", stamp(now));
    println!("Grants that have run out without a record that says so: {lapsed}.");
    match book.retain {
        Some(retain) => {
            let total = eraser.total()?;
            println!("Records older than book.retain, {} days: {aged} of {total}.", retain.as_secs() / 86_400);
        }
        None => println!("book.retain is not set: nothing is erased by age."),
    }
    if typed.dry_run {
        println!("Nothing was changed: this was a dry run.");
        return Ok(ExitCode::SUCCESS);
    }
    if lapsed + aged == 0 {
        return scrub(&mut eraser);
    }
    confirm("What is too old will be erased for good.", typed.yes)?;
    if !book.key.exists() {
        return Err(Failure(format!("there is no secret {}: what has run out cannot be signed", shown(&book.key))));
    }
    let signer = Signer::from_seed(Secret::open(&book.key)?.derive("bandeau receipt v1"));
    let (mut ended, mut erased, mut progress) = (0, 0, Progress::new());
    // Each portion is done for good: whoever interrupts this may begin anew.
    loop {
        let portion = eraser.end(&signer, now)?;
        ended += portion;
        progress.step(ended, lapsed.max(ended));
        if portion == 0 {
            break;
        }
    }
    while let Some(retain) = book.retain {
        let portion = eraser.weed(retain, now)?;
        erased += portion;
        progress.step(ended + erased, (lapsed + aged).max(ended + erased));
        if portion == 0 {
            break;
        }
    }
    progress.end();
    println!("{} recorded as run out, {} erased.", count(ended, "grant"), count(erased, "record"));
    scrub(&mut eraser)
}
