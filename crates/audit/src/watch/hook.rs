//! What our script in the page tells, and what the browser tells of storages of advertising: who wrote which cookie and
//! which entry. A page could say the same words if it found the way out, so nothing here is trusted to be short or true to
//! form.

use super::desk::{Desk, Order};
use super::line::Line;
use super::store::Key;
use super::text::{LONG, address, cut, host, text};
use crate::seen::{Kind, Moment, Setter};
use serde_json::Value;

impl Desk {
    /// The script in the page says what another wrote.
    pub(super) fn called(&mut self, session: &str, params: &Value) -> Vec<Order> {
        if params["name"] != self.sessions.name.as_str() {
            return Vec::new();
        }
        let said = text(params, "payload");
        let parts: Vec<&str> = said.split('\u{1}').collect();
        let [kind, key, value, more, frame, stack] = parts[..] else { return Vec::new() };
        // A frame without an address of its own says whose it is; one without an origin keeps nothing.
        if !frame.starts_with("http") {
            return Vec::new();
        }
        let mut place = self.here(None);
        if let Some(visit) = self.sessions.get(session).and_then(|held| held.visit).filter(|at| *at != place.visit) {
            place.moment = if visit == usize::MAX { Moment::Leaving } else { place.moment };
        }
        let setter = Setter::Script { stack: scripts(stack, frame), frame: address(frame) };
        match kind {
            "cookie" => {
                let Some(line) = Line::read(value, frame, self.clock.date()) else { return Vec::new() };
                // A script cannot set what only the server may read.
                let line = Line { http_only: false, ..line };
                let under = line.partitioned.then(|| site(&self.page.url));
                let refused = (more == "not" && !line.gone() && above(&line.path, frame))
                    .then(|| "it was not there after it was set".to_owned());
                self.jar.write(line, setter, place, (under, refused));
            }
            "local" | "session" => {
                let kind = if kind == "local" { Kind::Local } else { Kind::Session };
                let Ok(url) = url::Url::parse(frame) else { return Vec::new() };
                let key = Key { kind, origin: url.origin().ascii_serialization(), key: key.to_owned() };
                let size = more.parse().unwrap_or_default();
                self.store.write(key, (value, size), setter, place);
            }
            _ => {}
        }
        Vec::new()
    }

    /// Storages of advertising, where the browser has them.
    pub(super) fn stored(&mut self, name: &str, params: &Value) -> Vec<Order> {
        let kind = text(params, "type");
        let (key, value) = match name {
            "interestGroupAccessed" if matches!(kind, "join" | "update") => (text(params, "name"), ""),
            "sharedStorageAccessed" if text(params, "method") == "set" || kind.ends_with("Set") => {
                (text(&params["params"], "key"), text(&params["params"], "value"))
            }
            _ => return Vec::new(),
        };
        let place = self.here(None);
        let key = Key { kind: Kind::Shared, origin: text(params, "ownerOrigin").to_owned(), key: cut(key, 1024) };
        self.store.write(key, (value, value.len() as u64), Setter::Unseen, place);
        Vec::new()
    }
}

/// What the browser keeps partitioned cookies under: the scheme and the registrable domain of the page (HTML, "site").
fn site(page: &str) -> String {
    let host = host(page);
    let named = host.parse::<std::net::IpAddr>().is_err() && !host.starts_with('[');
    let domain = psl::domain_str(&host).filter(|_| named).unwrap_or(&host);
    format!("{}://{domain}", page.split(':').next().unwrap_or_default())
}

/// Whether a page would see a cookie of that path.
fn above(path: &str, frame: &str) -> bool {
    url::Url::parse(frame).is_ok_and(|url| url.path().starts_with(path))
}

/// The scripts of a stack, the innermost first, without the document itself.
fn scripts(stack: &str, frame: &str) -> Vec<String> {
    let document = address(frame);
    let mut found: Vec<String> = Vec::new();
    for line in stack.lines() {
        let Some(start) = line.find("http://").or_else(|| line.find("https://")) else { continue };
        let rest = line[start..].trim_end_matches(')');
        // `address:line:column`
        let mut ends = rest.rmatch_indices(':');
        let end = match (ends.next(), ends.next()) {
            (Some(_), Some((end, _))) => end,
            _ => continue,
        };
        let url = cut(rest[..end].split('#').next().unwrap_or_default(), LONG);
        if url != document && !found.contains(&url) {
            found.push(url);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_sites() {
        assert_eq!(site("https://www.shop.example.co.uk/a?b"), "https://example.co.uk");
        assert_eq!(site("http://news.localhost:8080/"), "http://news.localhost");
        assert_eq!(site("http://127.0.0.1:8080/"), "http://127.0.0.1");
    }

    #[test]
    fn a_stack_names_its_scripts_once_and_not_the_document() {
        let stack = "Error\n    at tell (<anonymous>:5:1)\n    at Object.apply (<anonymous>:9:3)\n    at set \
                     (https://t.example/t.js?a=b:1:20)\n    at https://t.example/t.js?a=b:2:1\n    at \
                     https://a.example/page:3:9\n    at async f (https://u.example/u.js:1:1)";
        let found = scripts(stack, "https://a.example/page#x");
        assert_eq!(found, ["https://t.example/t.js?a=b", "https://u.example/u.js"]);
    }
}
