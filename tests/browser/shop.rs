//! A shop with every vendor's tool: recorders stand in its pages where each vendor's own snippet would, in its shape, and
//! what they must have heard after some answers is said here once.

use crate::driver::Browser;
use crate::site::{Site, page};
use crate::support::Gateway;
use http::HeaderValue;
use serde_json::{Value, json};

const SITE: &str = r##"
[site]
name = "Shop"
hosts = ["shop.localhost"]
controller = "Tests"
privacy = "/privacy"

[[service]]
id = "site"
purpose = "technical"
cookies = ["session", "wp_consent_*"]

[[service]]
id = "google-analytics"
purpose = "audience-plus"
hosts = ["analytics.test"]

[[service]]
id = "quay"
purpose = "advertising"
hosts = ["ads.test"]

[[service]]
id = "taste"
purpose = "profile"
hosts = ["taste.test"]
"##;

pub const EVERY: &str = r##"
[signals]
microsoft = true
clarity = true
meta = true
matomo = true
wordpress = true
shopify = true
datalayer = true

[signals.map.matomo]
consent = ["audience-plus"]
"##;

/// What the tools' own snippets leave in the page, and what shops and plugins do: all after ours, and none of it loads.
const RECORDERS: &str = r##"
const seen = { wordpress: [], shopify: [] };
window.dataLayer = window.dataLayer || [];
function gtag() { dataLayer.push(arguments); }
gtag('js', 'now');
gtag('config', 'G-TEST');
((name) => { window[name] = window[name] || []; window[name].push('pageLoad'); })('uetq');
((name) => { window[name] = window[name] || function () { (window[name].q = window[name].q || []).push(arguments); }; })('clarity');
clarity('event', 'seen');
((win) => {
  if (win.fbq) return;
  let stub;
  stub = win.fbq = function () { stub.callMethod ? stub.callMethod(...arguments) : stub.queue.push(arguments); };
  stub.push = stub;
  stub.queue = [];
})(window);
fbq('init', '1');
fbq('track', 'PageView');
var _paq = window._paq = window._paq || [];
_paq.push(['trackPageView']);
addEventListener('DOMContentLoaded', () => setTimeout(() => {
  for (const name of ['wp_consent_type_defined', 'wp_listen_for_consent_change']) document.addEventListener(name, ({ detail }) => {
    seen.wordpress.push(name === 'wp_consent_type_defined' ? wp_consent_type : detail);
  });
}));
window.Shopify = { loadFeatures(features, done) {
  seen.shopify.push(features[0].name);
  Shopify.customerPrivacy = {
    currentVisitorConsent: () => ({ marketing: '', analytics: '' }),
    setTrackingConsent(consent, done) { seen.shopify.push(consent); done(); },
  };
  setTimeout(done);
} };
const plain = (calls) => [...calls].map((call) => (/Arguments|Array/.test(Object.prototype.toString.call(call)) ? [...call] : call));
window.heard = () => ({
  // A command must be an arguments object, as the vendor's function pushes; an array is not read as one.
  google: dataLayer.filter((call) => String(call) === '[object Arguments]').map((call) => [...call]),
  layer: dataLayer.filter((call) => call.event),
  microsoft: [...uetq],
  clarity: plain(clarity.q),
  meta: plain(fbq.queue),
  matomo: plain(_paq),
  ...seen,
});
"##;

pub struct Shop {
    pub site: Site,
    pub gateway: Gateway,
    pub browser: Browser,
}

impl Shop {
    /// A shop whose configuration has this beside its services, and whose pages have this policy.
    pub async fn open(signals: &str, policy: Option<&'static str>) -> Self {
        let site = Site::start(move |seen| {
            if seen.path() == "/own.js" {
                return crate::site::typed("text/javascript", RECORDERS);
            }
            let own = match policy {
                Some(policy) if !policy.contains("nonce") => "<script src=/own.js></script>".to_owned(),
                _ => format!("<script nonce=abc>{RECORDERS}</script>"),
            };
            let mut answer = page(format!("<!doctype html><html lang=en><head><title>t</title>{own}</head><p>x"));
            if let Some(policy) = policy {
                answer.headers_mut().insert("content-security-policy", HeaderValue::from_static(policy));
            }
            answer
        })
        .await;
        let gateway = Gateway::start(&site.url, &format!("{signals}{SITE}"));
        Self { site, gateway, browser: Browser::start().await }
    }

    pub async fn visit(&self, state: &str) {
        self.browser.goto(&format!("http://shop.localhost:{}/", self.gateway.port)).await;
        self.browser.state(state).await;
    }

    /// Answers as the notice's form does, then opens the page anew: how the notice looks is shown elsewhere.
    pub async fn answer(&self, fields: &str, state: &str) {
        let post = format!(
            "(async () => {{ const notice = document.querySelector('bandeau-notice').dataset.notice; const answer = await \
             fetch('/.well-known/bandeau/decision', {{ method: 'POST', headers: {{ Accept: 'application/json' }}, \
             body: new URLSearchParams('notice=' + notice + '&{fields}') }}); return answer.status }})()"
        );
        assert_eq!(self.browser.settle(&post).await, json!(200));
        self.visit(state).await;
    }

    pub async fn read(&self, expression: &str) -> Value {
        self.browser.run(&format!("return {expression}")).await
    }

