//! What an audit saw, as a notebook: third parties that were contacted, and names the site's own pages keep. What the law
//! makes of it is not its affair; what lists and databases say of a party is kept as a hint.

use crate::notebook::{Notebook, Sight, What};
use bandeau_audit::judge::Judgement;
use bandeau_audit::seen::{Audit, Entry, FORMAT, Kind, Run, Setter, Target};
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// Words on registrable domains: what somebody says of them, and whether that means that they follow people.
pub type Hints = BTreeMap<String, Vec<(String, bool)>>;

/// Why a file is no audit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadAudit {
    /// It is not its JSON.
    #[error("is no audit")]
    Json(#[from] serde_json::Error),
    /// It is of a version that is not read here.
    #[error("is an audit of format {0}: expected {FORMAT}")]
    Format(u32),
}

/// An audit with what was made of it, as reports keep both.
#[derive(Deserialize)]
struct Judged {
    audit: Audit,
    judgement: Option<Judgement>,
}

/// Reads the file of an audit, with its judgement or without.
///
/// # Errors
/// When it is none, or of another version.
pub fn read(text: &str) -> Result<(Notebook, Hints), BadAudit> {
    let value: serde_json::Value = serde_json::from_str(text)?;
    let judged = match value.get("audit") {
        Some(_) => serde_json::from_value(value)?,
        None => Judged { audit: serde_json::from_value(value)?, judgement: None },
    };
    if judged.audit.format != FORMAT {
        return Err(BadAudit::Format(judged.audit.format));
    }
    let parties = judged.judgement.into_iter().flat_map(|judgement| judgement.parties);
    let words = parties.filter(|party| !party.own && !party.words.is_empty()).map(|party| {
        let words = party.words.into_iter().map(|word| (format!("{} says {}", word.source, word.says), word.tracker));
        (party.domain, words.collect())
    });
    let hints = words.collect();
    Ok((gather(&judged.audit), hints))
}

/// What an audit saw.
pub fn gather(audit: &Audit) -> Notebook {
    let mut book = Notebook::default();
    for run in &audit.runs {
        let site = Site { audit, run };
        for at in 0..run.requests.len() {
            site.request(at).iter().for_each(|sight| book.note(sight));
        }
        for connection in run.connections.iter().filter(|one| !one.request && !site.own(&one.host)) {
            let what = What::Host(connection.host.clone(), String::new());
            book.note(&site.sight(what, "connect", None, connection.visit));
        }
        site.cookies().iter().for_each(|sight| book.note(sight));
        for entry in run.storage.iter().filter(|entry| site.at_home(&entry.origin)) {
            book.note(&site.stored(entry));
        }
    }
    book
}

/// One walk through the site.
struct Site<'a> {
    audit: &'a Audit,
    run: &'a Run,
}

fn host(address: &str) -> Option<String> {
    Some(Url::parse(address).ok()?.host_str()?.trim_end_matches('.').to_owned())
}

