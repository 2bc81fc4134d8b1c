//! Every cookie that was set or came to be there, who set it, and whether it stays. Knows lines and what the browser keeps;
//! nothing of requests but their numbers.

use super::line::{self, Line};
use super::text::{VALUE, cut, text};
use crate::seen::{Cookie, Moment, SameSite, Setter};
use serde_json::Value;
use std::collections::HashMap;

/// Cookies kept in full, at most: a page that makes up names is no reason to run out of memory.
const MOST: usize = 20_000;
/// Who set one, at most.
const SETTERS: usize = 20;

/// Name, domain, path and partition.
type Key = (String, String, String, Option<String>);

/// Where in the walk something happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) visit: usize,
    pub(super) at: u64,
    pub(super) moment: Moment,
}

#[derive(Debug, Default)]
pub(super) struct Jar {
    cookies: Vec<Cookie>,
    known: HashMap<Key, usize>,
    pub(super) more: u64,
}

impl Jar {
    /// A line was read: the cookie it makes, changes or takes away. `refused` says why the browser did not keep it.
    pub(super) fn write(&mut self, line: Line, who: Setter, place: Place, rest: (Option<String>, Option<String>)) {
        let (partition, refused) = rest;
        let partition = partition.filter(|_| line.partitioned);
        let key = (line.name.clone(), line.domain.clone(), line.path.clone(), partition.clone());
        if line.gone() {
            // It takes away what is there; it is no cookie.
            if let Some(cookie) = self.known.get(&key).and_then(|known| self.cookies.get_mut(*known)) {
                cookie.stays = false;
            }
            return;
        }
        let Some(cookie) = self.entry(key, place) else { return };
        cookie.value = line.value;
        cookie.lifetime = line.lifetime.and_then(|lifetime| u64::try_from(lifetime).ok());
        (cookie.secure, cookie.http_only, cookie.same_site) = (line.secure, line.http_only, line.same_site);
        if refused.is_none() || cookie.setters.is_empty() {
            cookie.stays = refused.is_none();
            cookie.refused = refused;
        }
        cookie.setters.retain(|setter| *setter != Setter::Unseen);
        if cookie.setters.len() < SETTERS && !cookie.setters.contains(&who) {
            cookie.setters.push(who);
        }
    }

    /// A line was found in the network log: whoever set the cookie is known, and whether it stays only the browser says.
    pub(super) fn witness(&mut self, line: Line, who: Setter, place: Place) {
        if line.gone() {
            return;
        }
        let key = |partition| (line.name.clone(), line.domain.clone(), line.path.clone(), partition);
        let of = |key: &Key| key.0 == line.name && key.1 == line.domain && key.2 == line.path;
        let key = self.known.keys().find(|known| of(known)).cloned().unwrap_or_else(|| key(None));
        let fresh = !self.known.contains_key(&key);
        let Some(cookie) = self.entry(key, place) else { return };
        if fresh {
            cookie.value = line.value;
            cookie.lifetime = line.lifetime.and_then(|lifetime| u64::try_from(lifetime).ok());
            (cookie.secure, cookie.http_only, cookie.same_site) = (line.secure, line.http_only, line.same_site);
        }
        if place.at < cookie.at {
            (cookie.visit, cookie.at, cookie.moment) = (place.visit, place.at, place.moment);
        }
        cookie.setters.retain(|setter| *setter != Setter::Unseen);
        if cookie.setters.len() < SETTERS && !cookie.setters.contains(&who) {
            cookie.setters.push(who);
        }
    }

    fn entry(&mut self, key: Key, place: Place) -> Option<&mut Cookie> {
        if let Some(known) = self.known.get(&key) {
            return self.cookies.get_mut(*known);
        }
        if self.cookies.len() >= MOST {
            self.more += 1;
            return None;
        }
        let (name, domain, path, partition) = key.clone();
        self.known.insert(key, self.cookies.len());
        self.cookies.push(Cookie {
            name,
            value: String::new(),
            domain,
            path,
            lifetime: None,
            secure: false,
            http_only: false,
            same_site: SameSite::Unset,
            partition,
            visit: place.visit,
            at: place.at,
            moment: place.moment,
            setters: Vec::new(),
            stays: false,
            refused: None,
        });
        self.cookies.last_mut()
    }

