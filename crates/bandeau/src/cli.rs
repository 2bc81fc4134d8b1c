//! The command line. Commands are verbs; each prints what to do next. Exit 0: fine, 1: findings, 2: failure.

use crate::audit;
use crate::check::{self, Resolver};
use crate::clock;
use crate::config::{self, Config};
use crate::demo;
use crate::evidence;
use crate::keys::Secret;
use crate::records;
use crate::serve;
use crate::services;
use crate::verify;
use clap::{Parser, Subcommand};
use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A consent gateway: asks each visitor once and fairly, and enforces the answer in the HTTP path.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the gateway.
    Serve {
        /// The configuration; read again at SIGHUP.
        #[arg(long, short, value_name = "FILE", default_value = "bandeau.toml")]
        config: PathBuf,
    },
    /// Run a small news site with third parties behind the gateway. Needs no configuration and no network.
    Demo {
        /// Where the site is reached.
        #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Write a commented configuration.
    Init {
        /// Where to; nothing there is overwritten.
        #[arg(value_name = "FILE", default_value = "bandeau.toml")]
        file: PathBuf,
    },
    /// Say everything that is wrong with a configuration, and which hosts of the site are aliases of third parties.
    Check {
        /// The configuration.
        #[arg(long, short, value_name = "FILE", default_value = "bandeau.toml")]
        config: PathBuf,
        /// The DNS server to ask, instead of the system's.
        #[arg(long, value_name = "IP:PORT")]
        resolver: Option<SocketAddr>,
        /// Ask no DNS server: aliases go unseen.
        #[arg(long, conflicts_with = "resolver")]
        no_dns: bool,
    },
    /// List the services of the built-in catalogue, or show one.
    Services {
        /// Only those in whose name, category, controller, hosts, cookies or storage keys this occurs.
        word: Option<String>,
        /// Everything known of each, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Look at a site, any site, as its visitors' browsers do: before they choose, after they refuse, accept and withdraw, and
    /// with Global Privacy Control. Says what was seen and what the law makes of it.
    ///
    /// Ends with 0 when nothing grave was found, with 1 when something was (see --fail-on), and with 2 when the site could
    /// not be looked at.
    Audit(Box<audit::Typed>),
    /// Check receipts, with nothing but them and the site's published keys.
    ///
    /// Ends with 0 when everything holds, with 1 when something does not, and with 2 when nothing fails but something cannot
    /// be decided: no keys were given, the log has not placed a record yet, or a file is no receipt.
    Verify(verify::Typed),
    /// Write the records of decisions, oldest first: as receipts, as a table or as linked data. May run beside the gateway.
    Export(records::export::Typed),
    /// Erase the records of one visitor, or all that are too old. May run beside the gateway.
    Erase(records::erase::Typed),
    /// Begin the log anew under another name, where the store or the secret cannot be restored. No gateway may run.
    RestartLog(records::restart::Typed),
    /// Gather what a regulator asks for one record, or for the version that is live, in one directory or ZIP file.
    #[command(disable_version_flag = true)]
    Evidence(evidence::Arguments),
}

/// What ended a command early, in words for whoever typed it.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(crate::cause::chain(&error))
    }
}

pub(crate) type Outcome = Result<ExitCode, Failure>;

/// Runs the command that was typed.
pub(crate) fn run() -> ExitCode {
    let outcome = match Cli::parse().verb {
        Verb::Serve { config } => start(&config),
        Verb::Demo { listen } => show(listen),
        Verb::Init { file } => init(&file),
        Verb::Check { config, resolver, no_dns } => {
            let resolver = (!no_dns).then(|| resolver.map_or_else(Resolver::system, Resolver::at));
            text(&config).and_then(|text| Ok(check::check(&config, &text, resolver.as_ref())?))
        }
        Verb::Services { word, json } => services::show(word.as_deref(), json).map_err(Failure::from),
        Verb::Audit(typed) => audit::run(&typed),
        Verb::Verify(typed) => verify::verify(&typed).map_err(Failure::from),
        Verb::Export(typed) => records::export::export(&typed),
        Verb::Erase(typed) => records::erase::erase(&typed),
        Verb::RestartLog(typed) => records::restart::restart(&typed),
        Verb::Evidence(arguments) => gather(arguments),
    };
    outcome.unwrap_or_else(|Failure(says)| {
        eprintln!("bandeau: {says}");
        ExitCode::from(2)
    })
}

