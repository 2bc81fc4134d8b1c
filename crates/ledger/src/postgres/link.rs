//! One connection: made, asked with a bound on time, and given up on any doubt. Knows no table.
//!
//! Past failures this prevents: a server that cancels its wait for a standby says so in a warning and calls the commit
//! a success (every warning is a fault here); a client that goes away leaves its commit waiting in the server for good
//! (a cancellation follows it); a frozen server accepts connections and never speaks (hosts are tried side by side).

use super::engine::{self, Engine};
use super::site::{CONNECT, Site};
use super::sql;
use crate::store::{Fault, Head};
use std::collections::HashMap;
use std::error::Error as _;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, CancelToken, Client, Config, Connection, Row, Socket, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What one transaction may take, with all its attempts.
pub(super) const WORK: Duration = Duration::from_secs(2);

/// How much later the host is tried that failed last: another may be the right one by now.
const SHY: Duration = Duration::from_millis(500);

/// One statement and its parameters.
pub(super) type Ask<'a> = (&'static str, &'a [&'a (dyn ToSql + Sync)]);

/// Why something was not done.
pub(super) enum Failure {
    /// Others were in the way; nothing was kept, and another attempt may do.
    Again(String),
    /// The connection is not to be relied on, nor is it known what was kept.
    Lost(String),
    /// Whoever acted refused; nothing was kept.
    Act(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Act(fault)
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        // Whoever was first with the same name made this one begin again: it then finds what is there.
        let again = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::UNIQUE_VIOLATION];
        match error.code() {
            Some(code) if again.contains(code) => Self::Again(words(&error)),
            _ => Self::Lost(words(&error)),
        }
    }
}

