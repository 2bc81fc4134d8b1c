//! Opening a page: from its head and its first bytes to what reads it. It does not know what becomes of any element.

use super::{Inner, Page, State, xml};
use crate::{BadCharset, Charset, Dest, Face, Judge, Means, Withheld, charset};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use std::sync::Arc;

/// A page whose head is known and whose first bytes are not.
#[derive(Debug)]
pub struct Opening {
    judge: Judge,
    said: Option<Charset>,
    /// Whether the head says that it is HTML; else its first bytes do, or it is not.
    typed: bool,
    shows: bool,
    /// Whether it is a document, so that scripts run in it.
    runs: bool,
    means: Arc<Means>,
    /// The type of a document of XML.
    xml: Option<String>,
}

impl Opening {
    pub(crate) fn new(judge: Judge, said: Option<Charset>, typed: bool, dest: Dest, means: Arc<Means>) -> Self {
        Self { judge, said, typed, shows: dest.shows(), runs: dest.runs(), means, xml: None }
    }

    /// The same for a document of XML, of this type.
    pub(crate) fn xml(judge: Judge, said: Option<Charset>, essence: String, dest: Dest, means: Arc<Means>) -> Self {
        // Scripts run in these; anything else is read by programs, which an element of ours would surprise.
        let runs = dest.runs() && matches!(essence.as_str(), "application/xhtml+xml" | "image/svg+xml");
        Self { judge, said, typed: true, shows: false, runs, means, xml: Some(essence) }
    }

    /// How many bytes it wants to see first; fewer only when the page has no more. Where the head says the
    /// encoding, a byte order mark alone can say otherwise.
    pub fn wants(&self) -> usize {
        if self.said.is_some() && self.typed { 3 } else { charset::PRESCAN }
    }

    /// Opens the page and says in `headers` which encoding it is in.
    ///
    /// # Errors
    /// When no browser could read its encoding.
    pub fn open(self, headers: &mut HeaderMap, first: &[u8], face: Arc<dyn Face>) -> Result<Page, Withheld> {
        if !self.typed && !sniffs_html(first) {
            return Ok(Page(Inner::Raw));
        }
        if let Some(essence) = self.xml {
            let charset = xml::charset(self.said, first).map_err(|BadCharset| Withheld::Charset)?;
            let said = HeaderValue::from_str(&format!("{essence}; charset=utf-8")).map_err(|_| Withheld::Charset)?;
            headers.insert(CONTENT_TYPE, said);
            let decoder = charset.encoding().new_decoder_with_bom_removal();
            let mut state = State::new(self.judge, face, self.means);
            state.first = self.runs;
            return Ok(Page(Inner::Xml(Box::new(xml::Xml::new(decoder, state)))));
        }
        let charset = Charset::decide(self.said, first).map_err(|BadCharset| Withheld::Charset)?;
        let content_type = format!("text/html; charset={}", charset.sent());
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(&content_type).map_err(|_| Withheld::Charset)?);
        let mut state = State::new(self.judge, face, self.means);
        (state.due, state.first) = (self.shows, self.runs);
        Ok(Page::new(charset, state))
    }
}

/// Whether a browser takes bytes without a type for HTML (MIME Sniffing §7.1).
fn sniffs_html(bytes: &[u8]) -> bool {
    let trimmed = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let tags: [&[u8]; 17] = [
        b"<!doctype html",
        b"<html",
        b"<head",
        b"<script",
        b"<iframe",
        b"<h1",
        b"<div",
        b"<font",
        b"<table",
        b"<a",
        b"<style",
        b"<title",
        b"<b",
        b"<body",
        b"<br",
        b"<p",
        b"<!--",
    ];
    let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    utf16 || tags.iter().any(|tag| trimmed.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag)))
}
