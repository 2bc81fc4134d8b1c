//! The words of `bandeau verify`, for a visitor's lawyer: what a receipt says, what holds of it, what that shows and what it
//! does not. They are those of the page that does the same (banner/verify). It decides nothing.

use crate::clock;
use bandeau_ledger::check::{Finding, Gap, Report, Verdict, What};

/// How wide a line may be.
const WIDE: usize = 96;

/// Without anything that moves a cursor, rings, or turns the direction of reading: receipts come from anybody.
pub(super) fn plain(text: &str) -> String {
    let turns = |letter| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|letter| if letter.is_control() || turns(letter) { '\u{fffd}' } else { letter }).collect()
}

pub(super) fn verdict(report: &Report) -> &'static str {
    match report.verdict() {
        Verdict::Hold => "everything holds",
        Verdict::Fail => "something does not hold",
        Verdict::Open => "not everything can be decided",
    }
}

pub(super) fn short(finding: &Finding) -> &'static str {
    match finding {
        Finding::Hold => "holds",
        Finding::Fail(_) => "fails",
        Finding::Open(_) => "open",
    }
}

fn entries(size: u64) -> String {
    if size == 1 { "1 entry".to_owned() } else { format!("{size} entries") }
}

/// What came of one check, as a sentence.
pub(super) fn says(report: &Report, what: What, finding: &Finding) -> String {
    let (code, log) = report.logged.as_ref().map_or(("", ""), |(code, log)| (code, log));
    let (index, size) = report.place.as_ref().map_or((0, 0), |(index, head)| (*index, head.size));
    let state = entries(size);
    let unknown = "the site's keys were not given";
    plain(&match (what, finding) {
        (What::Signature, Finding::Hold) => "Nothing in it was changed since it was signed.".to_owned(),
        (What::Key, Finding::Hold) => "It was signed with the site's key for receipts.".to_owned(),
        (What::Key, Finding::Open(_)) => format!("Whose key signed it is not shown: {unknown}."),
        (What::Code, Finding::Hold) => format!("The short code {code} is that of this receipt."),
        (What::Log, Finding::Hold) => format!("The log it names is the site's: {log}."),
        (What::Log, Finding::Open(_)) => format!("Whether {log} is the site's log is not shown: {unknown}."),
        (What::Place, Finding::Hold) => format!("It is entry {index}, counted from 0, of a log of {state}."),
        (What::Place, Finding::Open(_)) => {
            "The log has not placed it yet. Fetch the receipt again in a while: it will hold its place.".to_owned()
        }
        (What::Checkpoint, Finding::Hold) => format!("The log signed this state of {state}."),
        (What::Checkpoint, Finding::Open(Gap::Keys)) => {
            format!("Whether the log signed this state of {state} is not shown: {unknown}.")
        }
        (What::Checkpoint, Finding::Open(Gap::Place)) => "So there is no signed state of the log in it.".to_owned(),
        (What::Signature, Finding::Fail(why)) => format!("The signature does not fit: {why}."),
        (What::Key, Finding::Fail(why)) => format!("The key is not the site's: {why}."),
        (What::Code, Finding::Fail(why)) => format!("The short code does not fit: {why}."),
        (What::Log, Finding::Fail(why)) => format!("The log is not the site's: {why}."),
        (What::Place, Finding::Fail(why)) => format!("Its place in the log is not shown: {why}."),
        (What::Checkpoint, Finding::Fail(why)) => format!("The state of the log is not the site's: {why}."),
        (What::Signature | What::Code, Finding::Open(_)) => unknown.to_owned(),
    })
}

/// The same, as lines.
pub(super) fn finding(report: &Report, what: What, finding: &Finding) -> String {
    let word = match finding {
        Finding::Hold => "holds",
        Finding::Fail(_) => "FAILS",
        Finding::Open(_) => "open",
    };
    row(word, &says(report, what, finding))
}

/// A term and what is said of it, the lines of the latter under each other.
fn row(term: &str, said: &str) -> String {
    hang(&format!("  {term:<14}"), said)
}

fn hang(first: &str, said: &str) -> String {
    let indent = first.chars().count();
    let (mut lines, mut line) = (String::new(), first.to_owned());
    let mut begun = false;
    for word in said.split(' ') {
        if begun && line.chars().count() + 1 + word.chars().count() > WIDE {
            lines += &format!("{}\n", line.trim_end());
            line = " ".repeat(indent);
            begun = false;
        }
        if begun {
            line.push(' ');
        }
        line += word;
        begun = true;
    }
    lines + line.trim_end() + "\n"
}

/// All there is to say of one receipt. What is wrong with it comes before what it then says for nothing.
pub(super) fn whole(report: &Report) -> String {
    let said: String = recorded(report).iter().map(|(term, said)| row(term, &plain(said))).collect();
    let checked: String = report.findings.iter().map(|(what, found)| finding(report, *what, found)).collect();
    let list = |said: Vec<&str>| said.iter().map(|said| hang("  - ", said)).collect::<String>();
    match report.verdict() {
        Verdict::Hold => format!(
            "What it says\n{said}\nWhat was checked\n{checked}\nWhat this shows\n{}\nWhat it does not show\n{}",
            list(shows(report)),
            list(hides(report))
        ),
        Verdict::Fail => format!("What was checked\n{checked}\nWhat it says, true or not\n{said}"),
        Verdict::Open => format!("What was checked\n{checked}\nWhat it says\n{said}"),
    }
}

