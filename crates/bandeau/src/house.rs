//! The house: what every request shares. The part that comes from the configuration is one immutable
//! [`Estate`], swapped whole.

use crate::clock;
use crate::config::{Config, Limits};
use crate::keys::Secret;
use crate::learn::{Learner, Learning};
use arc_swap::ArcSwap;
use bandeau_banner::{Face, First, Inline, Phrases, Signals, View};
use bandeau_consent::{Digest, Hasher, Policy, Pseudonym};
use bandeau_gate::{Entry, Key, Means};
use bandeau_ledger::Ledger;
use http::HeaderValue;
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// What the configuration says, compiled.
pub(crate) struct Estate {
    pub(crate) policy: Arc<Policy>,
    pub(crate) upstream: Url,
    pub(crate) trust: Vec<IpAddr>,
    pub(crate) limits: Limits,
    pub(crate) compress: bool,
    pub(crate) means: Arc<Means>,
    /// Whether pages may be kept by shared caches that tell variants apart.
    pub(crate) variants: bool,
    /// The day the configuration last changed, where `/.well-known/gpc.json` is answered here.
    pub(crate) gpc_file: Option<String>,
    /// What browsers are told to clear when something is taken back.
    pub(crate) clear: Option<HeaderValue>,
    /// What scripts of a page are told of the answer.
    pub(crate) signals: Signals,
    /// What is learnt from traffic.
    pub(crate) learning: Learning,
    /// What pages depend on beside the visitor: this configuration and this program.
    edition: Digest,
    /// How long a choice stands, in seconds.
    pub(crate) keep: u64,
    // Invariant: never empty; first those of the configuration in its order, then all others there are.
    pub(crate) faces: Vec<Arc<Face>>,
    /// How many of the faces are offered to a browser that asks for languages; a page may have any.
    pub(crate) offered: usize,
}

/// What every request shares.
pub(crate) struct House {
    pub(crate) estate: ArcSwap<Estate>,
    pub(crate) key: Key,
    pub(crate) ledger: Ledger,
    /// What was learnt since it was last kept.
    pub(crate) learner: Learner,
    /// Whose grants were taken back by a receipt: a copy of what the book knows, so that a page asks nobody.
    pub(crate) revoked: ArcSwap<HashSet<Pseudonym>>,
}

impl Estate {
    pub(crate) fn new(config: &Config) -> Self {
        let learning = config.learning.clone();
        let site = &config.site;
        let faces = Face::every(&config.policy, site).into_iter().map(Arc::new).collect();
        Self {
            learning,
            policy: Arc::clone(&config.policy),
            upstream: config.upstream.clone(),
            trust: config.trust.clone(),
            limits: config.limits.clone(),
            compress: config.compress,
            means: Arc::clone(&config.means),
            variants: config.variants,
            gpc_file: config.gpc_file.then(|| clock::day(config.changed.unwrap_or_else(clock::seconds))),
            clear: clear(&config.clear),
            signals: config.signals.clone(),
            edition: Hasher::new("bandeau edition v1").field(config.digest.0).field(env!("CARGO_PKG_VERSION")).finish(),
            keep: config.book.keep.as_secs(),
            offered: site.languages.len(),
            faces,
        }
    }

    /// The face for a page's language, else for what the browser accepts of the site's languages, else the site's
    /// first.
    pub(crate) fn face(&self, page: Option<&str>, accepted: &str) -> &Arc<Face> {
        let page = page.and_then(|tag| speaks(&self.faces, tag));
        let asked = || preferred(accepted).into_iter().find_map(|tag| speaks(&self.faces[..self.offered], tag));
        page.or_else(asked).unwrap_or(&self.faces[0])
    }

    /// Names everything but the visitor's own standing that a page for who accepts these languages depends on.
    pub(crate) fn edition(&self, accepted: &str) -> Digest {
        let face = self.face(None, accepted);
        Hasher::new("bandeau face v1").field(self.edition.0).field(face.digest().0).finish()
    }

    /// The face whose notice this is.
    pub(crate) fn noticed(&self, hash: Digest) -> Option<&Arc<Face>> {
        self.faces.iter().find(|face| face.digest() == hash)
    }
}

/// The face that speaks a language, by its tag.
fn speaks<'f>(faces: &'f [Arc<Face>], tag: &str) -> Option<&'f Arc<Face>> {
    let primary = tag.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let spoken = Phrases::spoken(&primary);
    faces.iter().find(|face| face.notice().language.as_str() == spoken)
}

/// The languages a browser asks for, the dearest first; those of weight 0 are unwanted (RFC 9110 §12.5.4).
fn preferred(accepted: &str) -> Vec<&str> {
    let weighed = |part: &'_ str| {
        let weight = part.split(';').skip(1).find_map(|parameter| parameter.trim().strip_prefix("q="));
        // In thousandths, which is as fine as weights are.
        weight.map_or(1000, |weight| weight.trim().parse::<f32>().map_or(0, |weight| (weight * 1000.0) as u32))
    };
    let mut asked: Vec<(u32, &str)> =
        accepted.split(',').map(|part| (weighed(part), part.split(';').next().unwrap_or_default().trim())).collect();
    asked.retain(|(weight, tag)| *weight > 0 && !tag.is_empty());
    asked.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    asked.into_iter().map(|(_, tag)| tag).collect()
}

