//! Where a PostgreSQL store is: its URL, and whom it trusts for TLS. Opens no connection.
//!
//! The URL may hold a password. It is handed to the driver and nowhere else: faults name hosts and database.

use crate::store::Fault;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection may take to be made, and how long the network may be silent on one.
pub(super) const CONNECT: Duration = Duration::from_secs(2);

/// How often a connection nobody uses is tried.
const IDLE: Duration = Duration::from_secs(5);

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    config: Config,
    /// Certificates that are trusted instead of the public ones.
    roots: Option<PathBuf>,
    /// Hosts and database.
    pub(super) name: String,
}

impl Site {
    /// Reads a URL, or says why it is none.
    pub(crate) fn parse(read: &str) -> Result<Self, &'static str> {
        let (front, query) = read.split_once('?').unwrap_or((read, ""));
        let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
        for part in query.split('&').filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("sslmode", "disable")) => mode = Some(SslMode::Disable),
                Some(("sslmode", "require" | "verify-full")) => mode = Some(SslMode::Require),
                Some(("sslmode", _)) => {
                    return Err(
                        "sslmode is disable, require or verify-full; the last two are one: TLS is always verified",
                    );
                }
                Some(("sslrootcert", "")) => return Err("sslrootcert names no file"),
                Some(("sslrootcert", path)) => roots = Some(PathBuf::from(path)),
                _ => rest.push(part),
            }
        }
        let url = format!("{front}?{}", rest.join("&"));
        let unread = "it cannot be read; a password with signs other than letters and digits is percent-encoded";
        let mut config: Config = url.trim_end_matches('?').parse().map_err(|_| unread)?;
        // Half of a password that was not encoded ends up in these, and they are printed.
        let mut named = config.get_hosts().iter().filter_map(tcp).chain(config.get_dbname());
        if named.any(|name| name.contains(['@', '/'])) {
            return Err(unread);
        }
        if config.get_hosts().is_empty() {
            return Err("it names no host");
        }
        if !matches!(config.get_ports().len(), 0 | 1) && config.get_ports().len() != config.get_hosts().len() {
            return Err("every host has a port, or all have one");
        }
        let near = config.get_hosts().iter().all(near);
        config.ssl_mode(mode.unwrap_or(if near { SslMode::Disable } else { SslMode::Require }));
        if !query.contains("target_session_attrs=") {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        config.connect_timeout(CONNECT).tcp_user_timeout(CONNECT).keepalives_idle(IDLE).keepalives_interval(IDLE);
        config.keepalives_retries(2);
        if config.get_application_name().is_none() {
            config.application_name("bandeau");
        }
        let name = name(&config);
        Ok(Self { config, roots, name })
    }

    /// One configuration for each host: they are tried side by side, so that one that hangs delays nothing.
    pub(super) fn hosts(&self) -> Vec<Config> {
        (0..self.config.get_hosts().len()).map(|at| self.host(at)).collect()
    }

    fn host(&self, at: usize) -> Config {
        let from = &self.config;
        let mut one = Config::new();
        match &from.get_hosts()[at] {
            Host::Tcp(host) => one.host(host),
            Host::Unix(path) => one.host_path(path),
        };
        one.port(port(from, at)).ssl_mode(from.get_ssl_mode()).ssl_negotiation(from.get_ssl_negotiation());
        one.target_session_attrs(from.get_target_session_attrs()).channel_binding(from.get_channel_binding());
        one.connect_timeout(CONNECT).tcp_user_timeout(CONNECT).keepalives_idle(IDLE).keepalives_interval(IDLE);
        one.keepalives_retries(2);
        if let Some(address) = from.get_hostaddrs().get(at) {
            one.hostaddr(*address);
        }
        if let Some(user) = from.get_user() {
            one.user(user);
        }
        if let Some(password) = from.get_password() {
            one.password(password);
        }
        if let Some(name) = from.get_dbname() {
            one.dbname(name);
        }
        if let Some(options) = from.get_options() {
            one.options(options);
        }
        if let Some(name) = from.get_application_name() {
            one.application_name(name);
        }
        one
    }

    /// How TLS is spoken, where it is. The server's certificate must name the host, whatever the mode.
    pub(super) fn tls(&self) -> Result<MakeRustlsConnect, Fault> {
        let mut roots = RootCertStore::empty();
        match &self.roots {
            _ if self.config.get_ssl_mode() == SslMode::Disable => (),
            Some(path) => {
                trust(&mut roots, path).map_err(|why| Fault(format!("sslrootcert {}: {why}", path.display())))?
            }
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| Fault(format!("TLS: {error}")))?;
        Ok(MakeRustlsConnect::new(builder.with_root_certificates(roots).with_no_client_auth()))
    }
}

