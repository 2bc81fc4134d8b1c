//! Text that is more than text: style sheets, documents for browsers without script, speculation rules.
//! Collected whole, up to a bound, because a token may end in any chunk.

use super::{Shared, State, css, fragment, lock};
use lol_html::html_content::{ContentType, TextChunk};
use lol_html::send::ElementContentHandlers;

/// A style sheet or noscript in the page may be this long; beyond it the page ends.
const BOUND: usize = 4 << 20;

/// What the text of an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// CSS.
    Style,
    /// Markup for browsers without script.
    Noscript,
    /// Speculation rules.
    Rules,
}

/// Which elements' text is rewritten, and as what.
pub(crate) const HANDLERS: &[(&str, Kind)] =
    &[("style", Kind::Style), ("noscript", Kind::Noscript), ("script[type*=speculationrules i]", Kind::Rules)];

/// A handler that collects the text of an element and puts the rewritten text in its place.
pub(crate) fn handler(state: Shared, kind: Kind) -> ElementContentHandlers<'static> {
    let mut collected = String::new();
    ElementContentHandlers::default().text(move |chunk: &mut TextChunk<'_>| {
        let mut state = lock(&state);
        if kind == Kind::Noscript && !state.raw {
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
                Kind::Rules => rules(&text, &mut state),
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
    let (css, held) = css::filter(text, |address| state.judge.url(address).passes())?;
    state.tally.held += held;
    Some(css)
}

fn noscript(text: &str, state: &mut State) -> Option<String> {
    Some(fragment(text, state).unwrap_or_else(|| {
        state.tally.held += 1;
        String::new()
    }))
}

/// Speculation rules fetch what no policy header stops. Rules that name, or may name, a held host go whole.
fn rules(text: &str, state: &mut State) -> Option<String> {
    let bad = text.split('"').skip(1).step_by(2).any(|string| {
        let anywhere = string.trim_start().starts_with('*') || string.contains("://*") || string.contains('\\');
        anywhere || !state.judge.url(string).passes()
    });
    bad.then(|| {
        state.tally.held += 1;
        "{}".to_owned()
    })
}