/// The value of `Clear-Site-Data`: a list of quoted strings (Clear Site Data §3.1).
fn clear(what: &[String]) -> Option<HeaderValue> {
    let list = what.iter().map(|what| format!("\"{what}\"")).collect::<Vec<_>>().join(", ");
    HeaderValue::from_str(&list).ok().filter(|value| !value.is_empty())
}

impl House {
    /// Moves in: derives the keys and opens the book.
    pub(crate) fn new(config: &Config, secret: &Secret) -> Result<Self, bandeau_ledger::Error> {
        let signer = bandeau_ledger::Signer::from_seed(secret.derive("bandeau receipt v1"));
        let ledger = Ledger::open(&config.book.store, signer, config.book.options())?;
        Ok(Self {
            estate: ArcSwap::from_pointee(Estate::new(config)),
            key: Key::new(secret.derive("bandeau token v1")),
            revoked: ArcSwap::new(ledger.revoked()),
            learner: Learner::default(),
            ledger,
        })
    }

    /// Learns whose grants were taken back by a receipt.
    pub(crate) fn heed(&self) {
        self.revoked.store(self.ledger.revoked());
    }
}

/// Draws one visitor's notice and placeholders, for the door.
pub(crate) struct Painter {
    pub(crate) estate: Arc<Estate>,
    /// The policy this visitor is under.
    pub(crate) policy: Arc<Policy>,
    /// Whether what is stored here is being learnt.
    pub(crate) learns: bool,
    pub(crate) accepted: String,
    pub(crate) standing: bandeau_consent::Standing,
    pub(crate) gpc: bool,
    pub(crate) back: String,
    pub(crate) style: Entry,
    pub(crate) script: Entry,
    /// Whether the answer's head lets a script in as a file too, by that entry.
    pub(crate) files: bool,
    /// Policies the page itself was seen to set, separated by commas.
    pub(crate) met: Mutex<String>,
    /// Where one can go from the page, if that is limited.
    pub(crate) hosts: Option<Vec<String>>,
}

fn inline(entry: &Entry) -> Inline<'_> {
    match entry {
        Entry::Plain => Inline::Plain,
        Entry::Nonce(nonce) => Inline::Nonce(nonce),
        Entry::File => Inline::File,
    }
}

impl Painter {
    /// The ways in that the page still allows, style and script.
    fn entries(&self) -> (Entry, Entry) {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        (self.style.clone().style_under(&met), self.script.clone().script_under(&met))
    }

    /// Whether a script that may be inline may be a file of this site as well.
    fn loads(&self, script: &Entry) -> bool {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        self.files && script.loads(&met)
    }

    fn told(&self) -> First {
        First::new(&self.policy, self.standing, self.hosts.as_deref())
    }

    fn view<'v>(&'v self, style: &'v Entry, script: &'v Entry) -> View<'v> {
        View { standing: self.standing, gpc: self.gpc, back: &self.back, style: inline(style), script: inline(script) }
    }
}

impl bandeau_gate::Face for Painter {
    fn meet(&self, policy: &str) {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        // A page that repeats itself without end is not remembered without end.
        if met.len() < 16 << 10 {
            met.push(',');
            met.push_str(policy);
        }
    }

    fn first(&self) -> String {
        let script = self.entries().1;
        // Who has answered comes again, and finds in the browser what the page would otherwise carry each time.
        let apart = !self.standing.asks() && self.loads(&script);
        let first = if self.estate.means.script { self.told().element(inline(&script), apart) } else { String::new() };
        let learn = if self.learns { bandeau_banner::learner(inline(&script)) } else { String::new() };
        first + &learn + &self.estate.signals.element(&self.estate.policy, self.standing, inline(&script), apart)
    }

    fn worker(&self) -> String {
        self.told().worker()
    }

    fn notice(&self, language: Option<&str>) -> String {
        let (style, script) = self.entries();
        self.estate.face(language, &self.accepted).element(&self.view(&style, &script))
    }

    fn placeholder(&self, language: Option<&str>, held: &bandeau_gate::Held<'_>) -> String {
        let embed = bandeau_banner::Embed {
            purpose: held.purpose,
            service: held.service,
            feature: held.feature,
            width: held.width,
            height: held.height,
            frame: held.link.map(|src| bandeau_banner::Frame { tag: held.tag, src, attributes: held.attributes }),
        };
        let (style, script) = self.entries();
        self.estate.face(language, &self.accepted).placeholder(&self.view(&style, &script), &embed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_heard_by_weight() {
        assert_eq!(preferred("fr;q=0.5, de-AT, en;q=0.8, it;q=0"), ["de-AT", "en", "fr"]);
        assert_eq!(preferred("*"), ["*"]);
        for nothing in ["", " , ;q=1", "fr;q=", "fr;q=x", "fr;q=-1"] {
            assert_eq!(preferred(nothing), [""; 0], "{nothing}");
        }
    }
}
