//! Style and script: how they are made small, and how they get into a page under the site's own policy.

use crate::escape::Text;
use crate::theme::{Layout, Theme};
use std::sync::LazyLock;

const VARS: &str = include_str!("../face/vars.css");
const PARTS: &str = include_str!("../face/parts.css");
const NOTICE: &str = include_str!("../face/notice.css");
const STAND: &str = include_str!("../face/stand.css");
const ASK: &str = include_str!("../face/ask.css");
const LAYER: &str = include_str!("../face/layer.css");
const EMBED: &str = include_str!("../face/embed.css");
const PAGE: &str = include_str!("../face/page.css");
const SCRIPT: &str = include_str!("../face/notice.js");
const FIRST: &str = include_str!("../face/first.js");

fn layout(layout: Layout) -> &'static str {
    match layout {
        Layout::Bar => include_str!("../face/bar.css"),
        Layout::Card => include_str!("../face/card.css"),
        Layout::Dialog => include_str!("../face/dialog.css"),
    }
}

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

/// The style of a theme, in the parts that the pieces of the face need.
#[derive(Debug)]
pub(crate) struct Styles {
    /// The band of who has answered.
    pub(crate) band: String,
    /// The band and the first layer.
    pub(crate) notice: String,
    /// The settings, where they join the notice.
    pub(crate) layer: String,
    /// A placeholder.
    pub(crate) embed: String,
    /// A page of ours.
    pub(crate) page: String,
    /// All of it, as served at `/.well-known/bandeau/face.css`.
    pub(crate) whole: String,
}

impl Styles {
    pub(crate) fn new(theme: &Theme) -> Self {
        let own = theme.css();
        let put = |parts: &[&str]| parts.iter().map(|part| small(part)).collect::<String>() + &own;
        let layout = layout(theme.layout);
        Self {
            band: put(&[NOTICE, STAND]),
            notice: put(&[VARS, PARTS, NOTICE, ASK, layout]),
            layer: put(&[VARS, PARTS, LAYER]),
            embed: put(&[VARS, PARTS, EMBED]),
            page: put(&[VARS, PARTS, LAYER, PAGE]),
            whole: put(&[VARS, PARTS, NOTICE, STAND, ASK, layout, LAYER, EMBED, PAGE]),
        }
    }
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
    pub(crate) fn style(self, style: &str) -> String {
        match self {
            Self::Plain => format!("<style>{style}</style>"),
            Self::Nonce(nonce) => format!("<style nonce=\"{}\">{style}</style>", Text(nonce)),
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
        let style = Styles::new(&Theme::default()).whole;
        assert!(!style.contains("url("));
        for text in [style.as_str(), script(), first()] {
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
        for text in [VARS, PARTS, NOTICE, STAND, ASK, LAYER, EMBED, PAGE].into_iter().chain(Layout::ALL.map(layout)) {
            assert!(text.contains("/*") && !small(text).contains("/*"), "comments stand on lines of their own");
        }
        assert!(script().len() < SCRIPT.len() && !script().contains("// "));
        let style = Styles::new(&Theme::default()).whole;
        assert_eq!(style.matches('{').count(), style.matches('}').count());
    }

    #[test]
    fn a_nonce_is_escaped() {
        assert!(Inline::Nonce("a\"b").script().starts_with("<script nonce=\"a&quot;b\">"));
        assert!(Inline::File.style("").starts_with("<link "));
    }
}
