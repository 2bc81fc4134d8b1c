//! Notices: what was put to the person. Two notices that say the same are the same.

use crate::{DataCategory, Digest, Hasher, Kept, Language, PurposeId, ServiceId, Wording};

/// The words on the three buttons. Neither accepting nor refusing can be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// On the button that grants every purpose.
    pub accept: String,
    /// On the button that refuses every purpose.
    pub refuse: String,
    /// On the button that opens the second layer.
    pub choose: String,
}

/// A service as the notice shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its name in the policy.
    pub service: ServiceId,
    /// Its name for people.
    pub name: String,
    /// Who is responsible.
    pub controller: String,
    /// Its privacy page; may be empty.
    pub privacy: String,
    /// What it receives.
    pub data: Vec<DataCategory>,
    /// How long identifiers stay on the device; may be empty.
    pub retention: String,
    /// Its names on the device, each with how long it is kept.
    pub kept: Vec<Kept>,
}

/// One purpose as the notice shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its name in the policy.
    pub purpose: PurposeId,
    /// Its words in the notice's language.
    pub wording: Wording,
    /// Who is behind it.
    pub services: Vec<Shown>,
}

/// What was put to the person, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The language it speaks.
    pub language: Language,
    /// The site's name.
    pub site: String,
    /// Who is responsible for the site.
    pub controller: String,
    /// Link to the privacy policy.
    pub privacy: String,
    /// The headline.
    pub title: String,
    /// The sentences under it.
    pub text: String,
    /// The words on the buttons.
    pub labels: Labels,
    /// The purposes that were asked, in order.
    pub asked: Vec<Asked>,
    /// The purposes that are exempt: shown, not asked.
    pub fixed: Vec<Asked>,
    /// The categories of data, with their names in this language.
    pub data: Vec<(DataCategory, String)>,
}

impl Notice {
    /// Its identity: a digest of everything it says.
    pub fn hash(&self) -> Digest {
        let mut hasher = Hasher::new("bandeau notice v1").list([
            self.language.as_str(),
            &self.site,
            &self.controller,
            &self.privacy,
            &self.title,
            &self.text,
            &self.labels.accept,
            &self.labels.refuse,
            &self.labels.choose,
        ]);
        for group in [&self.asked, &self.fixed] {
            hasher = hasher.field((group.len() as u64).to_be_bytes());
            for asked in group {
                hasher = asked.hash(hasher);
            }
        }
        hasher.list(self.data.iter().flat_map(|(category, name)| [category.as_str(), name])).finish()
    }
}

impl Asked {
    fn hash(&self, hasher: Hasher) -> Hasher {
        let words = &self.wording;
        let hasher = hasher.list([self.purpose.as_str(), &words.title, &words.text, &words.cost]);
        let hasher = hasher.field((self.services.len() as u64).to_be_bytes());
        self.services.iter().fold(hasher, |hasher, shown| {
            hasher
                .list([shown.service.as_str(), &shown.name, &shown.controller, &shown.privacy, &shown.retention])
                .list(shown.data.iter().map(|category| category.as_str()))
                .list(shown.kept.iter().flat_map(|kept| [kept.name.as_str(), &kept.span]))
        })
    }
}
