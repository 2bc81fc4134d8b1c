//! Start tags of XML: what elements and attributes are by their namespaces, and what each may not load.

use super::super::carrier::{self, Context, Reach, reach};
use super::super::element::HELD_FORM;
use super::super::inline::loads_held;
use super::super::links::link;
use super::super::{State, css, fragment, srcset, text};
use super::prolog::Entities;
use crate::Withheld;
use std::ops::Range;

const XHTML: &str = "http://www.w3.org/1999/xhtml";
const SVG: &str = "http://www.w3.org/2000/svg";
const MATHML: &str = "http://www.w3.org/1998/Math/MathML";
const XLINK: &str = "http://www.w3.org/1999/xlink";

/// Prefixes in force take at most this much.
const PREFIXES: usize = 1 << 20;

/// One attribute as it is written.
#[derive(Debug)]
pub(super) struct Attribute<'t> {
    /// Where it stands in what was read, with name and quotes.
    pub(super) span: Range<usize>,
    pub(super) name: &'t str,
    /// What stands between the quotes.
    pub(super) value: &'t str,
}

/// Reads attributes (XML §3.1).
///
/// # Errors
/// At the first thing that is none: browsers stop there.
pub(super) fn attributes(text: &str) -> Result<Vec<Attribute<'_>>, Withheld> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let start = text.len() - rest.len();
        let (name, after) = rest.split_once('=').ok_or(Withheld::Ambiguous)?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or(Withheld::Ambiguous)?;
        let (value, after) = after[1..].split_once(quote).ok_or(Withheld::Ambiguous)?;
        let name = name.trim_end();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(Withheld::Ambiguous);
        }
        all.push(Attribute { span: start..text.len() - after.len(), name, value });
        rest = after.trim_start();
    }
    Ok(all)
}

/// Which namespace each prefix means where the document stands (Namespaces in XML §6).
#[derive(Debug, Default)]
pub(super) struct Names {
    /// How many elements are open.
    pub(super) depth: usize,
    // Invariant: in the order of declaration, so that depths only grow.
    bound: Vec<(usize, String, String)>,
    size: usize,
}

impl Names {
    fn open(&mut self, attributes: &[Attribute<'_>], entities: &Entities) -> Result<(), Withheld> {
        self.depth += 1;
        for one in attributes {
            let prefix = match one.name.split_once(':') {
                Some(("xmlns", prefix)) => prefix,
                None if one.name == "xmlns" => "",
                _ => continue,
            };
            if entities.strange(one.value) {
                return Err(Withheld::Ambiguous);
            }
            let namespace = normal(one.value, entities);
            self.size += prefix.len() + namespace.len();
            self.bound.push((self.depth, prefix.to_owned(), namespace));
        }
        if self.size > PREFIXES { Err(Withheld::Memory) } else { Ok(()) }
    }

    pub(super) fn close(&mut self) {
        while let Some((_, prefix, namespace)) = self.bound.pop_if(|(depth, ..)| *depth >= self.depth) {
            self.size -= prefix.len() + namespace.len();
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn of(&self, prefix: &str) -> &str {
        self.bound.iter().rfind(|(_, bound, _)| bound == prefix).map_or("", |(_, _, namespace)| namespace)
    }
}

/// An attribute's value as the browser reads it: white space is spaces (XML §3.3.3), unless it is written as a
/// reference.
fn normal(value: &str, entities: &Entities) -> String {
    entities.decode(&value.replace(['\t', '\n', '\r'], " "))
}

/// Text as it is written in XML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", c as u32)),
            _ => out.push(c),
        }
    }
    out
}

/// What becomes of an attribute.
enum Fate {
    /// It stays as it is.
    Stay,
    /// It goes, its value is kept beside, and this stands in its place.
    Aside(Option<&'static str>),
    /// It gets this value.
    Become(String),
}

/// What is sent for a start tag, and what its text is if that is more than text.
///
/// # Errors
/// When it is none.
pub(super) fn open(
    token: &str,
    names: &mut Names,
    entities: &Entities,
    state: &mut State,
) -> Result<(String, Option<text::Kind>), Withheld> {
    let inside = &token[1..token.len() - 1];
    let empty = inside.ends_with('/');
    let inside = inside.strip_suffix('/').unwrap_or(inside);
    let (name, rest) = inside.split_at(inside.find(char::is_whitespace).unwrap_or(inside.len()));
    let all = attributes(rest)?;
    names.open(&all, entities)?;
    let (prefix, tag) = name.split_once(':').unwrap_or(("", name));
    let live = [XHTML, SVG, MATHML].contains(&names.of(prefix));
    let (sent, kind) = if live {
        let tag = tag.to_ascii_lowercase();
        let read: Vec<Read<'_>> = all.iter().map(|one| Read::new(one, names, entities)).collect();
        let means =
            |one: &&Read<'_>| tag == "base" || ["rel", "type", "http-equiv", "xml:base"].contains(&one.name.as_str());
        // What an element is must not depend on who knows which entity.
        if read.iter().filter(means).any(|one| one.strange) {
            return Err(Withheld::Ambiguous);
        }
        (element(&tag, rest, &read, state), kind(&tag, &read, state))
    } else {
        (rest.to_owned(), None)
    };
    if empty {
        names.close();
    }
    Ok((format!("<{name}{sent}{}>", if empty { "/" } else { "" }), kind.filter(|_| !empty)))
}

/// An attribute as it is understood.
struct Read<'t> {
    written: &'t Attribute<'t>,
    /// Its name where it belongs to the element, the names of XLink and XML spelled in full, and nothing for those of
    /// other namespaces.
    name: String,
    value: String,
    /// Whether the value has references that browsers may know or not.
    strange: bool,
}

