//! Attributes, read as the browser reads them and written so that it reads them as meant.

use super::{State, carrier};
use encoding_rs::Encoding;
use lol_html::html_content::Attribute;
use lol_html::send::Element;

/// The attributes of an element that matter, each name once, entities decoded. Nothing where one of them reads in two
/// ways.
pub(crate) fn read(el: &mut Element<'_, '_>, state: &mut State) -> Option<Vec<(String, String)>> {
    let mut attributes: Vec<(String, String)> = Vec::new();
    let mut again = Vec::new();
    for one in el.attributes().iter().filter(|one| carrier::matters(&one.name())) {
        let (name, value) = (one.name(), decode(&value(one, state.encoding)?));
        let first = attributes.iter().any(|(known, _)| *known == name);
        if first { &mut again } else { &mut attributes }.push((name, value));
    }
    // Of two attributes of one name the second is none (HTML §13.2.5.33), but browsers that look ahead may take it.
    for (name, value) in again {
        let first = attributes.iter().find(|(known, _)| *known == name);
        if let Some((_, first)) = first.filter(|(_, first)| *first != value && !state.judge.url(&value).passes()) {
            state.tally.held += 1;
            replace(el, &name, first);
        }
    }
    Some(attributes)
}

/// An attribute's value as it is written; nothing where the rewriter read it otherwise than a browser. It takes a byte
/// order mark for one at the beginning of every value; browsers do so at the beginning of a page only.
fn value(one: &Attribute<'_>, encoding: Option<&'static Encoding>) -> Option<String> {
    let text = one.value();
    let Some(length) = one.value_source_location().map(|place| place.bytes().len()) else {
        return Some(text);
    };
    match encoding {
        None if length == text.len() => Some(text),
        None => Some(format!("\u{feff}{text}")),
        Some(encoding) => (encoding.encode(&text).0.len() == length).then_some(text),
    }
}

/// An attribute's value as the browser reads it: without null characters (HTML §13.2.5.36), entities decoded.
pub(crate) fn decode(value: &str) -> String {
    htmlize::unescape_attribute(value.replace('\0', "\u{fffd}")).into_owned()
}

/// Writes an attribute anew; a second one of the same name would have been ignored, and goes.
pub(crate) fn replace(el: &mut Element<'_, '_>, name: &str, value: &str) {
    el.remove_attribute(name);
    put(el, name, value);
}

pub(crate) fn put(el: &mut Element<'_, '_>, name: &str, value: &str) {
    // Invariant: names come from the carrier table, so they are valid; quotes are escaped by the rewriter.
    let _ = el.set_attribute(name, &value.replace('&', "&amp;"));
}
