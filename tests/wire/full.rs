//! A full disk: a small file system of its own under the store, filled to the brim.

use crate::book::{closed, reopened};
use crate::raw::{accept, until};
use crate::site::Site;
use crate::support::{CONFIG, Gateway, export, store};
use std::path::Path;
use std::process::Command;

/// A small file system in memory, unmounted at the end.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount() -> Result<Self, String> {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs"]).arg(dir.path());
        match command.output() {
            Ok(output) if output.status.success() => Ok(Self(dir)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills what room there is with a file that only grows; `dd` ends with an error once there is none.
    fn fill(&self) {
        let file = format!("of={}", self.path().join("filler").display());
        let output = Command::new("dd")
            .args(["if=/dev/zero", &file, "bs=4096", "oflag=append", "conv=notrunc"])
            .output()
            .unwrap();
        assert!(!output.status.success(), "the disk is not full");
    }

    fn empty(&self) {
        std::fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the gateway that has files open there ends just after.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_takes_refusals_and_grants_nothing() {
    let disk = match Disk::mount() {
        Ok(disk) => disk,
        Err(why) => {
            eprintln!("NOT TESTED: a full disk, because no file system could be mounted ({why}); run this as root");
            return;
        }
    };
    let site = Site::page("<!doctype html><title>t</title><p>the text").await;
    let store = store(disk.path());
    let gateway = Gateway::start(&site.url, &format!("[book]\nstore = \"{store}\"\n{CONFIG}"));
    accept(&gateway).await;
    until("what is live is archived", || async { gateway.log().contains("archived and logged") }).await;
    // What room the store still had is used up by grants; then there is none.
    fill_up(&gateway, &disk).await;
    let before = export(&store).len();
    closed(&gateway).await;
    disk.empty();
    reopened(&gateway).await;
    until("the refusal's record appears", || async {
        export(&store).iter().any(|record| record["event"] == "refused")
    })
    .await;
    let records = export(&store);
    assert_eq!(records.len(), before + 2, "the refusal and the grant after it");
}

/// Accepts until the store has no room left, and finds none either by folding its write-ahead log back into the file.
async fn fill_up(gateway: &Gateway, disk: &Disk) {
    let notice = crate::raw::shown(gateway).await;
    let wish = serde_json::json!({ "notice": notice, "answer": "accept" });
    let mut refused = 0;
    let start = std::time::Instant::now();
    while refused < 8 {
        disk.fill();
        let full = crate::raw::json(gateway, &wish, &[]).await.0.status == 503;
        refused = if full { refused + 1 } else { 0 };
        assert!(start.elapsed().as_secs() < 180, "the store is never full");
        // After a fault the writer rests a while: the refusals come from several tries.
        tokio::time::sleep(std::time::Duration::from_millis(if full { 150 } else { 25 })).await;
    }
}
