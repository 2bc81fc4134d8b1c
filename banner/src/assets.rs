//! Style and script: the files as they are served, and how they get into a page under the site's own policy. What is
//! in `face/made` was made small of the scripts in `face`; see `face/make`. It does not know HTTP.

use crate::escape::Text;
use crate::theme::{Layout, Theme};
use bandeau_consent::Hasher;
use std::sync::LazyLock;

const VARS: &str = include_str!("../face/vars.css");
const MORE: &str = include_str!("../face/more.css");
const PARTS: &str = include_str!("../face/parts.css");
const NOTICE: &str = include_str!("../face/notice.css");
const STAND: &str = include_str!("../face/stand.css");
const ASK: &str = include_str!("../face/ask.css");
const LAYER: &str = include_str!("../face/layer.css");
const EMBED: &str = include_str!("../face/embed.css");
const PAGE: &str = include_str!("../face/page.css");

/// Where our files are.
const OURS: &str = "/.well-known/bandeau/";

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
    /// From files under `/.well-known/bandeau/`.
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
    pub(crate) whole: Asset,
}

impl Styles {
    pub(crate) fn new(theme: &Theme) -> Self {
        let own = theme.css();
        let put = |parts: &[&str]| parts.iter().map(|part| small(part)).collect::<String>() + &own;
        let layout = layout(theme.layout);
        let whole = put(&[VARS, MORE, PARTS, NOTICE, STAND, ASK, layout, LAYER, EMBED, PAGE]);
        Self {
            band: put(&[NOTICE, STAND]),
            notice: put(&[VARS, PARTS, NOTICE, ASK, layout]),
            layer: put(&[VARS, MORE, PARTS, LAYER]),
            embed: put(&[VARS, MORE, PARTS, EMBED]),
            page: put(&[VARS, MORE, PARTS, LAYER, PAGE]),
            whole: Asset::new("face", "css", whole),
        }
    }
}

/// A file of ours. Its address can name its content, so that a browser may keep it for good: `first.1f2e3d4c.js`.
#[derive(Debug)]
pub struct Asset {
    stem: &'static str,
    ending: &'static str,
    hash: String,
    text: String,
}

/// The scripts, each after those it names.
static SCRIPTS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    let first = Asset::new("first", "js", format!("{}\n{}", include_str!("../face/made/sweep.js").trim_end(), guard()));
    let notice = include_str!("../face/made/notice.js").trim_end().replace("first.js", &first.name());
    let notice = Asset::new("notice", "js", notice);
    let seed = include_str!("../face/made/seed.js").trim_end().replace("notice.js", &notice.name());
    let learn = include_str!("../face/made/learn.js").trim_end().to_owned();
    [first, notice, Asset::new("seed", "js", seed), Asset::new("learn", "js", learn)]
});

impl Asset {
    pub(crate) fn new(stem: &'static str, ending: &'static str, text: String) -> Self {
        let digest = Hasher::new("bandeau asset v1").field(&text).finish();
        let hash = digest.short().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { stem, ending, hash, text }
    }

    /// Whether this is what is meant by a name, whatever hash is in it, and then whether its content is what the name
    /// says. After an upgrade, pages that were served before it ask by the old one.
    pub fn called(&self, name: &str) -> Option<bool> {
        let middle = name.strip_prefix(self.stem)?.strip_suffix(self.ending)?;
        match middle.strip_suffix('.')?.strip_prefix('.') {
            Some(hash) if !hash.contains('.') => Some(hash == self.hash),
            None if middle == "." => Some(false),
            _ => None,
        }
    }

    /// What it is called.
    pub fn name(&self) -> String {
        format!("{}.{}.{}", self.stem, self.hash, self.ending)
    }

    /// What it would be called without the hash.
    pub(crate) fn plain(&self) -> String {
        format!("{}.{}", self.stem, self.ending)
    }

    /// Which of all contents it has.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// What it is, as a media type.
    pub fn kind(&self) -> &'static str {
        if self.ending == "css" { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" }
    }

