//! What a site says of itself before it is walked: `robots.txt`, and the sitemaps it names.

use super::fetch::File;
use super::{Fetch, Robots, Site, sitemap};
use std::collections::{HashSet, VecDeque};
use url::Url;

/// Sitemaps that are read, at most.
const MAPS: usize = 12;

/// Pages taken from sitemaps, at most: enough to choose from.
const PAGES: usize = 10_000;

/// What a site says of itself.
#[derive(Debug)]
pub struct Survey {
    /// What it asks of robots.
    pub robots: Robots,
    /// Pages its sitemaps list.
    pub pages: Vec<Url>,
    /// What an auditor should know.
    pub notes: Vec<String>,
}

/// Reads `robots.txt` at the root of an address's origin.
pub async fn rules(fetch: &Fetch, at: &Url) -> Robots {
    let file = ask(fetch, at).await;
    Robots::read(file.status, &file.body)
}

async fn ask(fetch: &Fetch, at: &Url) -> File {
    match at.join("/robots.txt") {
        Ok(url) => fetch.file(&url).await,
        Err(_) => File::default(),
    }
}

/// Reads `robots.txt` and the sitemaps of a site: those named there, or else the usual one.
pub async fn survey(fetch: &Fetch, start: &Url, site: &Site) -> Survey {
    let file = ask(fetch, start).await;
    let robots = Robots::read(file.status, &file.body);
    let mut notes = Vec::new();
    if !matches!(file.status, Some(..500)) {
        notes.push("robots.txt was not answered, which a robot must take for a refusal (RFC 9309): only pages that were named were visited".to_owned());
    }
    let mut queue: VecDeque<Url> = robots.sitemaps().iter().cloned().collect();
    if queue.is_empty() {
        queue.extend(start.join("/sitemap.xml"));
    }
    let (mut pages, mut read) = (Vec::new(), HashSet::new());
    while let Some(map) = queue.pop_front() {
        if read.len() == MAPS || pages.len() >= PAGES {
            notes.push(format!(
                "{} sitemaps were left unread: {} were read, with {} pages",
                queue.len() + 1,
                read.len(),
                pages.len()
            ));
            break;
        }
        if !matches!(map.scheme(), "http" | "https") || !read.insert(map.clone()) {
            continue;
        }
        let file = fetch.file(&map).await;
        if !matches!(file.status, Some(200..=299)) {
            continue;
        }
        let listing = sitemap::read(&file.body, &map);
        pages.extend(listing.pages.into_iter().filter(|page| site.walks(page)));
        queue.extend(listing.maps);
    }
    pages.truncate(PAGES);
    Survey { robots, pages, notes }
}
