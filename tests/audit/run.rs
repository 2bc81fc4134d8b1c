//! Starts each site, runs the command on it, and hands what both say to the comparison.

use crate::arguments::Arguments;
use crate::claim::Claim;
use crate::compare::compare;
use crate::expect;
use crate::site::Scene;
use crate::support::BANDEAU;
use crate::table::{Sheet, Table};
use crate::tool::Tool;
use crate::{demo, proof, tools};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// No audit here takes longer, whatever hangs.
const AT_MOST: Duration = Duration::from_secs(300);

/// Plays all sites that are meant: passed, failed, left out.
pub(crate) fn play(arguments: &Arguments) -> Result<(usize, usize, usize), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(all(arguments))
}

#[expect(clippy::disallowed_methods, reason = "tests ask where they run")]
fn must() -> bool {
    std::env::var("CI").is_ok()
}

async fn all(arguments: &Arguments) -> Result<(usize, usize, usize), String> {
    let wanted = Tool::ALL.into_iter().any(|tool| tool.installed() && arguments.meant(tool.site()));
    let installed = if wanted { tools::install() } else { Ok(PathBuf::new()) };
    let browser = std::process::Command::new("chromium").arg("--version").stdin(Stdio::null()).output();
    if browser.is_err() {
        let why = "there is no Chromium (Debian: apt-get install chromium)";
        println!("SKIPPED: {why}");
        return if must() { Err(format!("{why}, and CI is set")) } else { Ok((0, 0, Tool::ALL.len() + 1)) };
    }
    let (mut table, mut out) = (Table::default(), 0);
    table.add(proof::play());
    for tool in Tool::ALL {
        let place = match &installed {
            _ if !arguments.meant(tool.site()) => None,
            Err(why) if tool.installed() && must() => return Err(why.clone()),
            Err(why) if tool.installed() => {
                println!("SKIPPED: {}: {why}", tool.site());
                None
            }
            Err(_) => Some(Path::new("")),
            Ok(place) => Some(place.as_path()),
        };
        match place {
            Some(place) => table.add(one(arguments, tool, place).await),
            None => out += 1,
        }
    }
    if arguments.meant("demo") {
        table.add(demo::measure(arguments).await)
    } else {
        out += 1
    }
    table.end();
    Ok((table.passed, table.failed, out))
}

/// One site.
async fn one(arguments: &Arguments, tool: Tool, installed: &Path) -> Sheet {
    let scene = Scene::start(tool, installed).await;
    if arguments.serve {
        println!("{}: end with Ctrl-C", scene.url());
        let _ = tokio::signal::ctrl_c().await;
        scene.log.lock().unwrap().entries.iter().for_each(|one| println!("{one:?}"));
        scene.log.lock().unwrap().contacts.iter().for_each(|one| println!("{one:?}"));
    }
    let mut sheet = Sheet::new(tool.site());
    let dir = tempfile::tempdir().unwrap();
    if let Err(fault) = audit(arguments, &scene.url(), dir.path(), &[]).await {
        sheet.faults.push(fault);
        return sheet;
    }
    let claim = match Claim::read(&dir.path().join("audit.json")) {
        Ok(claim) => claim,
        Err(fault) => {
            sheet.faults.push(fault);
            return sheet;
        }
    };
    let log = scene.log.lock().unwrap();
    keep(arguments, tool.site(), dir.path(), &log.entries);
    sheet.took(&claim);
    sheet.outcome(compare(&claim, &log, &scene.origins));
    expect::site(&mut sheet, &claim, &log, &scene);
    sheet
}

/// Runs the command as a user does.
pub(crate) async fn audit(arguments: &Arguments, url: &str, out: &Path, more: &[String]) -> Result<(), String> {
    let mut command = tokio::process::Command::new(BANDEAU);
    command.args(["audit", url, "--delay", "0", "--pages", "8", "--fail-on", "never", "--wait"]).arg(&arguments.wait);
    command.arg("--parallel").arg(arguments.parallel.to_string()).arg("--out").arg(out).args(more);
    if let Some(standings) = &arguments.standings {
        command.arg("--standings").arg(standings);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let done = tokio::time::timeout(AT_MOST, command.output()).await;
    let done = done.map_err(|_| format!("the audit took more than {AT_MOST:?}"))?.map_err(|error| error.to_string())?;
    if done.status.success() {
        return Ok(());
    }
    Err(format!("{}: {}{}", done.status, String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr)))
}

/// Copies what an audit wrote, for people who look into a difference.
pub(crate) fn keep(arguments: &Arguments, name: &str, from: &Path, log: &[impl std::fmt::Debug]) {
    let Some(to) = arguments.keep.as_ref().map(|dir| dir.join(name)) else { return };
    std::fs::create_dir_all(&to).unwrap();
    for file in std::fs::read_dir(from).unwrap().flatten().filter(|file| file.path().is_file()) {
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
    let lines: String = log.iter().map(|entry| format!("{entry:?}\n")).collect();
    std::fs::write(to.join("log.txt"), lines).unwrap();
}
