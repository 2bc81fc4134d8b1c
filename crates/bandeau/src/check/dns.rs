//! Names of the network: follows the aliases (`CNAME`, RFC 1034 §3.6.2) a host stands for, asking one DNS server
//! or those of the system. It knows nothing of sites and services, and every wait is bounded.

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

/// For one host, however many aliases it has.
const PATIENCE: Duration = Duration::from_secs(2);
/// For one question, before it is asked again: a datagram may be lost.
const TURN: Duration = Duration::from_millis(600);
/// Chains are shorter than this, or a circle.
const HOPS: usize = 16;

/// Why nothing is known of a host.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Silence {
    /// There is no such name.
    #[error("there is no such name")]
    Nobody,
    /// No server said anything in time.
    #[error("no answer within {} s", PATIENCE.as_secs())]
    Slow,
    /// A server refuses, or speaks no DNS.
    #[error("{0}")]
    Broken(String),
}

impl From<io::Error> for Silence {
    fn from(error: io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Whom to ask.
#[derive(Debug, Clone)]
pub(crate) struct Resolver {
    // Invariant: never empty.
    servers: Vec<SocketAddr>,
}

impl Resolver {
    /// One server.
    pub(crate) fn at(server: SocketAddr) -> Self {
        Self { servers: vec![server] }
    }

    /// Those of the system, as its resolver reads them (`resolv.conf(5)`): three at most, this machine where none
    /// is named.
    pub(crate) fn system() -> Self {
        let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let named = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver")).map(str::trim);
        let mut servers: Vec<_> =
            named.filter_map(|ip| ip.parse::<IpAddr>().ok()).take(3).map(|ip| SocketAddr::new(ip, 53)).collect();
        if servers.is_empty() {
            servers.push(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 53));
        }
        Self { servers }
    }

    /// The names a host stands for, in order; none where it has an address of its own.
    ///
    /// # Errors
    /// When the name does not exist, or nobody answers within two seconds.
    pub(crate) async fn aliases(&self, host: &str) -> Result<Vec<String>, Silence> {
        timeout(PATIENCE, self.follow(host)).await.unwrap_or(Err(Silence::Slow))
    }

    async fn follow(&self, host: &str) -> Result<Vec<String>, Silence> {
        let mut chain = vec![host.to_ascii_lowercase()];
        // A server that answers with a part of the chain is asked for the rest.
        while chain.len() <= HOPS {
            let before = chain.len();
            let here = chain[before - 1].clone();
            let said = self.ask(&here).await?;
            if said.links.is_empty() && said.nobody && before == 1 {
                return Err(Silence::Nobody);
            }
            let mut last = here;
            while let Some((_, next)) = said.links.iter().find(|(name, _)| *name == last) {
                if chain.contains(next) || chain.len() > HOPS {
                    return Ok(chain.split_off(1));
                }
                chain.push(next.clone());
                last.clone_from(next);
            }
            if chain.len() == before || said.nobody || said.addressed.contains(&last) {
                break;
            }
        }
        Ok(chain.split_off(1))
    }

    /// Asks each server in turn until one answers; who gives up is the caller.
    async fn ask(&self, host: &str) -> Result<Said, Silence> {
        let mut broken = None;
        for server in self.servers.iter().chain(&self.servers).chain(&self.servers) {
            match timeout(TURN, exchange(*server, host)).await {
                Ok(Ok(said)) => return Ok(said),
                Ok(Err(error)) => broken = Some(error),
                Err(_) => {}
            }
        }
        Err(broken.unwrap_or(Silence::Slow))
    }
}

/// What one answer says.
struct Said {
    links: Vec<(String, String)>,
    addressed: Vec<String>,
    nobody: bool,
}

async fn exchange(server: SocketAddr, host: &str) -> Result<Said, Silence> {
    let mut id = [0; 2];
    getrandom::fill(&mut id).map_err(io::Error::other)?;
    let id = u16::from_be_bytes(id);
    let question = question(id, host)?;
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { std::net::Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    // Only this server's datagrams come in.
    socket.connect(server).await?;
    socket.send(&question).await?;
    let mut bytes = vec![0; 4096];
    loop {
        let length = socket.recv(&mut bytes).await?;
        match read(&bytes[..length], id, host) {
            // Somebody guesses: the answer to the question may still come.
            None => {}
            Some(Read::Whole(said)) => return Ok(said),
            Some(Read::Refused(code)) => return Err(Silence::Broken(format!("the DNS server answers {code}"))),
            // RFC 7766 §5: what does not fit into a datagram is asked for over TCP.
            Some(Read::Cut) => return long(server, &question, id, host).await,
        }
    }
}

async fn long(server: SocketAddr, question: &[u8], id: u16, host: &str) -> Result<Said, Silence> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes()[..], question].concat()).await?;
    let length = stream.read_u16().await?;
    let mut bytes = vec![0; usize::from(length)];
    stream.read_exact(&mut bytes).await?;
    match read(&bytes, id, host) {
        Some(Read::Whole(said)) => Ok(said),
        _ => Err(Silence::Broken("the DNS server does not answer the question".into())),
    }
}

fn question(id: u16, host: &str) -> Result<Vec<u8>, Silence> {
    let bad = |error: simple_dns::SimpleDnsError| Silence::Broken(error.to_string());
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(host).map_err(bad)?;
    packet.questions.push(Question::new(name, QTYPE::TYPE(TYPE::A), QCLASS::CLASS(CLASS::IN), false));
    packet.build_bytes_vec().map_err(bad)
}

enum Read {
    Whole(Said),
    Cut,
    Refused(String),
}

/// Reads an answer; none where it does not belong to the question.
fn read(bytes: &[u8], id: u16, host: &str) -> Option<Read> {
    let packet = Packet::parse(bytes).ok()?;
    let asked = packet.questions.first().is_some_and(|question| plain(&question.qname) == host);
    if packet.id() != id || !packet.has_flags(PacketFlag::RESPONSE) || !asked {
        return None;
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Some(Read::Cut);
    }
    let nobody = packet.rcode() == RCODE::NameError;
    if !nobody && packet.rcode() != RCODE::NoError {
        return Some(Read::Refused(format!("{:?}", packet.rcode())));
    }
    let mut said = Said { links: Vec::new(), addressed: Vec::new(), nobody };
    for record in &packet.answers {
        match &record.rdata {
            RData::CNAME(target) => said.links.push((plain(&record.name), plain(target))),
            RData::A(_) => said.addressed.push(plain(&record.name)),
            _ => {}
        }
    }
    Some(Read::Whole(said))
}

fn plain(name: &Name<'_>) -> String {
    name.to_string().trim_end_matches('.').to_ascii_lowercase()
}
