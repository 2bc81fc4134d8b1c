//! Elements: each is looked at once, and what it may not load is taken from it.

use super::attribute::{self, decode, put, replace};
use super::carrier::{self, Context, Reach, reach};
use super::data::{self, Carried};
use super::inline::loads_held;
use super::links::link;
use super::place::{begin, first, notice};
use super::text::Script;
use super::{Shared, State, apart, css, fragment, lock, srcset};
use crate::{Held, Judge};
use bandeau_consent::{Feature, Purpose, Verdict};
use lol_html::Selector;
use lol_html::html_content::ContentType;
use lol_html::send::{Element, ElementContentHandlers};
use std::borrow::Cow;
use std::sync::Arc;

/// Where a held form is sent instead: a page of ours that says so.
pub(crate) const HELD_FORM: &str = "/.well-known/bandeau/held";

/// One transparent pixel, fetched from nowhere.
const BLANK: &str = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

/// Looks at one element: puts the notice in where the body begins, and holds what must be held.
pub(crate) fn look(el: &mut Element<'_, '_>, state: &mut State) {
    let tag = el.tag_name();
    if state.ended && tag == "bandeau-end" {
        state.whole = true;
        match notice(state) {
            Some(notice) => el.replace(&notice, ContentType::Html),
            None => el.remove(),
        }
        return;
    }
    if tag == "noscript" {
        state.raw = el.namespace_uri() == "http://www.w3.org/1999/xhtml";
    }
    if state.first {
        first(el, &tag, state);
    }
    if state.due {
        begin(el, &tag, state);
    }
    if tag == "script" {
        state.script = text_of(el, state);
    }
    state.begun |= !matches!(tag.as_str(), "html" | "head" | "title" | "meta" | "base");
    let before = state.tally.held;
    if tag == "script" && disguised(el) {
        state.tally.held += 1;
        replace(el, "type", "text/plain");
    }
    attributes(el, &tag, state);
    // A name that begins with `=` is a name only where it stands (HTML §13.2.5.32): behind another attribute it
    // would be read as its value, and a quote in it would set free what was quoted. Such an element cannot be
    // written anew.
    if state.tally.held > before && !el.removed() && el.attributes().iter().any(|one| one.name().starts_with('=')) {
        el.remove();
    }
}

/// Judges the attributes of one element.
fn attributes(el: &mut Element<'_, '_>, tag: &str, state: &mut State) {
    let Some(attributes) = attribute::read(el, state) else {
        state.torn = true;
        return;
    };
    if attributes.is_empty() {
        return;
    }
    if tag == "meta" && lower(el, "http-equiv").as_deref() == Some("content-security-policy") {
        let policy = attributes.iter().find(|(name, _)| name == "content");
        policy.into_iter().for_each(|(_, policy)| state.face.meet(policy));
    }
    if tag == "base" {
        if let Some((_, href)) = attributes.iter().find(|(name, _)| name == "href") {
            base(el, href, state);
        }
        return;
    }
    let context = context(el, tag);
    for (name, value) in &attributes {
        if let Some(reach) = reach(tag, name, &context) {
            hold(el, tag, name, value, reach, state);
        }
        if el.removed() {
            return;
        }
    }
}

/// Notes a `<base>`. One that leads to a held host and comes late is taken out: browsers look addresses up when they
/// need them, so it would still move those that stand before it. So is one in a document inside the page, which may move
/// the page's, and one that not everybody takes for an address.
fn base(el: &mut Element<'_, '_>, href: &str, state: &mut State) {
    let late = state.begun || state.depth > 0;
    if state.judge.moves(href).is_none_or(|held| held && late) {
        state.tally.held += 1;
        set_aside(el, "base", "href", href);
    } else {
        state.judge.base(href);
    }
}

/// Whether a script holds speculation rules that the handler of their text does not see as they are: its
/// selector reads the type as written, and in SVG the text has entities of its own.
fn disguised(el: &Element<'_, '_>) -> bool {
    let Some(kind) = el.get_attribute("type") else {
        return false;
    };
    let foreign = el.namespace_uri() != "http://www.w3.org/1999/xhtml";
    (foreign || kind.contains('&')) && decode(&kind).to_ascii_lowercase().contains("speculationrules")
}

/// As what the text of a script is judged, if it is.
fn text_of(el: &Element<'_, '_>, state: &State) -> Option<Script> {
    let kind = el.get_attribute("type").or_else(|| el.get_attribute("language").map(|name| format!("text/{name}")));
    let foreign = el.namespace_uri() != "http://www.w3.org/1999/xhtml";
    Script::of(&kind.map(|kind| decode(&kind)).unwrap_or_default(), foreign, &state.means)
}

