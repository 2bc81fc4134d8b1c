//! Style and script: how they are made small, and how they get into a page under the site's own policy.

use crate::escape::Text;
use std::sync::LazyLock;

const BASE: &str = include_str!("../face/base.css");
const NOTICE: &str = include_str!("../face/notice.css");
const EMBED: &str = include_str!("../face/embed.css");
const PAGE: &str = include_str!("../face/page.css");
const SCRIPT: &str = include_str!("../face/notice.js");
const FIRST: &str = include_str!("../face/first.js");

/// How style and script get into the page, as its Content-Security-Policy allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inline<'a> {
    /// In the page itself.
    Plain,
    /// In the page itself, with the nonce of the page's policy.
    Nonce(&'a str),
    /// From `/.well-known/bandeau/face.css` and `/.well-known/bandeau/notice.js`.
    File,
}

/// Which part of the style a piece of the face needs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    /// The notice, the band and the settings.
    Notice,
    /// A placeholder.
    Embed,
    /// A page of ours.
    Page,
}

/// The whole style, as served at `/.well-known/bandeau/face.css`.
pub fn style() -> &'static str {
    static ALL: LazyLock<String> = LazyLock::new(|| [BASE, NOTICE, EMBED, PAGE].map(small).concat());
    &ALL
}

/// The script, as served at `/.well-known/bandeau/notice.js`.
pub fn script() -> &'static str {
    static ALL: LazyLock<String> = LazyLock::new(|| small(SCRIPT));
    &ALL
}

/// The script that runs before all others, as served at `/.well-known/bandeau/first.js`.
pub fn first() -> &'static str {
    static ALL: LazyLock<String> = LazyLock::new(|| small(FIRST));
    &ALL
}

fn part(part: Part) -> &'static str {
    static NOTICES: LazyLock<String> = LazyLock::new(|| [BASE, NOTICE].map(small).concat());
    static EMBEDS: LazyLock<String> = LazyLock::new(|| [BASE, EMBED].map(small).concat());
    static PAGES: LazyLock<String> = LazyLock::new(|| [BASE, NOTICE, PAGE].map(small).concat());
    match part {
        Part::Notice => &NOTICES,
        Part::Embed => &EMBEDS,
        Part::Page => &PAGES,
    }
}

/// Without indentation, empty lines and lines that are only a comment. Lines stay lines, so that nothing
/// has to be understood of either language.
pub(crate) fn small(source: &str) -> String {
    let comment = |line: &&str| line.starts_with("//") || (line.starts_with("/*") && line.ends_with("*/"));
    source
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !comment(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

impl Inline<'_> {
    /// The style, as an element.
    pub(crate) fn style(self, of: Part) -> String {
        match self {
            Self::Plain => format!("<style>{}</style>", part(of)),
            Self::Nonce(nonce) => format!("<style nonce=\"{}\">{}</style>", Text(nonce), part(of)),
            Self::File => "<link rel=\"stylesheet\" href=\"/.well-known/bandeau/face.css\">".to_owned(),
        }
    }

    /// The script, as an element.
    pub(crate) fn script(self) -> String {
        match self {
            Self::Plain => format!("<script>{}</script>", script()),
            Self::Nonce(nonce) => format!("<script nonce=\"{}\">{}</script>", Text(nonce), script()),
            Self::File => "<script src=\"/.well-known/bandeau/notice.js\" defer></script>".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_fit_any_page() {
        assert!(!style().contains("url("));
        for text in [style(), script(), first()] {
            assert!(text.is_ascii());
            let lower = text.to_ascii_lowercase();
            for end in ["</style", "</script", "<!--", "</template"] {
                assert!(!lower.contains(end), "{end}");
            }
            assert!(
                !lower.contains("http:") && !lower.contains("https:") && !lower.contains("@import"),
                "nothing is loaded"
            );
        }
    }

    #[test]
    fn small_keeps_lines_and_drops_comments() {
        assert_eq!(small("/* a */\n  a{b:c}\n\n// x\n  y // z\n"), "a{b:c}\ny // z\n");
        for text in [BASE, NOTICE, EMBED, PAGE] {
            assert!(text.contains("/*") && !small(text).contains("/*"), "comments stand on lines of their own");
        }
        assert!(script().len() < SCRIPT.len() && !script().contains("// "));
        assert_eq!(style().matches('{').count(), style().matches('}').count());
    }

    #[test]
    fn a_nonce_is_escaped() {
        assert!(Inline::Nonce("a\"b").script().starts_with("<script nonce=\"a&quot;b\">"));
        assert!(Inline::File.style(Part::Embed).starts_with("<link "));
    }
}
