//! `bandeau check`: says everything that is wrong with a configuration, and of the site's names what DNS knows and
//! no file says. It decides nothing: a finding is words for who keeps the file.

mod alias;
mod dns;

pub(crate) use dns::Resolver;

use crate::config::{self, Config, Fault};
use bandeau_consent::Unknown;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Says what is wrong with the text of a file, or what it comes to. Without a resolver, no name is looked up.
///
/// # Errors
/// When the machine gives no room to ask in.
pub(crate) fn check(path: &Path, text: &str, resolver: Option<&Resolver>) -> io::Result<ExitCode> {
    let shown = path.display().to_string();
    let config = match config::parse(text) {
        Ok(config) => config,
        Err(faults) => return Ok(wrong(&shown, text, &faults)),
    };
    let faults = match resolver {
        Some(resolver) => names(&config, text, resolver)?,
        None => {
            println!("{shown}: DNS was NOT asked: a host of the site that is an alias of a third party goes unseen.");
            Vec::new()
        }
    };
    let faults: Vec<Fault> = faults.into_iter().chain(pale(&config, text)).collect();
    if !faults.is_empty() {
        return Ok(wrong(&shown, text, &faults));
    }
    println!("{shown}: nothing is wrong.");
    for line in heed(&config) {
        println!("HEED: {line}");
    }
    for line in config.outline() {
        println!("  {line}");
    }
    println!("Next: bandeau serve --config {shown}");
    Ok(ExitCode::SUCCESS)
}

/// What is not wrong and must be known.
fn heed(config: &Config) -> Vec<String> {
    let draft = config.policy.draft();
    let mut lines = Vec::new();
    if draft.unknown == Unknown::Learn {
        lines.push(
            "policy.unknown = \"learn\" lets every third party and every cookie that nobody declared through to visitors who \
             have not answered, or have accepted everything. It is for a site that only you can reach, and for as long as you \
             watch; what scripts load of declared services passes too while nothing is refused"
                .to_owned(),
        );
    }
    let unsorted = |service: &&bandeau_consent::Service| {
        service.purposes.iter().any(|purpose| purpose.as_str() == bandeau_learn::UNSORTED)
    };
    for service in draft.services.iter().filter(unsorted) {
        lines.push(format!("service {} is not sorted: say what it is for before the public comes", service.id));
    }
    lines
}

/// The colours of the theme that cannot be told apart well enough to be read (WCAG 2.2 §1.4.3, §1.4.11).
fn pale(config: &Config, text: &str) -> Vec<Fault> {
    let at = text.find("[theme").unwrap_or(0);
    let fault = |pair: bandeau_banner::TooClose| {
        let bandeau_banner::TooClose { dark, front, back, contrast, least } = pair;
        let scheme = if dark { "theme.dark" } else { "theme.light" };
        let says = format!("{front} on {back} has a contrast of {contrast:.2} to 1: expected at least {least}");
        Fault::new(at..at + 1, scheme, says)
    };
    config.site.theme.faults().into_iter().map(fault).collect()
}

fn wrong(shown: &str, text: &str, faults: &[Fault]) -> ExitCode {
    for fault in faults {
        println!("{}", fault.line(shown, text));
    }
    println!("{} to mend. Next: mend, then bandeau check --config {shown}", faults.len());
    ExitCode::from(1)
}

/// Looks the site's names up, says what could not be seen, and returns what must be mended.
fn names(config: &Config, text: &str, resolver: &Resolver) -> io::Result<Vec<Fault>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(alias::look(config, resolver));
    for (host, silence) in &report.silent {
        println!("{host} could not be resolved ({silence}): whether it is an alias is not known.");
    }
    for pattern in &report.wild {
        println!("{pattern} stands for names that nobody can list: an alias among them goes unseen.");
    }
    let fault = |finding: &alias::Finding| Fault::new(place(text, &finding.host), "alias", finding.says());
    Ok(report.findings.iter().map(fault).collect())
}

/// Where the file first names a host.
fn place(text: &str, host: &str) -> std::ops::Range<usize> {
    let ends = |at: usize| text[at + host.len()..].starts_with(['"', '\'', '/']);
    let named = text.match_indices(host).map(|(at, _)| at);
    let at = named.filter(|at| text[..*at].ends_with(['"', '\'']) && ends(*at)).map(|at| at - 1).next().unwrap_or(0);
    at..at + 1
}
