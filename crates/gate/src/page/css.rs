//! CSS: every address a style sheet or declaration names, found by a tokenizer of CSS Syntax 3 so that
//! escapes, comments and odd white space mean here what they mean in the browser.

use super::data::{self, Carried};
use crate::Judge;
use cssparser::{ParseError, Parser, Token};
use std::borrow::Cow;

/// What takes the place of a held address: nothing, fetched from nowhere.
const NOTHING: &str = "data:,";

/// Blocks nested deeper than this are no style sheet anybody wrote.
const DEPTH: u8 = 48;

/// What strings mean where the walk stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Strings are text.
    Text,
    /// Strings are addresses, and browsers look for them ahead: after `@import`.
    Import,
    /// Strings are addresses: in `url()`, `src()`, `image()`, `image-set()` and what is put together
    /// inside of these; in custom properties, for these may end up there.
    Address,
    /// Addresses are names: after `@namespace`.
    Name,
}

/// Rewrites CSS so that held addresses are gone; none when nothing was held. What nests too deeply to be
/// walked is emptied. An address is asked about together with whether a style sheet is expected there.
fn filter(css: &str, passes: impl Fn(&str, bool) -> bool) -> Option<(String, u64)> {
    // Without a function, an at-rule or an escape that may hide one, a style names no address.
    if !css.contains(['(', '@', '\\']) {
        return None;
    }
    let mut parser = Parser::new(css);
    parser.set_nested_block_limit(DEPTH);
    let mut edits = Vec::new();
    if walk(&mut parser, Place::Text, &passes, &mut edits).is_err() {
        return Some((String::new(), 1));
    }
    // Where a bare address ends depends on what stands behind it, so it is looked for in what will be written. The
    // other way round is no matter: after `@held` no more strings are addresses than after `@import`.
    let walked = apply(css, &edits);
    let bare = bare(&walked, &passes);
    let held = edits.len() + bare.len();
    (held > 0).then(|| (apply(&walked, &bare).into_owned(), held as u64))
}

/// Puts the replacements in.
fn apply<'a>(css: &'a str, edits: &[Edit]) -> Cow<'a, str> {
    if edits.is_empty() {
        return Cow::Borrowed(css);
    }
    let mut out = String::with_capacity(css.len());
    let mut from = 0;
    for (start, end, text) in edits {
        out.push_str(&css[from..*start]);
        out.push_str(text);
        from = *end;
    }
    out.push_str(&css[from..]);
    Cow::Owned(out)
}

/// Rewrites CSS of a page as [`filter`] does. A sheet that an address carries is judged as if it stood there.
pub(crate) fn judged(css: &str, judge: &Judge) -> Option<(String, u64)> {
    within(css, judge, 0)
}

/// Sheets in addresses in sheets deeper than this are held unseen.
const NESTED: u8 = 3;

fn within(css: &str, judge: &Judge, depth: u8) -> Option<(String, u64)> {
    filter(css, |address, sheet| {
        judge.url(address).passes()
            && match data::read(address, sheet) {
                _ if !sheet => true,
                Some(Carried::Text(inner)) => depth < NESTED && within(&inner, &judge.adrift(), depth + 1).is_none(),
                Some(Carried::Unclear) => false,
                Some(Carried::Html(_) | Carried::Xml(_) | Carried::Still) | None => true,
            }
    })
}

/// Start, end and replacement of one token, by byte. Of many, each begins where the one before it has ended or later.
type Edit = (usize, usize, String);

/// Walks one block.
///
/// # Errors
/// When it nests too deeply.
fn walk(
    parser: &mut Parser<'_>,
    outer: Place,
    passes: &impl Fn(&str, bool) -> bool,
    edits: &mut Vec<Edit>,
) -> Result<(), ParseError<()>> {
    let mut place = outer;
    let mut custom = false;
    loop {
        let from = parser.position();
        let start = from.byte_index();
        let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else {
            return Ok(());
        };
        let end = parser.position().byte_index();
        let named = match &token {
            Token::Ident(name) => carries(name),
            Token::WhiteSpace(_) | Token::Comment(_) => custom,
            _ => false,
        };
        if std::mem::replace(&mut custom, named) && token == Token::Colon {
            place = Place::Address;
        }
        let import = place == Place::Import;
        let fine = |address: &str| {
            passes(address, import)
                && (!import || plain(parser.slice_from(from)).is_none_or(|plain| passes(plain, true)))
        };
        let inner = match &token {
            Token::UnquotedUrl(address) | Token::BadUrl(address) => {
                if place != Place::Name && !fine(address) {
                    edits.push((start, end, format!("url(\"{NOTHING}\")")));
                }
                continue;
            }
            Token::QuotedString(address) | Token::BadString(address) => {
                if matches!(place, Place::Address | Place::Import) && !fine(address) {
                    edits.push((start, end, format!("\"{NOTHING}\"")));
                }
                continue;
            }
            Token::AtKeyword(name) => {
                place = ruled(name).unwrap_or(outer);
                continue;
            }
            Token::Semicolon => {
                place = outer;
                continue;
            }
            Token::Function(name) => called(name, place),
            Token::ParenthesisBlock | Token::SquareBracketBlock => Place::Text,
            Token::CurlyBracketBlock => {
                place = outer;
                Place::Text
            }
            _ => continue,
        };
        parser.parse_nested_block(|nested| walk(nested, inner, passes, edits))?;
    }
}

