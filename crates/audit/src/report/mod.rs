//! What was seen and what it comes to, shown to people and to machines: a page for a director and an engineer, and JSON,
//! SARIF, JUnit and plain text for programs and terminals. It shows what [`judge`](crate::judge) said and what
//! [`seen`](crate::seen) holds; it judges nothing itself, and it does not know a browser, a file or a clock.

mod bar;
mod compare;
mod html;
mod junit;
mod markup;
mod sarif;
mod text;
mod verdict;
mod whose;
mod words;

pub use bar::{Bar, fails};
pub use compare::{Comparison, Jar, Side, Stand, Turn, compare};
pub use html::html;
pub use junit::junit;
pub use sarif::sarif;
pub use text::text;

use crate::judge::Judgement;
use crate::seen::Audit;
use serde::{Deserialize, Serialize};

/// An audit and what came of it: the file `audit.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What was seen.
    pub audit: Audit,
    /// What the law makes of it.
    pub judgement: Judgement,
}

/// Why a file is not a report that can be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// It is not JSON, or was cut short.
    #[error("it is not JSON, or only a part of it: {0}")]
    Broken(String),
    /// It is JSON, but nothing an audit wrote.
    #[error("it is not the report of an audit: {0}")]
    Foreign(String),
    /// A later version of Bandeau wrote it.
    #[error(
        "its {part} has format {found}, and this version of bandeau reads format {known}: use the version that wrote it"
    )]
    Later {
        /// `audit` or `judgement`.
        part: &'static str,
        /// The format of the file.
        found: u64,
        /// The format that is known here.
        known: u32,
    },
    /// It says which format it has, and does not keep to it.
    #[error("it does not keep to its format: {0}")]
    Shape(String),
}

impl Report {
    /// Reads `audit.json`.
    ///
    /// # Errors
    ///
    /// When it is no report, is of a later format, or does not keep to its own.
    pub fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let whole: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| Unreadable::Broken(error.to_string()))?;
        version(&whole, "audit", crate::seen::FORMAT)?;
        version(&whole, "judgement", crate::judge::FORMAT)?;
        drop(whole);
        // Read again from the bytes, so that an error says in which line it is.
        serde_json::from_slice(bytes).map_err(|error| Unreadable::Shape(error.to_string()))
    }

    /// Writes `audit.json`: indented, fields in the order of the format, the same bytes for the same report.
    pub fn json(&self) -> String {
        pretty(self)
    }
}

/// Whether a part is there and of a format that is known.
fn version(whole: &serde_json::Value, part: &'static str, known: u32) -> Result<(), Unreadable> {
    let Some(found) = whole.get(part) else {
        return Err(Unreadable::Foreign(format!("there is no \"{part}\" in it")));
    };
    match found.get("format").and_then(serde_json::Value::as_u64) {
        None => Err(Unreadable::Foreign(format!("its \"{part}\" does not say which format it has"))),
        Some(found) if found > u64::from(known) => Err(Unreadable::Later { part, found, known }),
        Some(_) => Ok(()),
    }
}

/// A value as indented JSON with a line break at the end.
fn pretty<T: Serialize>(value: &T) -> String {
    // Keys are strings and numbers are finite or written as null, so that this cannot fail; an empty text would be
    // noticed by whoever reads it.
    let mut out = serde_json::to_string_pretty(value).unwrap_or_default();
    out.push('\n');
    out
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod schema;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_comes_back_as_it_was_written() {
        for report in [sample::newspaper(true, 2), sample::quiet(), sample::empty()] {
            let text = report.json();
            assert_eq!(Report::parse(text.as_bytes()).unwrap(), report);
            assert_eq!(Report::parse(format!("\u{feff}{text}").as_bytes()).unwrap().json(), text);
        }
    }

    #[test]
    fn what_is_no_report_is_refused_with_the_reason() {
        let good = sample::empty().json();
        let later = good.replacen("\"format\": 1", "\"format\": 2", 1);
        let odd = good.replacen("\"started\"", "\"begun\"", 1);
        for (bytes, says) in [
            (&b""[..], "not JSON"),
            (&good.as_bytes()[..good.len() / 2], "only a part"),
            (b"[1]", "no \"audit\""),
            (br#"{"audit":{"format":1}}"#, "no \"judgement\""),
            (br#"{"audit":{},"judgement":{}}"#, "which format"),
            (later.as_bytes(), "has format 2, and this version of bandeau reads format 1"),
            (odd.as_bytes(), "unknown field `begun`"),
        ] {
            let error = Report::parse(bytes).unwrap_err().to_string();
            assert!(error.contains(says), "{error:?} does not say {says:?}");
        }
    }
}
