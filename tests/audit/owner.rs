//! Who opened a connection: the browser, told by its profile. Linux says which process holds the other end of a connection
//! on the loopback, and a browser's command line names its profile; so that visitors are told apart without the help of
//! whoever is measured. It knows no audit and no site.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

/// What stands for a connection nobody could be found for.
pub(crate) const UNKNOWN: &str = "nobody known";

/// The process a browser makes its connections in, as its command line names it.
const NETWORK: &[u8] = b"network.mojom.NetworkService";

/// Profiles by process, as far as they were looked up.
static PROFILES: Mutex<Option<HashMap<u32, String>>> = Mutex::new(None);

/// The profile of whoever holds the other end of a connection between two ports of the loopback.
pub(crate) fn profile(theirs: u16, ours: u16) -> String {
    inode(theirs, ours).and_then(holder).map_or_else(|| UNKNOWN.to_owned(), named)
}

/// The socket, as /proc/net/tcp numbers it (proc_net_tcp.txt: the second and third columns are addresses, the tenth is
/// the inode).
fn inode(theirs: u16, ours: u16) -> Option<u64> {
    let (theirs, ours) = (format!(":{theirs:04X}"), format!(":{ours:04X}"));
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|file| {
        let table = fs::read_to_string(file).ok()?;
        table.lines().skip(1).find_map(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let fits = columns.len() > 9 && columns[1].ends_with(&theirs) && columns[2].ends_with(&ours);
            fits.then(|| columns[9].parse().ok()).flatten()
        })
    })
}

/// The process that holds a socket, among those that browsers make connections in.
fn holder(inode: u64) -> Option<u32> {
    let wanted = PathBuf::from(format!("socket:[{inode}]"));
    let holds = |process: &u32| {
        let files = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
        files.into_iter().any(|file| fs::read_link(file.path()).is_ok_and(|link| link == wanted))
    };
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let processes = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let connects =
        |process: &u32| command(*process).is_some_and(|line| line.windows(NETWORK.len()).any(|w| w == NETWORK));
    processes.filter(connects).find(holds)
}

fn command(process: u32) -> Option<Vec<u8>> {
    fs::read(format!("/proc/{process}/cmdline")).ok()
}

/// The profile of a process, or of the nearest above it that has one.
fn named(process: u32) -> String {
    if let Some(known) = PROFILES.lock().unwrap().get_or_insert_default().get(&process) {
        return known.clone();
    }
    let mut at = process;
    let profile = loop {
        let line = command(at).unwrap_or_default();
        let parts = line.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let found = parts.filter_map(|part| part.strip_prefix("--user-data-dir=").map(str::to_owned)).next();
        match found.or_else(|| above(&mut at).is_none().then(|| format!("process {process}"))) {
            Some(profile) => break profile,
            None => continue,
        }
    };
    PROFILES.lock().unwrap().get_or_insert_default().insert(process, profile.clone());
    profile
}

/// Goes to the process that started this one.
fn above(process: &mut u32) -> Option<()> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()?;
    *process = parent;
    (parent > 1).then_some(())
}