impl Site<'_> {
    fn own(&self, host: &str) -> bool {
        self.audit.own.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(name) => host.strip_suffix(name).is_some_and(|front| front.ends_with('.')),
            None => host == pattern,
        })
    }

    fn at_home(&self, origin: &str) -> bool {
        host(origin).is_some_and(|host| self.own(&host))
    }

    fn sight(&self, what: What, kind: &str, by: Option<String>, visit: usize) -> Sight {
        let by = by.map(|host| if self.own(&host) { String::new() } else { host });
        let page = self.run.visits.get(visit).and_then(|visit| Url::parse(&visit.landed).ok());
        Sight { what, kind: kind.to_owned(), by, page: page.map(|url| url.path().to_owned()) }
    }

    /// The request, where it left for a third party and is no page the visitor goes to.
    fn request(&self, at: usize) -> Option<Sight> {
        let request = &self.run.requests[at];
        let page = request.kind == "Document" && matches!(request.target, Target::Page | Target::Window);
        if page || !request.outcome.left() {
            return None;
        }
        let url = Url::parse(&request.url).ok()?;
        let to = url.host_str().map(|host| host.trim_end_matches('.').to_owned()).filter(|host| !self.own(host))?;
        let by = self.writer(&request.initiator.stack).or_else(|| host(&request.initiator.url));
        Some(self.sight(What::Host(to, url.path().to_owned()), kind(&request.kind), by, request.visit))
    }

    /// The innermost script that is not the site's; the site's where there is none.
    fn writer(&self, stack: &[String]) -> Option<String> {
        let hosts: Vec<String> = stack.iter().filter_map(|address| host(address)).collect();
        hosts.iter().find(|host| !self.own(host)).or(hosts.first()).cloned()
    }

    fn cookies(&self) -> Vec<Sight> {
        let ours = self.run.cookies.iter().filter(|cookie| self.own(cookie.domain.trim_start_matches('.')));
        let sights = ours.flat_map(|cookie| {
            let sight = |setter: &Setter| {
                let (kind, by) = match setter {
                    Setter::Answer(at) => {
                        let from = self.run.requests.get(*at).and_then(|request| host(&request.url));
                        ("set", from.filter(|host| !self.own(host)))
                    }
                    Setter::Script { stack, frame } => ("cookie", self.writer(stack).or_else(|| host(frame))),
                    Setter::Unseen => ("cookie", None),
                };
                self.sight(What::Cookie(cookie.name.clone()), kind, by, cookie.visit)
            };
            cookie.setters.iter().map(sight).collect::<Vec<_>>()
        });
        sights.collect()
    }

    fn stored(&self, entry: &Entry) -> Sight {
        let first = |end: char| entry.key.split(end).next().unwrap_or_default().to_owned();
        let (kind, name) = match entry.kind {
            Kind::Local => ("local", entry.key.clone()),
            Kind::Session => ("session", entry.key.clone()),
            Kind::Indexed => ("database", first('/')),
            Kind::Cache => ("cache", first(' ')),
            Kind::Files => ("file", entry.key.clone()),
            Kind::ServiceWorker => {
                let path = Url::parse(&entry.key).map_or_else(|_| entry.key.clone(), |url| url.path().to_owned());
                ("worker", format!("sw:{path}"))
            }
            Kind::Shared => ("shared", entry.key.clone()),
        };
        let by = match &entry.setter {
            Setter::Script { stack, frame } => self.writer(stack).or_else(|| host(frame)),
            Setter::Answer(_) | Setter::Unseen => None,
        };
        self.sight(What::Stored(name), kind, by, entry.visit)
    }
}

