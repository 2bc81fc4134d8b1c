//! `bandeau evidence`: everything a regulator asks for one record, or for the version that is live, in one directory or ZIP
//! file that a lawyer can open and an outsider can check. Reads the book, changes nothing, and needs no gateway.

mod browser;
mod gather;
mod howto;
mod index;
mod pack;
mod stage;
mod words;
mod zip;

use crate::clock;
use crate::config::Config;
use crate::keys::Secret;
use bandeau_consent::{Digest, RecordId};
use bandeau_ledger::{Code, Reading, ReceiptDocument, Signer};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::Args;
use gather::{Case, Keys, Sought, gather};
use pack::Pack;
use stage::{Camera, Shot};
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is typed.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// The configuration that names the store and the secret.
    #[arg(long, short, value_name = "FILE", default_value = "bandeau.toml")]
    pub(crate) config: PathBuf,
    /// Where to: a directory, or a file that ends in .zip. Nothing there is overwritten.
    #[arg(long, short, value_name = "DIR|FILE.zip")]
    output: PathBuf,
    /// Take pictures in every language the site offers, not only in the record's.
    #[arg(long)]
    all_languages: bool,
    /// The browser that takes the pictures, instead of the Chromium that is found.
    #[arg(long, value_name = "PATH", conflicts_with = "no_screenshots")]
    browser: Option<PathBuf>,
    /// Take no pictures.
    #[arg(long)]
    no_screenshots: bool,
}

/// For what.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The record whose receipt has this short code.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// The record of this receipt.
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// The record of this name, 32 hexadecimal digits.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// No record: the version of notice, policy and configuration that is live.
    #[arg(long)]
    version: bool,
}

/// Whether something that was checked holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Holds,
    Fails,
    /// Neither: something to know.
    Note,
}

/// What was checked, in the order in which it was.
#[derive(Default)]
struct Findings(Vec<(State, String)>);

impl Findings {
    fn hold(&mut self, says: &str) {
        self.0.push((State::Holds, says.to_owned()));
    }

    fn note(&mut self, says: &str) {
        self.0.push((State::Note, says.to_owned()));
    }

    fn fail(&mut self, says: &str) {
        self.0.push((State::Fails, says.to_owned()));
    }

    fn check(&mut self, holds: bool, says: &str, otherwise: impl FnOnce() -> String) {
        if holds { self.hold(says) } else { self.fail(&otherwise()) }
    }

    fn failures(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(state, _)| *state == State::Fails).map(|(_, says)| says.as_str())
    }
}

/// Why there is no pack.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("{0}")]
    Said(String),
    #[error("the book cannot be read")]
    Book(#[from] bandeau_ledger::Error),
    #[error("the pack cannot be written")]
    Disk(#[from] std::io::Error),
    #[error("it was interrupted: nothing was written")]
    Interrupted,
}

/// Everything the pages of a pack are made of.
struct Dossier<'d> {
    case: &'d Case,
    findings: &'d Findings,
    shots: &'d [Shot],
    /// The browser that took the pictures.
    browser: Option<String>,
    /// The SHA-256 of every picture, by its file.
    pictures: BTreeMap<String, Digest>,
    /// When it was gathered, in milliseconds since 1970.
    at: u64,
}

/// Gathers a pack; true when all that was checked holds.
///
/// # Errors
/// When there is no such record, or the book or the disk is not to be had.
pub(crate) async fn run(arguments: Arguments, config: Config) -> Result<bool, Trouble> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let mut work = tokio::task::spawn_blocking(move || make(&arguments, &config, &told));
    let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let done = tokio::select! {
        done = &mut work => done,
        _ = interrupt.recv() => { stop.store(true, Ordering::SeqCst); work.await }
        _ = terminate.recv() => { stop.store(true, Ordering::SeqCst); work.await }
    };
    done.unwrap_or_else(|error| Err(Trouble::Said(error.to_string())))
}

fn make(arguments: &Arguments, config: &Config, stop: &AtomicBool) -> Result<bool, Trouble> {
    pack::vacant(&arguments.output)?;
    let sought = sought(&arguments.which)?;
    let mut findings = Findings::default();
    let mut reading = Reading::open(&config.book.store)?;
    let keys = keys(config, reading.origin(), &mut findings);
    let case = gather(&mut reading, &sought, keys, &mut findings)?
        .ok_or_else(|| Trouble::Said("the book holds no such record: it was erased, or never there".to_owned()))?;
    let (mut pack, mut shots) = (Pack::default(), Vec::new());
    let mut browser = None;
    if !arguments.no_screenshots {
        browser = pictures(arguments, &case, stop, (&mut pack, &mut shots), &mut findings);
    }
    if stop.load(Ordering::SeqCst) {
        return Err(Trouble::Interrupted);
    }
    let pictures = pack.files().iter().map(|(name, content)| (name.clone(), Digest::of(content))).collect();
    let dossier = Dossier { pictures, case: &case, findings: &findings, shots: &shots, browser, at: clock::millis() };
    fill(&mut pack, &dossier).map_err(|error| Trouble::Said(error.to_string()))?;
    let (count, output) = (pack.files().len() + 1, arguments.output.display());
    pack.write(&arguments.output)?;
    eprintln!("{count} files written to {output}; index.html is where to begin, HOW-TO-VERIFY.md how to check it.");
    if case.record.is_some() {
        eprintln!(
            "It holds personal data, and its code takes the consent back: hand it to nobody who need not have it."
        );
    }
    for says in findings.failures() {
        eprintln!("DOES NOT HOLD: {says}");
    }
    Ok(findings.failures().next().is_none())
}

