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

    /// What the server answers to SQL, a row a line.
    pub fn ask(&self, sql: &str) -> String {
        let cluster = self.cluster.as_ref().expect("a server");
        cluster.ask("bandeau", 0, sql).unwrap_or_else(|| panic!("{sql}: {}", cluster.last(0)))
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
        cluster.ask("postgres", 0, "ALTER SYSTEM SET synchronous_standby_names = ''").unwrap();
        cluster.ask("postgres", 0, "SELECT pg_reload_conf()").unwrap();
        cluster.standbys().into_iter().for_each(|number| cluster.kill(number));
    }
    let url = format!("postgres://postgres@{}/bandeau", cluster.address(0));
    println!("{name}: started in {:.1} s", start.elapsed().as_secs_f64());
    Some(Place { name, url, dir: tempfile::tempdir().unwrap(), cluster: Some(cluster) })
}
