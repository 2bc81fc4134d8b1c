//! Records and notices in words that need no explanation. Knows no HTML.

use bandeau_consent::{Asked, Notice};
use bandeau_ledger::ReceiptDocument;
use std::fmt::Write as _;

/// What a record's event says.
pub(super) fn event(event: &str) -> &str {
    match event {
        "given" => "The visitor granted something that was not granted before.",
        "refused" => "The visitor refused everything.",
        "withdrawn" => "The visitor took back something that had been granted.",
        "renewed" => "The visitor gave the same answer again.",
        "expired" => "Nobody decided anything: what had been granted ran out.",
        other => other,
    }
}

/// Where the answer was given.
pub(super) fn source(source: &str) -> String {
    let (word, service) = source.split_once(':').map_or((source, None), |(word, service)| (word, Some(service)));
    let (word, told) = word.strip_suffix("-gpc").map_or((word, false), |word| (word, true));
    let place = match (word, service) {
        ("banner", _) => "on the first layer of the notice".to_owned(),
        ("settings", _) => "in the settings".to_owned(),
        ("embed", _) => "at the placeholder of an embedded content".to_owned(),
        ("once", Some(service)) => format!("at the placeholder of {service}, for one view of a page"),
        ("once", None) => "at a placeholder, for one view of a page".to_owned(),
        ("signal", _) => "by a signal of the browser".to_owned(),
        ("withdrawal", _) => "with the button that takes everything back".to_owned(),
        ("receipt", _) => "with the receipt, by its code".to_owned(),
        ("expiry", _) => "nowhere: time passed".to_owned(),
        _ => source.to_owned(),
    };
    let told =
        if told { ", after being told that the browser's signal (Global Privacy Control) is honoured" } else { "" };
    place + told
}

/// Every choice of a record: the purpose's title where the notice has one, and what was answered.
pub(super) fn choices(record: &ReceiptDocument, notice: Option<&Notice>) -> Vec<(String, bool)> {
    let title = |id: &str| {
        let asked = notice.and_then(|notice| notice.asked.iter().find(|asked| asked.purpose.as_str() == id));
        asked.map_or_else(|| id.to_owned(), |asked| format!("{} ({id})", asked.wording.title))
    };
    record.row.choices.iter().map(|(id, answer)| (title(id), answer == "grant")).collect()
}

/// A notice as plain text.
pub(super) fn plain(notice: &Notice) -> String {
    let mut out = format!(
        "Language: {}\nSite: {}\nController: {}\nPrivacy page: {}\n\n{}\n\n{}\n\nButtons: [{}] [{}] [{}]\n",
        notice.language,
        notice.site,
        notice.controller,
        notice.privacy,
        notice.title,
        notice.text,
        notice.labels.accept,
        notice.labels.refuse,
        notice.labels.choose,
    );
    for (group, all) in [("Asked", &notice.asked), ("Exempt: shown, not asked", &notice.fixed)] {
        for asked in all {
            purpose(&mut out, group, asked);
        }
    }
    let _ = writeln!(out, "\nCategories of data:");
    for (category, name) in &notice.data {
        let _ = writeln!(out, "- {name} ({})", category.as_str());
    }
    out
}

fn purpose(out: &mut String, group: &str, asked: &Asked) {
    let words = &asked.wording;
    let _ = writeln!(out, "\n{group}: {} ({})\n  {}", words.title, asked.purpose, words.text);
    if !words.cost.is_empty() {
        let _ = writeln!(out, "  Without it: {}", words.cost);
    }
    for shown in &asked.services {
        let data: Vec<&str> = shown.data.iter().map(|category| category.as_str()).collect();
        let _ = writeln!(out, "  - {}, {} {}", shown.name, shown.controller, shown.privacy);
        let _ = writeln!(out, "    receives: {}; keeps: {}", data.join(", "), shown.retention);
        for kept in &shown.kept {
            let _ = writeln!(out, "    on the device: {} {}", kept.name.as_str(), kept.span);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bandeau_consent::{Choice, Event, Source};

    #[test]
    fn every_event_and_every_source_has_words() {
        for one in [Event::Given, Event::Refused, Event::Withdrawn, Event::Renewed, Event::Expired] {
            assert_ne!(event(one.as_str()), one.as_str());
        }
        for one in Source::ALL {
            assert_ne!(source(one.as_str()), one.as_str(), "{one:?}");
        }
        assert_eq!(source("once-gpc:tideway").split(',').next(), Some("at the placeholder of tideway"));
        assert!(source("banner-gpc").contains("signal") && !source("banner").contains("signal"));
        assert_eq!(source("expiry"), "nowhere: time passed");
        assert_eq!(Choice::Grant.as_str(), "grant", "what a granted choice is recognised by");
    }
}