    /// What the browser keeps, as `Storage.getCookies` says it, at `now` in seconds since 1970.
    pub(super) fn sweep(&mut self, cookies: &[Value], place: Place, now: f64) {
        for cookie in &mut self.cookies {
            cookie.stays = false;
        }
        for kept in cookies {
            let partition = partition(&kept["partitionKey"]);
            let key = (cut(text(kept, "name"), VALUE), text(kept, "domain").to_owned(), path(kept), partition);
            let Some(cookie) = self.entry(key, place) else { continue };
            cookie.stays = true;
            cookie.refused = None;
            cookie.value = cut(text(kept, "value"), VALUE);
            if cookie.setters.is_empty() {
                cookie.setters.push(Setter::Unseen);
                cookie.secure = kept["secure"].as_bool().unwrap_or_default();
                cookie.http_only = kept["httpOnly"].as_bool().unwrap_or_default();
                cookie.same_site = line::same(text(kept, "sameSite"));
                let left = kept["expires"].as_f64().filter(|at| *at > 0.0 && now > 0.0).map(|at| (at - now).max(0.0));
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds, not negative")]
                let left = left.map(|left| left.round() as u64);
                cookie.lifetime = left;
            }
        }
    }

    /// Hands out all, and keeps those that are still there as found, not seen written.
    pub(super) fn turn(&mut self) -> Vec<Cookie> {
        let gathered = std::mem::take(&mut self.cookies);
        self.known.clear();
        self.more = 0;
        for cookie in gathered.iter().filter(|cookie| cookie.stays) {
            let key = (cookie.name.clone(), cookie.domain.clone(), cookie.path.clone(), cookie.partition.clone());
            self.known.insert(key, self.cookies.len());
            let found = vec![Setter::Unseen];
            self.cookies.push(Cookie { visit: 0, at: 0, moment: Moment::Loading, setters: found, ..cookie.clone() });
        }
        gathered
    }
}

fn path(kept: &Value) -> String {
    cut(text(kept, "path"), VALUE)
}

/// The site a cookie is kept under, where it is partitioned.
pub(super) fn partition(key: &Value) -> Option<String> {
    let site = key.as_str().or_else(|| key["topLevelSite"].as_str())?;
    (!site.is_empty()).then(|| cut(site, VALUE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PLACE: Place = Place { visit: 2, at: 7, moment: Moment::Waiting };

    fn line(text: &str) -> Line {
        Line::read(text, "https://a.example/", 1e9).unwrap()
    }

    #[test]
    fn a_deletion_is_no_cookie_and_a_refusal_does_not_stay() {
        let mut jar = Jar::default();
        jar.write(line("gone=; max-age=0"), Setter::Answer(0), PLACE, (None, None));
        jar.write(line("kept=1"), Setter::Answer(1), PLACE, (None, None));
        jar.write(line("not=1"), Setter::Answer(2), PLACE, (None, Some("SecureOnly".to_owned())));
        jar.sweep(
            &[json!({ "name": "kept", "value": "1", "domain": "a.example", "path": "/", "expires": -1 })],
            PLACE,
            1e9,
        );
        let names: Vec<_> = jar.cookies.iter().map(|cookie| (cookie.name.as_str(), cookie.stays)).collect();
        assert_eq!(names, [("kept", true), ("not", false)]);
        assert_eq!(jar.cookies[1].refused.as_deref(), Some("SecureOnly"));
        assert_eq!(jar.cookies[0].setters, [Setter::Answer(1)]);
    }

    #[test]
    fn what_nobody_was_seen_writing_is_unseen_and_stays_so_after_a_turn() {
        let mut jar = Jar::default();
        let kept = json!({ "name": "a", "value": "1", "domain": ".example", "path": "/", "expires": 1e9 + 60.0 });
        jar.sweep(std::slice::from_ref(&kept), PLACE, 1e9);
        let first = jar.turn();
        assert_eq!(
            (first[0].setters.as_slice(), first[0].lifetime, first[0].visit),
            (&[Setter::Unseen][..], Some(60), 2)
        );
        jar.sweep(&[], PLACE, 1e9);
        let second = jar.turn();
        assert_eq!((second[0].visit, second[0].at, second[0].stays), (0, 0, false));
        assert!(jar.turn().is_empty());
    }
}
