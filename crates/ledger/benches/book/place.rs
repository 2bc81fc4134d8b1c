//! The stores that are measured: an SQLite file, a PostgreSQL server alone, and one with two synchronous standbys.

use crate::cluster::Cluster;
use std::time::Instant;

/// A store, and what keeps it alive.
pub struct Place {
    pub name: &'static str,
    pub url: String,
    /// Where this node's own files go.
    pub dir: tempfile::TempDir,
    pub cluster: Option<Cluster>,
}

impl Place {
    pub fn shared(&self) -> bool {
        self.cluster.is_some()
    }

    /// Everything else that is in the way of a reading of bytes: what is still to be written.
    pub fn number(&self, sql: &str) -> u64 {
        let cluster = self.cluster.as_ref().expect("a server");
        let link = format!("{}?connect_timeout=3", self.url);
        let output = std::process::Command::new(crate::cluster::programs().unwrap().join("psql"))
            .args(["-XAtqc", sql, &link])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim().parse().unwrap_or_else(|_| panic!("{sql}: {text}: {}", cluster.last(0)))
    }
}

/// The places that are named.
pub fn all(names: &str) -> Vec<Place> {
    let make = |name: &str| match name {
        "sqlite" => Some(sqlite()),
        "alone" => server("PostgreSQL alone", true),
        "standbys" => server("PostgreSQL, ANY 1 of 2 standbys", false),
        _ => panic!("{name:?} is not sqlite, alone or standbys"),
    };
    names.split(',').filter(|name| !name.is_empty()).filter_map(make).collect()
}

fn sqlite() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("book.db").display());
    Place { name: "SQLite", url, dir, cluster: None }
}

fn server(name: &'static str, alone: bool) -> Option<Place> {
    let start = Instant::now();
    let Some(mut cluster) = Cluster::start() else {
        println!("{name}: not measured, PostgreSQL is not installed");
        return None;
    };
    if alone {
        cluster.ask(0, "ALTER SYSTEM SET synchronous_standby_names = ''").unwrap();
        cluster.ask(0, "SELECT pg_reload_conf()").unwrap();
        cluster.standbys().into_iter().for_each(|number| cluster.kill(number));
    }
    let url = format!("postgres://postgres@{}/bandeau", cluster.address(0));
    println!("{name}: started in {:.1} s", start.elapsed().as_secs_f64());
    Some(Place { name, url, dir: tempfile::tempdir().unwrap(), cluster: Some(cluster) })
}
