//! What a visitor answered, as it came: a form or JSON, in which order and spelling the browser likes.

use bandeau_consent::{Choice, Decision, Digest, Notice, Source};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// An answer's body may be this long.
pub(crate) const MOST: usize = 16 << 10;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Everything.
    Accept,
    /// Nothing.
    Refuse,
    /// An answer for each purpose.
    Choose(BTreeMap<String, Choice>),
    /// These purposes, the others as they stand.
    Allow(Vec<String>),
    /// These purposes for one embed, this once.
    Once(Vec<String>),
}

/// An answer before it is a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) wish: Wish,
    /// The notice that was answered.
    pub(crate) notice: Option<Digest>,
    pub(crate) source: Source,
    /// Where to go back to: a path of this site.
    pub(crate) back: String,
    /// Whether what was answered said that the signal of the browser is honoured.
    pub(crate) told: bool,
    /// The embed that is opened this once, as a query.
    pub(crate) frame: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    notice: Option<String>,
    answer: Option<String>,
    #[serde(default, deserialize_with = "distinct")]
    choices: Option<BTreeMap<String, String>>,
    #[serde(default)]
    purposes: Vec<String>,
    source: Option<String>,
    back: Option<String>,
    #[serde(default)]
    told: bool,
    #[serde(default)]
    frame: String,
}

/// Reads choices, of which none may be made in two ways: JSON would let the last one win unseen.
fn distinct<'de, D: Deserializer<'de>>(from: D) -> Result<Option<BTreeMap<String, String>>, D::Error> {
    struct Choices;

    impl<'de> Visitor<'de> for Choices {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an answer for each purpose")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut choices = BTreeMap::new();
            while let Some((purpose, choice)) = map.next_entry::<String, String>()? {
                let name: String = purpose.chars().take(48).collect();
                if choices.insert(purpose, choice.clone()).is_some_and(|before| before != choice) {
                    return Err(A::Error::custom(format!("two different answers for {name:?}")));
                }
            }
            Ok(choices)
        }
    }

    from.deserialize_map(Choices).map(Some)
}

impl Answer {
    /// Reads a form. A name that comes twice counts as it came last: that is how a switch overrules the
    /// hidden field before it.
    pub(crate) fn form(body: &[u8]) -> Result<Self, String> {
        let mut json = Json::default();
        let mut choices = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            match (&*name, name.strip_prefix("choice.")) {
                (_, Some(purpose)) => drop(choices.insert(purpose.to_owned(), value.into_owned())),
                ("notice", _) => json.notice = Some(value.into_owned()),
                ("answer", _) => json.answer = Some(value.into_owned()),
                ("purpose", _) => json.purposes.push(value.into_owned()),
                ("source", _) => json.source = Some(value.into_owned()),
                ("back", _) => json.back = Some(value.into_owned()),
                ("told", _) => json.told = value == "gpc",
                ("frame", _) => json.frame = value.into_owned(),
                // Fields that browsers and their extensions add are theirs.
                _ => {}
            }
        }
        if json.answer.as_deref() == Some("choose") {
            json.choices = Some(choices);
        }
        Self::make(json)
    }

    /// Reads JSON.
    pub(crate) fn json(body: &[u8]) -> Result<Self, String> {
        let json = serde_json::from_slice(body).map_err(|error| format!("the JSON cannot be read: {error}"))?;
        Self::make(json)
    }

    fn make(json: Json) -> Result<Self, String> {
        let wish = match (json.answer.as_deref(), json.choices) {
            (Some("accept"), _) => Wish::Accept,
            (Some("refuse"), _) => Wish::Refuse,
            (Some("allow"), _) if !json.purposes.is_empty() => Wish::Allow(json.purposes),
            (Some("once"), _) => Wish::Once(json.purposes),
            (Some("choose") | None, Some(choices)) => {
                Wish::Choose(choices.into_iter().map(choice).collect::<Result<_, _>>()?)
            }
            (read, _) => {
                return Err(format!(
                    "answer is {read:?}: expected accept, refuse, choose with an answer for each purpose, allow with a purpose, or once with a purpose and a frame"
                ));
            }
        };
        let source = match (json.source.as_deref(), &wish) {
            (Some(read), _) => match Source::parse(read) {
                Some(source @ (Source::Banner | Source::Settings | Source::Embed | Source::Withdrawal)) => source,
                _ => return Err(format!("source is {read:?}: expected banner, settings, embed or withdrawal")),
            },
            (None, Wish::Allow(_)) => Source::Embed,
            (None, _) => Source::Settings,
        };
        // It goes into an address: what is no query of plain characters names nothing.
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\');
        let frame = Some(json.frame).filter(|frame| frame.bytes().all(plain)).unwrap_or_default();
        let back = json.back.as_deref().map_or_else(|| "/".to_owned(), path);
        let notice = json.notice.as_deref().and_then(Digest::parse);
        Ok(Self { wish, notice, source, back, told: json.told, frame })
    }

    /// The decision this is on a notice; `open` says which purposes stand granted now.
    pub(crate) fn decide(
        &self,
        notice: &Notice,
        open: impl Fn(&bandeau_consent::PurposeId) -> bool,
    ) -> Result<Decision, String> {
        let text = |error: bandeau_consent::NotTotal| error.to_string();
        match &self.wish {
            Wish::Accept => Ok(Decision::uniform(notice, Choice::Grant, self.source)),
            Wish::Refuse => Ok(Decision::uniform(notice, Choice::Refuse, self.source)),
            Wish::Once(_) => Err("for this once there is no answer that stands".to_owned()),
            Wish::Choose(choices) => {
                let answers = choices.iter().map(|(name, choice)| (name.as_str(), *choice));
                Decision::new(notice, answers, self.source).map_err(text)
            }
            Wish::Allow(purposes) => {
                let known = |name: &String| notice.asked.iter().any(|asked| asked.purpose.as_str() == name);
                if let Some(name) = purposes.iter().find(|name| !known(name)) {
                    return Err(format!(
                        "an answer for {:?}, which was not asked",
                        name.chars().take(48).collect::<String>()
                    ));
                }
                let answers = notice.asked.iter().map(|asked| {
                    let granted = open(&asked.purpose) || purposes.iter().any(|name| name == asked.purpose.as_str());
                    (asked.purpose.as_str(), if granted { Choice::Grant } else { Choice::Refuse })
                });
                Decision::new(notice, answers, self.source).map_err(text)
            }
        }
    }
}

