//! The consent tools: each mounted as its own documentation says, the tags it holds marked in its own way and the others
//! left as they are, so that these leak before a choice. It knows no third party's inside and no audit.

use crate::means::{Origins, PAGE, SCRIPT, fill};
use crate::party::Answer;
use std::fs;
use std::path::Path;

/// What a page carries: how it is named in a tool, and what it loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Stats,
    Ads,
    Social,
    Video,
}

impl Tag {
    pub(crate) const ALL: [Self; 4] = [Self::Stats, Self::Ads, Self::Social, Self::Video];

    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Stats => "stats",
            Self::Ads => "ads",
            Self::Social => "social",
            Self::Video => "video",
        }
    }

    pub(crate) fn url(self, origins: &Origins) -> String {
        let file = match self {
            Self::Stats => "s.js",
            Self::Ads => "a.js",
            Self::Social => "w.js",
            Self::Video => "embed.html",
        };
        format!("{}/{file}", origins[self.id()])
    }

    /// As whoever runs it says it should be put in.
    fn bare(self, origins: &Origins) -> String {
        let url = self.url(origins);
        if self == Self::Video {
            format!("<iframe src=\"{url}\"></iframe>")
        } else {
            format!("<script src=\"{url}\"></script>")
        }
    }
}

/// A way to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Bare,
    Tarteaucitron,
    Klaro,
    Orejime,
    Vanilla,
    Closed,
    Framed,
}

impl Tool {
    pub(crate) const ALL: [Self; 7] =
        [Self::Bare, Self::Tarteaucitron, Self::Klaro, Self::Orejime, Self::Vanilla, Self::Closed, Self::Framed];

