//! `bandeau restart-log`: the log begins anew under another name, where what was shown of it cannot be restored.

use super::{CONFIG, confirm};
use crate::cli::{self, Outcome};
use std::path::PathBuf;
use std::process::ExitCode;

/// What was typed.
#[derive(Debug, clap::Args)]
pub(crate) struct Typed {
    /// The configuration that names the store.
    #[arg(long, short, value_name = "FILE", default_value = CONFIG)]
    config: PathBuf,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
}

/// Begins the log anew.
pub(crate) fn restart(typed: &Typed) -> Outcome {
    let book = cli::read(&typed.config)?.book;
    let origin = bandeau_ledger::origin(&book.store)?;
    let next = bandeau_ledger::successor(&origin);
    println!("The log is called {origin}. It would go on as {next}:");
    println!("- Every record gets a place in it again, in the old order. No record changes.");
    println!(
        "- Receipts that visitors hold verify as before; their proofs are of the old log. They get new ones from the settings."
    );
    println!(
        "- The old log ends with its last checkpoint. Whoever watches it must be told why, and the new name: a log that"
    );
    println!(
        "  ends without a word looks like one that hides something. Restore the store or the secret instead if you can."
    );
    println!("- Stop every gateway first. On every other node remove the file ending in .checkpoint beside its spool.");
    confirm("The old log cannot be gone on with after this.", typed.yes)?;
    bandeau_ledger::restart(&book.store, book.local, &next)?;
    println!(
        "The log is called {next} now. What this node showed of the old one is in the file ending in .checkpoint.old:"
    );
    println!("keep it, it shows where the old log ended. Start the gateways again.");
    Ok(ExitCode::SUCCESS)
}