/// Begins to log, to standard error.
pub(crate) fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

fn text(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    std::fs::read_to_string(path).map_err(|error| {
        Failure(format!("cannot read {shown}: {error}\n`bandeau init {shown}` writes a commented one"))
    })
}

/// Reads a configuration, or prints everything that is wrong with it.
///
/// # Errors
/// When it cannot be read, or something is wrong with it.
pub(crate) fn read(path: &Path) -> Result<Config, Failure> {
    let text = text(path)?;
    let changed = clock::changed(path);
    config::parse(&text).map(|config| Config { changed, ..config }).map_err(|faults| {
        for fault in &faults {
            eprintln!("{}", fault.line(&path.display().to_string(), &text));
        }
        let count = match faults.len() {
            1 => "1 thing is".to_owned(),
            count => format!("{count} things are"),
        };
        Failure(format!("{count} wrong with {}", path.display()))
    })
}

/// What runs tasks.
///
/// # Errors
/// When the system gives no threads.
pub(crate) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn start(path: &Path) -> Outcome {
    log();
    let config = read(path)?;
    runtime()?.block_on(async {
        let upstream = config.upstream.clone();
        let open = serve::open(config, None).await?;
        for address in open.addresses() {
            tracing::info!("listening on {address}, before {upstream}");
        }
        open.run(Some(path)).await
    })?;
    Ok(ExitCode::SUCCESS)
}

fn show(listen: SocketAddr) -> Outcome {
    log();
    let home = Home::new()?;
    runtime()?.block_on(async {
        let demo = demo::start(listen).await?;
        let mut config = config::parse(&demo.config).map_err(|faults| {
            Failure(faults.iter().map(|fault| fault.line("demo", &demo.config)).collect::<Vec<_>>().join("\n"))
        })?;
        config.book.store = format!("sqlite:{}", home.0.join("demo.db").display());
        let open = serve::open(config, Some(Secret::random()?)).await?;
        println!("The news site:   http://newsroom.localhost:{}/", listen.port());
        println!("The witness:     {}   what each third party has received", demo.witness);
        for (name, origin) in &demo.parties {
            println!("  third party    {origin}/   ({name})");
        }
        println!("Without gateway: http://{}/   the same site, unprotected", demo.upstream);
        println!("The records:     bandeau export --store sqlite:{}", home.0.join("demo.db").display());
        println!("Open the site and the witness side by side. Ctrl-C ends both and removes the records.");
        let _ = std::io::stdout().flush();
        open.run(None).await?;
        Ok::<_, Failure>(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A directory of the demo's own, gone when it ends.
struct Home(PathBuf);

impl Home {
    fn new() -> std::io::Result<Self> {
        let mut name = [0; 8];
        getrandom::fill(&mut name).map_err(std::io::Error::other)?;
        let name = name.iter().fold(String::from("bandeau-demo-"), |name, byte| name + &format!("{byte:02x}"));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn init(file: &Path) -> Outcome {
    let mut out =
        std::fs::OpenOptions::new().write(true).create_new(true).open(file).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Failure(format!("{} is there already: nothing was written", file.display()))
            }
            _ => Failure(format!("cannot write {}: {error}", file.display())),
        })?;
    out.write_all(config::TEMPLATE.as_bytes())?;
    let file = file.display();
    println!("Wrote {file}. Next: say in it where your site is and which services it uses, then");
    println!("  bandeau check --config {file}");
    println!("  bandeau serve --config {file}");
    Ok(ExitCode::SUCCESS)
}

fn gather(arguments: evidence::Arguments) -> Outcome {
    let config = read(&arguments.config)?;
    let holds = runtime()?.block_on(evidence::run(arguments, config))?;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
