//! How long names are kept on the device: reads the two ways to write them, and finds the longest time. It does not
//! say times in words; the banner does, in the visitor's language.

use super::raw;
use super::span::Faults;
use bandeau_consent::{Kept, NamePattern};

/// The names of one list or table that can be read; a fault for each that cannot.
pub(crate) fn names(names: &raw::Names, key: &str, faults: &mut Faults) -> Vec<Kept> {
    let read = |(name, time): &(raw::Text, Option<raw::Text>)| {
        let span = time.as_ref().map_or_else(String::new, |time| time.get_ref().clone());
        Some(Kept { name: faults.take(name, key, NamePattern::new)?, span })
    };
    names.0.iter().filter_map(read).collect()
}

/// Each name once: some services keep the same under the same name in cookies and in storage.
pub(crate) fn once(kept: Vec<Kept>) -> Vec<Kept> {
    kept.into_iter().fold(Vec::new(), |mut seen, kept| {
        if !seen.contains(&kept) {
            seen.push(kept);
        }
        seen
    })
}

/// The longest time, as written. Empty where a name says none, or says it in words of its own: a shorter time than the
/// true one would be a false statement.
pub(crate) fn longest(kept: &[Kept]) -> String {
    let times: Option<Vec<(u64, &str)>> = kept.iter().map(|kept| Some((minutes(&kept.span)?, &*kept.span))).collect();
    times
        .and_then(|times| times.into_iter().max_by_key(|(minutes, _)| *minutes))
        .map_or_else(String::new, |(_, span)| span.to_owned())
}

/// Reads `13 months` or `1 day`, `session`, and `lasting`, which is longer than any; a month is 31 days here, a year 366.
pub(crate) fn minutes(span: &str) -> Option<u64> {
    match span {
        "session" => return Some(0),
        "lasting" => return Some(u64::MAX),
        _ => {}
    }
    let (count, unit) = span.split_once(' ')?;
    let count: u64 = count.parse().ok().filter(|count| *count > 0)?;
    let unit = match (count, unit) {
        (1, unit) => unit,
        (_, units) => units.strip_suffix('s')?,
    };
    let minutes = match unit {
        "minute" => 1,
        "hour" => 60,
        "day" => 24 * 60,
        "month" => 31 * 24 * 60,
        "year" => 366 * 24 * 60,
        _ => return None,
    };
    count.checked_mul(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(spans: &[&str]) -> Vec<Kept> {
        let name = NamePattern::new("a").unwrap();
        spans.iter().map(|span| Kept { name: name.clone(), span: (*span).to_owned() }).collect()
    }

    #[test]
    fn the_longest_time_is_said_and_never_a_guess() {
        assert_eq!(longest(&kept(&["session", "13 months", "1 year", "395 days"])), "13 months");
        assert_eq!(longest(&kept(&["2 years", "lasting", "session"])), "lasting");
        assert_eq!(longest(&kept(&["session"])), "session");
        assert_eq!(longest(&kept(&["2 years", "as long as you like"])), "");
        assert_eq!(longest(&kept(&["2 years", ""])), "");
        assert_eq!(longest(&[]), "");
    }

    #[test]
    fn times_have_one_form() {
        for bad in
            ["", "1 days", "2 day", "0 days", "1 week", "13months", "-1 days", "s", "1 ", "99999999999999999999 years"]
        {
            assert_eq!(minutes(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_said_twice_is_shown_once() {
        assert_eq!(once(kept(&["1 day", "lasting", "1 day"])), kept(&["1 day", "lasting"]));
    }
}
