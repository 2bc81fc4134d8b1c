//! The plan of a run: what is started, which standings are reached in which browser, and in which order.

use crate::arguments::Arguments;
use crate::chrome::{self, Chrome};
use crate::learn;
use crate::run::{Pass, Sights, World};
use crate::site::Site;
use crate::standing::Standing;
use crate::support::Gateway;
use crate::table::Results;
use crate::tracker::Tracker;
use crate::vector::{self, Kind, Vector};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Whether `cargo test` also measures the gateway without its first script.
const WITHOUT_SCRIPT_TOO: bool = true;

/// The gateway's configuration, after `listen` and `upstream`.
const CONFIG: &str = include_str!("gateway.toml");

/// Passed, failed, filtered out.
type Counts = (usize, usize, usize);

/// Everything the arguments ask for.
pub(crate) fn play(arguments: &Arguments) -> Result<Counts, String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/leaks/vectors");
    let all = vector::all(&dir)?;
    let meant = |vector: &&Vector| {
        arguments.meant(&vector.group, &vector.name) && (!arguments.no_script || vector.kind == Kind::Contact)
    };
    let vectors: Vec<&Vector> = all.iter().filter(meant).collect();
    let out = all.len() - vectors.len();
    if vectors.is_empty() {
        return if arguments.vectors.is_some() {
            Err("no vector is meant by --vectors".to_owned())
        } else {
            Ok((0, 0, out))
        };
    }
    let Some(program) = arguments.browser.clone().or_else(chrome::find) else {
        #[expect(clippy::disallowed_methods, reason = "tests ask where they run")]
        if std::env::var("CI").is_ok() {
            return Err("no Chromium is installed, and CI is set".to_owned());
        }
        println!("SKIPPED: no Chromium is installed (Debian: apt-get install chromium)");
        return Ok((0, 0, all.len()));
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        tokio::select! {
            counts = measure(arguments, &program, &vectors) => counts.map(|(passed, failed)| (passed, failed, out)),
            // Whoever is told to end ends its browser and its gateway first.
            _ = tokio::signal::ctrl_c() => Err("interrupted".to_owned()),
            () = terminated() => Err("told to end".to_owned()),
        }
    })
}

/// Waits until this process is told to end.
async fn terminated() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

async fn measure(arguments: &Arguments, program: &str, vectors: &[&Vector]) -> Result<(usize, usize), String> {
    let world = world(arguments, vectors).await?;
    let site = format!("http://site.localhost:{}", world.site.port);
    if arguments.serve {
        println!("the site: {site}/v/NAME/ for each vector, such as {site}{}", vectors[0].path());
        println!("the third parties of all vectors are listening; end with Ctrl-C");
        std::future::pending::<()>().await;
    }
    let direct = without(&world, program, vectors).await;
    if arguments.direct {
        let results = Results { vectors, direct, runs: Vec::new(), faults: Vec::new() };
        return finish(arguments, &results);
    }
    let text = match (&arguments.config, &arguments.learnt) {
        (Some(path), _) => std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?,
        (None, Some(path)) => learn::learn(&world, program, vectors, path).await?,
        (None, None) => CONFIG.to_owned(),
    };
    let mut gateway = None;
    let base = match &arguments.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None if arguments.inject.is_some() => site,
        None => {
            let started =
                Gateway::start(&format!("http://127.0.0.1:{}", world.site.port), &config(&text, arguments.no_script));
            format!("http://site.localhost:{}", gateway.insert(started).port)
        }
    };
    let plan = Plan { arguments, program, vectors, world: &world, base, direct: &direct };
    let (runs, faults) = plan.standings().await;
    let results = Results { vectors, direct: direct.clone(), runs, faults };
    let mut counts = finish(arguments, &results)?;
    if WITHOUT_SCRIPT_TOO && arguments.learnt.is_none() && !arguments.no_script && gateway.is_some() {
        drop(gateway.take());
        let contacts: Vec<&Vector> = vectors.iter().copied().filter(|vector| vector.kind == Kind::Contact).collect();
        let gateway = Gateway::start(&format!("http://127.0.0.1:{}", world.site.port), &config(&text, true));
        println!("\nwithout the first script, vectors of kind contact");
        let base = format!("http://site.localhost:{}", gateway.port);
        let (runs, faults) = Plan { vectors: &contacts, base, ..plan }.standings().await;
        let (passed, failed) = Results { vectors: &contacts, direct, runs, faults }.print();
        counts = (counts.0 + passed, counts.1 + failed);
    }
    Ok(counts)
}

fn config(text: &str, no_script: bool) -> String {
    if no_script { text.replace("[policy]", "[policy]\nscript = \"off\"") } else { text.to_owned() }
}

