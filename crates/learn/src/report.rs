//! What browsers send: reports of loads past a policy, in both forms, and names of what a page keeps. Bytes of
//! strangers: bounded, read once, and only what is asked for is taken from them.
//!
//! Forms: `application/csp-report` (CSP3 §5.3), `application/reports+json` (Reporting API §2.4), and our own JSON of names.

use crate::notebook::{Sight, What};
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// A longer body is not read.
pub const LONGEST: usize = 64 << 10;
/// So many reports of one body are read.
const REPORTS: usize = 100;
/// So many names of one kind are read.
const NAMES: usize = 200;

/// Why a body is not read. What was in it is not said: it may be anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadReport {
    /// It says it is something else.
    #[error("is neither a report nor a list of names")]
    Kind,
    /// It is too long.
    #[error("is longer than {LONGEST} bytes")]
    Long,
    /// It is not what it says.
    #[error("cannot be read")]
    Shape,
}

/// Reads a body of this media type that came from a page of the hosts `own` says yes to.
///
/// # Errors
/// When it is no report.
pub fn read(media: &str, body: &[u8], own: impl Fn(&str) -> bool) -> Result<Vec<Sight>, BadReport> {
    if body.len() > LONGEST {
        return Err(BadReport::Long);
    }
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/csp-report" => {
            let Old { report } = serde_json::from_slice(body).map_err(|_| BadReport::Shape)?;
            Ok(report.sight(&own).into_iter().collect())
        }
        "application/reports+json" => {
            let reports: Vec<Envelope> = serde_json::from_slice(body).map_err(|_| BadReport::Shape)?;
            let known = reports.into_iter().take(REPORTS).filter(|report| report.kind == "csp-violation");
            Ok(known.filter_map(|report| report.body.sight(&own)).collect())
        }
        "application/json" => {
            let names: Names = serde_json::from_slice(body).map_err(|_| BadReport::Shape)?;
            Ok(names.sights(&own))
        }
        _ => Err(BadReport::Kind),
    }
}

#[derive(Deserialize)]
struct Old {
    #[serde(rename = "csp-report")]
    report: Violation,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    body: Violation,
}

/// Of a violation only what is needed; browsers send more, and more is left where it is.
#[derive(Default, Deserialize)]
struct Violation {
    #[serde(default, alias = "documentURL", alias = "document-uri")]
    document: String,
    #[serde(default, alias = "blockedURL", alias = "blocked-uri")]
    blocked: String,
    #[serde(default, alias = "effectiveDirective", alias = "effective-directive")]
    directive: String,
    #[serde(default, alias = "sourceFile", alias = "source-file")]
    source: Option<String>,
}

impl Violation {
    /// What it tells: a load of a third party's. Words such as `inline`, and our own pages, tell nothing.
    fn sight(&self, own: &impl Fn(&str) -> bool) -> Option<Sight> {
        let page = Url::parse(&self.document).ok().filter(|url| url.host_str().is_some_and(own))?;
        let url =
            Url::parse(&self.blocked).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "ws" | "wss"))?;
        let host = url.host_str().filter(|host| !own(host))?.trim_end_matches('.').to_owned();
        let by = self.source.as_deref().and_then(|source| Url::parse(source).ok());
        let by = by.and_then(|by| by.host_str().map(|host| if own(host) { String::new() } else { host.to_owned() }));
        Some(Sight {
            what: What::Host(host, url.path().to_owned()),
            kind: kind(&self.directive).to_owned(),
            by,
            page: Some(page.path().to_owned()),
        })
    }
}

/// The kind of load a directive decides about.
fn kind(directive: &str) -> &'static str {
    // Older browsers put the sources behind the name.
    match directive.split_ascii_whitespace().next().unwrap_or_default() {
        "script-src" | "script-src-elem" | "script-src-attr" => "script",
        "style-src" | "style-src-elem" | "style-src-attr" => "style",
        "img-src" => "image",
        "connect-src" => "connect",
        "frame-src" | "child-src" => "frame",
        "font-src" => "font",
        "media-src" => "media",
        "form-action" => "form",
        "worker-src" => "worker",
        "object-src" => "object",
        "manifest-src" => "manifest",
        _ => "other",
    }
}

/// What our script for learning sends: names, each with the host of the script that was seen writing it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    page: String,
    cookie: BTreeMap<String, String>,
    local: BTreeMap<String, String>,
    session: BTreeMap<String, String>,
    database: BTreeMap<String, String>,
    cache: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
    worker: BTreeMap<String, String>,
    window: BTreeMap<String, String>,
}