    /// What everybody has heard, once who listens late has.
    pub async fn heard(&self, late: usize) -> Value {
        self.browser.until(&format!("heard().wordpress.length >= {late}")).await;
        self.browser.until("heard().shopify.length !== 1").await;
        self.read("heard()").await
    }

    /// An answer for which the page does not come anew.
    pub async fn decide(&self, granted: &str) {
        let event = format!("new CustomEvent('bandeau:decision', {{ detail: {{ granted: {granted} }} }})");
        self.browser.run(&format!("document.dispatchEvent({event})")).await;
    }

    pub async fn close(self) {
        assert!(
            self.site.seen().iter().all(|seen| seen.header("cookie").is_none_or(|all| !all.contains("wp_consent")))
        );
        self.browser.close().await;
    }
}

fn word(granted: bool) -> &'static str {
    if granted { "granted" } else { "denied" }
}

/// What Google's tags are told when advertising, audience and profiles stand so.
fn google(kind: &str, ads: bool, audience: bool, profile: bool) -> Value {
    json!(["consent", kind, {
        "ad_storage": word(ads), "ad_user_data": word(ads), "ad_personalization": word(ads),
        "analytics_storage": word(audience), "functionality_storage": "granted",
        "personalization_storage": word(profile), "security_storage": "granted",
    }])
}

fn clarity(ads: bool, audience: bool) -> Value {
    json!(["consentv2", { "ad_Storage": word(ads), "analytics_Storage": word(audience) }])
}

fn wordpress(ads: bool, audience: bool, profile: bool) -> Value {
    let word = |granted| if granted { "allow" } else { "deny" };
    json!({ "functional": "allow", "preferences": word(profile), "statistics-anonymous": "deny",
        "statistics": word(audience), "marketing": word(ads) })
}

fn shopify(ads: bool, audience: bool, profile: bool) -> Value {
    json!({ "analytics": audience, "marketing": ads, "preferences": profile, "sale_of_data": ads && profile })
}

fn layer(event: &str, state: &str, (ads, audience, profile): (bool, bool, bool)) -> Value {
    json!({ "event": event, "bandeau": { "state": state, "purposes": {
        "technical": true, "audience-plus": audience, "profile": profile, "advertising": ads } } })
}

/// Whether answers were there when the page was loaded, or were given since.
#[derive(Clone, Copy)]
pub enum When {
    Loaded,
    Since,
}

/// An answer: the state it makes, and whether advertising, audience measurement and profiles are granted.
pub type Answer = (&'static str, (bool, bool, bool));

/// What everybody must have heard after these answers, in their order: the default, then one update for each.
pub fn expected(when: When, answers: &[Answer]) -> Value {
    let tell = |one: &dyn Fn(bool, bool, bool) -> Value| -> Vec<Value> {
        answers.iter().map(|(_, (ads, audience, profile))| one(*ads, *audience, *profile)).collect()
    };
    let told = |mut calls: Vec<Value>, updates: Vec<Value>| {
        match when {
            // What the page came with was said before the site's own calls.
            When::Loaded => drop(calls.splice(1..1, updates)),
            When::Since => calls.extend(updates),
        }
        Value::Array(calls)
    };
    let microsoft = answers
        .iter()
        .flat_map(|(_, (ads, ..))| [json!("consent"), json!("update"), json!({ "ad_storage": word(*ads) })]);
    let mut uet = vec![json!("consent"), json!("default"), json!({ "ad_storage": "denied" })];
    uet.extend(microsoft);
    let wordpress = [vec![json!("optin")], tell(&wordpress)].concat();
    let shopify: Vec<Value> =
        tell(&shopify).into_iter().flat_map(|said| [json!("consent-tracking-api"), said]).collect();
    let mut layers = vec![layer("bandeau_default", "undecided", NONE)];
    layers.extend(answers.iter().map(|(state, values)| layer("bandeau_update", state, *values)));
    let consented = google("default", false, false, false);
    json!({
        "google": told(
            vec![consented, json!(["js", "now"]), json!(["config", "G-TEST"])],
            tell(&|ads, audience, profile| google("update", ads, audience, profile)),
        ),
        "clarity": told(
            vec![clarity(false, false), json!(["event", "seen"])],
            tell(&|ads, audience, _| clarity(ads, audience)),
        ),
        "meta": told(
            vec![json!(["consent", "revoke"]), json!(["init", "1"]), json!(["track", "PageView"])],
            tell(&|ads, _, _| json!(["consent", if ads { "grant" } else { "revoke" }])),
        ),
        "matomo": told(
            vec![json!(["requireConsent"]), json!(["trackPageView"])],
            tell(&|_, audience, _| json!([if audience { "setConsentGiven" } else { "forgetConsentGiven" }])),
        ),
        "microsoft": uet,
        "wordpress": wordpress,
        "shopify": shopify,
        "layer": layers,
    })
}

/// Compares vendor by vendor, so that a failure names one. Microsoft's queue is compared without the tag's own call,
/// which is no consent.
pub fn same(mut heard: Value, expected: &Value) {
    heard["microsoft"].as_array_mut().unwrap().retain(|call| *call != "pageLoad");
    for (vendor, said) in expected.as_object().unwrap() {
        assert_eq!(heard[vendor], *said, "{vendor}");
    }
}

pub const ALL: (bool, bool, bool) = (true, true, true);
pub const NONE: (bool, bool, bool) = (false, false, false);
