//! `bandeau learn`: from notebooks and audits to a draft of the configuration, beside what people wrote in it. It reads and
//! writes files and prints; what is whose, and what of a file may be touched, is `bandeau-learn`'s affair.

use super::write;
use crate::cli::{Failure, Outcome};
use crate::config::{self, Config, catalog};
use bandeau_consent::{Basis, HostPattern, NamePattern, Policy};
use bandeau_learn::draft::{self, Merged};
use bandeau_learn::gather::{self, Hints};
use bandeau_learn::sort::{Entry, Known, sort};
use bandeau_learn::{BadNotebook, Notebook};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use url::Url;

/// What can be typed.
#[derive(Debug, Args)]
pub(crate) struct Typed {
    /// Notebooks of gateways (`learned.json`) and audits (`audit.json`); the notebook the configuration names, if none is
    /// given.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The configuration to add to. Begun where there is none, with --site and --upstream.
    #[arg(long, short, value_name = "FILE", default_value = "bandeau.toml")]
    config: PathBuf,
    /// Write the whole result here, and leave the configuration as it is.
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    out: Option<PathBuf>,
    /// Print the result, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// The host of the site, for a configuration that is begun.
    #[arg(long, value_name = "HOST")]
    site: Option<String>,
    /// The address of the site behind the gateway, for a configuration that is begun.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8081")]
    upstream: String,
}

/// Adds what was seen to a configuration.
///
/// # Errors
/// When a file cannot be read, or the result is none.
pub(crate) fn learn(typed: &Typed) -> Outcome {
    let (text, begun) = text(typed)?;
    let config = parsed(&text, &typed.config)?;
    let files = match typed.files.as_slice() {
        [] => vec![config.learning.file.clone()],
        files => files.to_vec(),
    };
    let (mut book, mut hints) = (Notebook::default(), Hints::new());
    for file in &files {
        let (seen, words) = seen(file)?;
        book.merge(&seen);
        words.into_iter().for_each(|(domain, words)| hints.entry(domain).or_default().extend(words));
    }
    let fresh = draft::undeclared(&book, &config.policy);
    let names: Vec<String> = files.iter().map(|file| name(file)).collect();
    let exempt = exempt(&config.policy);
    let sorted = sort(&fresh, &Known { entries: &known(&exempt), exempt: &exempt }, &hints);
    let merged = draft::merge(&text, &sorted, &names.join(", "), &exempt)
        .map_err(|error| Failure(format!("{} {error}; nothing was written", typed.config.display())))?;
    // A result that the gateway would refuse helps nobody: better none, and said.
    parsed(&merged.text, Path::new("the draft"))?;
    let to = typed.out.as_ref().unwrap_or(&typed.config);
    let changed = begun || merged.text != text;
    if typed.dry_run {
        print!("{}", merged.text);
    } else if changed || typed.out.is_some() {
        write(to, &merged.text).map_err(|error| Failure(format!("cannot write {}: {error}", to.display())))?;
    }
    say(&merged, to, changed, typed.dry_run, &book);
    Ok(ExitCode::SUCCESS)
}

/// The text of the configuration, and whether it is only begun.
fn text(typed: &Typed) -> Result<(String, bool), Failure> {
    let shown = typed.config.display();
    match std::fs::read_to_string(&typed.config) {
        Ok(text) => Ok((text, false)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let Some(site) = &typed.site else {
                return Err(Failure(format!(
                    "there is no {shown}: --site HOST begins one, and --upstream URL says where that site is"
                )));
            };
            let host = Url::parse(site).ok().and_then(|url| url.host_str().map(str::to_owned));
            Ok((draft::fresh(host.as_deref().unwrap_or(site), &typed.upstream), true))
        }
        Err(error) => Err(Failure(format!("cannot read {shown}: {error}"))),
    }
}

fn parsed(text: &str, path: &Path) -> Result<Config, Failure> {
    let shown = path.display().to_string();
    config::parse(text).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| fault.line(&shown, text)).collect();
        Failure(format!("{}\nnothing was written: mend {shown} first", lines.join("\n")))
    })
}

fn name(file: &Path) -> String {
    file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// What one file has: a notebook, or an audit.
fn seen(file: &Path) -> Result<(Notebook, Hints), Failure> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| Failure(format!("cannot read {shown}: {error}")))?;
    match Notebook::read(&text) {
        Ok(book) => Ok((book, Hints::new())),
        Err(error @ BadNotebook::Format(_)) => match gather::read(&text) {
            Ok(found) => Ok(found),
            Err(_) => Err(Failure(format!("{shown} {error}"))),
        },
        Err(_) => gather::read(&text).map_err(|error| {
            Failure(format!("{shown} is neither a notebook of learning nor an audit: {}", crate::cause::chain(&error)))
        }),
    }
}

/// The purposes that need no consent: by the file, and the built-in ones that the file does not use yet.
fn exempt(policy: &Policy) -> Vec<String> {
    let own = &policy.draft().purposes;
    let built = bandeau_banner::purposes();
    let built = built.iter().filter(|one| !own.iter().any(|own| own.id == one.id));
    let all = own.iter().chain(built).filter(|one| one.basis == Basis::Exempt);
    all.map(|one| one.id.as_str().to_owned()).collect()
}

/// The catalogue, as far as services show on the wire.
fn known(exempt: &[String]) -> Vec<Entry> {
    let entry = |name: &str| {
        let raw = catalog::find(name)?;
        let purposes = raw.serves().unwrap_or_default();
        let names = |names: Option<&config::raw::Names>| -> Vec<NamePattern> {
            let names = names.map(|names| names.0.as_slice()).unwrap_or_default();
            names.iter().filter_map(|(name, _)| NamePattern::new(name.get_ref()).ok()).collect()
        };
        Some(Entry {
            name: name.to_owned(),
            hosts: raw.hosts.iter().flatten().filter_map(|host| HostPattern::new(host.get_ref()).ok()).collect(),
            cookies: names(raw.cookies.as_ref()),
            storage: names(raw.storage.as_ref()),
            exempt: purposes.iter().all(|id| exempt.iter().any(|one| one == id.get_ref())),
        })
    };
    catalog::names().filter_map(entry).collect()
}

/// Says what was done, what is to be answered, and what to do next.
fn say(merged: &Merged, to: &Path, changed: bool, dry: bool, book: &Notebook) {
    let print = |line: String| if dry { eprintln!("{line}") } else { println!("{line}") };
    let shown = to.display();
    print(format!(
        "seen      {} hosts, {} cookies, {} stored names; {} sightings had no room or no name",
        book.hosts.len(),
        book.cookies.len(),
        book.storage.len(),
        book.left
    ));
    merged.added.iter().for_each(|line| print(format!("added     {line}")));
    merged.left.iter().for_each(|line| print(format!("left out  {line}")));
    merged.asks.iter().for_each(|line| print(format!("to answer {line}")));
    if !changed {
        print(format!("{shown}: nothing new."));
    } else {
        print(format!("Next: answer in {shown} what is to be answered, then bandeau check --config {shown}"));
    }
}
