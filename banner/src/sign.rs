//! Signs: which kind of thing a placeholder stands for, and the quiet drawing that says so. It goes by what is known
//! of the embed: its feature, its element, the name and purpose of its service. It decides nothing else.

use crate::embed::Embed;

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Video,
    Map,
    Audio,
    Social,
    Comments,
    Chat,
    Font,
    Other,
}

/// Well-known services of the purposes for players and social networks whose embeds are sounds, maps or comments.
const AUDIO: [&str; 15] = [
    "acast",
    "audio",
    "ausha",
    "bandcamp",
    "buzzsprout",
    "deezer",
    "libsyn",
    "mixcloud",
    "music",
    "podbean",
    "podcast",
    "radio",
    "soundcloud",
    "spotify",
    "transistor",
];
const MAPS: [&str; 4] = ["map", "geoportail", "openstreet", "here"];
const COMMENTS: [&str; 9] =
    ["comment", "coral", "discourse", "disqus", "giscus", "hyvor", "isso", "openweb", "utterances"];

impl Kind {
    pub(crate) fn of(embed: &Embed<'_>) -> Self {
        let feature = embed.feature.and_then(|feature| Self::named(feature.id.as_str()));
        let tag = embed.frame.and_then(|frame| match frame.tag {
            "video" => Some(Self::Video),
            "audio" => Some(Self::Audio),
            _ => None,
        });
        feature.or(tag).unwrap_or_else(|| Self::served(embed))
    }

    /// By a feature's name.
    fn named(feature: &str) -> Option<Self> {
        Some(match feature {
            "video" => Self::Video,
            "map" => Self::Map,
            "podcast" => Self::Audio,
            "share" | "social" => Self::Social,
            "comments" => Self::Comments,
            "chat" => Self::Chat,
            "font" => Self::Font,
            _ => return None,
        })
    }

    /// By the service and what it is for.
    fn served(embed: &Embed<'_>) -> Self {
        let id = embed.service.map_or("", |service| service.id.as_str());
        let among = |words: &[&str]| words.iter().any(|word| id.contains(word));
        match embed.purpose.id.as_str() {
            "media" | "social" | "resources" if among(&AUDIO) => Self::Audio,
            "media" | "resources" if among(&MAPS) => Self::Map,
            "social" if among(&COMMENTS) => Self::Comments,
            "media" => Self::Video,
            "social" => Self::Social,
            "support" => Self::Chat,
            "resources" if id.contains("font") => Self::Font,
            _ => Self::Other,
        }
    }

    /// The class by which the style knows it, where it does.
    pub(crate) fn class(self) -> &'static str {
        match self {
            // A film is dark before it begins.
            Self::Video => " v",
            _ => "",
        }
    }

    /// The drawing: lines on a square of 24, in the colour of the text.
    pub(crate) fn draw(self) -> String {
        let lines = match self {
            Self::Video => {
                "<circle cx=\"12\" cy=\"12\" r=\"10.5\"/><path d=\"m9.7 7.6 7 4.4-7 4.4z\" fill=\"currentColor\"/>"
            }
            Self::Map => {
                "<path d=\"M12 21.5s7-6.6 7-12a7 7 0 0 0-14 0c0 5.4 7 12 7 12z\"/><circle cx=\"12\" cy=\"9.5\" r=\"2.5\"/>"
            }
            Self::Audio => "<path d=\"M3.5 18v-5.5a8.5 8.5 0 0 1 17 0V18M7 14H3.5v6H7zm10 0h3.5v6H17z\"/>",
            Self::Social => {
                "<circle cx=\"18\" cy=\"5\" r=\"3\"/><circle cx=\"6\" cy=\"12\" r=\"3\"/><circle cx=\"18\" cy=\"19\" r=\"3\"/><path d=\"m8.6 10.5 6.8-4m-6.8 7 6.8 4\"/>"
            }
            Self::Comments => "<path d=\"M3 4h18v13h-9l-5 4v-4H3zm4.5 4.5h9m-9 4h6\"/>",
            Self::Chat => "<path d=\"M2.5 3.5h13v9H9l-3.5 3v-3h-3zm16 5h3v9h-3v3l-3.5-3H9.5\"/>",
            Self::Font => "<path d=\"M4 7V4h16v3M12 4v16m-3.5 0h7\"/>",
            Self::Other => "<path d=\"M13 4H4v16h16v-9M15 3h6v6m0-6-9.5 9.5\"/>",
        };
        format!("<svg class=\"i\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">{lines}</svg>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Frame;
    use bandeau_consent::{Basis, Feature, FeatureId, Purpose, PurposeId, Service, ServiceId};

    fn kind(purpose: &str, service: &str, feature: &str, tag: &str) -> Kind {
        let id = |read: &str| PurposeId::new(read).unwrap();
        let purpose = Purpose { id: id(purpose), basis: Basis::Consent, sale: false, wording: Default::default() };
        let service = Service {
            id: ServiceId::new(service).unwrap(),
            name: String::new(),
            purposes: vec![purpose.id.clone()],
            controller: String::new(),
            privacy: String::new(),
            data: vec![],
            retention: String::new(),
            hosts: vec![],
            cookies: vec![],
            storage: vec![],
            routes: vec![],
            webrtc: false,
            kept: Vec::new(),
        };
        let named = FeatureId::new(feature).ok();
        let feature = named.map(|id| Feature { id, needs: vec![], routes: vec![], embeds: vec![] });
        let frame = Some(Frame { tag, src: "https://a.test/", attributes: &[] });
        let (service, feature) = (Some(&service), feature.as_ref());
        Kind::of(&Embed { purpose: &purpose, service, feature, width: None, height: None, frame })
    }

    #[test]
    fn a_kind_is_told_by_what_is_known() {
        for (purpose, service, feature, tag, expected) in [
            ("media", "youtube", "", "iframe", Kind::Video),
            ("media", "openstreetmap", "", "iframe", Kind::Map),
            ("media", "soundcloud", "", "iframe", Kind::Audio),
            ("media", "own", "podcast", "iframe", Kind::Audio),
            ("media", "own", "", "audio", Kind::Audio),
            ("social", "instagram", "", "iframe", Kind::Social),
            ("social", "disqus", "", "iframe", Kind::Comments),
            ("social", "forum", "comments", "iframe", Kind::Comments),
            ("support", "crisp", "", "iframe", Kind::Chat),
            ("resources", "google-fonts", "", "iframe", Kind::Font),
            ("resources", "datawrapper", "", "iframe", Kind::Other),
            ("own", "own", "own", "iframe", Kind::Other),
        ] {
            assert_eq!(kind(purpose, service, feature, tag), expected, "{purpose} {service} {feature} {tag}");
        }
    }

    #[test]
    fn every_sign_is_small() {
        use Kind::{Audio, Chat, Comments, Font, Map, Other, Social, Video};
        for kind in [Video, Map, Audio, Social, Comments, Chat, Font, Other] {
            let drawn = kind.draw();
            assert!(drawn.len() <= 300 && drawn.is_ascii(), "{kind:?}: {} {drawn}", drawn.len());
        }
    }
}
