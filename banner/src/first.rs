//! The first script: what runs before every script of a page, in frames it makes and in its workers, so that no name
//! is kept or read that is not granted. It does not know cookies or storage itself: `face/first.js` does.

use crate::assets::{self, Inline};
use crate::escape::Text;
use crate::rules;
use bandeau_consent::{Policy, Standing};
use std::fmt::Write as _;

/// A file can be lost on its way, what is inline cannot: then the page comes anew, once. It stands behind the first
/// script, which takes itself away.
const AMISS: &str = "(s=>{s.previousSibling?.src&&performance.navigation.type-1&&(stop(),location.reload());s.remove()})\
    (document.currentScript)";

/// What the first script is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    cookies: String,
    storage: String,
    hosts: Option<String>,
}

impl First {
    /// For a standing, and for a page from which only `hosts` can be gone to, where that is so.
    pub fn new(policy: &Policy, standing: Standing, hosts: Option<&[String]>) -> Self {
        Self {
            cookies: rules::cookies(policy, standing),
            storage: rules::storage(policy, standing),
            hosts: hosts.map(|hosts| hosts.join(" ")),
        }
    }

    /// As an element, which takes itself away once it ran; empty where there is nothing to keep out. `apart` says that
    /// it may be a file where it could be inline.
    pub fn element(&self, inline: Inline<'_>, apart: bool) -> String {
        if self.cookies.is_empty() && self.storage.is_empty() && self.hosts.is_none() {
            return String::new();
        }
        let mut data = inline.nonce();
        for (name, value) in self.told() {
            let _ = write!(data, " {name}=\"{}\"", Text(value));
        }
        let first = assets::first();
        match inline {
            Inline::File => format!("<script src=\"{}\"{data}></script>", first.path()),
            _ if apart && !self.serviced() => {
                format!("<script src=\"{}\"{data}></script><script{}>{AMISS}</script>", first.path(), inline.nonce())
            }
            _ => format!("<script{data}>{}</script>", first.text()),
        }
    }

    /// Whether a service worker may be there, which answers for files of ours as it likes.
    fn serviced(&self) -> bool {
        let kept = |rule: &str| {
            let name = rule.strip_prefix('+').map(|name| name.split('*').next().unwrap_or_default());
            name.is_some_and(|name| "sw:".starts_with(name) || name.starts_with("sw:"))
        };
        !self.storage.ends_with("-*") || self.storage.split(' ').any(kept)
    }

    /// As the beginning of a worker's script: one line, one statement.
    pub fn worker(&self) -> String {
        // Invariant: the file ends in the call for a document, which is exchanged for that of a worker.
        let text = assets::first().text().replace('\n', " ");
        let function = text.strip_suffix("(document.currentScript);").unwrap_or_default();
        format!("{function}({{dataset:{{cookies:{},storage:{}}}}},1);", quote(&self.cookies), quote(&self.storage))
    }

    /// Which keys of storage may be kept, as the scripts read it.
    pub fn storage(&self) -> &str {
        &self.storage
    }

    fn told(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let hosts = self.hosts.as_deref().map(|hosts| ("data-hosts", hosts));
        [("data-bandeau-first", ""), ("data-cookies", &self.cookies), ("data-storage", &self.storage)]
            .into_iter()
            .chain(hosts)
    }
}

/// A string of JavaScript. Name patterns have no control characters and no white space.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(cookies: &str) -> First {
        First { cookies: cookies.into(), storage: "-*".into(), hosts: Some("*.news.test cdn.test".into()) }
    }

    #[test]
    fn the_element_tells_and_is_escaped() {
        let element = told("+a\"b -*").element(Inline::Plain, false);
        assert!(element.starts_with(
            "<script data-bandeau-first=\"\" data-cookies=\"+a&quot;b -*\" data-storage=\"-*\" \
             data-hosts=\"*.news.test cdn.test\">!function "
        ));
        assert!(told("").element(Inline::Nonce("x"), false).starts_with("<script nonce=\"x\" data-"));
        assert!(told("").element(Inline::File, false).starts_with("<script src=\"/.well-known/bandeau/first."));
        let nothing = First { cookies: String::new(), storage: String::new(), hosts: None };
        assert_eq!(nothing.element(Inline::Plain, false), "");
    }

    #[test]
    fn it_is_a_file_only_where_nothing_answers_for_the_site() {
        let apart = |storage: &str| {
            let first = First { storage: storage.into(), ..told("-*") };
            first.element(Inline::Nonce("x"), true)
        };
        for (storage, file) in [
            ("+bandeau-place -*", true),
            ("+theme -sw:/push.js -*", true),
            ("+sw:/app.js -*", false),
            ("+s* -*", false),
            ("+* -*", false),
            ("-a", false),
        ] {
            let element = apart(storage);
            assert_eq!(element.starts_with("<script src="), file, "{storage}: {element}");
            assert_eq!(element.matches("nonce=\"x\"").count(), if file { 2 } else { 1 });
        }
    }

    #[test]
    fn a_worker_gets_one_line() {
        let worker = told("+é\"\\ -*").worker();
        assert!(!worker.contains('\n') && worker.is_ascii());
        assert!(worker.ends_with("}({dataset:{cookies:\"+\\u00e9\\\"\\\\ -*\",storage:\"-*\"}},1);"), "{worker}");
    }
}
