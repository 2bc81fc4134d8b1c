//! Vendors whose tools can be told of an answer: the words each of them takes in the configuration, its categories, and
//! the purposes each category stands for where the site says nothing else. It does not know how a tool is told:
//! `face/signals/*.js` do.

use std::fmt;

/// A vendor's tool, or what stands for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vendor {
    /// Google Consent Mode, version 2.
    Google,
    /// Microsoft Advertising's universal event tracking.
    Microsoft,
    /// Microsoft Clarity.
    Clarity,
    /// The Meta pixel.
    Meta,
    /// Matomo's tracker.
    Matomo,
    /// The WP Consent API of WordPress.
    WordPress,
    /// Shopify's Customer Privacy API.
    Shopify,
    /// An event in a tag manager's data layer.
    DataLayer,
}

/// What a category of a vendor's stands for.
pub(crate) struct Category {
    /// As the vendor spells it.
    pub(crate) name: &'static str,
    /// Services of the catalogue that it is about: where the site declares one, its purposes count.
    pub(crate) own: &'static [&'static str],
    /// Else these purposes, as far as the site has them.
    pub(crate) needs: Needs,
}

/// Which purposes a category needs.
pub(crate) enum Needs {
    /// These, as far as the site has them.
    These(&'static [&'static str]),
    /// Every one that sells or shares data.
    Sale,
}