fn choice((name, read): (String, String)) -> Result<(String, Choice), String> {
    match Choice::parse(&read) {
        Some(choice) => Ok((name, choice)),
        None => Err(format!(
            "the answer for {:?} is {read:?}: expected grant or refuse",
            name.chars().take(48).collect::<String>()
        )),
    }
}

/// A path of this site to go back to; `/` for anything that a browser might take for another place.
pub(crate) fn path(read: &str) -> String {
    let plain = read.starts_with('/')
        && !read.starts_with("//")
        && read.len() <= 4096
        && read.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain { read.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_switch_overrules_the_field_before_it() {
        let answer =
            Answer::form(b"answer=choose&choice.ads=refuse&choice.ads=grant&choice.social=refuse&back=%2Fa%3Fb")
                .unwrap();
        let Wish::Choose(choices) = answer.wish else { panic!() };
        assert_eq!(choices["ads"], Choice::Grant);
        assert_eq!(choices["social"], Choice::Refuse);
        assert_eq!(answer.back, "/a?b");
    }

    #[test]
    fn accept_and_refuse_do_not_look_at_switches() {
        assert_eq!(Answer::form(b"choice.x=nonsense&answer=refuse").unwrap().wish, Wish::Refuse);
    }

    #[test]
    fn what_is_no_answer_is_told_what_would_be() {
        for (body, word) in [
            (&b""[..], "expected accept"),
            (b"answer=yes", "expected accept"),
            (b"answer=allow", "expected accept"),
            (b"answer=choose&choice.ads=1", "expected grant or refuse"),
            (b"answer=accept&source=mars", "expected banner"),
            (b"answer=accept&source=signal", "expected banner"),
        ] {
            let error = Answer::form(body).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
        assert!(Answer::json(b"{\"answer\":\"accept\",\"extra\":1}").is_err());
        assert!(Answer::json(b"{\"choices\":{\"ads\":\"grant\"}}").is_ok());
        assert!(Answer::json(b"{\"choices\":{\"ads\":\"grant\",\"ads\":\"grant\"}}").is_ok());
        let error = Answer::json(b"{\"choices\":{\"ads\":\"grant\",\"ads\":\"refuse\"}}").unwrap_err();
        assert!(error.contains("two different answers"), "{error}");
    }

    #[test]
    fn only_paths_of_this_site_are_gone_back_to() {
        for good in ["/", "/a?b=c", "/%2F%2Fevil"] {
            assert_eq!(path(good), good);
        }
        for bad in
            ["//evil.test", "/\\evil.test", "https://evil.test", "javascript:x", "/a\r\nSet-Cookie: x", "", "a", "/é"]
        {
            assert_eq!(path(bad), "/", "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_body_is_an_answer_or_an_error(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Answer::form(&body);
            let _ = Answer::json(&body);
        }
    }
}
