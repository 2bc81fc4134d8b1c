//! The keys a site publishes, as an outsider reads them: a few lines of text at `/.well-known/bandeau/log/keys`. Knows
//! neither where they were fetched nor whose they are; that is for whoever has them to know.

use crate::log::LogKey;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;
use std::str::FromStr;

/// The first line.
const FORMAT: &str = "bandeau keys v1";

/// The public keys of one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The key that signs checkpoints of the log.
    pub log: LogKey,
    /// The keys that sign receipts. More than one where a key was changed: what the older one signed still stands.
    /// Invariant: not empty.
    pub receipts: Vec<[u8; 32]>,
}

/// Why a text is no file of keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no file of keys: {0}")]
pub struct NoKeys(String);

impl FromStr for Keys {
    type Err = NoKeys;

    fn from_str(text: &str) -> Result<Self, NoKeys> {
        let mut lines = text.trim_end().lines();
        if lines.next() != Some(FORMAT) {
            return Err(NoKeys(format!("its first line is not {FORMAT:?}")));
        }
        let (mut log, mut receipts) = (None, Vec::new());
        for line in lines {
            match line.split_once(' ') {
                Some(("log", vkey)) if log.is_none() => {
                    log = Some(LogKey::parse(vkey).map_err(|error| NoKeys(error.to_string()))?);
                }
                Some(("receipt", key)) => {
                    let key = STANDARD.decode(key).ok().and_then(|key| key.try_into().ok());
                    receipts
                        .push(key.ok_or_else(|| NoKeys("a key for receipts is not 32 bytes in base64".to_owned()))?);
                }
                _ => {
                    return Err(NoKeys(format!(
                        "this line is no key: {:?}",
                        line.chars().take(80).collect::<String>()
                    )));
                }
            }
        }
        match log {
            Some(log) if !receipts.is_empty() => Ok(Self { log, receipts }),
            _ => Err(NoKeys("one line \"log\" and one line \"receipt\" are needed".to_owned())),
        }
    }
}

/// The text as it is published.
impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORMAT}\nlog {}", self.log)?;
        self.receipts.iter().try_for_each(|key| writeln!(f, "receipt {}", STANDARD.encode(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str = include_str!("../../../../docs/spec/vectors/keys");

    #[test]
    fn keys_read_as_they_are_written() {
        let keys: Keys = KEYS.parse().unwrap();
        assert_eq!(keys.to_string(), KEYS);
        assert_eq!(KEYS.replace('\n', "\r\n").parse(), Ok(keys), "some programs change the ends of lines");
    }

    #[test]
    fn what_is_no_key_is_none() {
        let lines: Vec<&str> = KEYS.lines().collect();
        let mut wrong = vec![
            String::new(),
            "<!doctype html>".to_owned(),
            KEYS.replace("v1", "v2"),
            KEYS.replace("52abf7ab", "52abf7ac"),
            KEYS.replace("+AS", "+BA"),
            KEYS.replace("VMbg=", "VMbg"),
            format!("{KEYS}log {}\n", &lines[1][4..]),
            format!("{KEYS}witness x\n"),
        ];
        wrong.extend((0..3).map(|at| {
            lines.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, line)| format!("{line}\n")).collect()
        }));
        for text in wrong {
            assert!(text.parse::<Keys>().is_err(), "{text}");
        }
    }
}
