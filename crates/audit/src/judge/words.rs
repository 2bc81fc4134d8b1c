//! Words that several rules say of somebody. No rule is decided here.

use crate::who::{Subject, Weight};

/// Somebody, for people: `Google Analytics (google-analytics.com)`.
pub(crate) fn whom(subject: &Subject) -> String {
    match &subject.service {
        Some(service) if !service.name.is_empty() && subject.own => service.name.clone(),
        Some(service) if !service.name.is_empty() => format!("{} ({})", service.name, subject.domain),
        _ => subject.domain.clone(),
    }
}

/// What it is, as a clause after the name.
pub(crate) fn what(subject: &Subject) -> String {
    let category = subject.category();
    let of = |word: &str| if category.is_empty() { String::new() } else { format!(" {word} ({category})") };
    match subject.weight {
        Weight::Free if subject.own => String::new(),
        Weight::Free => format!(", which the catalogue takes for necessary{}", of("")),
        Weight::Part => format!(", which gives the page a part{}", of("")),
        Weight::Unknown => ", of whom nothing is known".to_owned(),
        Weight::Tracker => {
            let rule = subject.words.iter().find(|word| word.tracker && word.source.starts_with("list "));
            match rule {
                Some(word) if subject.service.is_none() => format!(", which the {} calls a tracker", word.source),
                _ if subject.exempt => format!(", which measures the audience and may be exempt{}", of("")),
                _ => format!(", which follows people{}", of("")),
            }
        }
    }
    .replace("  ", " ")
}

/// What it is, as a clause within a sentence that goes on: between two commas.
pub(crate) fn aside(subject: &Subject) -> String {
    match what(subject) {
        clause if clause.is_empty() => clause,
        clause => clause + ",",
    }
}

/// What a finding is filed under: the party, or the service where it is on the site's own.
pub(crate) fn about(subject: &Subject) -> &str {
    match &subject.service {
        Some(service) if subject.own && !service.id.is_empty() => &service.id,
        _ => &subject.domain,
    }
}

/// Seconds, as people say them.
pub(crate) fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds / 60),
        7_200..=172_799 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// An address without what follows its query mark, cut.
pub(crate) fn short(url: &str) -> String {
    let end = url.find('?').unwrap_or(url.len());
    url[..end].chars().take(160).collect()
}