const fn these(name: &'static str, needs: &'static [&'static str], own: &'static [&'static str]) -> Category {
    Category { name, own, needs: Needs::These(needs) }
}

const GOOGLE: [Category; 7] = [
    these("ad_storage", &["advertising"], &["google-ads"]),
    these("ad_user_data", &["advertising"], &["google-ads"]),
    these("ad_personalization", &["advertising"], &["google-ads"]),
    these("analytics_storage", &["audience-plus"], &["google-analytics"]),
    these("functionality_storage", &["technical"], &[]),
    these("personalization_storage", &["profile"], &[]),
    these("security_storage", &["technical"], &[]),
];
const MICROSOFT: [Category; 1] = [these("ad_storage", &["advertising"], &["microsoft-advertising"])];
const CLARITY: [Category; 2] = [
    these("ad_Storage", &["advertising"], &[]),
    these("analytics_Storage", &["audience-plus"], &["microsoft-clarity"]),
];
const META: [Category; 1] = [these("consent", &["advertising"], &["meta-pixel"])];
const MATOMO: [Category; 1] = [these("consent", &["audience"], &["matomo", "matomo-cloud"])];
const WORDPRESS: [Category; 5] = [
    these("functional", &["technical"], &[]),
    these("preferences", &["profile"], &[]),
    these("statistics-anonymous", &["audience"], &[]),
    these("statistics", &["audience-plus"], &[]),
    these("marketing", &["advertising"], &[]),
];
const SHOPIFY: [Category; 4] = [
    these("analytics", &["audience-plus"], &[]),
    these("marketing", &["advertising"], &[]),
    these("preferences", &["profile"], &[]),
    Category { name: "sale_of_data", own: &[], needs: Needs::Sale },
];

impl Vendor {
    /// All of them, in the order they are told: a tag manager hears of an answer when the tools it runs have.
    pub const ALL: [Self; 8] = [
        Self::Google,
        Self::Microsoft,
        Self::Clarity,
        Self::Meta,
        Self::Matomo,
        Self::WordPress,
        Self::Shopify,
        Self::DataLayer,
    ];

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Clarity => "clarity",
            Self::Meta => "meta",
            Self::Matomo => "matomo",
            Self::WordPress => "wordpress",
            Self::Shopify => "shopify",
            Self::DataLayer => "datalayer",
        }
    }

    /// The services of the catalogue whose use switches it on.
    pub(crate) fn services(self) -> &'static [&'static str] {
        match self {
            Self::Google => &["google-analytics", "google-ads", "google-tag-manager"],
            Self::Microsoft => &["microsoft-advertising"],
            Self::Clarity => &["microsoft-clarity"],
            Self::Meta => &["meta-pixel"],
            Self::Matomo => &["matomo", "matomo-cloud"],
            Self::Shopify => &["shopify"],
            Self::WordPress | Self::DataLayer => &[],
        }
    }

    pub(crate) fn categories(self) -> &'static [Category] {
        match self {
            Self::Google => &GOOGLE,
            Self::Microsoft => &MICROSOFT,
            Self::Clarity => &CLARITY,
            Self::Meta => &META,
            Self::Matomo => &MATOMO,
            Self::WordPress => &WORDPRESS,
            Self::Shopify => &SHOPIFY,
            Self::DataLayer => &[],
        }
    }

    /// What it is told with, where it is told.
    pub fn usual(self) -> &'static str {
        match self {
            Self::Matomo => "Consent",
            Self::Google | Self::DataLayer => "dataLayer",
            _ => "",
        }
    }

    /// Reads a word of the configuration: what it is told with.
    ///
    /// # Errors
    /// What was read and what would be accepted.
    pub fn read(self, word: &str) -> Result<Option<String>, String> {
        let told = |with: &str| Ok(Some(with.to_owned()));
        match (self, word) {
            (_, "off") => Ok(None),
            (Self::Google, "basic") => told(self.usual()),
            // Art. 5(3) ePrivacy: the unit is the request, and pings are requests.
            (Self::Google, "advanced") => Err("\"advanced\" loads Google's tags for who has not agreed and sends \
                 pings from their browser, which is reading and contacting without consent (ePrivacy art. 5(3)); the \
                 gateway holds those tags until they are granted: expected \"basic\", \"off\", true or false"
                .to_owned()),
            (Self::Matomo, "consent") => told(self.usual()),
            (Self::Matomo, "cookies") => told("CookieConsent"),
            (Self::WordPress, "cookies") => told("cookies"),
            (Self::DataLayer, name) if variable(name) => told(name),
            _ => Err(format!("{word:?} is no way to tell it: expected {}", self.accepted())),
        }
    }

    fn accepted(self) -> &'static str {
        match self {
            Self::Google => "\"basic\", \"off\", true or false",
            Self::Matomo => "\"consent\", \"cookies\", \"off\", true or false",
            Self::WordPress => "\"cookies\", \"off\", true or false",
            Self::DataLayer => "the name of a variable such as \"dataLayer\", \"off\", true or false",
            _ => "\"off\", true or false",
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that a script can write without quotes.
fn variable(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$'));
    first && name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_or_say_what_would_be() {
        assert_eq!(Vendor::Google.read("basic"), Ok(Some("dataLayer".into())));
        assert!(Vendor::Google.read("advanced").unwrap_err().contains("art. 5(3)"));
        assert_eq!(Vendor::Matomo.read("cookies"), Ok(Some("CookieConsent".into())));
        assert_eq!(Vendor::DataLayer.read("_layer2"), Ok(Some("_layer2".into())));
        assert_eq!(Vendor::Meta.read("off"), Ok(None));
        for (vendor, word) in [
            (Vendor::Meta, "on"),
            (Vendor::DataLayer, "a-b"),
            (Vendor::DataLayer, ""),
            (Vendor::DataLayer, "</script"),
            (Vendor::Shopify, "cookies"),
        ] {
            assert!(vendor.read(word).unwrap_err().contains("expected"), "{vendor} {word}");
        }
    }

    #[test]
    fn categories_stand_for_purposes_there_are() {
        let known: Vec<String> = crate::purposes().iter().map(|purpose| purpose.id.to_string()).collect();
        for vendor in Vendor::ALL {
            for category in vendor.categories() {
                assert!(category.own.iter().all(|own| vendor.services().contains(own)), "{vendor} {}", category.name);
                if let Needs::These(needs) = category.needs {
                    assert!(!needs.is_empty() && needs.iter().all(|id| known.iter().any(|known| known == id)));
                }
            }
        }
    }
}