impl Names {
    fn sights(self, own: &impl Fn(&str) -> bool) -> Vec<Sight> {
        let page = Some(self.page.chars().take(256).collect::<String>());
        let lists = [
            ("cookie", self.cookie),
            ("local", self.local),
            ("session", self.session),
            ("database", self.database),
            ("cache", self.cache),
            ("file", self.file),
            ("worker", self.worker),
            ("window", self.window),
        ];
        let sight = |kind: &str, name: String, by: &str| {
            let what = match kind {
                "cookie" => What::Cookie(name),
                "worker" => What::Stored(format!("sw:{name}")),
                _ => What::Stored(name),
            };
            // `?` where nobody was seen writing it.
            let by = (by != "?").then(|| if own(by) { String::new() } else { by.to_owned() });
            Sight { what, kind: kind.to_owned(), by, page: page.clone() }
        };
        let all = lists.into_iter().flat_map(|(kind, names)| names.into_iter().enumerate().map(move |one| (kind, one)));
        // What is past the bound has no name, so that a notebook counts it and keeps nothing of it.
        let named = |at: usize, name: String| if at < NAMES { name } else { String::new() };
        all.map(|(kind, (at, (name, by)))| sight(kind, named(at, name), &by)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(host: &str) -> bool {
        host == "news.test"
    }

    #[test]
    fn both_forms_of_a_violation_say_the_same() {
        let old = br#"{"csp-report":{"document-uri":"https://news.test/a?secret=1","referrer":"","violated-directive":"script-src-elem",
            "effective-directive":"script-src-elem","original-policy":"x","disposition":"report","blocked-uri":"https://ads.test/t.js?id=7",
            "source-file":"https://tags.test/tm.js","status-code":200,"script-sample":""}}"#;
        let new = br#"[{"age":1,"type":"csp-violation","url":"https://news.test/a","user_agent":"M","body":{"documentURL":"https://news.test/a?secret=1",
            "blockedURL":"https://ads.test/t.js?id=7","effectiveDirective":"script-src-elem","sourceFile":"https://tags.test/tm.js","disposition":"report"}},
            {"age":1,"type":"deprecation","url":"https://news.test/a","body":{"id":"x"}}]"#;
        let one = read("application/csp-report", old, own).unwrap();
        assert_eq!(one, read("application/reports+json; charset=utf-8", new, own).unwrap());
        let [Sight { what: What::Host(host, path), kind, by, page }] = &one[..] else { panic!("{one:?}") };
        assert_eq!((host.as_str(), path.as_str(), kind.as_str()), ("ads.test", "/t.js", "script"));
        assert_eq!((by.as_deref(), page.as_deref()), (Some("tags.test"), Some("/a")));
    }

    #[test]
    fn what_tells_nothing_is_passed_over_and_what_is_none_is_refused() {
        let of = |document: &str, blocked: &str| {
            let text = format!(r#"{{"csp-report":{{"document-uri":"{document}","blocked-uri":"{blocked}"}}}}"#);
            read("application/csp-report", text.as_bytes(), own).map(|sights| sights.len())
        };
        assert_eq!(of("https://news.test/", "inline"), Ok(0));
        assert_eq!(of("https://news.test/", "https://news.test/x.js"), Ok(0));
        assert_eq!(of("https://elsewhere.test/", "https://ads.test/x.js"), Ok(0), "a page of nobody's");
        assert_eq!(of("https://news.test/", "https://ads.test/x.js"), Ok(1));
        assert_eq!(read("text/plain", b"{}", own), Err(BadReport::Kind));
        assert_eq!(read("application/json", b"{", own), Err(BadReport::Shape));
        assert_eq!(read("application/csp-report", &vec![b' '; LONGEST + 1], own), Err(BadReport::Long));
        let many = format!("[{}]", vec![r#"{"type":"csp-violation","body":{"documentURL":"https://news.test/","blockedURL":"https://a.test/"}}"#; 300].join(","));
        assert_eq!(read("application/reports+json", many.as_bytes(), own).unwrap().len(), REPORTS);
    }

    #[test]
    fn names_past_the_bound_are_counted() {
        let word =
            |at: usize| format!("{at:05}").bytes().map(|digit| char::from(digit - b'0' + b'g')).collect::<String>();
        let keys: Vec<String> = (0..NAMES + 50).map(|at| format!("\"{}\":\"?\"", word(at))).collect();
        let text = format!(
            r#"{{"page":"/","cookie":{{{0}}},"local":{{}},"session":{{}},"database":{{}},"cache":{{}},"file":{{}},"worker":{{}},"window":{{}}}}"#,
            keys.join(",")
        );
        let mut book = crate::Notebook::default();
        read("application/json", text.as_bytes(), own).unwrap().iter().for_each(|sight| book.note(sight));
        assert_eq!((book.cookies.len(), book.left), (NAMES, 50));
    }

    #[test]
    fn names_come_with_who_wrote_them() {
        let text =
            br#"{"page":"/a","cookie":{"_ad_id":"ads.test","session":"?"},"local":{"theme":"news.test"},"session":{},
            "database":{},"cache":{},"file":{},"worker":{"/push.js":"?"},"window":{}}"#;
        let seen = read("application/json", text, own).unwrap();
        let by = |what: What| seen.iter().find(|sight| sight.what == what).unwrap().by.clone();
        assert_eq!(by(What::Cookie("_ad_id".into())).as_deref(), Some("ads.test"));
        assert_eq!(by(What::Cookie("session".into())), None);
        assert_eq!(by(What::Stored("theme".into())).as_deref(), Some(""));
        assert_eq!(by(What::Stored("sw:/push.js".into())), None);
        let value = br#"{"page":"/a","cookie":{"_ad_id":"ads.test"},"values":{"_ad_id":"secret"}}"#;
        assert_eq!(read("application/json", value, own), Err(BadReport::Shape), "nothing but names is read");
    }
}
