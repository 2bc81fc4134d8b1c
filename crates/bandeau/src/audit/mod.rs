//! `bandeau audit`: looks at a site as its visitors' browsers do, in every standing, and says what it saw and what the law
//! makes of it. The work is done in `bandeau-audit`; here are the command line, the clock, the signals and the files.

mod aliases;
mod bar;
mod files;
mod known;
mod typed;

pub(crate) use typed::Typed;

use crate::cause;
use crate::check::Resolver;
use crate::cli::{self, Failure, Outcome};
use crate::clock;
use crate::config::Config;
use bandeau_audit::browser;
use bandeau_audit::judge::judge;
use bandeau_audit::report::{self, Comparison, Report};
use bandeau_audit::seen::Audit;
use bandeau_audit::visit::{self, Plan, Stop};
use bar::Bar;
use files::Place;
use std::cell::Cell;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Why an audit ends when somebody asks for it.
const INTERRUPTED: &str = "it was interrupted";

/// Audits a site, or judges anew what an earlier audit saw.
///
/// # Errors
/// When something that was typed is nonsense, a file cannot be read or written, there is no browser, or the site cannot be
/// opened at all.
pub(crate) fn run(typed: &Typed) -> Outcome {
    cli::log();
    typed.fits()?;
    let config = typed.known.config.as_deref().map(cli::read).transpose()?;
    let known = known::directory(&typed.known.lists, typed.known.cookies.as_deref(), config.as_ref())?;
    let earlier = typed.compare.as_deref().map(earlier).transpose()?;
    let (audit, place) = match &typed.again {
        Some(file) => {
            let audit = self::earlier(file)?.audit;
            let beside = file.parent().unwrap_or(Path::new("")).to_owned();
            (audit, Place::at(typed.out.clone().unwrap_or(beside))?)
        }
        None => {
            let plan = typed.plan(&hosts(config.as_ref()))?;
            let place = match &typed.out {
                Some(out) => Place::at(out.clone())?,
                None => Place::new(plan.start.host_str().unwrap_or("site"), &clock::day(clock::seconds()))?,
            };
            let mut audit = walk(plan)?;
            name(&mut audit, typed)?;
            (audit, place)
        }
    };
    let judgement = judge(&audit, &known);
    let report = Report { audit, judgement };
    let comparison = earlier.map(|earlier| report::compare(&earlier, &report));
    let shown = write(place, &report, comparison.as_ref())?;
    show(&format!(
        "{}\nWritten to {shown}: open {shown}/report.html in a browser.\n\
         Next: bandeau learn {shown}/audit.json makes a draft configuration of what was seen.\n",
        report::text(&report, comparison.as_ref())
    ))?;
    let fails = typed.fail_on.fails(&report.judgement, comparison.as_ref());
    Ok(if fails { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Prints to whoever reads: one who has seen enough, such as `head`, is no error, and the files are written.
fn show(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure(format!("cannot print: {error}"))),
        _ => Ok(()),
    }
}

/// What asks a program to end: a key, another program, or the terminal that is closed.
struct Signals([Signal; 3]);

impl Signals {
    fn new() -> io::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    /// Waits for any.
    async fn any(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// Hosts that a configuration calls the site's.
fn hosts(config: Option<&Config>) -> Vec<String> {
    let hosts = config.map(|config| config.policy.draft().hosts.iter().map(ToString::to_string).collect());
    hosts.unwrap_or_default()
}

/// An audit that was made before.
fn earlier(path: &Path) -> Result<Report, Failure> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| Failure(format!("cannot read {shown}: {error}")))?;
    Report::parse(&bytes).map_err(|error| Failure(format!("{shown}: {}", cause::chain(&error))))
}

/// Walks through the site. Interrupted once, it ends in order; twice, at once.
fn walk(plan: Plan) -> Result<Audit, Failure> {
    let bar = Arc::new(Bar::new(&plan.standings));
    let stop = Stop::default();
    let (told, ask) = (Arc::clone(&bar), stop.clone());
    let runtime = cli::runtime()?;
    let interrupted = Cell::new(false);
    let outcome = runtime.block_on(async {
        let mut signals = Signals::new()?;
        let audit = visit::audit(plan, move |progress| told.tell(&progress), stop);
        tokio::pin!(audit);
        loop {
            tokio::select! {
                audit = &mut audit => return Ok(audit?),
                () = signals.any() => {}
            }
            if interrupted.replace(true) {
                return Err(Failure("interrupted again: nothing was written".to_owned()));
            }
            bar.end();
            let _ = writeln!(
                io::stderr(),
                "Interrupted: what was gathered is written now. Once more ends at once and writes nothing."
            );
            ask.now(INTERRUPTED);
        }
    });
    bar.end();
    // Browsers that are still open end with their tasks, which are dropped by then, and take their profiles with them.
    if outcome.is_err() {
        runtime.block_on(browser::quiet(std::time::Duration::from_secs(4)));
    }
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    outcome
}

/// Asks what the hosts that were met are aliases of, unless nobody is to be asked.
fn name(audit: &mut Audit, typed: &Typed) -> Result<(), Failure> {
    if typed.known.no_dns {
        audit
            .notes
            .push("DNS was not asked: a host of the site that is an alias of a third party goes unseen.".to_owned());
        return Ok(());
    }
    if audit.interrupted.as_deref() == Some(INTERRUPTED) {
        audit.notes.push("DNS was not asked: the audit was interrupted.".to_owned());
        return Ok(());
    }
    let resolver = typed.known.resolver.map_or_else(Resolver::system, Resolver::at);
    let shown = std::io::stderr().is_terminal();
    let told = |left| {
        if shown {
            let _ = write!(io::stderr(), "\r{left} names left to look up \x1b[K");
        }
    };
    let whole = cli::runtime()?.block_on(async {
        let mut signals = Signals::new()?;
        tokio::select! {
            () = aliases::fill(audit, &resolver, told) => Ok::<bool, io::Error>(true),
            () = signals.any() => Ok(false),
        }
    })?;
    if !whole {
        audit.notes.push("DNS was not asked to the end: it was interrupted.".to_owned());
    }
    if shown {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    Ok(())
}

/// Writes every report, and says where.
fn write(place: Place, report: &Report, comparison: Option<&Comparison>) -> Result<String, Failure> {
    place.put("audit.json", &report.json())?;
    place.put("report.html", &report::html(report, comparison))?;
    place.put("report.sarif", &report::sarif(report, comparison))?;
    place.put("junit.xml", &report::junit(report))?;
    if let Some(comparison) = comparison {
        place.put("compare.json", &comparison.json())?;
    }
    Ok(place.keep())
}
