//! Numbers, times and names as people read them. Knows no markup: everything here is plain text.

use crate::judge::{Level, Outcome};
use crate::seen::{End, From, Kind, Moment, Role, Standing};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A number with its thousands apart: `12,345`.
pub(super) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number and what it counts: `1 page`, `3 pages`, `2 parties`.
pub(super) fn count(value: u64, word: &str) -> String {
    match (value, word.strip_suffix('y')) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) if !word.ends_with("ay") => format!("{} {stem}ies", number(value)),
        _ => format!("{} {word}s", number(value)),
    }
}

/// A moment since 1970, in milliseconds: `22 November 2026, 21:43 UTC`.
pub(super) fn date(at: u64) -> String {
    let (days, minutes) = (at / 86_400_000, at / 60_000 % 1_440);
    let (year, month, day) = civil(days);
    format!("{day} {} {year}, {:02}:{:02} UTC", MONTHS[month - 1], minutes / 60, minutes % 60)
}

/// The same for machines: `2026-11-22T21:43:05Z`.
pub(super) fn stamp(at: u64) -> String {
    let (year, month, day) = civil(at / 86_400_000);
    let second = at / 1000 % 86_400;
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Year, month and day of a count of days since 1970, in the Gregorian calendar: whole cycles of 400 years taken off, then
/// years begun in March so that the odd day is the last of one. Bounded to the year 9999, beyond which nobody looks.
fn civil(days: u64) -> (u64, usize, u64) {
    let days = days.min(2_932_896) + 719_468;
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let rest = day - (365 * year + year / 4 - year / 100);
    let month = (5 * rest + 2) / 153;
    let date = rest - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = cycle * 400 + year + u64::from(month <= 2);
    (year, usize::try_from(month).unwrap_or(1).clamp(1, 12), date)
}

/// How long something took, from milliseconds: `320 ms`, `4.2 s`, `3 min 20 s`.
pub(super) fn span(took: u64) -> String {
    match took {
        0..1_000 => format!("{took} ms"),
        1_000..60_000 => format!("{}.{} s", took / 1_000, took % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", took / 60_000, took / 1_000 % 60),
        _ => format!("{} h {} min", took / 3_600_000, took / 60_000 % 60),
    }
}

/// How long a cookie lives, from seconds: the largest unit of which there are at least two, rounded, so that what a
/// regulator counts in months is said in months.
pub(super) fn life(seconds: Option<u64>) -> String {
    const UNITS: [(u64, &str); 5] =
        [(31_557_600, "year"), (2_629_800, "month"), (86_400, "day"), (3_600, "hour"), (60, "minute")];
    let Some(seconds) = seconds else { return "until the browser closes".to_owned() };
    for (unit, word) in UNITS {
        // From two of a unit on; and two years only where they are whole, as 25 months are not.
        if seconds >= 2 * unit && (word != "year" || seconds % unit < 5 * 86_400 || seconds >= 5 * unit) {
            let says = count((seconds + unit / 2) / unit, word);
            // A limit of 13 months is decided by days.
            let exact = word == "month" && seconds >= 11 * unit;
            return if exact { format!("{says} ({} days)", seconds / 86_400) } else { says };
        }
    }
    count(seconds, "second")
}

/// A size in bytes.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => count(bytes, "byte"),
        1_024..1_048_576 => format!("{} kB", number(bytes / 1_024)),
        _ => format!("{} MB", number(bytes / 1_048_576)),
    }
}

/// The head of a column or section for a standing.
pub(super) fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Before => "Before a choice",
        Standing::Refused => "After refusing",
        Standing::Accepted => "After accepting",
        Standing::Withdrawn => "After taking back",
        Standing::Gpc => "With GPC",
    }
}

/// The head of a narrow column for a standing.
pub(super) fn head(standing: Standing) -> &'static str {
    match standing {
        Standing::Before => "Before",
        Standing::Refused => "Refused",
        Standing::Accepted => "Accepted",
        Standing::Withdrawn => "Taken back",
        Standing::Gpc => "GPC",
    }
}

/// A standing in a row of several.
pub(super) fn short(standing: Standing) -> &'static str {
    match standing {
        Standing::Before => "before",
        Standing::Refused => "refused",
        Standing::Accepted => "accepted",
        Standing::Withdrawn => "taken back",
        Standing::Gpc => "GPC",
    }
}

/// A moment of a visit.
pub(super) fn moment(moment: Moment) -> &'static str {
    match moment {
        Moment::Loading => "while loading",
        Moment::Waiting => "after loading",
        Moment::Choosing => "while choosing",
        Moment::Leaving => "on leaving",
    }
}

/// An outcome.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "Passed",
        Outcome::Failed => "Failed",
        Outcome::Undecidable => "For a person",
    }
}

