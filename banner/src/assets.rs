//! Style and script: the files as they are served, and how they get into a page under the site's own policy. What is
//! in `face/made` was made small of the scripts in `face`; see `face/make`. It does not know HTTP.

use crate::escape::Text;
use bandeau_consent::Hasher;
use std::sync::LazyLock;

const BASE: &str = include_str!("../face/base.css");
const NOTICE: &str = include_str!("../face/notice.css");
const EMBED: &str = include_str!("../face/embed.css");
const PAGE: &str = include_str!("../face/page.css");

/// Where our files are.
const OURS: &str = "/.well-known/bandeau/";

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

/// A file of ours. Its address names its content, so that a browser may keep it for good: `face.1f2e3d4c.css`.
#[derive(Debug)]
pub struct Asset {
    stem: &'static str,
    ending: &'static str,
    hash: String,
    text: String,
}

/// All of them, each after those it names.
static ALL: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    let style = Asset::new("face", "css", [BASE, NOTICE, EMBED, PAGE].map(small).concat());
    let first = Asset::new("first", "js", include_str!("../face/made/first.js").trim_end().to_owned());
    let notice = include_str!("../face/made/notice.js").trim_end().replace("first.js", &first.name());
    let notice = Asset::new("notice", "js", notice);
    let seed = include_str!("../face/made/seed.js").trim_end().replace("notice.js", &notice.name());
    [style, first, notice, Asset::new("seed", "js", seed)]
});

impl Asset {
    fn new(stem: &'static str, ending: &'static str, text: String) -> Self {
        let digest = Hasher::new("bandeau asset v1").field(&text).finish();
        let hash = digest.short().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { stem, ending, hash, text }
    }

    /// The file of this name, whatever hash it was once called by, and whether its content is what the name says. After
    /// an upgrade, pages that were served before it ask by the old one.
    pub fn find(name: &str) -> Option<(&'static Self, bool)> {
        let mut parts = name.split('.');
        let (stem, middle, last) = (parts.next()?, parts.next()?, parts.next());
        let ending = last.unwrap_or(middle);
        let asset = ALL.iter().find(|asset| asset.stem == stem && asset.ending == ending)?;
        parts.next().is_none().then(|| (asset, last.is_some() && middle == asset.hash))
    }

    /// What it is called.
    pub fn name(&self) -> String {
        format!("{}.{}.{}", self.stem, self.hash, self.ending)
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

/// The whole style.
pub fn style() -> &'static Asset {
    &ALL[0]
}

/// The script that runs before all others.
pub fn first() -> &'static Asset {
    &ALL[1]
}

/// The script that improves the notice once it is wanted.
pub fn script() -> &'static Asset {
    &ALL[2]
}

/// The script that fetches that one.
pub fn seed() -> &'static Asset {
    &ALL[3]
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
    pub(crate) fn style(self, of: Part) -> String {
        match self {
            Self::Plain => format!("<style>{}</style>", part(of)),
            Self::Nonce(nonce) => format!("<style nonce=\"{}\">{}</style>", Text(nonce), part(of)),
            Self::File => format!("<link rel=\"stylesheet\" href=\"{}\">", style().path()),
        }
    }

    /// The script of a notice, as an element: it fetches the other once that is wanted, as a file at once.
    pub(crate) fn script(self) -> String {
        match self {
            Self::File => format!("<script src=\"{}\" async></script>", seed().path()),
            _ => format!("<script{}>{}</script>", self.nonce(), seed().text()),
        }
    }

    /// The same for a page that is nothing but ours.
    pub(crate) fn own(self) -> String {
        match self {
            Self::File => self.script(),
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
        assert!(!style().text().contains("url("));
        for asset in ALL.iter() {
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
        for text in [BASE, NOTICE, EMBED, PAGE] {
            assert!(text.contains("/*") && !small(text).contains("/*"), "comments stand on lines of their own");
        }
        assert_eq!(style().text().matches('{').count(), style().text().matches('}').count());
    }

    #[test]
    fn files_are_found_by_what_they_are_and_once_were_called() {
        for asset in ALL.iter() {
            let plain = format!("{}.{}", asset.stem, asset.ending);
            let old = format!("{}.00000000.{}", asset.stem, asset.ending);
            for (name, current) in [(asset.name(), true), (plain, false), (old, false)] {
                let (found, is) = Asset::find(&name).unwrap();
                assert_eq!((found.name(), is), (asset.name(), current), "{name}");
            }
        }
        for none in ["first", "first.css", "first.a.b.js", "other.js", "", "."] {
            assert!(Asset::find(none).is_none(), "{none}");
        }
        assert!(script().text().contains(&first().name()), "it fetches what the next page has as a file");
        assert!(seed().text().contains(&script().path()));
    }

    #[test]
    fn a_nonce_is_escaped() {
        assert!(Inline::Nonce("a\"b").script().starts_with("<script nonce=\"a&quot;b\">"));
        assert!(Inline::File.style(Part::Embed).starts_with("<link "));
        assert!(Inline::File.script().contains("/seed.") && Inline::Plain.own().starts_with("<script async>"));
    }
}