fn lower(el: &Element<'_, '_>, name: &str) -> Option<String> {
    el.get_attribute(name).map(|value| decode(&value).trim().to_ascii_lowercase())
}

fn context(el: &Element<'_, '_>, tag: &str) -> Context {
    // Browsers that look ahead may take the second of two.
    let rels = || {
        let all = el.attributes().iter().filter(|one| one.name() == "rel");
        all.map(|one| decode(&one.value()).to_ascii_lowercase()).collect::<Vec<_>>().join(" ")
    };
    Context {
        rel: (tag == "link").then(rels),
        refresh: tag == "meta" && lower(el, "http-equiv").as_deref() == Some("refresh"),
    }
}

fn hold(el: &mut Element<'_, '_>, tag: &str, name: &str, value: &str, reach: Reach, state: &mut State) {
    let judge = &state.judge;
    match reach {
        Reach::Load => load(el, tag, name, value, state),
        Reach::Connect if !judge.host(value).passes() => {
            state.tally.held += 1;
            set_aside(el, tag, name, value);
        }
        Reach::Set => {
            let (kept, held) = srcset::filter(value, |address| judge.url(address).passes());
            if held {
                state.tally.held += 1;
                replace(el, name, &kept);
            }
        }
        Reach::Style => {
            if let Some((css, held)) = css::judged(value, judge) {
                state.tally.held += held;
                replace(el, name, &css);
            }
        }
        Reach::Pings => {
            let (kept, held): (Vec<&str>, Vec<&str>) =
                value.split_ascii_whitespace().partition(|address| judge.url(address).passes());
            if !held.is_empty() {
                state.tally.held += 1;
                replace(el, name, &kept.join(" "));
            }
        }
        Reach::Values => {
            let kept = animated(value, judge);
            if kept.len() < value.len() {
                state.tally.held += 1;
                replace(el, name, &kept);
            }
        }
        Reach::Form if judge.leaves(value) => {
            state.tally.held += 1;
            set_aside(el, tag, name, value);
            put(el, name, HELD_FORM);
        }
        Reach::Refresh
            if carrier::refresh(value)
                .is_some_and(|address| judge.leaves(address) || data::read(address, false).is_some()) =>
        {
            state.tally.held += 1;
            el.remove_attribute("http-equiv");
            set_aside(el, tag, name, value);
        }
        Reach::Document => {
            let inner = fragment(value, state, true).map(|inner| inner.html);
            state.tally.held += u64::from(inner.is_none());
            let inner = inner.unwrap_or_default();
            if inner != value {
                replace(el, name, &inner);
            }
        }
        Reach::Link => {
            if let Some(to) = link(value, state) {
                replace(el, name, &to);
            }
        }
        Reach::Handler if loads_held(value, judge, state.means.inline) => {
            state.tally.held += 1;
            set_aside(el, tag, name, value);
        }
        Reach::Connect | Reach::Form | Reach::Refresh | Reach::Handler => {}
    }
}

/// Holds an address that is loaded, or puts a placeholder where a visitor would have seen what it loads.
fn load(el: &mut Element<'_, '_>, tag: &str, name: &str, value: &str, state: &mut State) {
    if carried(el, tag, name, value, state) {
        return;
    }
    let verdict = state.judge.url(value);
    if verdict.passes() {
        return;
    }
    let placeholder = embed(el, tag, name, value, verdict, state);
    state.tally.held += 1;
    match placeholder {
        Some(html) => {
            state.tally.placeholders += 1;
            el.replace(&html, ContentType::Html);
        }
        None => set_aside(el, tag, name, value),
    }
}

/// The values of an animation without those that may not load. What is animated may be an address or a property.
fn animated(values: &str, judge: &Judge) -> String {
    let fine = |part: &&str| judge.url(part.trim()).passes() && css::judged(part, judge).is_none();
    values.split(';').filter(fine).collect::<Vec<_>>().join(";")
}

/// Judges what an address carries: whether something was held and the attribute is settled. Pictures and sounds reach
/// for nothing, whatever they are written in.
fn carried(el: &mut Element<'_, '_>, tag: &str, name: &str, value: &str, state: &mut State) -> bool {
    let still =
        matches!(tag, "img" | "image" | "input" | "source" | "video" | "audio" | "track" | "script" | "feimage");
    if still || matches!(name, "poster" | "background" | "lowsrc" | "dynsrc") {
        return false;
    }
    let written = match data::read(value, tag == "link") {
        None | Some(Carried::Still) => return false,
        Some(Carried::Text(css)) if tag == "link" => match css::judged(&css, &state.judge.adrift()) {
            None => return false,
            Some((css, _)) => Some(data::write("text/css", &css)),
        },
        Some(Carried::Html(html)) if tag != "link" => {
            match apart(&html, state.judge.adrift(), state, false).map(|inner| inner.html) {
                Some(new) if new == html => return false,
                new => new.map(|html| data::write("text/html", &html)),
            }
        }
        Some(Carried::Xml(xml)) if tag != "link" => {
            let judge = state.judge.adrift();
            if !data::reaches(&xml, |address| judge.url(address).passes()) {
                return false;
            }
            None
        }
        Some(Carried::Unclear) => None,
        Some(Carried::Html(_) | Carried::Text(_) | Carried::Xml(_)) => return false,
    };
    state.tally.held += 1;
    match written {
        Some(address) => replace(el, name, &address),
        None => set_aside(el, tag, name, value),
    }
    true
}

