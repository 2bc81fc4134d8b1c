//! Image candidates (HTML §4.8.4.3.10): the list without those that may not load.

/// The candidates whose address passes, and whether any did not.
pub(crate) fn filter(srcset: &str, passes: impl Fn(&str) -> bool) -> (String, bool) {
    let mut kept: Vec<&str> = Vec::new();
    let mut held = false;
    let mut rest = srcset;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            break;
        }
        let url_end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let url = rest[..url_end].trim_end_matches(',');
        // A comma at the end of the address ends the candidate; otherwise descriptors follow it.
        let end = if url.len() < url_end { url_end } else { url_end + descriptors(&rest[url_end..]) };
        if passes(url) {
            kept.push(rest[..end].trim_end_matches(|c: char| c == ',' || c.is_ascii_whitespace()));
        } else {
            held = true;
        }
        rest = &rest[end..];
    }
    (kept.join(", "), held)
}

/// The length of the descriptors before the next comma that is not in parentheses.
fn descriptors(text: &str) -> usize {
    let mut depth = 0;
    let comma = text.find(|c| {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    comma.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keeps_what_passes() {
        let passes = |url: &str| !url.contains("t.test");
        for (read, kept, held) in [
            ("a.png 1x, //t.test/b.png 2x", "a.png 1x", true),
            ("//t.test/a,b.png", "", true),
            ("a.png,//t.test/b.png 2x", "", true),
            ("a.png, b.png 2x", "a.png, b.png 2x", false),
            ("x 1x (a, //t.test), y", "x 1x (a, //t.test), y", false),
            (" , ", "", false),
        ] {
            assert_eq!(filter(read, passes), (kept.to_owned(), held), "{read}");
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_holds_nothing(srcset in "[at/, ().1x\n]{0,40}") {
            let passes = |url: &str| !url.contains('t');
            let (kept, _) = filter(&srcset, passes);
            prop_assert!(!filter(&kept, passes).1, "{kept:?}");
        }
    }
}
