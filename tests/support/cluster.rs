//! A PostgreSQL primary with two synchronous standbys, started by a test and ended with it, also when it panics.
//! Each member has a loopback address of its own, as machines have, so that no connection of a client ever sits on
//! the port a member wants back. Knows nothing of who uses the cluster.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Whatever takes longer than this does not happen any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many members: an acknowledged commit is on the primary and on one of the others.
pub const MEMBERS: usize = 3;

/// Where PostgreSQL's programs are: the newest version of the distribution's, if there is one.
pub fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let number = |path: &PathBuf| path.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    versions.filter(|path| path.join("initdb").exists()).max_by_key(number)
}

/// The user that runs the servers: PostgreSQL refuses root.
struct Account {
    /// Who we become, where we are root.
    ids: Option<(u32, u32)>,
}

impl Account {
    fn new() -> Self {
        let id = |flag: &str, name: &[&str]| -> u32 {
            let output = Command::new("id").arg(flag).args(name).output().unwrap();
            String::from_utf8_lossy(&output.stdout).trim().parse().expect("there is a user named postgres")
        };
        let root = id("-u", &[]) == 0;
        Self { ids: root.then(|| (id("-u", &["postgres"]), id("-g", &["postgres"]))) }
    }

    /// A command that runs as this user, in the same process, and ends with the thread that starts it: a test that is
    /// killed leaves no server behind.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        if let Some((user, group)) = self.ids {
            command.arg(format!("--reuid={user}")).arg(format!("--regid={group}")).arg("--clear-groups");
        }
        command.arg("--pdeathsig=KILL").arg(program);
        command
    }

    fn give(&self, path: &Path) {
        if let Some((user, group)) = self.ids {
            chown(path, Some(user), Some(group)).unwrap();
        }
    }
}

/// One server.
struct Member {
    address: SocketAddr,
    data: PathBuf,
    process: Option<Child>,
}

/// The cluster. Members are numbered from 0 and named `s0`, `s1`, `s2`.
pub struct Cluster {
    programs: PathBuf,
    account: Account,
    dir: tempfile::TempDir,
    members: Vec<Member>,
    primary: usize,
}