fn trust(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let found = CertificateDer::pem_file_iter(path).map_err(|error| error.to_string())?;
    for certificate in found {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() { Err("there is no certificate in it".to_owned()) } else { Ok(()) }
}

fn tcp(host: &Host) -> Option<&str> {
    match host {
        Host::Tcp(name) => Some(name),
        Host::Unix(_) => None,
    }
}

/// Whether no byte to this host leaves the machine.
fn near(host: &Host) -> bool {
    let Some(name) = tcp(host) else { return true };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn port(config: &Config, at: usize) -> u16 {
    config.get_ports().get(at).or_else(|| config.get_ports().first()).copied().unwrap_or(5432)
}

fn name(config: &Config) -> String {
    let named = config.get_hosts().iter().enumerate().map(|(at, host)| match host {
        Host::Tcp(host) => format!("{host}:{}", port(config, at)),
        Host::Unix(path) => path.display().to_string(),
    });
    let hosts: Vec<String> = named.collect();
    let database = config.get_dbname().or(config.get_user()).unwrap_or("");
    format!("postgres {}/{database}", hosts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_and_passwords_never_shown() {
        let site = Site::parse("postgres://me:hush@127.0.0.1:5433,[::1]:5434/book?sslmode=require").unwrap();
        assert!(site.name.contains("127.0.0.1:5433,::1:5434/book") && !format!("{site:?}").contains("hush"));
        assert_eq!(site.config.get_ssl_mode(), SslMode::Require);
        assert_eq!(site.hosts().len(), 2);
        assert_eq!(site.hosts()[1].get_ports(), [5434]);
        assert_eq!(site.hosts()[1].get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        for (url, mode) in [
            ("postgres://localhost/b", SslMode::Disable),
            ("postgresql://db.example/b", SslMode::Require),
            ("postgres://localhost,db.example/b", SslMode::Require),
            ("postgres://db.example/b?sslmode=disable", SslMode::Disable),
            ("postgresql://%2Frun%2Fpostgresql/b", SslMode::Disable),
        ] {
            assert_eq!(Site::parse(url).unwrap().config.get_ssl_mode(), mode, "{url}");
        }
        for bad in [
            "postgres://",
            "postgres:///b",
            "postgres://u:pa@ss@host/b",
            "postgres://u:pa/ss@host/b",
            "postgres://host/b?sslmode=prefer",
            "postgres://host/b?sslmode=verify-ca",
            "postgres://host/b?sslrootcert=",
            "postgres://host/b?unheard=1",
            "postgres://host:port/b",
        ] {
            match Site::parse(bad) {
                Err(_) => (),
                Ok(site) => assert!(!site.name.contains("pa") && !site.name.contains("ss"), "{bad}: {}", site.name),
            }
        }
        assert!(Site::parse("postgres://u:pa@ss@host/b").is_err());
    }

    #[test]
    fn a_file_without_certificates_is_no_trust() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("roots.pem");
        let url = format!("postgres://db.example/b?sslrootcert={}", path.display());
        let site = Site::parse(&url).unwrap();
        assert!(site.tls().is_err_and(|Fault(why)| why.contains("sslrootcert")));
        std::fs::write(&path, "nothing").unwrap();
        assert!(site.tls().is_err_and(|Fault(why)| why.contains("no certificate")));
        assert!(Site::parse("postgres://db.example/b").unwrap().tls().is_ok());
    }
}
