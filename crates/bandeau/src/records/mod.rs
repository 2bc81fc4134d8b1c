//! What an operator does with records: read them out, erase them, begin their log anew. Says in words what a step means
//! before it is taken. Knows no rule about records: those are the book's.

pub(crate) mod erase;
pub(crate) mod export;
mod part;
pub(crate) mod restart;

use crate::cli::Failure;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

/// The configuration where none is named.
const CONFIG: &str = "bandeau.toml";

/// Asks whoever typed the command; nobody is asked where `yes` was typed.
///
/// # Errors
/// When nobody can be asked, or the answer is not yes.
fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure("nothing was done: where nobody can be asked, say --yes".to_owned()));
    }
    eprint!("{question} Type yes to go on: ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    match answer.trim() {
        "yes" => Ok(()),
        _ => Err(Failure("nothing was done".to_owned())),
    }
}

/// How many of something, in words.
fn count(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

/// Reads 32 hexadecimal digits, with or without the dashes a table writes them with.
fn digits(read: &str) -> Result<bandeau_consent::Pseudonym, String> {
    let bare: String = read.chars().filter(|letter| *letter != '-').collect();
    let parsed = bandeau_consent::Pseudonym::parse(&bare);
    parsed.ok_or_else(|| format!("{read:?} is no pseudonym: expected 32 hexadecimal digits"))
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}
