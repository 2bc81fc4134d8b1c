//! Text that is more than text: style sheets, documents for browsers without script, speculation rules.
//! Collected whole, up to a bound, because a token may end in any chunk.

use super::{END, Shared, State, css, fragment, lock, sheet};
use lol_html::html_content::{Comment, ContentType, TextChunk};
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
    let (css, held) = css::judged(text, &state.judge)?;
    state.tally.held += held;
    Some(css)
}

fn noscript(text: &str, state: &mut State) -> Option<String> {
    // In a page that ends inside the noscript, the mark at its end is our own.
    let text = text.strip_suffix(END).unwrap_or(text);
    let inner = fragment(text, state).filter(|inner| inner.clear).map(|inner| inner.html);
    Some(inner.unwrap_or_else(|| {
        state.tally.held += 1;
        String::new()
    }))
}

/// Speculation rules fetch what no policy header stops. Rules that name, or may name, a held host go whole.
fn rules(text: &str, state: &mut State) -> Option<String> {
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
fn reaches(text: &str, judge: &crate::Judge) -> bool {
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
