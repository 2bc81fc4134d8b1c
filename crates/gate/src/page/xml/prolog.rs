//! What stands before and between the elements of an XML document: its encoding, its type with the entities that
//! declares, and its instructions.

use super::super::State;
use super::tag::{Attribute, attributes};
use crate::{BadCharset, Charset, Withheld};
use std::collections::BTreeMap;

/// The encoding of a document (XML §4.3.3, RFC 7303 §3): byte order mark, then the transport's word, then its
/// declaration, then UTF-8.
///
/// # Errors
/// When it names one that browsers refuse to read.
pub(in crate::page) fn charset(said: Option<Charset>, first: &[u8]) -> Result<Charset, BadCharset> {
    let label = |name: &str| Charset::label(&format!(";charset={name}"));
    let text = String::from_utf8_lossy(first);
    let declared = text.split_once("?>").map(|(start, _)| start).filter(|start| start.starts_with("<?xml"));
    let named = declared
        .and_then(|start| attributes(&start[5..]).ok())
        .and_then(|all| all.iter().find(|one| one.name == "encoding").map(|one| one.value.to_owned()));
    let found = match first {
        // Without a mark, the declaration's own first letters tell (XML appendix F.1).
        [b'<', 0, b'?', 0, ..] => label("utf-16le")?,
        [0, b'<', 0, b'?', ..] => label("utf-16be")?,
        _ => match named.as_deref().map(label).transpose()?.flatten() {
            // What was read byte by byte so far is in no encoding of two.
            Some(wide) if wide.encoding().output_encoding() != wide.encoding() => label("utf-8")?,
            found => found,
        },
    };
    match said.or(found).or(label("utf-8")?) {
        Some(charset) => Charset::decide(Some(charset), first),
        None => Err(BadCharset),
    }
}

/// Where a declaration of a document's type ends; none where it has not all come yet.
///
/// # Errors
/// When something in it may mean another thing to a browser.
pub(super) fn end(text: &str) -> Result<Option<usize>, Withheld> {
    let (mut at, mut inside) = (2, false);
    while let Some(byte) = text.as_bytes().get(at) {
        let rest = &text[at..];
        let skip = match byte {
            b'"' | b'\'' => rest[1..].find(*byte as char).map(|end| end + 2),
            _ if rest.starts_with("<!--") => rest[4..].find("-->").map(|end| end + 7),
            // An instruction here may be obeyed like any other.
            _ if rest.starts_with("<?") => return Err(Withheld::Ambiguous),
            b'<' if rest.len() < 4 => None,
            b'[' => {
                inside = true;
                Some(1)
            }
            b']' => {
                inside = false;
                Some(1)
            }
            b'>' if !inside => return Ok(Some(at + 1)),
            _ => rest.chars().next().map(char::len_utf8),
        };
        match skip {
            Some(skip) => at += skip,
            None => return Ok(None),
        }
    }
    Ok(None)
}

/// Entities every document has.
const FIVE: [&str; 5] = ["amp", "lt", "gt", "quot", "apos"];

/// Entities a document declares (XML §4.2): names for texts, to us. Any that could hold markup ends the document.
#[derive(Debug, Default)]
pub(super) struct Entities(BTreeMap<String, String>);

impl Entities {
    /// Reads a declaration of the document's type.
    ///
    /// # Errors
    /// When it declares anything but plain texts and what is without effect here.
    pub(super) fn declare(&mut self, doctype: &str) -> Result<(), Withheld> {
        let Some((_, subset)) = doctype.split_once('[') else {
            return Ok(());
        };
        let mut rest = subset;
        while let Some(at) = rest.find("<!") {
            rest = &rest[at..];
            let ends =
                if rest.starts_with("<!--") { rest.find("-->") } else { end(rest)? }.ok_or(Withheld::Ambiguous)?;
            let (declaration, after) = rest.split_at(ends);
            rest = after;
            if let Some(entity) = declaration.strip_prefix("<!ENTITY") {
                self.entity(entity)?;
            } else if declaration.starts_with("<!ATTLIST") {
                // It could give elements attributes that no tag shows.
                return Err(Withheld::Ambiguous);
            }
        }
        // A parameter entity stands for declarations that are not seen here.
        let plain = subset.split("-->").all(|part| !part.split("<!--").next().unwrap_or_default().contains('%'));
        if plain { Ok(()) } else { Err(Withheld::Ambiguous) }
    }

    fn entity(&mut self, declaration: &str) -> Result<(), Withheld> {
        let (name, value) = declaration.trim().split_once(char::is_whitespace).ok_or(Withheld::Ambiguous)?;
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or(Withheld::Ambiguous)?;
        let value = value[1..].split(quote).next().unwrap_or_default();
        if value.contains(['<', '&', '%']) {
            return Err(Withheld::Ambiguous);
        }
        // Those five mean what they mean whatever is declared (XML §4.6).
        if FIVE.contains(&name) {
            return Ok(());
        }
        // Of two declarations the first counts (XML §4.2).
        self.0.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        Ok(())
    }

    /// Whether a text refers to what was not declared. Browsers that know the document's type by heart put a
    /// character there, others nothing, and others stop.
    pub(super) fn strange(&self, text: &str) -> bool {
        text.split('&').skip(1).any(|after| {
            let name = after.split(';').next().unwrap_or_default();
            !name.starts_with('#') && !FIVE.contains(&name) && !self.0.contains_key(name)
        })
    }

    /// Text with its references resolved, those of HTML too: browsers know them by a document's type.
    pub(super) fn decode(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let length = rest.find(';').map_or(rest.len(), |end| end + 1);
            let (reference, after) = rest.split_at(length);
            match self.0.get(reference.trim_matches(['&', ';'])) {
                Some(value) => out.push_str(value),
                None => out.push_str(&htmlize::unescape(reference)),
            }
            rest = after;
        }
        out + rest
    }
}

/// What is sent for an instruction: not the name of a style sheet that is held, and no encoding but ours.
pub(super) fn instruction(token: &str, entities: &Entities, state: &mut State) -> String {
    let inside = token.strip_prefix("<?").and_then(|text| text.strip_suffix("?>")).unwrap_or_default();
    let (target, rest) = inside.split_at(inside.find(char::is_whitespace).unwrap_or(inside.len()));
    let find = |name| attributes(rest).map(|all| all.into_iter().find(|one: &Attribute<'_>| one.name == name));
    match target {
        "xml" => match find("encoding") {
            Ok(Some(one)) => {
                let value = one.span.start + rest[one.span.clone()].find(['"', '\'']).unwrap_or_default();
                format!("<?xml{}\"UTF-8\"{}?>", &rest[..value], &rest[one.span.end..])
            }
            _ => token.to_owned(),
        },
        "xml-stylesheet" => {
            let passes = find("href").ok().flatten().is_some_and(|one| {
                !entities.strange(one.value) && state.judge.url(&entities.decode(one.value)).passes()
            });
            state.tally.held += u64::from(!passes);
            if passes { token.to_owned() } else { String::new() }
        }
        _ => token.to_owned(),
    }
}
