//! Text that is more than text: style sheets, documents for browsers without script, speculation rules.
//! Collected whole, up to a bound, because a token may end in any chunk.

use super::inline::loads_held;
use super::{END, Shared, State, css, fragment, lock, sheet};
use crate::{Inline, Means};
use lol_html::html_content::{Comment, ContentType, TextChunk};
use lol_html::send::ElementContentHandlers;

/// A style sheet or noscript in the page may be this long; beyond it the page ends.
pub(crate) const BOUND: usize = 4 << 20;

/// What the text of an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// CSS.
    Style,
    /// Markup for browsers without script.
    Noscript,
    /// A script, which may be rules for loading ahead.
    Script,
}

/// What the text of a script is, where it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// Speculation rules.
    Rules,
    /// JavaScript.
    Code,
    /// JavaScript in SVG, where entities are decoded.
    Foreign,
}

impl Script {
    /// By the type of the script; `foreign` where its text has entities.
    pub(crate) fn of(kind: &str, foreign: bool, means: &Means) -> Option<Self> {
        let kind = kind.trim().to_ascii_lowercase();
        if kind.contains("speculationrules") {
            return Some(Self::Rules);
        }
        let code = kind.is_empty() || kind == "module" || crate::kind::script(&kind);
        (code && means.inline != Inline::Pass).then_some(if foreign { Self::Foreign } else { Self::Code })
    }
}

/// Which elements' text is rewritten, and as what.
pub(crate) const HANDLERS: &[(&str, Kind)] =
    &[("style", Kind::Style), ("noscript", Kind::Noscript), ("script", Kind::Script)];

/// A handler that collects the text of an element and puts the rewritten text in its place.
pub(crate) fn handler(state: Shared, kind: Kind) -> ElementContentHandlers<'static> {
    let mut collected = String::new();
    let comments = Shared::clone(&state);
    let handlers = ElementContentHandlers::default();
    let handlers = if kind == Kind::Style {
        handlers.comments(move |comment: &mut Comment<'_>| {
            sheet::comment(comment, &mut lock(&comments));
            Ok(())
        })
    } else {
        handlers
    };
    handlers.text(move |chunk: &mut TextChunk<'_>| {
        let mut state = lock(&state);
        if kind == Kind::Style && sheet::collect(chunk, &mut state)? {
            return Ok(());
        }
        // Within a noscript of HTML all is its text, outside of one nothing is.
        if (kind == Kind::Noscript) != state.raw {
            return Ok(());
        }
        if kind == Kind::Script && state.script.is_none() {
            return Ok(());
        }
        if collected.len() + chunk.as_str().len() > BOUND {
            return Err("text beyond its bound".into());
        }
        collected.push_str(chunk.as_str());
        if chunk.last_in_text_node() {
            let text = std::mem::take(&mut collected);
            let new = match kind {
                Kind::Style => style(&text, &mut state),
                Kind::Noscript => noscript(&text, &mut state),
                Kind::Script => script(&text, &mut state),
            };
            let new = new.unwrap_or(text);
            chunk.replace(&new, ContentType::Html);
        } else {
            chunk.remove();
        }
        Ok(())
    })
}

fn style(text: &str, state: &mut State) -> Option<String> {
    let (css, held) = css::judged(text, &state.judge)?;
    state.tally.held += held;
    Some(css)
}

fn noscript(text: &str, state: &mut State) -> Option<String> {
    // In a page that ends inside the noscript, the mark at its end is our own.
    let text = text.strip_suffix(END).unwrap_or(text);
    let inner = fragment(text, state, false).filter(|inner| inner.clear).map(|inner| inner.html);
    Some(inner.unwrap_or_else(|| {
        state.tally.held += 1;
        String::new()
    }))
}

/// A script that would load from a held host does not run; what it would have been is seen by who reads the page.
pub(crate) fn script(text: &str, state: &mut State) -> Option<String> {
    let loads = match state.script? {
        Script::Rules => return rules(text, state),
        Script::Code => loads_held(text, &state.judge, state.means.inline),
        Script::Foreign => loads_held(&htmlize::unescape(text), &state.judge, state.means.inline),
    };
    loads.then(|| {
        state.tally.held += 1;
        "/* held by bandeau: it would load from a service that is not granted */".to_owned()
    })
}

/// Speculation rules fetch what no policy header stops. Rules that name, or may name, a held host go whole.
pub(crate) fn rules(text: &str, state: &mut State) -> Option<String> {
    reaches(text, &state.judge).then(|| {
        state.tally.held += 1;
        "{}".to_owned()
    })
}

/// Words of rules that choose among the page's links by more than their addresses.
const CHOOSE: [&str; 9] =
    ["document", "selector_matches", "and", "or", "not", "protocol", "hostname", "username", "baseurl"];

/// Whether rules reach, or may reach, a held host: by an address, by a pattern (URL Pattern §1.1) that stands
/// for other hosts than the one it can be read as, or by a choice among all links of the page.
pub(crate) fn reaches(text: &str, judge: &crate::Judge) -> bool {
    let compact: String = text.split_ascii_whitespace().collect();
    let pattern = "\"href_matches\":";
    let chosen = compact.match_indices(pattern).any(|(at, _)| !compact[at + pattern.len()..].starts_with('"'));
    chosen
        || text.split('"').skip(1).step_by(2).any(|string| {
            let wild = string.trim_start().starts_with('*')
                || string.contains("://*")
                || string.contains(['\\', '{', '('])
                || string.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':'))
                    && url::Url::parse(string).is_err();
            let chooses = CHOOSE.iter().any(|word| word.eq_ignore_ascii_case(string));
            wild || chooses || !judge.url(string).passes()
        })
}