/// The placeholder for an embed that is held for a purpose and that a visitor would have seen.
fn embed(
    el: &Element<'_, '_>,
    tag: &str,
    name: &str,
    value: &str,
    verdict: Verdict<'_>,
    state: &State,
) -> Option<String> {
    let Verdict::Hold(purpose) = verdict else {
        return None;
    };
    let content = matches!((tag, name), ("iframe" | "embed" | "video" | "audio", "src") | ("object", "data"));
    if !content || hidden(el) {
        return None;
    }
    let url = state.judge.resolve(value);
    let link = url.as_ref().filter(|url| matches!(url.scheme(), "http" | "https")).map(url::Url::as_str);
    let service = url.as_ref().and_then(|url| state.judge.policy.service_at(url));
    Some(draw(el, state, purpose, service, None, link))
}

fn draw(
    el: &Element<'_, '_>,
    state: &State,
    purpose: &Purpose,
    service: Option<&bandeau_consent::Service>,
    feature: Option<&Feature>,
    link: Option<&str>,
) -> String {
    let size = |name: &str| el.get_attribute(name).map(|value| decode(&value));
    let (width, height) = (size("width"), size("height"));
    let (width, height) = (width.as_deref(), height.as_deref());
    let (tag, attributes) = (el.tag_name(), el.attributes());
    let attributes: Vec<_> = attributes.iter().map(|one| (one.name(), decode(&one.value()))).collect();
    let held = Held { purpose, service, feature, width, height, link, tag: &tag, attributes: &attributes };
    state.face.placeholder(state.language.as_deref(), &held)
}

/// Whether an element is there to be loaded, not seen.
fn hidden(el: &Element<'_, '_>) -> bool {
    let tiny = |name: &str| {
        el.get_attribute(name)
            .is_some_and(|value| value.trim().trim_end_matches("px").parse::<f64>().is_ok_and(|n| n <= 2.0))
    };
    let style = el.get_attribute("style").map(|style| decode(&style).to_ascii_lowercase().replace(' ', ""));
    let unseen = style.is_some_and(|style| style.contains("display:none") || style.contains("visibility:hidden"));
    el.has_attribute("hidden") || tiny("width") || tiny("height") || unseen
}

/// Takes an attribute away and keeps its value beside, where it does nothing.
fn set_aside(el: &mut Element<'_, '_>, tag: &str, name: &str, value: &str) {
    el.remove_attribute(name);
    put(el, &format!("data-bandeau-{}", name.replace(':', "-")), value);
    match (tag, name) {
        // Without its address, what stands between the tags would run.
        ("script", "src") => put(el, "type", "text/plain"),
        ("script", _) if el.namespace_uri() != "http://www.w3.org/1999/xhtml" => put(el, "type", "text/plain"),
        // Without an address, browsers draw a broken picture.
        ("img" | "input", "src") => put(el, name, BLANK),
        _ => {}
    }
}

/// Handlers that put a placeholder into the elements of closed features.
pub(crate) fn closed(state: &Shared) -> Vec<(Cow<'static, Selector>, ElementContentHandlers<'static>)> {
    let judge = lock(state).judge.clone();
    let policy = Arc::clone(&judge.policy);
    let mut handlers = Vec::new();
    for (feature, purpose) in policy.closed(judge.standing) {
        for selector in feature.embeds.iter().filter_map(|selector| selector.parse::<Selector>().ok()) {
            let (state, feature, purpose) = (Arc::clone(state), feature.clone(), purpose.clone());
            let policy = Arc::clone(&policy);
            let close = move |el: &mut Element<'_, '_>| {
                let mut state = lock(&state);
                if el.removed() || !el.can_have_content() {
                    return Ok(());
                }
                let service = policy.services(&purpose.id).next();
                let html = draw(el, &state, &purpose, service, Some(&feature), None);
                state.tally.placeholders += 1;
                el.set_inner_content(&html, ContentType::Html);
                Ok(())
            };
            handlers.push((Cow::Owned(selector), ElementContentHandlers::default().element(close)));
        }
    }
    handlers
}
