//! What came of a check, on the terminal or as JSON for programs. Receipts come from anybody, so nothing of one reaches
//! the terminal but plain letters.

use super::Count;
use super::words;
use bandeau_ledger::check::{Finding, Report, Verdict};
use serde_json::{Value, json};
use std::io::{self, Write};

pub(super) struct Printer<W> {
    out: W,
    json: bool,
    /// Whether keys were given.
    keys: bool,
    /// Whether it was said how to get them.
    said: bool,
}

impl<W: Write> Printer<W> {
    pub(super) fn new(out: W, json: bool, keys: bool) -> Self {
        Self { out, json, keys, said: false }
    }

    /// A receipt on its own: all there is to say.
    pub(super) fn whole(&mut self, place: &str, result: &Result<Report, String>) -> io::Result<()> {
        let report = match result {
            Ok(report) if !self.json => report,
            _ => return self.line(place, result),
        };
        write!(self.out, "{}: {}\n\n{}", words::plain(place), words::verdict(report), words::whole(report))?;
        self.way(report)
    }

    /// One of many: only what does not hold or cannot be decided, and what is so of all without keys only once.
    pub(super) fn brief(&mut self, place: &str, result: &Result<Report, String>) -> io::Result<()> {
        let report = match result {
            Ok(report) if !self.json => report,
            _ => return self.line(place, result),
        };
        let known = !self.keys && self.said && report.verdict() == Verdict::Open;
        if report.verdict() == Verdict::Hold || known {
            return Ok(());
        }
        writeln!(self.out, "{}: {}", words::plain(place), words::verdict(report))?;
        for (what, finding) in report.findings.iter().filter(|(_, finding)| *finding != Finding::Hold) {
            write!(self.out, "{}", words::finding(report, *what, finding))?;
        }
        self.way(report)
    }

    /// How many of a file came out how.
    pub(super) fn sum(&mut self, file: &str, count: Count) -> io::Result<()> {
        let Count { hold, fail, open, unread } = count;
        if self.json {
            return Ok(());
        }
        let (file, all) = (words::plain(file), count.all());
        writeln!(
            self.out,
            "{file}: of {all} receipts {hold} hold, {fail} do not, {open} cannot be decided, {unread} cannot be read."
        )
    }

    /// How to get the keys.
    fn way(&mut self, report: &Report) -> io::Result<()> {
        if self.keys || std::mem::replace(&mut self.said, true) {
            return Ok(());
        }
        write!(self.out, "\n{}", words::way(report))
    }

    fn line(&mut self, place: &str, result: &Result<Report, String>) -> io::Result<()> {
        match result {
            Ok(report) => writeln!(self.out, "{}", object(place, report)),
            Err(why) if self.json => {
                writeln!(self.out, "{}", json!({ "receipt": place, "verdict": "unread", "says": why }))
            }
            Err(why) => writeln!(self.out, "{}: cannot be decided: {}", words::plain(place), words::plain(why)),
        }
    }
}

fn object(place: &str, report: &Report) -> Value {
    let verdict = match report.verdict() {
        Verdict::Hold => "holds",
        Verdict::Fail => "fails",
        Verdict::Open => "open",
    };
    let checks = report.findings.iter().map(|(what, finding)| {
        json!({ "check": what.as_str(), "finding": words::short(finding), "says": words::says(report, *what, finding) })
    });
    let logged = report.logged.as_ref();
    let head = report.place.as_ref().map(|(_, head)| head);
    json!({
        "receipt": place,
        "verdict": verdict,
        "checks": checks.collect::<Vec<_>>(),
        "record": report.row,
        "previous": report.previous.map(|id| id.to_string()),
        "code": logged.map(|(code, _)| code),
        "log": logged.map(|(_, log)| log),
        "index": report.place.as_ref().map(|(index, _)| index),
        "size": head.map(|head| head.size),
        "root": head.map(|head| head.root.to_string()),
    })
}
