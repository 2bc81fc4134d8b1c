//! Places: where what is ours goes into a page, by the elements that come by. The first script goes before everything
//! that can run, the notice where the body begins. It does not know what either is.

use super::State;
use super::attribute::decode;
use lol_html::html_content::ContentType;
use lol_html::send::Element;

/// Elements that may stand before the body without beginning it (HTML §13.2.6.4.3 to §13.2.6.4.4).
const BEFORE_BODY: [&str; 12] =
    ["html", "head", "title", "base", "link", "meta", "style", "script", "noscript", "template", "bgsound", "basefont"];

/// The notice, once, with its words in the page's language.
pub(crate) fn notice(state: &mut State) -> Option<String> {
    if !std::mem::take(&mut state.due) {
        return None;
    }
    state.tally.shown = true;
    Some(state.face.notice(state.language.as_deref()))
}

/// The first script goes before everything that can run: into the head, or before what stands where it would be.
pub(super) fn first(el: &mut Element<'_, '_>, tag: &str, state: &mut State) {
    if tag == "html" {
        return;
    }
    state.first = false;
    let script = state.face.first();
    if tag == "head" {
        el.prepend(&script, ContentType::Html);
    } else {
        el.before(&script, ContentType::Html);
    }
}

/// The notice goes where the body begins, which may be anywhere.
pub(super) fn begin(el: &mut Element<'_, '_>, tag: &str, state: &mut State) {
    match tag {
        "html" => {
            let language = el.get_attribute("lang").map(|value| decode(&value));
            state.language = language.filter(|language| !language.trim().is_empty()).or(state.language.take());
        }
        "body" => {
            if let Some(notice) = notice(state) {
                el.prepend(&notice, ContentType::Html);
            }
        }
        // A page of frames has no body to put it in; the settings page remains.
        "frameset" => state.due = false,
        _ if BEFORE_BODY.contains(&tag) => {}
        _ => {
            if let Some(notice) = notice(state) {
                el.before(&notice, ContentType::Html);
            }
        }
    }
}
