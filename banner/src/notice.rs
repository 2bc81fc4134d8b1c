//! The notice as data: what is put to the person, made of a policy, a site and our phrases. Its hash is
//! what an answer answers, so everything the first layer says of purposes and services is in it.

use crate::escape::fill;
use crate::{Phrases, Theme};
use bandeau_consent::{Asked, DataCategory, Labels, Language, Notice, Policy, Purpose, Service, Shown};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is said of the site.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// Who is responsible for it.
    pub controller: String,
    /// Link to its privacy policy; may be empty.
    pub privacy: String,
    /// Its languages, the fallback first.
    pub languages: Vec<Language>,
    /// Words it says otherwise, whole, by language.
    pub texts: BTreeMap<Language, Arc<Phrases>>,
    /// What it gives the face to look like itself.
    pub theme: Theme,
}

impl Site {
    /// The words of a language: its own, else ours.
    pub(crate) fn phrases(&self, language: &Language) -> Option<Arc<Phrases>> {
        self.texts.get(language).or_else(|| Phrases::builtin(language.as_str())).cloned()
    }
}

/// Puts a policy into words.
pub(crate) fn compose(policy: &Policy, site: &Site, language: &Language, phrases: &Phrases) -> Notice {
    let words = &phrases.notice;
    let fallback = site.languages.first().unwrap_or(language);
    let put = |purpose: &Purpose| Asked {
        purpose: purpose.id.clone(),
        wording: purpose.words(language, fallback).cloned().unwrap_or_default(),
        services: policy.services(&purpose.id).map(shown).collect(),
    };
    let count = behind(policy).count();
    let services = match count {
        0 => words.services_none.clone(),
        count => phrases.count(&words.services, count),
    };
    let values = [("site", site.name.as_str()), ("controller", &site.controller), ("services", &services)];
    Notice {
        language: language.clone(),
        site: site.name.clone(),
        controller: site.controller.clone(),
        privacy: site.privacy.clone(),
        title: fill(&words.title, &values),
        text: fill(&words.text, &values),
        labels: Labels { accept: words.accept.clone(), refuse: words.refuse.clone(), choose: words.choose.clone() },
        asked: policy.asked().map(put).collect(),
        fixed: policy.exempt().map(put).collect(),
        data: DataCategory::ALL
            .iter()
            .filter(|category| behind(policy).any(|service| service.data.contains(category)))
            .map(|&category| (category, phrases.category(category).to_owned()))
            .collect(),
    }
}

/// The services behind what is asked, each once.
fn behind(policy: &Policy) -> impl Iterator<Item = &Service> {
    let asked = |service: &&Service| policy.asked().any(|purpose| service.purposes.contains(&purpose.id));
    policy.draft().services.iter().filter(asked)
}

fn shown(service: &Service) -> Shown {
    Shown {
        service: service.id.clone(),
        name: service.name.clone(),
        controller: service.controller.clone(),
        privacy: service.privacy.clone(),
        data: service.data.clone(),
        retention: service.retention.clone(),
        kept: service.kept.clone(),
    }
}
