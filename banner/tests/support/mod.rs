//! A policy with every built-in purpose, its face, and ways to look at what it draws.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use bandeau_banner::{Face, Inline, Site, View, purposes};
use bandeau_consent::{
    Choice, DataCategory, Decision, Draft, Feature, FeatureId, Kept, Language, NamePattern, Policy, PurposeId, Service,
    ServiceId, Source, Standing,
};
use std::sync::Arc;

pub fn id(read: &str) -> PurposeId {
    PurposeId::new(read).unwrap()
}

pub fn service(name: &str, purpose: &str, storage: &[&str]) -> Service {
    Service {
        id: ServiceId::new(name).unwrap(),
        name: format!("The {name}"),
        purposes: vec![id(purpose)],
        controller: format!("{name} Ltd"),
        privacy: format!("https://{name}.test/privacy"),
        data: vec![DataCategory::IpAddress, DataCategory::Browsing],
        retention: "13 months".into(),
        hosts: Vec::new(),
        cookies: Vec::new(),
        storage: storage.iter().map(|key| NamePattern::new(key).unwrap()).collect(),
        routes: Vec::new(),
        webrtc: false,
        kept: storage
            .iter()
            .map(|key| Kept { name: NamePattern::new(key).unwrap(), span: "13 months".into() })
            .collect(),
    }
}

pub fn draft() -> Draft {
    Draft {
        // Those a newspaper asks for.
        purposes: purposes().into_iter().take(7).collect(),
        services: vec![
            service("forum", "social", &["forum_*"]),
            service("player", "media", &["player", "forum_player_*", "open*"]),
            service("counter", "audience", &["count_*"]),
            service("quay", "advertising", &["count_ads*", "openads"]),
        ],
        features: vec![Feature {
            id: FeatureId::new("comments").unwrap(),
            needs: vec![id("social")],
            routes: Vec::new(),
            embeds: Vec::new(),
        }],
        ..Draft::default()
    }
}

pub fn site() -> Site {
    Site {
        name: "The Evening Gazette".into(),
        controller: "Gazette Ltd".into(),
        privacy: "/privacy".into(),
        languages: vec![Language::new("en").unwrap()],
        texts: Default::default(),
        theme: bandeau_banner::Theme::default(),
    }
}

pub fn face(draft: Draft) -> Face {
    Face::new(Arc::new(Policy::new(draft).unwrap()), &site(), &Language::new("en").unwrap())
}

pub fn view(standing: Standing) -> View<'static> {
    View { standing, gpc: false, back: "/story", style: Inline::Plain, script: Inline::File }
}

pub fn decided(face: &Face, draft: Draft, granted: &[&str]) -> Standing {
    let answers = face.notice().asked.iter().map(|asked| {
        let yes = granted.contains(&asked.purpose.as_str());
        (asked.purpose.as_str(), if yes { Choice::Grant } else { Choice::Refuse })
    });
    let decision = Decision::new(face.notice(), answers, Source::Settings).unwrap();
    Standing::Decided(decision.grants(&Policy::new(draft).unwrap()))
}

/// The first layer, empty where nobody is asked, and the settings.
pub fn layers(face: &Face, view: &View<'_>) -> (String, String) {
    let element = face.element(view);
    let first = element.find("<section").map_or(String::new(), |at| element[at..].to_owned());
    (first, face.layer(view))
}

/// The tags of a kind, as written.
pub fn tags<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    html.match_indices(&format!("<{name} ")).map(|(at, _)| &html[at..at + html[at..].find('>').unwrap()]).collect()
}

pub fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[from..].split('"').next()
}

/// What a browser without script sends when a form's named button is pressed: hidden fields and checked
/// switches, in the order of the document.
pub fn sent(form: &str) -> Vec<(String, String)> {
    tags(form, "input")
        .into_iter()
        .filter(|tag| tag.contains("type=\"hidden\"") || (tag.contains(" checked") && !tag.contains(" disabled")))
        .map(|tag| (attribute(tag, "name").unwrap().to_owned(), attribute(tag, "value").unwrap().to_owned()))
        .collect()
}