fn finish(arguments: &Arguments, results: &Results<'_>) -> Result<(usize, usize), String> {
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&results.json()).map_err(|error| error.to_string())?;
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(results.print())
}

async fn world(arguments: &Arguments, vectors: &[&Vector]) -> Result<World, String> {
    let first = match &arguments.inject {
        Some(path) => std::fs::read_to_string(path).map_err(|error| format!("--inject {}: {error}", path.display()))?,
        None => String::new(),
    };
    let mut trackers = BTreeMap::new();
    for vector in vectors {
        trackers.insert(vector.name.clone(), Tracker::start().await);
    }
    let (cdn, social, elsewhere) = (Tracker::start().await, Tracker::start().await, Tracker::start().await);
    let ports = trackers.iter().map(|(name, tracker)| (name.clone(), tracker.port)).collect();
    let shared = [cdn.port, social.port, elsewhere.port];
    let vectors: Vec<Vector> = vectors.iter().map(|&vector| vector.clone()).collect();
    let site = Site::start(arguments.site_port.unwrap_or(0), &vectors, ports, shared, first).await;
    Ok(World { site, trackers, cdn, social, elsewhere })
}

/// Without a gateway and without what is injected: every vector has to fire.
async fn without(world: &World, program: &str, vectors: &[&Vector]) -> Sights {
    let start = Instant::now();
    let chrome = Chrome::start(program).await;
    let base = format!("http://site.localhost:{}", world.site.port);
    world.site.inject(false);
    let pass = Pass {
        world,
        chrome: &chrome,
        base,
        gpc: false,
        direct: None,
        open: true,
        social: true,
        tabs: Mutex::default(),
    };
    let sights = pass.all(vectors).await;
    world.site.inject(true);
    said("direct", vectors, &sights, start);
    sights
}

/// A line of progress.
fn said(name: &str, vectors: &[&Vector], sights: &Sights, start: Instant) {
    let fired = |vector: &&&Vector| sights.get(&vector.name).is_some_and(|sight| sight.fired(vector.kind));
    let fired = vectors.iter().filter(fired).count();
    println!("{name}: {fired} of {} vectors got through, {:.1} s", vectors.len(), start.elapsed().as_secs_f64());
}

/// What is the same for all standings.
struct Plan<'a> {
    arguments: &'a Arguments,
    program: &'a str,
    vectors: &'a [&'a Vector],
    world: &'a World,
    base: String,
    direct: &'a Sights,
}

impl Plan<'_> {
    /// Visits everything in every standing that is wanted; what was seen, and which could not be reached.
    async fn standings(&self) -> (Vec<(Standing, Sights)>, Vec<String>) {
        let clicks = self.arguments.clicks();
        let wanted = |standing: &Standing| {
            let named = self.arguments.standings.contains(standing);
            named || self.arguments.standings.is_empty() && clicks.to(*standing).is_some()
        };
        let (mut runs, mut faults) = (Vec::new(), Vec::new());
        for standing in Standing::ALL.into_iter().filter(|standing| *standing != Standing::Withdrawn) {
            let next = (standing == Standing::Accepted).then_some(Standing::Withdrawn).filter(wanted);
            if !wanted(&standing) && next.is_none() {
                continue;
            }
            let chrome = Chrome::start(self.program).await;
            // What is taken back was accepted in the same browser before.
            for standing in std::iter::once(standing).chain(next) {
                match self.stand(&chrome, standing).await {
                    Ok(sights) if wanted(&standing) => runs.push((standing, sights)),
                    Ok(_) => {}
                    Err(fault) => {
                        println!("{fault}");
                        faults.push(fault);
                        break;
                    }
                }
            }
        }
        (runs, faults)
    }

    async fn stand(&self, chrome: &Chrome, standing: Standing) -> Result<Sights, String> {
        let start = Instant::now();
        self.arguments.clicks().reach(chrome, &self.base, standing).await?;
        let pass = Pass {
            world: self.world,
            chrome,
            base: self.base.clone(),
            gpc: standing == Standing::Gpc,
            direct: Some(self.direct),
            open: standing == Standing::Accepted,
            social: standing.social(),
            tabs: Mutex::default(),
        };
        // What the standing before left under way is not this one's.
        tokio::time::sleep(Duration::from_millis(500)).await;
        [&self.world.cdn, &self.world.social, &self.world.elsewhere].into_iter().for_each(Tracker::forget);
        let sights = pass.all(self.vectors).await;
        said(standing.as_str(), self.vectors, &sights, start);
        Ok(sights)
    }
}