impl<'t> Read<'t> {
    fn new(written: &'t Attribute<'t>, names: &Names, entities: &Entities) -> Self {
        let name = match written.name.split_once(':') {
            None => written.name.to_ascii_lowercase(),
            Some(("xml", "base")) => "xml:base".to_owned(),
            // A prefix nobody bound ends the document in some engines and not in others.
            Some((prefix, local)) if prefix == "xlink" || names.of(prefix) == XLINK => format!("xlink:{local}"),
            Some(_) => String::new(),
        };
        let value = normal(written.value, entities);
        Self { written, name, value, strange: entities.strange(written.value) }
    }
}

fn kind(tag: &str, read: &[Read<'_>], state: &mut State) -> Option<text::Kind> {
    match tag {
        "style" => Some(text::Kind::Style),
        "script" => {
            let kind = read.iter().find(|one| one.name == "type").map(|one| one.value.as_str());
            state.script = text::Script::of(kind.unwrap_or_default(), false, &state.means);
            state.script.map(|_| text::Kind::Script)
        }
        _ => None,
    }
}

/// Judges the attributes of one element, and writes anew what is held.
fn element(tag: &str, rest: &str, read: &[Read<'_>], state: &mut State) -> String {
    let said = |name: &str| read.iter().find(|one| one.name == name).map(|one| one.value.as_str());
    // Some engines still resolve against it.
    for base in [said("xml:base"), said("href").filter(|_| tag == "base")].into_iter().flatten() {
        state.judge.base(base);
    }
    let lower = |name| said(name).map(|value| value.trim().to_ascii_lowercase());
    let context = Context {
        rel: (tag == "link").then(|| lower("rel")).flatten(),
        refresh: tag == "meta" && lower("http-equiv").as_deref() == Some("refresh"),
    };
    let (mut out, mut from, mut quiet) = (String::new(), 0, false);
    for one in read {
        let Some(reach) = reach(tag, &one.name, &context).filter(|_| carrier::matters(&one.name)) else {
            continue;
        };
        let written = one.written;
        let new = match fate(reach, one, state) {
            Fate::Stay => continue,
            Fate::Become(value) => format!("{}=\"{}\"", written.name, escape(&value)),
            Fate::Aside(instead) => {
                let beside = format!("data-bandeau-{}", written.name.replace(':', "-"));
                // Two of one name would end the document.
                let free = read.iter().all(|other| other.written.name != beside);
                let kept = free.then(|| format!("{beside}=\"{}\"", escape(&one.value)));
                let instead = instead.map(|instead| format!("{}=\"{instead}\"", written.name));
                kept.into_iter().chain(instead).collect::<Vec<_>>().join(" ")
            }
        };
        quiet |= tag == "script";
        out += &rest[from..written.span.start];
        out += &new;
        from = written.span.end;
    }
    out += &rest[from..];
    if quiet { still(&out) } else { out }
}

/// A script without its address, whose own text must not run instead.
fn still(rest: &str) -> String {
    let typed = attributes(rest).ok().and_then(|all| all.into_iter().find(|one| one.name == "type"));
    match typed {
        Some(one) => format!("{}type=\"text/plain\"{}", &rest[..one.span.start], &rest[one.span.end..]),
        None => format!("{rest} type=\"text/plain\""),
    }
}

fn fate(reach: Reach, one: &Read<'_>, state: &mut State) -> Fate {
    let (judge, value) = (&state.judge, one.value.as_str());
    let loads = |address: &str| judge.url(address).passes();
    let (fate, held) = match reach {
        // Browsers may read another address than we do.
        Reach::Form if one.strange => (Fate::Aside(Some(HELD_FORM)), 1),
        _ if one.strange => (Fate::Aside(None), 1),
        Reach::Load if !loads(value) => (Fate::Aside(None), 1),
        Reach::Connect if !judge.host(value).passes() => (Fate::Aside(None), 1),
        Reach::Refresh if carrier::refresh(value).is_some_and(|to| judge.leaves(to)) => (Fate::Aside(None), 1),
        Reach::Form if judge.leaves(value) => (Fate::Aside(Some(HELD_FORM)), 1),
        Reach::Values if value.split(';').any(|part| !loads(part.trim())) => (Fate::Aside(None), 1),
        Reach::Set => match srcset::filter(value, loads) {
            (kept, true) => (Fate::Become(kept), 1),
            _ => (Fate::Stay, 0),
        },
        Reach::Style => match css::judged(value, judge) {
            Some((css, held)) => (Fate::Become(css), held),
            None => (Fate::Stay, 0),
        },
        Reach::Pings => {
            let (kept, held): (Vec<&str>, Vec<&str>) = value.split_ascii_whitespace().partition(|one| loads(one));
            if held.is_empty() { (Fate::Stay, 0) } else { (Fate::Become(kept.join(" ")), 1) }
        }
        Reach::Document => {
            // Counts what it holds itself; what cannot be read is held whole.
            let inner = fragment(value, state, true).map(|inner| inner.html);
            let lost = u64::from(inner.is_none());
            let inner = inner.unwrap_or_default();
            if inner == value { (Fate::Stay, 0) } else { (Fate::Become(inner), lost) }
        }
        Reach::Link => match link(value, state) {
            Some(to) => (Fate::Become(to), 0),
            None => (Fate::Stay, 0),
        },
        Reach::Handler if loads_held(value, judge, state.means.inline) => (Fate::Aside(None), 1),
        Reach::Load | Reach::Connect | Reach::Refresh | Reach::Form | Reach::Values | Reach::Handler => (Fate::Stay, 0),
    };
    state.tally.held += held;
    fate
}
