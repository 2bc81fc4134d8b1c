//! Drift: signs that the rewriter takes for markup what browsers take for text.
//!
//! The rewriter does not build a tree. After an `<svg/>`, an `<svg>` that is never closed or one inside another,
//! it can believe that it is still in SVG where a browser is back in HTML. It then looks for comments and
//! attributes inside a script, and one that seems to begin there hides real markup behind it. A comment or an
//! attribute that runs over the end of the element it began in is therefore never passed.

use crate::Withheld;
use lol_html::html_content::Comment;
use lol_html::send::{Element, ElementContentHandlers};
use lol_html::{HandlerResult, Selector};
use std::borrow::Cow;

/// Elements whose content is text in HTML (HTML §13.2.6.4).
pub(crate) const TEXT: [&str; 10] =
    ["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"];

/// Whether a text holds what would begin a tag, a comment or the like (HTML §13.2.5.6).
pub(crate) fn markup(text: &str) -> bool {
    let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?');
    text.match_indices('<').any(|(at, _)| text[at + 1..].starts_with(begins))
}

fn runs_over(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.match_indices("</").any(|(at, _)| TEXT.iter().any(|name| text[at + 2..].starts_with(name)))
}

fn refuse(drifts: bool) -> HandlerResult {
    if drifts { Err(Box::new(Withheld::Ambiguous)) } else { Ok(()) }
}

/// Handlers of what stands inside elements that hold text. In HTML they never run: text has no parts.
pub(crate) fn handlers() -> Vec<(Cow<'static, Selector>, ElementContentHandlers<'static>)> {
    let on = |selector: String| selector.parse::<Selector>().ok().map(Cow::Owned);
    let mut handlers = Vec::new();
    for name in TEXT {
        if let Some(itself) = on(name.to_owned()) {
            let look = |comment: &mut Comment<'_>| refuse(runs_over(&comment.text()));
            handlers.push((itself, ElementContentHandlers::default().comments(look)));
        }
        if let Some(inside) = on(format!("{name} *")) {
            let look = |el: &mut Element<'_, '_>| refuse(el.attributes().iter().any(|one| runs_over(&one.value())));
            handlers.push((inside, ElementContentHandlers::default().element(look)));
        }
    }
    handlers
}