    /// The name of its site.
    pub(crate) fn site(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Tarteaucitron => "tarteaucitron",
            Self::Klaro => "klaro",
            Self::Orejime => "orejime",
            Self::Vanilla => "vanilla",
            Self::Closed => "closed",
            Self::Framed => "framed",
        }
    }

    /// A word that stands in the name an audit gives the tool; none for home-made ones and for no notice at all.
    pub(crate) fn known(self) -> Option<&'static str> {
        matches!(self, Self::Tarteaucitron | Self::Klaro | Self::Orejime | Self::Vanilla).then(|| match self {
            Self::Vanilla => "cookieconsent",
            _ => self.site(),
        })
    }

    /// Whether it comes from the registry.
    pub(crate) fn installed(self) -> bool {
        self.known().is_some()
    }

    pub(crate) fn language(self) -> &'static str {
        match self {
            Self::Closed => "cs",
            Self::Framed => "fi",
            _ => "en",
        }
    }

    /// What its owner remembered to mark.
    pub(crate) fn holds(self, tag: Tag) -> bool {
        match self {
            Self::Bare => false,
            Self::Tarteaucitron => tag != Tag::Ads,
            Self::Klaro => tag != Tag::Social,
            Self::Orejime => tag != Tag::Ads,
            // It holds scripts only; frames are the work of another library of the same author.
            Self::Vanilla => matches!(tag, Tag::Ads | Tag::Social),
            Self::Closed => true,
            Self::Framed => true,
        }
    }

    /// Whether the page has a font and a preconnection that nobody asks about.
    pub(crate) fn forgets(self) -> bool {
        self != Self::Closed
    }

    /// One tag, as it stands in the page.
    pub(crate) fn tag(self, tag: Tag, origins: &Origins) -> String {
        let (bare, url, id) = (tag.bare(origins), tag.url(origins), tag.id());
        if !self.holds(tag) {
            return bare;
        }
        match (self, tag) {
            (Self::Tarteaucitron, Tag::Video) => "<div id=\"film\"></div>".to_owned(),
            (Self::Tarteaucitron, _) => String::new(),
            (Self::Klaro, Tag::Video) => format!("<iframe data-name=\"{id}\" data-src=\"{url}\"></iframe>"),
            (Self::Klaro, _) => format!(
                "<script type=\"text/plain\" data-type=\"application/javascript\" data-name=\"{id}\" data-src=\"{url}\"></script>"
            ),
            (Self::Orejime, _) => format!("<template data-purpose=\"{id}\">{bare}</template>"),
            (Self::Vanilla, _) => format!("<script type=\"text/plain\" data-category=\"{id}\" src=\"{url}\"></script>"),
            (Self::Closed | Self::Framed, Tag::Video) => String::new(),
            (Self::Closed | Self::Framed, _) => {
                format!("<script type=\"text/plain\" data-for=\"{id}\" data-src=\"{url}\"></script>")
            }
            (Self::Bare, _) => bare,
        }
    }

    /// What the tool puts into the head and at the end of the body.
    pub(crate) fn mount(self, origins: &Origins) -> (String, String) {
        let held: Vec<Tag> = Tag::ALL.into_iter().filter(|tag| self.holds(*tag)).collect();
        let (head, end) = match self {
            Self::Bare => ("", String::new()),
            Self::Tarteaucitron => {
                let services = held.iter().map(|tag| service(*tag, origins)).collect::<String>();
                (include_str!("world/tarteaucitron.html"), format!("<script>{services}</script>"))
            }
            Self::Klaro => (
                r#"<script defer src="/tool/config.js"></script><script defer src="/tool/klaro.js"></script>"#,
                r##"<p><a href="#" onclick="klaro.show(undefined, true); return false">Cookie settings</a></p>"##.to_owned(),
            ),
            Self::Orejime => (
                r#"<script src="/tool/config.js"></script><script src="/tool/orejime.js"></script><link href="/tool/orejime.css" rel="stylesheet">"#,
                r##"<p><a href="#" onclick="orejime.prompt(); return false">Cookie settings</a></p>"##.to_owned(),
            ),
            Self::Vanilla => (
                r#"<link rel="stylesheet" href="/tool/cookieconsent.css">"#,
                r#"<p><button type="button" data-cc="show-preferencesModal">Cookie settings</button></p><script type="module" src="/tool/config.js"></script>"#.to_owned(),
            ),
            Self::Closed => (
                "",
                r##"<p><a href="#" id="nastaveni">Nastavení cookies</a></p><script src="/closed.js"></script>"##.to_owned(),
            ),
            Self::Framed => (
                "",
                r##"<p><a href="#" id="asetukset">Evästeasetukset</a></p><script src="/framed.js"></script>"##.to_owned(),
            ),
        };
        (head.to_owned(), end)
    }

    /// The tool's own files, from where it was installed.
    pub(crate) fn file(self, path: &str, installed: &Path) -> Option<Answer> {
        let from = |media, file: &str| {
            let bytes =
                fs::read(installed.join("node_modules").join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            Some(Answer::new(media, bytes))
        };
        match (self, path) {
            (Self::Tarteaucitron, _) => {
                let media = if path.ends_with(".css") { "text/css" } else { SCRIPT };
                let file = path.strip_prefix("/tool/")?;
                let known = ["tarteaucitron.min.js", "tarteaucitron.services.min.js", "lang/tarteaucitron.en.min.js"];
                (known.contains(&file) || file.ends_with(".css"))
                    .then(|| from(media, &format!("tarteaucitronjs/{file}")))?
            }
            (Self::Klaro, "/tool/config.js") => Some(Answer::new(SCRIPT, klaro())),
            (Self::Klaro, "/tool/klaro.js") => from(SCRIPT, "klaro/dist/klaro.js"),
            (Self::Orejime, "/tool/config.js") => Some(Answer::new(SCRIPT, orejime())),
            (Self::Orejime, "/tool/orejime.js") => from(SCRIPT, "orejime/dist/orejime-standard-en.js"),
            (Self::Orejime, "/tool/orejime.css") => from("text/css", "orejime/dist/orejime-standard.css"),
            (Self::Vanilla, "/tool/config.js") => Some(Answer::new(SCRIPT, include_str!("world/vanilla.js"))),
            (Self::Vanilla, "/tool/cookieconsent.umd.js") => {
                from(SCRIPT, "vanilla-cookieconsent/dist/cookieconsent.umd.js")
            }
            (Self::Vanilla, "/tool/cookieconsent.css") => {
                from("text/css", "vanilla-cookieconsent/dist/cookieconsent.css")
            }
            (Self::Closed, "/closed.js") => Some(Answer::new(SCRIPT, include_str!("world/closed.js"))),
            (Self::Framed, "/framed.js") => Some(Answer::new(SCRIPT, include_str!("world/framed.js"))),
            (Self::Framed, "/suostumus.html") => Some(Answer::new(PAGE, include_str!("world/framed.html"))),
            _ => None,
        }
    }
}