/// What browsers that look ahead take for imports and nobody else does: an address after `@import` that stands bare.
fn bare(css: &str, passes: &impl Fn(&str, bool) -> bool) -> Vec<Edit> {
    let lower = css.to_ascii_lowercase();
    let ends = |c: char| c.is_ascii_whitespace() || c == ';';
    let mut edits = Vec::new();
    for (at, word) in lower.match_indices("@import") {
        let end = at + word.len();
        if !css[end..].starts_with(|c: char| c.is_ascii_whitespace()) {
            continue;
        }
        let value = css[end..].trim_start_matches(|c: char| c.is_ascii_whitespace());
        let value = value.split(ends).next().unwrap_or_default();
        let written =
            value.starts_with(['"', '\'']) || value.get(..4).is_some_and(|four| four.eq_ignore_ascii_case("url("));
        if !written && !value.is_empty() && !passes(value.trim_matches(['"', '\'', '(', ')']), true) {
            edits.push((at, end, "@held".to_owned()));
        }
    }
    edits
}

/// What strings mean after an at-rule of this name.
fn ruled(name: &str) -> Option<Place> {
    match name.to_ascii_lowercase().as_str() {
        "import" => Some(Place::Import),
        "namespace" => Some(Place::Name),
        _ => None,
    }
}

/// What strings mean inside a function that is called where they meant this.
fn called(name: &str, place: Place) -> Place {
    match name.to_ascii_lowercase().as_str() {
        _ if place == Place::Name => Place::Name,
        "url" | "src" if place == Place::Import => Place::Import,
        "url" | "src" | "image" | "image-set" | "-webkit-image-set" => Place::Address,
        // `@import "x" supports(content: "y")` and the like: strings inside are text again.
        "supports" | "layer" | "selector" | "type" | "format" | "tech" => Place::Text,
        // `image-set(var(--x, "y"))` and the like.
        _ => place,
    }
}

/// Whether a declaration of this name may give an address to a function elsewhere: a custom property, what one is at
/// first (CSS Properties and Values 1 §2), what a custom function comes to (CSS Mixins 1 §2).
fn carries(name: &str) -> bool {
    name.starts_with("--") || name.eq_ignore_ascii_case("initial-value") || name.eq_ignore_ascii_case("result")
}

/// An address as it reads to who knows nothing of escapes: browsers look ahead for `@import` in that way, and fetch what
/// they find. Nothing where there are no escapes.
fn plain(token: &str) -> Option<&str> {
    let inside = token.split_once('(').map_or(token, |(_, rest)| rest);
    token
        .contains('\\')
        .then(|| inside.trim_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | ')')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filtered(css: &str) -> String {
        filter(css, |address, _| !address.contains("t.test")).map_or_else(|| css.to_owned(), |(css, _)| css)
    }

    #[test]
    fn every_address_is_found() {
        for css in [
            "a{background:url(//t.test/x)}",
            "a{background:URL( '//t.test/x' )}",
            "a{background:\\75 rl(//t.test/x)}",
            "a{background:url(//t\\.test/x)}",
            "@import '//t.test/x.css';",
            "@import url(//t.test/x.css) screen;",
            "@IMPORT/**/\"//t.test/x\"",
            "a{background:image-set('//t.test/1' 1x, url(//t.test/2) 2x)}",
            "@font-face{src:local(x),url(//t.test/f.woff2)}",
            "@media screen{a{b:url(//t.test)}}",
            "a{--x:url(//t.test)}",
            "a{cursor:url(//t.test/c",
            "a{--x:'//t.test/x';background:image-set(var(--x) 1x)}",
            "a{background:image-set(var(--none,'//t.test/x') 1x)}",
            "@property --x{syntax:'<string>';inherits:true;initial-value:'//t.test/x'}",
            r"@import '\\\\t.test/x';",
            r"@import url(\\\\t.test/x);",
        ] {
            let out = filtered(css);
            let gone = !out.replace('\\', "").contains("t.test") || out.contains("@held");
            assert!(gone, "{css} → {out}");
        }
    }

    #[test]
    fn text_and_names_stay() {
        for css in [
            "a{content:'//t.test'}",
            "@namespace svg url(http://t.test/svg);",
            "@namespace 'http://t.test/svg';",
            "/* url(//t.test) */ a{b:c}",
            "a[href='//t.test']{b:c}",
        ] {
            assert_eq!(filtered(css), css);
        }
        assert_eq!(filtered("@import 'a.css';a{content:'//t.test'}"), "@import 'a.css';a{content:'//t.test'}");
    }

    #[test]
    fn deep_nesting_is_emptied_not_followed() {
        assert_eq!(filtered(&format!("{}url(//t.test)", "(".repeat(5000))), "");
    }

    /// Holds what leads to one host, also from inside of a sheet that an address carries.
    fn fine(address: &str, sheet: bool) -> bool {
        match data::read(address, sheet) {
            Some(Carried::Text(inner)) if sheet => filter(&inner, fine).is_none(),
            _ => !address.starts_with("//t.test"),
        }
    }

    #[test]
    fn a_bare_address_is_judged_as_it_will_end() {
        // The string that is held has the end of the bare address in it, and what is written in its place has not.
        for css in [
            "@import data:text/css,\"//t.test/x \"url(%2f%2ft.test",
            "@import data:text/css,'//t.test/x;'url(%2f%2ft.test)",
        ] {
            let once = filter(css, fine).map(|(css, _)| css).unwrap_or_default();
            let twice = filter(&once, fine);
            assert!(once.starts_with("@held") && twice.is_none(), "{css} → {once} → {twice:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_held_is_left(css in "[ut(){}'\"/*;@\\\\ :r l]{0,60}") {
            let once = filter(&css, |_, _| false).map_or(css.clone(), |(css, _)| css);
            let twice = filter(&once, |address, _| address == NOTHING);
            prop_assert!(twice.is_none(), "{css:?} → {once:?} → {twice:?}");
        }
    }
}