    /// Its content.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its address, of this site.
    pub(crate) fn path(&self) -> String {
        format!("{OURS}{}", self.name())
    }
}

/// The script that runs before all others, as it stands in a page.
pub(crate) fn guard() -> &'static str {
    include_str!("../face/made/first.js").trim_end()
}

/// The same as a file, for who has answered: what an earlier answer left behind goes first.
pub fn first() -> &'static Asset {
    &SCRIPTS[0]
}

/// The script that improves the notice once it is wanted.
pub fn script() -> &'static Asset {
    &SCRIPTS[1]
}

/// The script that fetches that one.
pub fn seed() -> &'static Asset {
    &SCRIPTS[2]
}

/// The script that says by name what a page keeps, where that is being learnt; on no other page.
pub fn learn() -> &'static Asset {
    &SCRIPTS[3]
}

/// The same as an element, which goes behind the first script and before all of the page's.
pub fn learner(inline: Inline<'_>) -> String {
    match inline {
        Inline::File => format!("<script src=\"{}\"></script>", learn().path()),
        _ => format!("<script{}>{}</script>", inline.nonce(), learn().text()),
    }
}

/// Without indentation, empty lines and lines that are only a comment. Lines stay lines, so that nothing
/// has to be understood of either language.
fn small(source: &str) -> String {
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
            Self::File => format!("<link rel=\"stylesheet\" href=\"{OURS}face.css\">"),
        }
    }

    /// What fetches the notice's script, for a page that is nothing but ours: at once.
    pub(crate) fn own(self) -> String {
        match self {
            Self::File => format!("<script src=\"{}\" async></script>", seed().path()),
            _ => format!("<script{} async>{}</script>", self.nonce(), seed().text()),
        }
    }

    /// The attribute that lets an inline element in, if one is needed.
    pub(crate) fn nonce(self) -> String {
        match self {
            Self::Nonce(nonce) => format!(" nonce=\"{}\"", Text(nonce)),
            Self::Plain | Self::File => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_fit_any_page() {
        let styles = Styles::new(&Theme::default());
        assert!(!styles.whole.text().contains("url("));
        for asset in SCRIPTS.iter().chain([&styles.whole]) {
            assert!(asset.text().is_ascii() && asset.text().len() > 500);
            let lower = asset.text().to_ascii_lowercase();
            for end in ["</style", "</script", "<!--", "</template", "]]>"] {
                assert!(!lower.contains(end), "{end} in {}", asset.name());
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
        for text in
            [VARS, MORE, PARTS, NOTICE, STAND, ASK, LAYER, EMBED, PAGE].into_iter().chain(Layout::ALL.map(layout))
        {
            assert!(text.contains("/*") && !small(text).contains("/*"), "comments stand on lines of their own");
        }
        let styles = Styles::new(&Theme::default());
        assert_eq!(styles.whole.text().matches('{').count(), styles.whole.text().matches('}').count());
    }

    #[test]
    fn files_are_known_by_what_they_are_and_once_were_called() {
        for asset in SCRIPTS.iter() {
            let plain = format!("{}.{}", asset.stem, asset.ending);
            let old = format!("{}.00000000.{}", asset.stem, asset.ending);
            for (name, current) in [(asset.name(), true), (plain, false), (old, false)] {
                assert_eq!(asset.called(&name), Some(current), "{name}");
            }
            for none in ["first", "first.css", "first.a.b.js", "other.js", "", "."] {
                assert_eq!(asset.called(none), None, "{none}");
            }
        }
        assert!(script().text().contains(&first().name()), "it fetches what the next page has as a file");
        assert!(seed().text().contains(&script().path()));
    }

    #[test]
    fn a_nonce_is_escaped() {
        assert!(Inline::Nonce("a\"b").own().starts_with("<script nonce=\"a&quot;b\" async>"));
        assert!(Inline::File.style("").starts_with("<link "));
        assert!(Inline::File.own().contains("/seed.") && Inline::Plain.own().starts_with("<script async>"));
    }
}
