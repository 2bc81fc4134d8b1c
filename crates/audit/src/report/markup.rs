//! Foreign text, made harmless before it stands in HTML or XML. Everything a site says about itself goes through here:
//! addresses, names, words on buttons. Knows no report.

use std::fmt::{self, Write as _};

/// A text as it may stand in an element or in a quoted attribute, of HTML and of XML 1.0 alike. What [`tame`] takes
/// out is shown as U+FFFD: a name that reads backwards would hide what it is.
pub(super) struct Text<'t>(pub(super) &'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            other => f.write_char(tame(other)),
        })
    }
}

/// A letter that neither a terminal nor a reader is led astray by: U+FFFD in place of what XML 1.0 §2.2 does not allow, of
/// the controls of C1, and of what turns the direction of a text (UAX #9 §2).
pub(super) fn tame(letter: char) -> char {
    match letter {
        '\t' | '\n' => letter,
        letter if letter.is_control() => '\u{fffd}',
        '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        letter => letter,
    }
}

/// A text cut at so many characters, with an ellipsis where something is missing; escaped.
pub(super) struct Cut<'t>(pub(super) &'t str, pub(super) usize);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(self.1) {
            Some((end, _)) => write!(f, "{}…", Text(&self.0[..end])),
            None => write!(f, "{}", Text(self.0)),
        }
    }
}

/// A short foreign text as code, kept apart from the direction of the text around it.
pub(super) struct Code<'t>(pub(super) &'t str);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<code dir=\"ltr\">{}</code>", Cut(self.0, 180))
    }
}

/// A page of the site, to be opened by whoever reads the report. Only an address that begins with `http` or `https`
/// becomes a link; nothing that was loaded by a page does, so that no reader meets a tracker by a slip of the hand.
pub(super) struct Link<'t>(pub(super) &'t str);

impl fmt::Display for Link<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match url::Url::parse(self.0) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                write!(
                    f,
                    "<a dir=\"ltr\" rel=\"noreferrer noopener\" href=\"{}\">{}</a>",
                    Text(url.as_str()),
                    Cut(self.0, 120)
                )
            }
            _ => write!(f, "{}", Code(self.0)),
        }
    }
}

/// A colour as it was measured, where it is one: `#` and six digits. Anything else is nothing, so that it cannot become
/// something else in an attribute.
pub(super) fn colour(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('#')?;
    (digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_foreign_letter_opens_or_closes_anything(text in any::<String>()) {
            for out in [Text(&text).to_string(), Cut(&text, 7).to_string()] {
                prop_assert!(!out.contains(['<', '>', '"', '\'']));
                for (at, _) in out.match_indices('&') {
                    let rest = &out[at..];
                    prop_assert!(["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].iter().any(|known| rest.starts_with(known)));
                }
            }
            let code = Code(&text).to_string();
            prop_assert_eq!(code.matches('<').count(), 2);
            prop_assert_eq!(code.matches('"').count(), 2);
        }

        #[test]
        fn a_link_leads_to_the_web_or_nowhere(scheme in "(https?|javascript|data|file|vbscript|ftp)", rest in ".{0,40}") {
            let out = Link(&format!("{scheme}:{rest}")).to_string();
            prop_assert_eq!(out.matches('<').count(), 2);
            if out.contains("href") {
                prop_assert!(out.contains("href=\"http://") || out.contains("href=\"https://"));
                prop_assert!(out.contains("noreferrer"));
            }
        }
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        assert_eq!(Text("Été à l’ombre, 3 < 4").to_string(), "Été à l’ombre, 3 &lt; 4");
        assert_eq!(Text("a\u{202e}b\u{0}c\u{9b}\n").to_string(), "a\u{fffd}b\u{fffd}c\u{fffd}\n");
        assert_eq!(Cut("été", 2).to_string(), "ét…");
        assert_eq!(Cut("été", 3).to_string(), "été");
    }

    #[test]
    fn a_colour_is_six_digits() {
        assert_eq!(colour("#1a6B3f"), Some("#1a6B3f"));
        for wrong in ["#fff", "red", "#1a6b3f;x:y", "#1a6b3\u{e9}", "url(#a)", ""] {
            assert_eq!(colour(wrong), None, "{wrong}");
        }
    }
}
