//! Placeholders: what stands where a held embed would be, in its size. Each says who would receive what, and offers
//! to open just that, this once or always.

use crate::escape::{Text, fill, link};
use crate::face::{Face, View};
use crate::frame::Frame;
use crate::room::{Length, Room};
use crate::sign::Kind;
use bandeau_consent::{Feature, Purpose, PurposeId, Service};

/// An embed that is held.
#[derive(Debug, Clone, Copy)]
pub struct Embed<'a> {
    /// The purpose that holds it.
    pub purpose: &'a Purpose,
    /// The service it belongs to, if declared.
    pub service: Option<&'a Service>,
    /// The feature it is part of, if any.
    pub feature: Option<&'a Feature>,
    /// Its `width` attribute, as written.
    pub width: Option<&'a str>,
    /// Its `height` attribute, as written.
    pub height: Option<&'a str>,
    /// The element it stands for, where there is one with an address: it can be opened directly, and in place.
    pub frame: Option<Frame<'a>>,
}

impl Face {
    /// What stands in place of a held embed: an iframe, or the content of a feature's element.
    ///
    /// An embed too small to be seen leaves a hidden element, one too small for words a line to unfold.
    pub fn placeholder(&self, view: &View<'_>, embed: &Embed<'_>) -> String {
        let (width, height) = (embed.width.and_then(Length::parse), embed.height.and_then(Length::parse));
        let name = self.name(embed);
        let query = embed.frame.and_then(|frame| frame.query(&name));
        let frame = query.as_ref().map(|query| format!(" data-frame=\"{}\"", Text(query))).unwrap_or_default();
        let open = format!("<bandeau-embed{} data-purpose=\"{}\"", self.tongue(), embed.purpose.id);
        if Length::within(width, 2) || Length::within(height, 2) {
            return format!("{open} class=\"bandeau-embed\" hidden></bandeau-embed>");
        }
        let small = Length::within(width, 219) || Length::within(height, 149);
        let kind = Kind::of(embed);
        let body = self.body(view, embed, query.as_deref());
        let title = fill(&self.phrases.embed.title, &[("name", &name)]);
        let content = if small {
            format!("<details><summary>{}</summary><div class=\"g\">{body}</div></details>", Text(&name))
        } else {
            format!("<div class=\"g\">{}<h2>{}</h2>{body}</div>", kind.draw(), Text(&name))
        };
        let room = Room::of(embed, view, width, height);
        format!(
            "{open}{}{frame}><template shadowrootmode=\"open\">{}{}<div class=\"r e{}{}\" role=\"group\" aria-label=\"{}\">{content}\
             </div></template><a href=\"{}\" rel=\"nofollow\">{}</a></bandeau-embed>",
            room.host,
            view.style.style(&self.styles.embed),
            room.strut,
            kind.class(),
            if small { " x" } else { "" },
            Text(&title),
            self.settings_link(),
            Text(&self.phrases.settings.link),
        )
    }

    fn body(&self, view: &View<'_>, embed: &Embed<'_>, query: Option<&str>) -> String {
        let words = &self.phrases.embed;
        let ids = std::iter::once(&embed.purpose.id)
            .chain(embed.service.iter().flat_map(|service| &service.purposes))
            .chain(embed.feature.iter().flat_map(|feature| &feature.needs))
            .filter_map(|id| self.own(id));
        let needed = self.needed(view, ids);
        let service = embed.service.map_or("", |service| service.name.as_str());
        let sentence = match service {
            // Nothing is missing: then why it is held is not ours to say.
            _ if needed.is_empty() => "",
            _ if is_comments(embed) => &words.comments,
            "" => &words.why_unknown,
            _ => &words.why,
        };
        let why = fill(sentence, &[("name", service), ("purposes", &self.titles(&needed))]);
        let receives = match embed.service.filter(|service| !service.data.is_empty()) {
            Some(service) => {
                fill(&words.receives, &[("name", &service.name), ("data", &self.phrases.categories(&service.data))])
            }
            None => words.receives_unknown.clone(),
        };
        let source = embed
            .frame
            .and_then(|frame| link(frame.src))
            .map(|href| {
                format!("<p><a href=\"{}\" rel=\"noopener noreferrer\">{}</a></p>", Text(href), Text(&words.source))
            })
            .unwrap_or_default();
        format!("<p>{} {}</p>{}{source}", Text(&why), Text(&receives), self.allow(view, &needed, query))
    }

    /// The policy's own copy of a purpose's name.
    pub(crate) fn own(&self, id: &PurposeId) -> Option<&PurposeId> {
        self.policy.draft().purposes.iter().map(|purpose| &purpose.id).find(|own| *own == id)
    }

    /// What an embed is called: its service where it has an address, else its feature.
    fn name(&self, embed: &Embed<'_>) -> String {
        let feature = embed.feature.and_then(|feature| self.feature(feature));
        let service = embed.service.map(|service| service.name.as_str());
        let named = if embed.frame.is_some() { service.or(feature) } else { feature.or(service) };
        named.unwrap_or(&self.phrases.embed.other).to_owned()
    }

    /// What a feature is called, when we have a word for it.
    pub(crate) fn feature(&self, feature: &Feature) -> Option<&str> {
        self.phrases.embed.names.get(feature.id.as_str()).map(String::as_str)
    }
}

fn is_comments(embed: &Embed<'_>) -> bool {
    embed.feature.is_some_and(|feature| feature.id.as_str() == "comments")
}
