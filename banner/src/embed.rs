//! Placeholders: what stands where a held embed would be. Each says who would receive what, and offers
//! to allow just that.

use crate::escape::{Text, fill, link};
use crate::face::{Face, View};
use crate::frame::Frame;
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

/// A `width` or `height` as HTML reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Length {
    Pixels(u32),
    Percent(u32),
}

impl Length {
    /// Numbers are CSS pixels and percentages stay; anything else is nothing.
    fn parse(read: &str) -> Option<Self> {
        let read = read.trim();
        let (number, percent) = match read.strip_suffix('%') {
            Some(number) => (number, true),
            None => (read.strip_suffix("px").unwrap_or(read), false),
        };
        let plain = !number.is_empty() && number.len() <= 12 && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let value: f64 = number.parse().ok().filter(|_| plain)?;
        // A saturating cast: no page is that large, and the bound keeps it so.
        let whole = value.round().min(10_000.0) as u32;
        Some(if percent { Self::Percent(whole.min(100)) } else { Self::Pixels(whole) })
    }

    /// As a presentational attribute, which the site's own style policy cannot refuse.
    fn attribute(self, name: &str) -> String {
        match self {
            Self::Pixels(pixels) => format!(" {name}=\"{pixels}\""),
            Self::Percent(percent) => format!(" {name}=\"{percent}%\""),
        }
    }

    /// Whether it is at most so many pixels.
    fn within(length: Option<Self>, most: u32) -> bool {
        matches!(length, Some(Self::Pixels(pixels)) if pixels <= most)
    }
}

impl Face {
    /// What stands in place of a held embed: an iframe, or the content of a feature's element.
    ///
    /// An embed too small to be seen leaves a hidden element, one too small for words a line to unfold.
    pub fn placeholder(&self, view: &View<'_>, embed: &Embed<'_>) -> String {
        let (width, height) = (embed.width.and_then(Length::parse), embed.height.and_then(Length::parse));
        let name = self.name(embed);
        let frame = embed.frame.and_then(|frame| frame.query(&name));
        let frame = frame.map(|query| format!(" data-frame=\"{}\"", Text(&query))).unwrap_or_default();
        let tongue = self.tongue();
        let open = format!("<bandeau-embed class=\"bandeau-embed\"{tongue} data-purpose=\"{}\"", embed.purpose.id);
        if Length::within(width, 2) || Length::within(height, 2) {
            return format!("{open} hidden></bandeau-embed>");
        }
        let small = Length::within(width, 219) || Length::within(height, 149);
        let body = self.body(view, embed);
        let content = if small {
            format!("<details><summary>{}</summary>{body}</details>", Text(&name))
        } else {
            format!("<h2>{}</h2>{body}", Text(&fill(&self.phrases.embed.title, &[("name", &name)])))
        };
        // A percentage is of the page's own column, so only pixels may shrink the element to its content.
        let sized = if matches!(width, Some(Length::Pixels(_))) { " data-size" } else { "" };
        let size = [width.map(|w| w.attribute("width")), height.map(|h| h.attribute("height"))];
        // `none` is `presentation` by its newer name (ARIA 1.2): HTML_CodeSniffer takes the older one for a fault wherever
        // headings stand in it.
        format!(
            "{open}{sized}{frame}><template shadowrootmode=\"open\">{}<table class=\"r e{}\" role=\"none\"{}><tr><td>{content}\
             </td></tr></table></template><a href=\"{}\" rel=\"nofollow\">{}</a></bandeau-embed>",
            view.style.style(&self.styles.embed),
            if small { " x" } else { "" },
            size.into_iter().flatten().collect::<String>(),
            self.settings_link(),
            Text(&self.phrases.settings.link),
        )
    }

    fn body(&self, view: &View<'_>, embed: &Embed<'_>) -> String {
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
        format!("<p>{} {}</p>{}{source}", Text(&why), Text(&receives), self.allow(view, &needed))
    }

    /// The policy's own copy of a purpose's name.
    pub(crate) fn own(&self, id: &PurposeId) -> Option<&PurposeId> {
        self.policy.draft().purposes.iter().map(|purpose| &purpose.id).find(|own| *own == id)
    }

    /// What an embed is called: its feature, else its service.
    fn name(&self, embed: &Embed<'_>) -> String {
        let feature = embed.feature.and_then(|feature| self.feature(feature));
        let service = embed.service.map(|service| service.name.as_str());
        feature.or(service).unwrap_or(&self.phrases.embed.other).to_owned()
    }

    /// What a feature is called, when we have a word for it.
    pub(crate) fn feature(&self, feature: &Feature) -> Option<&str> {
        self.phrases.embed.names.get(feature.id.as_str()).map(String::as_str)
    }
}

fn is_comments(embed: &Embed<'_>) -> bool {
    embed.feature.is_some_and(|feature| feature.id.as_str() == "comments")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_numbers_or_nothing() {
        for (read, length) in [
            ("560", Some(Length::Pixels(560))),
            (" 315px ", Some(Length::Pixels(315))),
            ("99.6", Some(Length::Pixels(100))),
            ("100%", Some(Length::Percent(100))),
            ("400%", Some(Length::Percent(100))),
            ("999999", Some(Length::Pixels(10_000))),
            ("", None),
            ("%", None),
            ("-1", None),
            ("1e9", None),
            ("inf", None),
            ("1.2.3", None),
            ("1\"onload=x", None),
            ("calc(1px)", None),
        ] {
            assert_eq!(Length::parse(read), length, "{read:?}");
        }
    }
}