/// An error with its causes.
pub(super) fn words(error: &tokio_postgres::Error) -> String {
    if let Some(database) = error.as_db_error() {
        return format!("{} ({})", database.message(), database.code().code());
    }
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

/// An open connection.
pub(super) struct Link {
    client: Client,
    engine: Arc<Engine>,
    /// Which host it is to.
    pub(super) host: usize,
    known: HashMap<&'static str, Statement>,
    /// What the server warned of since it was last asked.
    warned: Arc<Mutex<Option<String>>>,
    cancel: (CancelToken, MakeRustlsConnect),
    until: Instant,
    /// The number of the key that signs.
    pub(super) signer: Option<([u8; 32], i64)>,
    /// A head that is known to outlive the loss of a node.
    pub(super) firm: Option<Head>,
}

impl Link {
    /// Connects to the first host that answers and is what is sought.
    pub(super) fn open(site: &Site, engine: Arc<Engine>, shy: Option<usize>) -> Result<Self, Fault> {
        let tls = site.tls()?;
        let warned = Arc::<Mutex<Option<String>>>::default();
        let race = race(site.hosts(), tls.clone(), Arc::clone(&warned), shy);
        let found = engine.run(race, Instant::now() + CONNECT + SHY + SHY);
        let found = found.unwrap_or_else(|| Err("no host answers".to_owned()));
        let (host, client) = found.map_err(|why| Fault(format!("{}: {why}", site.name)))?;
        let cancel = (client.cancel_token(), tls);
        let (known, until) = (HashMap::new(), Instant::now() + WORK);
        Ok(Self { client, engine, host, known, warned, cancel, until, signer: None, firm: None })
    }

    pub(super) fn closed(&self) -> bool {
        self.client.is_closed()
    }

    /// What follows has so long.
    pub(super) fn begin(&mut self, time: Option<Duration>) {
        self.until = Instant::now() + time.unwrap_or(WORK);
        self.forget();
    }

    /// Whether there is time for another attempt.
    pub(super) fn early(&self) -> bool {
        Instant::now() + Duration::from_millis(100) < self.until
    }

    fn forget(&self) -> Option<String> {
        self.warned.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Asks all of these in one go, in their order, and returns the rows of each.
    pub(super) fn all(&mut self, asks: &[Ask<'_>]) -> Result<Vec<Vec<Row>>, Failure> {
        self.prepare(asks)?;
        let (client, known) = (&self.client, &self.known);
        let asked = asks.iter().filter_map(|(sql, params)| Some((known.get(sql)?, *params)));
        let asked = asked.map(|(statement, params)| client.query(statement, params)).collect();
        let found = engine::wait(engine::all(asked), self.until);
        let found = found.ok_or_else(|| self.late())?;
        let rows = found.into_iter().collect::<Result<Vec<_>, _>>()?;
        match self.forget() {
            None => Ok(rows),
            Some(why) => Err(Failure::Lost(format!("what was kept is in doubt: {why}"))),
        }
    }

    pub(super) fn one(&mut self, sql: &'static str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Failure> {
        Ok(self.all(&[(sql, params)])?.pop().unwrap_or_default())
    }

    /// Several statements without parameters.
    pub(super) fn plain(&mut self, sql: &str) -> Result<(), Failure> {
        let done = engine::wait(self.client.batch_execute(sql), self.until);
        done.ok_or_else(|| self.late())?.map_err(Failure::from)
    }

    /// Takes back what was begun, within the time that is left.
    pub(super) fn again(&mut self) -> Result<(), Failure> {
        self.plain(sql::ROLLBACK)?;
        // There may have been nothing to take back, of which the server warns.
        self.forget();
        Ok(())
    }

    /// Takes back what was begun.
    pub(super) fn undo(&mut self) -> Result<(), Failure> {
        self.until = Instant::now() + WORK;
        self.again()
    }

    fn prepare(&mut self, asks: &[Ask<'_>]) -> Result<(), Failure> {
        let client = &self.client;
        let mut fresh: Vec<&'static str> = Vec::new();
        for (sql, _) in asks {
            if !self.known.contains_key(sql) && !fresh.contains(sql) {
                fresh.push(sql);
            }
        }
        if fresh.is_empty() {
            return Ok(());
        }
        let prepared = fresh.iter().map(|sql| client.prepare(sql)).collect();
        let prepared = engine::wait(engine::all(prepared), self.until).ok_or_else(|| self.late())?;
        for (sql, statement) in fresh.into_iter().zip(prepared) {
            self.known.insert(sql, statement?);
        }
        Ok(())
    }

    /// Too late. The server is told to give up too: a commit that waits for a standby would wait there for good.
    fn late(&self) -> Failure {
        let (token, tls) = self.cancel.clone();
        self.engine.start_task(async move {
            let _ = tokio::time::timeout(CONNECT, token.cancel_query(tls)).await;
        });
        Failure::Lost("no answer in time".to_owned())
    }
}

type Found = Result<(usize, Client), String>;

/// Tries all hosts side by side, and takes the first.
async fn race(
    hosts: Vec<Config>,
    tls: MakeRustlsConnect,
    warned: Arc<Mutex<Option<String>>>,
    shy: Option<usize>,
) -> Found {
    let mut tries = JoinSet::new();
    let alone = hosts.len() == 1;
    for (at, config) in hosts.into_iter().enumerate() {
        let (tls, warned) = (tls.clone(), Arc::clone(&warned));
        tries.spawn(async move {
            if shy == Some(at) && !alone {
                tokio::time::sleep(SHY).await;
            }
            match tokio::time::timeout(CONNECT, connect(&config, tls, warned)).await {
                Ok(Ok(client)) => Ok((at, client)),
                Ok(Err(error)) => Err(words(&error)),
                Err(_) => Err("no answer in time".to_owned()),
            }
        });
    }
    let mut whys: Vec<String> = Vec::new();
    while let Some(done) = tries.join_next().await {
        match done {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(why)) if !whys.contains(&why) => whys.push(why),
            _ => (),
        }
    }
    Err(whys.join("; "))
}

async fn connect(
    config: &Config,
    tls: MakeRustlsConnect,
    warned: Arc<Mutex<Option<String>>>,
) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(tls).await?;
    tokio::spawn(drive(connection, warned));
    Ok(client)
}

/// Moves the bytes of one connection, and keeps what the server warns of. A warning comes before the answer to the
/// statement it is about, so it is kept before anybody reads that.
async fn drive<S>(connection: Connection<Socket, S>, warned: Arc<Mutex<Option<String>>>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut connection = pin!(connection);
    loop {
        match poll_fn(|context| connection.as_mut().get_mut().poll_message(context)).await {
            Some(Ok(AsyncMessage::Notice(notice))) => {
                if notice.parsed_severity() == Some(Severity::Warning) {
                    let text = format!("{} ({})", notice.message(), notice.code().code());
                    *warned.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
                }
            }
            Some(Ok(_)) => (),
            Some(Err(_)) | None => return,
        }
    }
}

/// Asks of a new session what an acknowledgement needs, and bounds it.
pub(super) fn session(link: &mut Link, reads: bool, told: &AtomicBool) -> Result<(), Failure> {
    link.begin(None);
    link.plain(sql::BOUNDS)?;
    // What the server had to say at the beginning is about itself and not about a commit, such as an old collation.
    link.begin(None);
    if reads {
        return link.plain(sql::READING);
    }
    let level = setting(link, sql::SYNCHRONOUS)?;
    if matches!(level.as_str(), "off" | "local") {
        return Err(Failure::Act(Fault(format!(
            "synchronous_commit is {level:?}, so a decision would be acknowledged before it is on two machines: set it to \
             on for this role (ALTER ROLE … SET synchronous_commit = on) or in postgresql.conf"
        ))));
    }
    if told.load(SeqCst) {
        return Ok(());
    }
    let server = setting(link, sql::SERVER)?;
    // These two replicate below SQL and know no standbys.
    if server.starts_with("PostgreSQL") && !server.contains("-YB-") {
        let names = setting(link, sql::STANDBYS)?;
        if names.trim().is_empty() && !told.swap(true, SeqCst) {
            tracing::warn!("synchronous_standby_names is empty: decisions are acknowledged on one machine only");
        }
    }
    Ok(())
}

/// What a session says of itself; nothing where the engine has no such setting.
fn setting(link: &mut Link, sql: &'static str) -> Result<String, Failure> {
    match link.one(sql, &[]) {
        Ok(found) => Ok(found.first().map(|row| row.try_get(0)).transpose()?.unwrap_or_default()),
        // 42704, undefined_object.
        Err(Failure::Lost(why)) if why.ends_with("(42704)") => Ok(String::new()),
        Err(failure) => Err(failure),
    }
}