/// A level.
pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "Breaks a rule",
        Level::Warning => "Look at it",
        Level::Note => "Worth knowing",
    }
}

/// What a control does.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Accept => "Accepts all",
        Role::Refuse => "Refuses all",
        Role::Settings => "Opens choices",
        Role::Save => "Saves choices",
        Role::Close => "Closes",
        Role::Switch => "Switch",
        Role::Policy => "Leads to a policy",
        Role::Pay => "Asks for money",
        Role::Other => "Something else",
    }
}

/// A kind of storage.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Local => "Local storage",
        Kind::Session => "Session storage",
        Kind::Indexed => "IndexedDB",
        Kind::Cache => "Cache storage",
        Kind::Files => "Private files",
        Kind::ServiceWorker => "Service worker",
        Kind::Shared => "Advertising storage",
    }
}

/// How a page was found.
pub(super) fn from(from: From) -> &'static str {
    match from {
        From::Start => "start page",
        From::Named => "named",
        From::Sitemap => "sitemap",
        From::Link => "a link",
    }
}

/// How a visit ended, where that is worth a word.
pub(super) fn end(end: &End) -> Option<String> {
    match end {
        End::Complete => None,
        End::Slow => Some("did not load in time".to_owned()),
        End::Download => Some("is a file, not a page".to_owned()),
        End::Failed(why) => Some(format!("could not be opened: {why}")),
        End::Broken(why) => Some(format!("broke the browser: {why}")),
        End::Interrupted => Some("was interrupted".to_owned()),
    }
}

/// A row of the law table in a few words, for the first screen; the sentence itself stands in the table.
pub(super) fn nick(id: &str) -> Option<&'static str> {
    Some(match id {
        "L1" => "Nothing before a choice",
        "L2" => "Silence is no yes",
        "L3" => "Nothing ticked before",
        "L4" => "Refusing weighs the same",
        "L5" => "Refusing is as easy",
        "L6" => "Closing is no yes",
        "L7" => "A refusal is remembered",
        "L8" => "Refusing stops everything",
        "L9" => "Asked for each purpose",
        "L10" => "The first layer informs",
        "L11" => "No wall",
        "L12" => "Proof of consent",
        "L13" => "No legitimate interest",
        "L14" => "Keeping the choice",
        "L15" => "Audience measurement",
        "L16" => "Tag managers wait",
        "L17" => "Signals are honoured",
        "L18" => "Language and access",
        "L19" => "No deceptive patterns",
        "L20" => "Records hold little",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_counts_are_read_aloud() {
        for (value, says) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")] {
            assert_eq!(number(value), says);
        }
        for (value, word, says) in [
            (1, "page", "1 page"),
            (0, "page", "0 pages"),
            (2, "party", "2 parties"),
            (2, "day", "2 days"),
            (1, "party", "1 party"),
        ] {
            assert_eq!(count(value, word), says);
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, says) in [
            (0, "1 January 1970"),
            (58, "28 February 1970"),
            (59, "1 March 1970"),
            (789, "29 February 1972"),
            (11_016, "29 February 2000"),
            (11_017, "1 March 2000"),
            (20_818, "31 December 2026"),
            (20_819, "1 January 2027"),
            (47_540, "28 February 2100"),
            (47_541, "1 March 2100"),
        ] {
            assert_eq!(date(days * 86_400_000), format!("{says}, 00:00 UTC"));
        }
        assert_eq!(stamp(1_795_000_000_123), "2026-11-18T11:06:40Z");
        assert!(date(u64::MAX).contains("9999"));
    }

    #[test]
    fn times_are_said_in_units_that_fit() {
        for (took, says) in
            [(0, "0 ms"), (999, "999 ms"), (4_250, "4.2 s"), (200_000, "3 min 20 s"), (7_260_000, "2 h 1 min")]
        {
            assert_eq!(span(took), says);
        }
        let day = 86_400;
        for (lives, says) in [
            (None, "until the browser closes"),
            (Some(0), "0 seconds"),
            (Some(90), "90 seconds"),
            (Some(1_800), "30 minutes"),
            (Some(day), "24 hours"),
            (Some(7 * day), "7 days"),
            (Some(180 * day), "6 months"),
            (Some(390 * day), "13 months (390 days)"),
            (Some(400 * day), "13 months (400 days)"),
            (Some(730 * day), "24 months (730 days)"),
            (Some(731 * day), "2 years"),
            (Some(780 * day), "26 months (780 days)"),
            (Some(3_650 * day), "10 years"),
        ] {
            assert_eq!(life(lives), says);
        }
        for (bytes, says) in [(1, "1 byte"), (2_048, "2 kB"), (5 << 20, "5 MB")] {
            assert_eq!(size(bytes), says);
        }
    }
}
