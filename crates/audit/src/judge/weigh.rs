//! How grave a request or a kept thing is that nobody agreed to, by whose it is. Where and when it was seen this room does not
//! know.

use super::Level;
use super::marks;
use crate::seen::{Cookie, Entry, Kind, Request};
use crate::who::{Subject, Weight};

/// Whether a request carries or sets something by which its receiver knows the browser again.
pub(crate) fn identified(request: &Request) -> bool {
    !request.cookies.is_empty() || !request.set.is_empty()
}

/// How grave a request is; nothing where there is nothing to say.
pub(crate) fn request(subject: &Subject, identified: bool) -> Option<Level> {
    let catalogued = subject.service.is_some();
    match subject.weight {
        Weight::Free if subject.own || subject.declared => None,
        // The catalogue alone takes it for necessary; whether it is, on this page, a person must say.
        Weight::Free => Some(Level::Warning),
        Weight::Part | Weight::Unknown => Some(if identified { Level::Error } else { Level::Warning }),
        // Measurement may be exempt under conditions; a rule of a list may mean a path of the site's by chance.
        Weight::Tracker if subject.exempt || (subject.own && !catalogued) => Some(Level::Warning),
        Weight::Tracker => Some(Level::Error),
    }
}

/// How grave a bare connection is.
pub(crate) fn connection(subject: &Subject, port: u16) -> Option<Level> {
    match request(subject, false)? {
        // A name that was looked up tells the resolver, not the party.
        level if port == 0 => Some(level.min(Level::Warning)),
        level => Some(level),
    }
}

/// How grave a cookie is.
pub(crate) fn cookie(subject: &Subject, cookie: &Cookie) -> Option<Level> {
    if cookie.refused.is_some() {
        return None;
    }
    kept(subject, cookie.lifetime.is_some(), marks::telling(&cookie.value))
}

/// How grave an entry of a storage is.
pub(crate) fn entry(subject: &Subject, entry: &Entry) -> Option<Level> {
    let lasting = entry.kind != Kind::Session;
    // A worker or a cache of the site's own is how it works without a network.
    let works = matches!(entry.kind, Kind::ServiceWorker | Kind::Cache);
    if subject.own && subject.service.is_none() && !subject.choice && (works || !marks::telling(&entry.value)) {
        return Some(Level::Note);
    }
    kept(subject, lasting, marks::telling(&entry.value))
}

fn kept(subject: &Subject, lasting: bool, telling: bool) -> Option<Level> {
    let unsaid = subject.service.is_none();
    match subject.weight {
        _ if subject.choice => None,
        Weight::Free if subject.own && unsaid => Some(if lasting || telling { Level::Warning } else { Level::Note }),
        // The database knows what such a name is for elsewhere; here a person must see.
        Weight::Free if subject.own && subject.hearsay() => Some(Level::Warning),
        Weight::Free => None,
        Weight::Part => Some(Level::Error),
        Weight::Unknown => Some(if lasting || telling { Level::Error } else { Level::Warning }),
        Weight::Tracker if subject.exempt => Some(Level::Warning),
        Weight::Tracker if subject.hearsay() && !lasting => Some(Level::Warning),
        Weight::Tracker => Some(Level::Error),
    }
}