fn sought(which: &Which) -> Result<Sought, Trouble> {
    let said = |says: String| Trouble::Said(says);
    if let Some(code) = &which.code {
        let code = Code::parse(code);
        return code
            .map(Sought::Code)
            .ok_or_else(|| said("this is no code: expected 16 letters and digits".to_owned()));
    }
    if let Some(id) = &which.id {
        let id = RecordId::parse(&id.replace('-', "").to_ascii_lowercase());
        return id
            .map(Sought::Id)
            .ok_or_else(|| said("this is no record's name: expected 32 hexadecimal digits".to_owned()));
    }
    let Some(file) = &which.receipt else { return Ok(Sought::Newest) };
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| said(format!("cannot read {shown}: {error}")))?;
    let document: ReceiptDocument =
        serde_json::from_str(&text).map_err(|error| said(format!("{shown} is no receipt: {error}")))?;
    Ok(Sought::Document(Box::new(document)))
}

/// The public keys, which follow from the secret. It is only read: where there is none, none is made.
fn keys(config: &Config, origin: &str, findings: &mut Findings) -> Keys {
    let path = &config.book.key;
    let secret = if path.is_file() { Secret::open(path).ok() } else { None };
    let Some(secret) = secret else {
        findings.fail(&format!("The secret {} is not here, so no signature could be checked.", path.display()));
        return Keys::default();
    };
    let signer = Signer::from_seed(secret.derive("bandeau receipt v1"));
    Keys { receipt: Some(signer.verifying_key()), log: signer.log(origin).ok().map(|log| log.key()) }
}

fn pictures(
    arguments: &Arguments,
    case: &Case,
    stop: &AtomicBool,
    into: (&mut Pack, &mut Vec<Shot>),
    findings: &mut Findings,
) -> Option<String> {
    let mechanism = case.mechanism.as_ref()?;
    let mut languages: Vec<String> = case.record.iter().map(|record| record.row.language.clone()).collect();
    if arguments.all_languages || languages.is_empty() {
        let offered = mechanism.manifest.languages.iter();
        languages.extend(offered.filter(|language| !languages.contains(language)).cloned().collect::<Vec<_>>());
    }
    let host = case.origin.split('/').next().unwrap_or_default();
    let terminal = std::io::stderr().is_terminal();
    let mut progress = |done: usize, all: usize| {
        if terminal {
            eprint!("\r{done} of {all} pictures{}", if done == all { "\n" } else { "" });
            let _ = std::io::stderr().flush();
        }
    };
    let taken = browser::find(arguments.browser.as_deref()).and_then(|program| {
        let mut camera = Camera { program: &program, stop, progress: &mut progress };
        stage::shoot(mechanism, (host, &languages), &mut camera, into, findings)
    });
    taken.map_err(|browser::Fault(why)| findings.fail(&format!("Pictures are missing: {why}."))).ok()
}

/// Puts everything but the pictures into the pack.
fn fill(pack: &mut Pack, dossier: &Dossier<'_>) -> Result<(), serde_json::Error> {
    let case = dossier.case;
    let document = |record: &ReceiptDocument| serde_json::to_string(record).map(|text| text + "\n");
    if let Some(record) = &case.record {
        pack.put("receipt.json", document(record)?);
    }
    for (at, record) in case.chain.iter().enumerate() {
        // What stands in the database is no path.
        let event: String = record.row.event.chars().filter(char::is_ascii_lowercase).take(16).collect();
        let name = format!("records/{:03}-{event}-{}.json", at + 1, record.row.id);
        pack.put(name, document(record)?);
    }
    let receipt = case.keys.receipt.map(|key| format!("receipt {}\n", STANDARD.encode(key))).unwrap_or_default();
    let log = case.keys.log.as_ref().map(|key| format!("log {key}\n")).unwrap_or_default();
    pack.put("keys.txt", format!("bandeau keys v1\n{log}{receipt}"));
    if let Some(checkpoint) = &case.checkpoint {
        pack.put("checkpoint.txt", checkpoint.as_str());
    }
    if let Some(mechanism) = &case.mechanism {
        pack.put("manifest.json", mechanism.bytes.as_slice());
        if let Some(proof) = &mechanism.proof {
            pack.put("manifest.proof", proof.to_string());
        }
        for (name, bytes) in &mechanism.files {
            pack.put(format!("mechanism/{name}"), bytes.as_slice());
        }
        for (name, bytes) in &mechanism.changed {
            pack.put(format!("changed/{name}"), bytes.as_slice());
        }
    }
    if let Some(notice) = &case.notice {
        pack.put("notice.txt", words::plain(notice));
    }
    pack.put("check.py", howto::CHECK);
    pack.put("HOW-TO-VERIFY.md", howto::page(dossier));
    pack.put("index.html", index::page(dossier));
    Ok(())
}