/// What a load is called in a notebook, from what the browser calls it.
fn kind(kind: &str) -> &'static str {
    match kind {
        "Script" => "script",
        "Stylesheet" => "style",
        "Image" => "image",
        "Document" => "frame",
        "Font" => "font",
        "Media" | "TextTrack" => "media",
        "Manifest" => "manifest",
        "Fetch" | "XHR" | "Ping" | "WebSocket" | "EventSource" | "Preflight" | "Prefetch" => "connect",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bandeau_audit::seen::{
        Connection, Cookie, End, From, Initiator, Limits, Moment, Outcome, Request, SameSite, Standing, Visit,
    };

    fn request(url: &str, kind: &str, stack: &[&str]) -> Request {
        let stack = stack.iter().map(|&one| one.to_owned()).collect();
        Request {
            visit: 0,
            at: 0,
            moment: Moment::Loading,
            url: url.into(),
            method: "GET".into(),
            kind: kind.into(),
            frame: "https://news.test/a".into(),
            target: if kind == "Document" { Target::Page } else { Target::Frame },
            initiator: Initiator { stack, ..Initiator::default() },
            redirect: None,
            outcome: Outcome::Answered,
            status: None,
            remote: None,
            cookies: Vec::new(),
            set: Vec::new(),
            referrer: None,
            body: None,
        }
    }

    fn cookie(name: &str, domain: &str, setter: Setter) -> Cookie {
        Cookie {
            name: name.into(),
            value: "secret".into(),
            domain: domain.into(),
            path: "/".into(),
            lifetime: None,
            secure: false,
            http_only: false,
            same_site: SameSite::Unset,
            partition: None,
            visit: 0,
            at: 0,
            moment: Moment::Loading,
            setters: vec![setter],
            stays: true,
            refused: None,
        }
    }

    fn entry(kind: Kind, key: &str) -> Entry {
        Entry {
            kind,
            origin: "https://news.test".into(),
            key: key.into(),
            value: String::new(),
            size: 0,
            visit: 0,
            at: 0,
            moment: Moment::Loading,
            setter: Setter::Unseen,
            stays: true,
        }
    }

    fn audit() -> Audit {
        let script = |stack: &[&str]| Setter::Script {
            stack: stack.iter().map(|&one| one.to_owned()).collect(),
            frame: "https://news.test/a".into(),
        };
        let ads = "https://ads.test/t.js?id=7";
        let visit = Visit {
            url: "https://news.test/a".into(),
            landed: "https://news.test/a".into(),
            from: From::Start,
            depth: 0,
            at: 0,
            loaded: Some(1),
            status: Some(200),
            title: String::new(),
            language: String::new(),
            end: End::Complete,
            more: 0,
            odd: Vec::new(),
            links: Vec::new(),
            picture: None,
        };
        let blocked =
            Request { outcome: Outcome::Blocked("csp".into()), ..request("https://held.test/", "Image", &[]) };
        let connection = Connection { host: "pre.test".into(), port: 443, at: 0, visit: 0, request: false };
        let run = Run {
            standing: Standing::Before,
            began: 0,
            reached: true,
            fault: None,
            chosen: 0,
            banner: None,
            steps: Vec::new(),
            visits: vec![visit],
            requests: vec![
                request("https://news.test/a", "Document", &[]),
                request(ads, "Script", &["https://www.news.test/own.js", "https://tags.test/tm.js"]),
                blocked,
            ],
            cookies: vec![
                cookie("_ad_id", "news.test", script(&[ads])),
                cookie("by_answer", ".news.test", Setter::Answer(0)),
                cookie("theirs", "ads.test", Setter::Unseen),
            ],
            storage: vec![entry(Kind::Indexed, "db/store"), entry(Kind::ServiceWorker, "https://news.test/sw.js")],
            connections: vec![connection],
        };
        Audit {
            format: FORMAT,
            version: "0".into(),
            browser: "x".into(),
            site: "https://news.test/".into(),
            own: vec!["news.test".into(), "*.news.test".into()],
            started: 0,
            took: 0,
            limits: Limits { pages: 1, depth: 1, wait: 0, patience: 0, delay: 0, requests: 1, robots: true },
            interrupted: None,
            runs: vec![run],
            aliases: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn an_audit_is_a_notebook_of_what_left_and_what_is_kept_at_home() {
        let text = serde_json::to_string(&audit()).unwrap();
        for text in [text.clone(), format!("{{\"audit\":{text},\"judgement\":null}}")] {
            let (book, hints) = read(&text).unwrap();
            assert!(hints.is_empty());
            assert_eq!(book.hosts.keys().collect::<Vec<_>>(), ["ads.test", "pre.test"], "nothing that was stopped");
            assert_eq!(book.hosts["ads.test"].by.keys().collect::<Vec<_>>(), ["tags.test"]);
            assert_eq!(book.hosts["ads.test"].kinds.keys().collect::<Vec<_>>(), ["script"]);
            assert_eq!(book.cookies.keys().collect::<Vec<_>>(), ["_ad_id", "by_answer"], "and nobody else's jar");
            assert_eq!(book.cookies["_ad_id"].by.keys().collect::<Vec<_>>(), ["ads.test"]);
            assert!(book.cookies["by_answer"].kinds.contains_key("set"));
            assert_eq!(book.storage.keys().collect::<Vec<_>>(), ["db", "sw:/sw.js"]);
            assert!(!book.text().unwrap().contains("secret"));
        }
        let other = Audit { format: 9, ..audit() };
        assert!(matches!(read(&serde_json::to_string(&other).unwrap()), Err(BadAudit::Format(9))));
        assert!(read("{}").is_err());
    }
}
