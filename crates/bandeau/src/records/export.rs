//! `bandeau export`: the records as receipts, as a table or as linked data, to standard output or into a file that is
//! whole or not there.

use super::part::Part;
use super::{CONFIG, digits, shown};
use crate::cli::{self, Failure, Outcome};
use crate::config::Config;
use crate::progress::Progress;
use bandeau_banner::Face;
use bandeau_consent::{Hasher, Pseudonym};
use bandeau_ledger::{Context, Export, Format, Wish, moment};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tokio::signal::unix::{SignalKind, signal};

/// What was typed.
#[derive(Debug, clap::Args)]
pub(crate) struct Typed {
    /// The configuration that names the store, and says for linked data what visitors were told; bandeau.toml if neither
    /// this nor a store is given.
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The store itself, instead of the one the configuration names.
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Where to; standard output if not given. Nothing there is overwritten; until it is whole it is called FILE.part, and
    /// the same command goes on where it was interrupted.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Kind::Jsonl)]
    format: Kind,
    /// Give each receipt its proof under the newest checkpoint in the store.
    #[arg(long)]
    proofs: bool,
    /// Only what was decided at this time or later: a day, which is its first moment in UTC, or YYYY-MM-DDThh:mm:ssZ.
    #[arg(long, value_name = "DATE", value_parser = date)]
    since: Option<u64>,
    /// Only what was decided before this time.
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: Option<u64>,
    /// Only the records of this visitor.
    #[arg(long, value_name = "HEX", value_parser = digits)]
    pseudonym: Option<Pseudonym>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// JSON Lines: each line a receipt that verifies offline.
    Jsonl,
    /// A table, for spreadsheets.
    Csv,
    /// Linked data: ISO/IEC TS 27560:2023 in the profile of the W3C Data Privacy Vocabulary.
    Jsonld,
}

fn date(read: &str) -> Result<u64, String> {
    moment(read).ok_or_else(|| format!("{read:?} is no time: expected YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ"))
}

/// Writes the records.
pub(crate) fn export(typed: &Typed) -> Outcome {
    if typed.proofs && typed.format != Kind::Jsonl {
        return Err(Failure("only receipts carry proofs: --proofs goes with --format jsonl".to_owned()));
    }
    let config = match (&typed.config, &typed.store) {
        (None, Some(_)) => None,
        (config, _) => Some(cli::read(config.as_deref().unwrap_or(Path::new(CONFIG)))?),
    };
    let store = match (&typed.store, &config) {
        (Some(store), _) => store.clone(),
        (None, Some(config)) => config.book.store.clone(),
        (None, None) => return Err(Failure("no store is named".to_owned())),
    };
    let context = config.as_ref().filter(|_| typed.format == Kind::Jsonld).map(context).unwrap_or_default();
    let format = match typed.format {
        Kind::Jsonl => Format::JsonLines,
        Kind::Csv => Format::Csv,
        Kind::Jsonld => Format::JsonLd,
    };
    let Typed { proofs, since, until, pseudonym, .. } = *typed;
    let export = Export::open(&store, Wish { format, proofs, since, until, pseudonym, context })?;
    let written = match &typed.output {
        None => print(export)?,
        Some(path) => save(export, path, &asked(typed, &store, config.as_ref()))?,
    };
    let what = match typed.format {
        Kind::Jsonl => "each line is a signed receipt",
        Kind::Csv => "one row each, without what proves them",
        Kind::Jsonld => "linked data, without what proves them",
    };
    eprintln!("{} written; {what}.", super::count(written, "record"));
    Ok(ExitCode::SUCCESS)
}

/// What the configuration knows of the records.
fn context(config: &Config) -> Context {
    let draft = config.policy.draft();
    let host = draft.hosts.first().map(|host| host.to_string().trim_start_matches("*.").to_owned());
    Context {
        notices: Face::every(&config.policy, &config.site).iter().map(|face| face.notice().clone()).collect(),
        settings: host.map(|host| format!("https://{host}/.well-known/bandeau/settings")),
        country: config.country.clone(),
    }
}

/// What an export that is gone on with must have been asked for.
fn asked(typed: &Typed, store: &str, config: Option<&Config>) -> String {
    let config = config.filter(|_| typed.format == Kind::Jsonld).map(|config| config.digest);
    let Typed { format, proofs, since, until, pseudonym, .. } = typed;
    let all = format!("{store} {config:?} {format:?} {proofs} {since:?} {until:?} {pseudonym:?}");
    Hasher::new("bandeau export v1").field(all).finish().to_string()
}

fn print(mut export: Export) -> Result<u64, Failure> {
    let mut out = std::io::stdout().lock();
    // A bar among the records would make neither readable.
    let shows = !out.is_terminal();
    let (mut text, mut progress) = (Vec::new(), Progress::new());
    if shows {
        progress.step(0, export.total());
    }
    while !export.place().whole {
        export.portion(&mut text)?;
        out.write_all(&text)?;
        text.clear();
        if shows {
            progress.step(export.place().seen, export.total());
        }
    }
    out.flush()?;
    progress.end();
    Ok(export.place().written)
}

fn save(mut export: Export, path: &Path, asked: &str) -> Result<u64, Failure> {
    let stopped = interruption()?;
    let mut part = Part::open(path, asked)?;
    if let Some(place) = part.place() {
        eprintln!("Going on after {}, where it was interrupted.", super::count(place.seen, "record"));
        export.resume(place);
    }
    let (mut text, mut progress) = (Vec::new(), Progress::new());
    progress.step(export.place().seen, export.total());
    while !export.place().whole {
        export.portion(&mut text)?;
        part.add(&text, export.place())?;
        text.clear();
        progress.step(export.place().seen, export.total());
        if stopped.1.load(Relaxed) && !export.place().whole {
            part.note(export.place())?;
            progress.end();
            return Err(Failure(format!(
                "interrupted after {} of {} records. The same command goes on from there; to begin anew, remove {}.part",
                export.place().seen,
                export.total(),
                shown(path)
            )));
        }
    }
    part.finish()?;
    progress.end();
    Ok(export.place().written)
}

/// Whether Ctrl-C was pressed or the end was asked for; what listens for it lives as long as the first part.
fn interruption() -> Result<(tokio::runtime::Runtime, Arc<AtomicBool>), Failure> {
    let runtime = cli::runtime()?;
    let stopped = Arc::new(AtomicBool::new(false));
    let guard = runtime.enter();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let (mut listened, stopped) = (signal(kind)?, Arc::clone(&stopped));
        runtime.spawn(async move {
            listened.recv().await;
            stopped.store(true, Relaxed);
        });
    }
    drop(guard);
    Ok((runtime, stopped))
}
