//! The room of a placeholder: the size that an embed has in the page, kept so that nothing moves when it opens. It
//! knows lengths and style attributes as HTML and CSS write them, and nothing of what stands in the room.

use crate::assets::Inline;
use crate::embed::Embed;
use crate::escape::Text;
use crate::face::View;

/// A `width` or `height` as HTML reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Length {
    Pixels(u32),
    Percent(u32),
}

impl Length {
    /// Numbers are CSS pixels and percentages stay; anything else is nothing.
    pub(crate) fn parse(read: &str) -> Option<Self> {
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

    /// As an attribute of a drawing, which the site's own style policy cannot refuse.
    fn attribute(self, name: &str) -> String {
        match self {
            Self::Pixels(pixels) => format!(" {name}=\"{pixels}\""),
            Self::Percent(percent) => format!(" {name}=\"{percent}%\""),
        }
    }

    /// Whether it is at most so many pixels.
    pub(crate) fn within(length: Option<Self>, most: u32) -> bool {
        matches!(length, Some(Self::Pixels(pixels)) if pixels <= most)
    }
}

/// What of an element's style says how large it is and where it stands.
const PLACED: [&str; 24] = [
    "width",
    "height",
    "min-width",
    "min-height",
    "max-width",
    "max-height",
    "inline-size",
    "block-size",
    "aspect-ratio",
    "margin",
    "margin-top",
    "margin-right",
    "margin-bottom",
    "margin-left",
    "position",
    "inset",
    "top",
    "right",
    "bottom",
    "left",
    "float",
    "flex",
    "grid-area",
    "border-radius",
];

/// The declarations of a style attribute that say how large the element is and where it stands; the rest is for what is
/// shown in it. None of them names an address.
fn placed(style: &str) -> Vec<(String, &str)> {
    let plain = |value: &str| {
        let sign = |byte: u8| byte.is_ascii_alphanumeric() || b" .%,+*/()-!".contains(&byte);
        value.bytes().all(sign) && !value.to_ascii_lowercase().contains("url")
    };
    let parts = style.split(';').filter_map(|part| part.split_once(':'));
    let parts = parts.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()));
    parts.filter(|(name, value)| PLACED.contains(&name.as_str()) && plain(value)).collect()
}

/// How much room a placeholder takes, and by what means it is given.
pub(crate) struct Room {
    /// On the element itself.
    pub(crate) host: String,
    /// A drawing of nothing that has the embed's size; empty where the site's own style says it, or nobody does.
    pub(crate) strut: String,
}

impl Room {
    /// Of an embed in a page. A drawing takes its size from attributes, which no policy of the site refuses; parts of
    /// the page's column, and what the element's own style says, go where a style attribute does.
    pub(crate) fn of(embed: &Embed<'_>, view: &View<'_>, width: Option<Length>, height: Option<Length>) -> Self {
        let attribute = |name: &str| embed.frame.as_ref().and_then(|frame| frame.attribute(name)).unwrap_or_default();
        let free = view.style == Inline::Plain;
        let own = if free { placed(attribute("style")) } else { Vec::new() };
        // Where the style has a say in the height, the attribute has none.
        let styled =
            own.iter().any(|(name, _)| ["height", "block-size", "aspect-ratio", "inset"].contains(&name.as_str()));
        let part = |(name, length): (&str, Option<Length>)| match length {
            // An attribute is weaker than a style, and comes before it.
            Some(Length::Percent(part @ 1..100)) if free => Some(format!("{name}:{part}%;")),
            _ => None,
        };
        let parts = [("width", width), ("height", height)].into_iter().filter_map(part);
        let style: String = parts.chain(own.iter().map(|(name, value)| format!("{name}:{value};"))).collect();
        let class = attribute("class");
        let mut host = format!(" class=\"bandeau-embed{}{}\"", if class.is_empty() { "" } else { " " }, Text(class));
        if !style.is_empty() {
            host.push_str(&format!(" style=\"{}\"", Text(&style)));
        }
        // A percentage is of the page's own column, so only pixels may shrink the element to its content.
        if matches!(width, Some(Length::Pixels(_))) {
            host.push_str(" data-size");
        }
        let pixels = |length: Option<Length>| length.filter(|length| matches!(length, Length::Pixels(_)));
        let (wide, high) = (pixels(width), pixels(height).filter(|_| !styled));
        let one = Length::Pixels(1);
        let size = wide.unwrap_or(one).attribute("width") + &high.unwrap_or(one).attribute("height");
        let strut = match (wide, high) {
            (None, None) => String::new(),
            // Without a height the box is as high as what it says.
            (_, None) => format!("<svg class=\"z n\"{size} aria-hidden=\"true\"></svg>"),
            _ => format!("<svg class=\"z\"{size} aria-hidden=\"true\"></svg>"),
        };
        Self { host, strut }
    }
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

    #[test]
    fn of_a_style_only_size_and_place_are_kept() {
        for (style, kept) in [
            ("width: 100%; HEIGHT:400px;border:0", "width=100% height=400px"),
            ("aspect-ratio: 16 / 9; max-width:min(100%, 40em)", "aspect-ratio=16 / 9 max-width=min(100%, 40em)"),
            ("background:url(https://held.test/x);height:1px", "height=1px"),
            ("height:url(https://held.test/x)", ""),
            ("width:calc(100% - \\75rl(x))", ""),
            ("height:\"1px", ""),
            ("nonsense", ""),
        ] {
            let read = placed(style).iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
            assert_eq!(read.join(" "), kept, "{style}");
        }
    }
}