fn recorded(report: &Report) -> Vec<(&'static str, String)> {
    let row = &report.row;
    let named = |answer: &str| {
        let all: Vec<&str> =
            row.choices.iter().filter(|(_, given)| given == answer).map(|(purpose, _)| purpose.as_str()).collect();
        if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
    };
    let follows = report.previous.map_or("no earlier record of this visitor".to_owned(), |id| id.to_string());
    let mut rows = vec![
        ("When", format!("{}, by the site's clock", clock::moment(row.at))),
        ("What", event(&row.event).to_owned()),
        ("Allowed", named("grant")),
        ("Refused", named("refuse")),
        ("Given", source(&row.source)),
        ("Question", format!("in the language {:?}, with the digest {}", row.language, row.notice)),
        ("Stands for", span(row.keep)),
        ("Rules", format!("the policy with the digest {}", row.policy)),
        ("Record", row.id.to_string()),
        ("Visitor", format!("the random number {}", row.pseudonym)),
        ("Follows", follows),
    ];
    if let Some((code, log)) = &report.logged {
        rows.extend([("Short code", code.clone()), ("Log", log.clone())]);
    }
    if let Some((_, head)) = &report.place {
        rows.push(("Its state", format!("{}, with the root {}", entries(head.size), head.root)));
    }
    rows
}

fn event(event: &str) -> &str {
    match event {
        "given" => "Something was allowed that was not allowed before.",
        "refused" => "Everything was refused.",
        "withdrawn" => "Something that had been allowed was taken back.",
        "renewed" => "The same answer was given again.",
        "expired" => "What had been allowed ran out.",
        other => other,
    }
}

fn source(source: &str) -> String {
    let once = source.split_once(':').filter(|(kind, _)| matches!(*kind, "once" | "once-gpc"));
    let kind = once.map_or(source, |(kind, _)| kind);
    let where_ = match (once, kind.trim_end_matches("-gpc")) {
        (Some((_, service)), _) => format!("to show {service} this once"),
        (None, "banner") => "in the question on the page".to_owned(),
        (None, "settings") => "in the settings".to_owned(),
        (None, "embed") => "in the place of something held".to_owned(),
        (None, "signal") => "by a signal of the browser".to_owned(),
        (None, "withdrawal") => "by taking everything back".to_owned(),
        (None, "receipt") => "with an earlier receipt, by taking everything back".to_owned(),
        (None, "expiry") => "by nobody: its time was over".to_owned(),
        (None, other) => other.to_owned(),
    };
    let despite = ", although the browser sent Global Privacy Control, as the visitor had been told";
    if kind.ends_with("-gpc") { where_ + despite } else { where_ }
}

/// A time in its largest unit without a rest.
fn span(seconds: u64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (size, unit) = units.into_iter().find(|(size, _)| seconds.is_multiple_of(*size)).unwrap_or((1, "second"));
    let count = seconds / size;
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn shows(report: &Report) -> Vec<&'static str> {
    let mut list = vec![
        "Whoever holds the site's key attested that exactly this answer was given and kept, after the record named as the one before it.",
    ];
    if report.logged.is_some() {
        list.push(
            "It stands in the site's log. Taking it out, or putting another in its place, would show to whoever compares two signed states of the log.",
        );
    }
    list
}

fn hides(report: &Report) -> Vec<&'static str> {
    let mut list = vec![
        "Who the visitor is. There is no name, address or browser in a receipt.",
        "That the time is right: it is the site's own.",
        "What the question said. Its words are needed for that; their digest tells whether they are the right ones.",
        "That the answer still stands: a later one may have changed it.",
        "That the keys given are the site's: that depends on where they were fetched.",
    ];
    if report.logged.is_none() {
        list.push("That it stands in the log: receipts of the first version are signed, and in no log.");
    }
    if report.row.source.starts_with("once") {
        list.push("A lasting choice: it was for this once.");
    }
    list
}

/// How to get the keys.
pub(super) fn way(report: &Report) -> String {
    // It will be typed into a shell, so only what is plainly an address is put into it.
    let safe = |log: &str| {
        log.ends_with("/log")
            && log.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:/_".contains(&b))
            && !log.starts_with('-')
    };
    let log = report.logged.as_ref().map(|(_, log)| log.as_str()).filter(|log| safe(log));
    let log = log.unwrap_or("SITE/.well-known/bandeau/log");
    format!(
        "Whose receipt it is shows only with the site's keys. Fetch them, and say where they are:\n\
         \x20 curl -fsS https://{log}/keys -o keys\n\
         \x20 bandeau verify FILE --keys keys\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_receipt_moves_the_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{202e}d\u{7f}"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\u{fffd}");
    }

    #[test]
    fn sources_and_times_are_said() {
        assert_eq!(source("banner"), "in the question on the page");
        assert!(source("settings-gpc").starts_with("in the settings, although"));
        assert_eq!(source("once:tideway"), "to show tideway this once");
        assert!(source("once-gpc:tideway").starts_with("to show tideway this once, although"));
        assert_eq!(source("twice:x"), "twice:x");
        assert_eq!(
            [86_400, 15_552_000, 300, 301, 0].map(span),
            ["1 day", "180 days", "5 minutes", "301 seconds", "0 days"]
        );
    }

    #[test]
    fn long_words_hang_under_each_other() {
        let text = hang("  - ", &"word ".repeat(40));
        assert!(text.lines().count() > 2 && text.lines().all(|line| line.chars().count() <= WIDE), "{text}");
        assert!(text.lines().skip(1).all(|line| line.starts_with("    word")), "{text}");
    }
}