impl Cluster {
    /// Starts a primary and its standbys; none where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let (programs, account) = (programs()?, Account::new());
        let dir = tempfile::Builder::new().prefix("bandeau-cluster-").tempdir().unwrap();
        account.give(dir.path());
        let member = |number: usize| Member {
            address: free(number),
            data: dir.path().join(format!("s{number}")),
            process: None,
        };
        let members = (0..MEMBERS).map(member).collect();
        let mut cluster = Self { programs, account, dir, members, primary: 0 };
        cluster.found();
        (1..MEMBERS).for_each(|number| cluster.rebuild(number));
        cluster.settle();
        // Only now is there anybody to confirm it.
        cluster.sql(0, "CREATE DATABASE bandeau");
        Some(cluster)
    }

    /// Makes the first member.
    fn found(&mut self) {
        let data = self.members[0].data.clone();
        let mut command = self.account.command(&self.programs.join("initdb"));
        command.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"]).arg(&data);
        done(&mut command);
        self.configure(0);
        self.launch(0);
    }

    /// Says to a member what it is among the others. Which standbys must confirm is said to each from the start: a
    /// standby that is promoted asks for a confirmation from its first commit on.
    fn configure(&self, number: usize) {
        let Member { address, data, .. } = &self.members[number];
        let others: Vec<String> = self.others(number).map(|other| format!("s{other}")).collect();
        let text = format!(
            "listen_addresses = '{}'\nport = {}\nunix_socket_directories = '{}'\n\
             fsync = on\nsynchronous_commit = on\nfull_page_writes = on\n\
             synchronous_standby_names = 'ANY 1 ({})'\n\
             log_line_prefix = '%m %b '\nwal_level = replica\nhot_standby = on\nmax_wal_senders = 8\nwal_keep_size = '256MB'\n\
             wal_retrieve_retry_interval = '100ms'\ncheckpoint_completion_target = 0\nrecovery_init_sync_method = syncfs\nwal_receiver_timeout = '10s'\nwal_sender_timeout = '10s'\n\
             dynamic_shared_memory_type = mmap\nshared_buffers = '32MB'\nmax_connections = 100\n\
             primary_conninfo = '{}'\n",
            address.ip(),
            address.port(),
            self.dir.path().display(),
            others.join(", "),
            self.link(number),
        );
        fs::write(data.join("postgresql.conf"), text).unwrap();
        let trust = "host all all 127.0.0.0/8 trust\nhost replication all 127.0.0.0/8 trust\n";
        fs::write(data.join("pg_hba.conf"), trust).unwrap();
    }

    /// How a member finds the primary.
    fn link(&self, number: usize) -> String {
        let at = self.members[self.primary].address;
        format!("host={} port={} user=postgres application_name=s{number} connect_timeout=3", at.ip(), at.port())
    }

    fn others(&self, number: usize) -> impl Iterator<Item = usize> + use<> {
        (0..MEMBERS).filter(move |other| *other != number)
    }

    /// Where a member listens.
    pub fn address(&self, number: usize) -> SocketAddr {
        self.members[number].address
    }

    /// Which member is the primary.
    pub fn primary(&self) -> usize {
        self.primary
    }

    /// The standbys.
    pub fn standbys(&self) -> Vec<usize> {
        self.others(self.primary).collect()
    }

    /// Starts a member's process and waits until it answers. Call it from a thread that outlives the cluster: the
    /// process ends with that thread.
    pub fn launch(&mut self, number: usize) {
        let start = Instant::now();
        let (data, at) = (self.members[number].data.clone(), self.members[number].address);
        let log = OpenOptions::new().append(true).create(true).open(self.log(number)).unwrap();
        let mut command = self.account.command(&self.programs.join("postgres"));
        command.arg("-D").arg(&data).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.members[number].process = Some(command.spawn().unwrap());
        while self.ask("postgres", number, "SELECT 1").is_none() {
            let ended = self.members[number].process.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "member {number} at {at} ended: {}", self.last(number));
            assert!(start.elapsed() < PATIENCE, "member {number} at {at} does not answer: {}", self.last(number));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self, number: usize) -> PathBuf {
        self.dir.path().join(format!("s{number}.log"))
    }

    /// The end of a member's log.
    pub fn last(&self, number: usize) -> String {
        let text = fs::read_to_string(self.log(number)).unwrap_or_default();
        text.lines()
            .rev()
            .filter(|line| !line.contains("waiting for WAL"))
            .take(12)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The answer of a member to SQL about a database, one row a line; none if it does not answer.
    pub fn ask(&self, database: &str, number: usize, sql: &str) -> Option<String> {
        let at = self.members[number].address;
        let link = format!("host={} port={} user=postgres dbname={database} connect_timeout=3", at.ip(), at.port());
        let output = Command::new(self.programs.join("psql")).args(["-XAtqc", sql, &link]).output().unwrap();
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn sql(&self, number: usize, sql: &str) -> String {
        self.ask("postgres", number, sql).unwrap_or_else(|| panic!("{sql}: {}", self.last(number)))
    }

    fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}: {}", self.last(self.primary));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until both standbys stream from the primary: only then does losing any one member lose nothing.
    pub fn settle(&self) {
        let count = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'quorum'";
        self.until("both standbys stream", || self.ask("postgres", self.primary, count).as_deref() == Some("2"));
    }

    /// Ends a member as a power cut does: every process of it, with SIGKILL.
    pub fn kill(&mut self, number: usize) {
        let Some(mut process) = self.members[number].process.take() else { return };
        // Stopped first, so that it starts no further process while its children are counted. These have sessions of
        // their own: no signal to a group would reach them.
        signal("STOP", &[process.id()]);
        self.until("the server stands still", || matches!(state(process.id()), None | Some('T' | 'Z')));
        let mut all = children(process.id());
        all.push(process.id());
        signal("KILL", &all);
        let _ = process.wait();
        // A process that waits for the disk dies a little later, and holds the server's memory until then.
        self.until("all processes are gone", || all.iter().all(|id| matches!(state(*id), None | Some('Z'))));
        self.sweep(number);
    }

    /// Takes away what a killed server leaves with the kernel: a segment of shared memory named in its `postmaster.pid`.
    fn sweep(&self, number: usize) {
        let text = fs::read_to_string(self.members[number].data.join("postmaster.pid")).unwrap_or_default();
        if let Some(id) = text.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)) {
            let _ = Command::new("ipcrm").args(["-m", id]).stderr(Stdio::null()).status();
        }
    }

    /// Freezes every process of a member, or lets it go on.
    pub fn freeze(&self, number: usize, still: bool) {
        let Some(process) = &self.members[number].process else { return };
        let mut all = children(process.id());
        all.insert(0, process.id());
        signal(if still { "STOP" } else { "CONT" }, &all);
    }

    /// Makes the standby that has received most the primary, and has the other follow it. The primary must be dead and
    /// both standbys alive: a commit that was acknowledged is on one of them, and nobody knows on which.
    pub fn promote(&mut self) {
        let lost = self.primary;
        assert!(self.members[lost].process.is_none(), "the primary lives");
        let standbys = self.standbys();
        let received = |number: &usize| self.received(*number);
        let next = *standbys.iter().max_by_key(|number| received(number)).unwrap();
        self.sql(next, "SELECT pg_promote(true, 60)");
        self.primary = next;
        self.until("the standby is the primary", || {
            self.ask("postgres", next, "SELECT pg_is_in_recovery()").as_deref() == Some("f")
        });
        for other in standbys.into_iter().filter(|other| *other != next) {
            self.configure(other);
            self.sql(other, "SELECT pg_reload_conf()");
        }
    }

    /// How far a standby has the log, in bytes, once it moves no further. A standby that was started after the primary
    /// died has received nothing in this life; what it has is what it replays.
    fn received(&self, number: usize) -> u64 {
        let sql =
            "SELECT (greatest(coalesce(pg_last_wal_receive_lsn(), '0/0'), coalesce(pg_last_wal_replay_lsn(), '0/0'))
                   - '0/0')::bigint";
        let (mut before, mut still) = (None, 0);
        self.until("the standby has read its log", || {
            let now = self.ask("postgres", number, sql);
            still = if now.is_some() && now == before { still + 1 } else { 0 };
            before = now;
            still >= 3
        });
        before.unwrap().parse().unwrap()
    }

    /// Makes a member anew as a standby of the primary, whatever it was.
    pub fn rebuild(&mut self, number: usize) {
        self.kill(number);
        let data = self.members[number].data.clone();
        let _ = fs::remove_dir_all(&data);
        let at = self.members[self.primary].address;
        let mut command = self.account.command(&self.programs.join("pg_basebackup"));
        command.args(["-h", &at.ip().to_string(), "-p", &at.port().to_string(), "-U", "postgres"]);
        // Not synced: processes die here, and the machine does not.
        command.args(["-X", "stream", "-c", "fast", "--no-sync", "-D"]).arg(&data);
        done(&mut command);
        File::create(data.join("standby.signal")).unwrap();
        self.account.give(&data.join("standby.signal"));
        self.configure(number);
        self.launch(number);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        (0..MEMBERS).for_each(|number| self.kill(number));
    }
}

/// An address of a member's own and a port the kernel gives there.
fn free(number: usize) -> SocketAddr {
    TcpListener::bind((Ipv4Addr::new(127, 0, 1, 10 + number as u8), 0)).unwrap().local_addr().unwrap()
}

fn done(command: &mut Command) -> Output {
    // A folder the other user can stand in.
    let output = command.current_dir("/").output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The processes a process has started and that still live.
fn children(parent: u32) -> Vec<u32> {
    let lists = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let read = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).unwrap_or_default();
    let words: Vec<String> = lists.map(read).collect();
    words.iter().flat_map(|list| list.split_whitespace()).filter_map(|word| word.parse().ok()).collect()
}

/// What a process does, as the kernel abbreviates it (proc(5)); none if there is no such process.
fn state(process: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit(')').next()?.trim_start().chars().next()
}

/// Sends a signal to processes.
pub fn signal(name: &str, processes: &[u32]) {
    let ids = processes.iter().map(u32::to_string);
    let _ = Command::new("kill").arg(format!("-{name}")).args(ids).stderr(Stdio::null()).status();
}