/// A service of one's own, as the README of tarteaucitron says to write it.
fn service(tag: Tag, origins: &Origins) -> String {
    let (id, name, kind, does) = match tag {
        Tag::Video => (
            "video",
            "Films",
            "video",
            r##"document.querySelector("#film").innerHTML = "<iframe src='{{video}}/embed.html'></iframe>";"##
                .to_owned(),
        ),
        _ => ("", "", "other", format!("tarteaucitron.addScript({:?});", tag.url(origins))),
    };
    let (id, name) = if id.is_empty() { (tag.id(), tag.id()) } else { (id, name) };
    let text = format!(
        "tarteaucitron.services.{id} = {{ key: \"{id}\", type: \"{kind}\", name: \"{name}\", needConsent: true, \
         cookies: {}, js: function () {{ {does} }}, fallback: function () {{}} }};\n\
         (tarteaucitron.job = tarteaucitron.job || []).push(\"{id}\");\n",
        if tag == Tag::Stats { "[\"_stat\"]" } else { "[]" }
    );
    fill(&text, origins)
}

/// The purposes as most tools want them: id, title and description.
fn purposes(tool: Tool) -> Vec<serde_json::Value> {
    let words = |tag| match tag {
        Tag::Stats => ("Audience measurement", "Follows your path through the site."),
        Tag::Ads => ("Advertising", "Shows you advertisements that fit you."),
        Tag::Social => ("Social networks", "Shows what others say."),
        Tag::Video => ("Films", "Shows films from another host."),
    };
    let one = |tag: Tag| {
        let (title, description) = words(tag);
        let cookies = if tag == Tag::Stats { vec!["_stat"] } else { Vec::new() };
        serde_json::json!({ "id": tag.id(), "title": title, "description": description, "cookies": cookies })
    };
    Tag::ALL.into_iter().filter(|tag| tool.holds(*tag)).map(one).collect()
}

fn klaro() -> String {
    let purposes = purposes(Tool::Klaro);
    let mut words = serde_json::json!({ "purposes": {} });
    let services: Vec<_> = purposes
        .iter()
        .map(|one| {
            let id = one["id"].as_str().unwrap();
            words[id] = serde_json::json!({ "title": one["title"], "description": one["description"] });
            words["purposes"][id] = one["title"].clone();
            serde_json::json!({ "name": id, "purposes": [id], "cookies": one["cookies"] })
        })
        .collect();
    let config = serde_json::json!({
        "version": 1, "elementID": "klaro", "storageMethod": "cookie", "cookieName": "klaro", "default": false,
        "mustConsent": false, "acceptAll": true, "hideDeclineAll": false, "lang": "en",
        "translations": { "zz": { "privacyPolicyUrl": "/privacy" }, "en": words }, "services": services,
    });
    format!("var klaroConfig = {config};")
}

fn orejime() -> String {
    let config = serde_json::json!({ "privacyPolicyUrl": "/privacy", "purposes": purposes(Tool::Orejime) });
    format!("window.orejimeConfig = {config};")
}
