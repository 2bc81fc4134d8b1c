//! The shape of the file: what may be written where. Values that have a meaning of their own stay text here,
//! with their place, so that one wrong value does not hide the next.

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

pub(crate) type Text = Spanned<String>;

/// One or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Listen {
    One(String),
    Several(Vec<String>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    pub(crate) cert: String,
    pub(crate) key: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Site {
    pub(crate) name: String,
    pub(crate) hosts: Vec<Text>,
    pub(crate) controller: String,
    pub(crate) privacy: Text,
    #[serde(default)]
    pub(crate) languages: Vec<Text>,
    #[serde(default)]
    pub(crate) links: Vec<Text>,
    pub(crate) country: Option<Text>,
}

/// What the face says otherwise, by language.
pub(crate) type Texts = BTreeMap<Spanned<String>, toml::Table>;

/// How the face looks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Theme {
    pub(crate) layout: Option<Text>,
    pub(crate) scheme: Option<Text>,
    pub(crate) logo: Option<Text>,
    pub(crate) font: Option<Text>,
    pub(crate) title: Option<Text>,
    pub(crate) radius: Option<Text>,
    /// Colours by name; those by day.
    #[serde(default)]
    pub(crate) light: BTreeMap<String, Text>,
    /// Those by night.
    #[serde(default)]
    pub(crate) dark: BTreeMap<String, Text>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Book {
    pub(crate) store: Option<Text>,
    pub(crate) local: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) keep: Option<Text>,
    pub(crate) retain: Option<Text>,
    #[serde(default)]
    pub(crate) witness: Vec<Witness>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Witness {
    pub(crate) url: Text,
    pub(crate) key: Text,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    pub(crate) unknown: Option<Text>,
    pub(crate) connections: Option<Text>,
    pub(crate) script: Option<Text>,
    pub(crate) inline: Option<Text>,
    pub(crate) gpc_file: Option<bool>,
    #[serde(default)]
    pub(crate) clear: Vec<Text>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Http {
    pub(crate) compress: Option<bool>,
    pub(crate) variants: Option<bool>,
    #[serde(default)]
    pub(crate) trust: Vec<Text>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) connect: Option<Text>,
    pub(crate) answer: Option<Text>,
    pub(crate) idle: Option<Text>,
    pub(crate) head: Option<Text>,
    pub(crate) header_bytes: Option<Spanned<usize>>,
    pub(crate) connections: Option<Spanned<usize>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Admin {
    pub(crate) listen: Option<Text>,
}

/// What is learnt from traffic, and what `bandeau learn` has written here.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Learn {
    pub(crate) file: Option<String>,
    pub(crate) reports: Option<bool>,
    /// Kept by `bandeau learn`, which alone makes something of it: what it has offered, so that it does so once.
    #[serde(default)]
    #[expect(dead_code, reason = "read by `bandeau learn` from the text, and here only so that it is no stray key")]
    pub(crate) offered: Vec<String>,
    /// The same: a digest of every table it wrote, so that one a person has changed is told from one nobody has.
    #[serde(default)]
    #[expect(dead_code, reason = "as above")]
    pub(crate) wrote: BTreeMap<String, String>,
}

/// A word, or whether at all.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Switch {
    Whether(bool),
    Word(String),
}

pub(crate) type Said = Option<Spanned<Switch>>;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signals {
    pub(crate) window: Option<bool>,
    pub(crate) google: Said,
    pub(crate) microsoft: Said,
    pub(crate) clarity: Said,
    pub(crate) meta: Said,
    pub(crate) matomo: Said,
    pub(crate) wordpress: Said,
    pub(crate) shopify: Said,
    pub(crate) datalayer: Said,
    #[serde(default)]
    pub(crate) map: BTreeMap<String, BTreeMap<String, Vec<Text>>>,
}

/// A purpose; keys that are not known here are languages.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Purpose {
    pub(crate) id: Text,
    pub(crate) basis: Option<Text>,
    pub(crate) sale: Option<bool>,
    #[serde(flatten)]
    pub(crate) words: BTreeMap<String, Wording>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wording {
    pub(crate) title: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) cost: Option<String>,
}

/// A service: of the site's own, or from the catalogue (`use`), whose keys it then overrides.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    pub(crate) id: Option<Text>,
    #[serde(rename = "use")]
    pub(crate) from: Option<Text>,
    pub(crate) name: Option<String>,
    pub(crate) purpose: Option<Text>,
    pub(crate) purposes: Option<Vec<Text>>,
    pub(crate) controller: Option<String>,
    pub(crate) privacy: Option<String>,
    pub(crate) retention: Option<String>,
    pub(crate) data: Option<Vec<Text>>,
    pub(crate) hosts: Option<Vec<Text>>,
    pub(crate) cookies: Option<Names>,
    pub(crate) storage: Option<Names>,
    pub(crate) routes: Option<Vec<Text>>,
    pub(crate) webrtc: Option<bool>,
    /// In the catalogue only, as are those below: which shelf it is on.
    pub(crate) category: Option<Text>,
    /// Where the facts are from.
    pub(crate) source: Option<Text>,
    /// When they were checked.
    pub(crate) checked: Option<Text>,
    /// What it must recognise and what it must not.
    pub(crate) samples: Option<Spanned<Samples>>,
}

impl Service {
    /// What it serves, however it is written.
    pub(crate) fn serves(&self) -> Option<Vec<Text>> {
        let named = self.purpose.is_some() || self.purposes.is_some();
        named.then(|| self.purpose.iter().chain(self.purposes.iter().flatten()).cloned().collect())
    }
}

/// Names of cookies or keys, each with how long it is kept where the file says so: a list of names, or a table of
/// names and times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(pub(crate) Vec<(Text, Option<Text>)>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NamesVisitor)
    }
}

/// Read by hand: an untagged enum would lose the places.
struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of names, or a table of names and how long each is kept")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element()? {
            names.push((name, None));
        }
        Ok(Names(names))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Names, A::Error> {
        let mut names = Vec::new();
        while let Some((name, time)) = table.next_entry()? {
            names.push((name, Some(time)));
        }
        Ok(Names(names))
    }
}

/// What an entry of the catalogue must recognise and what it must not; a test asks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), allow(dead_code))]
pub(crate) struct Samples {
    #[serde(rename = "match")]
    pub(crate) hits: Vec<String>,
    #[serde(rename = "miss")]
    pub(crate) misses: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Feature {
    pub(crate) id: Text,
    pub(crate) needs: Vec<Text>,
    #[serde(default)]
    pub(crate) routes: Vec<Text>,
    #[serde(default)]
    pub(crate) embeds: Vec<Text>,
}
