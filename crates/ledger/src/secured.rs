//! TLS and passwords, against a server that has both.

use crate::clustered::{Shelf, cluster};
use crate::conform::row;
use crate::postgres::{Postgres, Site};
use crate::store::{Fault, Store};
use crate::trial::{ORIGIN, signer};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Makes an authority, and a certificate of it for an address.
fn certify(dir: &Path, name: &str, address: &str) {
    let run = |arguments: &str| {
        let output = Command::new("openssl").args(arguments.split(' ')).current_dir(dir).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    };
    fs::write(dir.join(format!("{name}.ext")), format!("subjectAltName=IP:{address}\nextendedKeyUsage=serverAuth\n"))
        .unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    run(&format!("req -x509 {key} -days 2 -subj /CN={name}-authority -keyout {name}-ca.key -out {name}-ca.pem"));
    run(&format!("req {key} -subj /CN={name} -keyout {name}.key -out {name}.csr"));
    run(&format!(
        "x509 -req -in {name}.csr -CA {name}-ca.pem -CAkey {name}-ca.key -CAcreateserial -days 2 -extfile {name}.ext -out {name}.pem"
    ));
}

/// Lets the server use a certificate, and ask for a password.
fn equip(shelf: &Shelf<'_>, dir: &Path, name: &str) {
    for ending in ["key", "pem"] {
        let path = dir.join(format!("{name}.{ending}"));
        // As the server's own user, and readable by nobody else: it refuses other keys.
        let owner = shelf.sql("SHOW data_directory");
        let output = Command::new("chown").arg(format!("--reference={owner}")).arg(&path).output().unwrap();
        assert!(output.status.success());
        Command::new("chmod").arg("600").arg(&path).status().unwrap();
        let setting = if ending == "key" { "ssl_key_file" } else { "ssl_cert_file" };
        alter(shelf, &format!("{setting} = '{}'", path.display()));
    }
    alter(shelf, "ssl = on");
    shelf.sql("SELECT pg_reload_conf()");
    let start = Instant::now();
    while shelf.sql("SHOW ssl") != "on" {
        assert!(start.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// By itself: this is a statement that runs in no transaction.
fn alter(shelf: &Shelf<'_>, setting: &str) {
    let done = shelf.cluster.ask("postgres", shelf.cluster.primary(), &format!("ALTER SYSTEM SET {setting}"));
    assert!(done.is_some(), "{setting}");
}

fn ready(url: &str) -> Result<Postgres, String> {
    let mut store = Postgres::new(Site::parse(url).unwrap(), ORIGIN);
    store.ready().map(|_| store).map_err(|Fault(why)| why)
}

#[test]
fn tls_is_verified_and_passwords_are_kept() {
    let Some(cluster) = cluster() else { return };
    let shelf = Shelf::new(&cluster, "secured");
    let address = cluster.address(cluster.primary());
    let dir = TempDir::new().unwrap();
    // The server's user must reach its key.
    Command::new("chmod").arg("755").arg(dir.path()).status().unwrap();
    certify(dir.path(), "server", &address.ip().to_string());
    certify(dir.path(), "other", "127.9.9.9");
    let root = |name: &str| dir.path().join(format!("{name}-ca.pem")).display().to_string();
    let url = |user: &str, mode: &str, root: &str| {
        format!(
            "postgres://{user}@{address}/postgres?sslmode={mode}&sslrootcert={root}&options=-csearch_path%3Dsecured"
        )
    };
    let said = ready(&url("postgres", "require", &root("server"))).err().unwrap();
    assert!(said.contains("TLS"), "the server speaks none: {said}");
    equip(&shelf, dir.path(), "server");
    for mode in ["require", "verify-full"] {
        let mut store = ready(&url("postgres", mode, &root("server"))).unwrap();
        store.write(&[row(1, 1)], &signer()).unwrap();
        let safe = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
            WHERE application_name = 'bandeau' AND ssl";
        assert_eq!(shelf.sql(safe), "1", "{mode}");
        drop(store);
        let start = Instant::now();
        while shelf.sql(safe) != "0" {
            assert!(start.elapsed() < Duration::from_secs(20), "connections are closed");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let said = ready(&url("postgres", "require", &root("other"))).err().unwrap();
    assert!(said.contains("certificate"), "of an authority nobody trusts: {said}");
    let said = ready(&format!("postgres://postgres@{address}/postgres?sslmode=require")).err().unwrap();
    assert!(said.contains("certificate"), "nor is it a public one: {said}");
    equip(&shelf, dir.path(), "other");
    let said = ready(&url("postgres", "verify-full", &root("other"))).err().unwrap();
    assert!(said.contains("certificate"), "it names another host: {said}");
    equip(&shelf, dir.path(), "server");
    shelf.sql("CREATE ROLE locked LOGIN SUPERUSER PASSWORD 'hush-hush'");
    let rules = shelf.sql("SHOW hba_file");
    let before = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, format!("hostssl all locked all scram-sha-256\nhost all locked all reject\n{before}")).unwrap();
    shelf.sql("SELECT pg_reload_conf()");
    let start = Instant::now();
    let said = loop {
        match ready(&url("locked:wrong-hush", "require", &root("server"))) {
            Err(said) => break said,
            Ok(_) => assert!(start.elapsed() < Duration::from_secs(20)),
        }
    };
    assert!(said.contains("password") && !said.contains("hush"), "{said}");
    assert!(ready(&url("locked:hush-hush", "require", &root("server"))).is_ok());
    let plain = format!("postgres://locked:hush-hush@{address}/postgres?sslmode=disable");
    let said = ready(&plain).err().unwrap();
    assert!(!said.contains("hush"), "{said}");
}
