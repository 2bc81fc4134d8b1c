//! XML documents: XHTML, SVG and whatever else browsers show, rewritten in a stream like pages of HTML.
//!
//! A browser stops at the first thing that is not well-formed XML, so nothing here repairs: what cannot be told
//! apart ends the document, and what is wrong without mattering to where tags begin passes, for the browser to stop
//! at. It does not check documents, put notices into them, or know what a stylesheet of XSLT makes of them.

mod prolog;
mod tag;

use super::{MEMORY, State, Tally, css, text};
use crate::Withheld;
use encoding_rs::Decoder;
use prolog::Entities;
pub(super) use prolog::charset;
use tag::Names;

/// One declaration of a document's type may be this long.
const PROLOG: usize = 64 << 10;

/// A document being rewritten.
pub(crate) struct Xml {
    decoder: Decoder,
    state: State,
    // Invariant: begins where a token begins.
    buffer: String,
    /// How far the first token was looked at, and the quote that was open there.
    seen: usize,
    quote: Option<u8>,
    names: Names,
    entities: Entities,
    gathered: Option<Gathered>,
}

/// An element whose text is more than text, until it ends.
struct Gathered {
    kind: text::Kind,
    /// How many elements were open before it.
    depth: usize,
    /// Everything since its start tag, as it came.
    raw: String,
    /// Its own text, as a style sheet or rules: what stands in elements inside is no part of it.
    text: String,
    /// Text that may end in the middle of a reference.
    loose: String,
    /// Whether browsers may read another text than we do.
    strange: bool,
}

impl Gathered {
    fn new(kind: text::Kind, depth: usize) -> Self {
        let (raw, text, loose) = Default::default();
        Self { kind, depth, raw, text, loose, strange: false }
    }

    /// Decodes the text that has come whole.
    fn settle(&mut self, entities: &Entities) {
        let loose = std::mem::take(&mut self.loose);
        self.strange |= entities.strange(&loose);
        self.text.push_str(&entities.decode(&loose));
    }
}

impl Xml {
    pub(crate) fn new(decoder: Decoder, state: State) -> Self {
        Self {
            decoder,
            state,
            buffer: String::new(),
            seen: 0,
            quote: None,
            names: Names::default(),
            entities: Entities::default(),
            gathered: None,
        }
    }

    /// Takes a chunk and appends what may be sent, in UTF-8.
    ///
    /// # Errors
    /// When the document cannot be read safely.
    pub(crate) fn push(&mut self, chunk: &[u8], last: bool, out: &mut Vec<u8>) -> Result<(), Withheld> {
        let room = self.decoder.max_utf8_buffer_length(chunk.len()).ok_or(Withheld::Memory)?;
        self.buffer.reserve(room);
        let _ = self.decoder.decode_to_string(chunk, &mut self.buffer, last);
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut used = 0;
        while let Some(length) = self.end(&buffer[used..])? {
            (self.seen, self.quote) = (0, None);
            let inside = self.gathered.is_some();
            let sent = self.token(&buffer[used..used + length])?;
            used += length;
            match &mut self.gathered {
                Some(gathered) if inside && gathered.raw.len() + sent.len() > text::BOUND => {
                    return Err(Withheld::Memory);
                }
                Some(gathered) if inside => gathered.raw.push_str(&sent),
                // The tags themselves stand outside of what is gathered.
                _ => out.extend(sent.as_bytes()),
            }
        }
        buffer.drain(..used);
        if buffer.len() > MEMORY {
            return Err(Withheld::Memory);
        }
        self.buffer = buffer;
        Ok(())
    }

    /// Ends the document. A token that has not ended means nothing to a browser, and goes.
    ///
    /// # Errors
    /// As for [`Xml::push`].
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) -> Result<Tally, Withheld> {
        self.push(&[], true, out)?;
        out.extend(self.gathered().as_bytes());
        Ok(self.state.tally)
    }

    /// Where the first token ends; none where it has not all come yet.
    fn end(&mut self, rest: &str) -> Result<Option<usize>, Withheld> {
        let until = |mark: &str, start: usize| {
            // The mark may have begun to come before.
            let mut from = self.seen.saturating_sub(mark.len()).max(start).min(rest.len());
            while !rest.is_char_boundary(from) {
                from -= 1;
            }
            rest[from..].find(mark).map(|at| from + at + mark.len())
        };
        let starts = |mark: &str| rest.starts_with(mark) || mark.starts_with(rest);
        let end = match rest.as_bytes() {
            [] => return Ok(None),
            [b'<'] => None,
            [b'<', b'?', ..] => until("?>", 2),
            [b'<', b'!', ..] if starts("<!--") => until("-->", 4),
            [b'<', b'!', ..] if starts("<![CDATA[") => until("]]>", 9),
            [b'<', b'!', ..] if starts("<!DOCTYPE") => {
                if rest.len() > PROLOG {
                    return Err(Withheld::Memory);
                }
                prolog::end(rest)?
            }
            [b'<', b'!', ..] => return Err(Withheld::Ambiguous),
            [b'<', ..] => return self.tag_end(rest.as_bytes()),
            _ => Some(rest.find('<').unwrap_or(rest.len())),
        };
        self.seen = rest.len();
        Ok(end)
    }

    fn tag_end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Withheld> {
        for (at, byte) in bytes.iter().enumerate().skip(self.seen.max(1)) {
            match (self.quote, byte) {
                // No attribute holds a `<` (XML §3.1, no < in attribute values): the browser stops here.
                (_, b'<') => return Err(Withheld::Ambiguous),
                (Some(quote), byte) if quote == *byte => self.quote = None,
                (None, b'"' | b'\'') => self.quote = Some(*byte),
                (None, b'>') => return Ok(Some(at + 1)),
                _ => {}
            }
        }
        self.seen = bytes.len();
        Ok(None)
    }

    /// What is sent for one token.
    fn token(&mut self, token: &str) -> Result<String, Withheld> {
        let depth = self.names.depth;
        let own = |gathered: &&mut Gathered| gathered.depth + 1 == depth;
        if !token.starts_with('<') {
            if let Some(gathered) = self.gathered.as_mut().filter(own) {
                gathered.loose.push_str(token);
            }
            return Ok(token.to_owned());
        }
        if let Some(gathered) = &mut self.gathered {
            gathered.settle(&self.entities);
        }
        if let Some(text) = token.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>")) {
            if let Some(gathered) = self.gathered.as_mut().filter(own) {
                gathered.text.push_str(text);
            }
        } else if token.starts_with("<!DOCTYPE") {
            self.entities.declare(token)?;
        } else if token.starts_with("<?") {
            return Ok(prolog::instruction(token, &self.entities, &mut self.state));
        } else if token.starts_with("</") {
            self.names.close();
            if self.gathered.as_ref().is_some_and(|gathered| gathered.depth == self.names.depth) {
                return Ok(self.gathered() + token);
            }
        } else if !token.starts_with("<!") {
            let (sent, kind) = tag::open(token, &mut self.names, &self.entities, &mut self.state)?;
            if let (Some(kind), None) = (kind, &self.gathered) {
                self.gathered = Some(Gathered::new(kind, depth));
            }
            // The root alone stands at the first depth, and it is open.
            let first = depth == 0 && self.names.depth == 1 && std::mem::take(&mut self.state.first);
            return Ok(if first { sent + &script(&self.state.face.first()) } else { sent });
        }
        Ok(token.to_owned())
    }

    /// Ends what was gathered: as it came, or without what is held.
    fn gathered(&mut self) -> String {
        let Some(mut gathered) = self.gathered.take() else {
            return String::new();
        };
        gathered.settle(&self.entities);
        let Gathered { kind, raw, text, strange, .. } = gathered;
        let new = match kind {
            _ if strange => Some((String::new(), 1)),
            text::Kind::Script => text::script(&text, &mut self.state).map(|text| (text, 0)),
            _ => css::judged(&text, &self.state.judge),
        };
        let Some((new, held)) = new else {
            return raw;
        };
        self.state.tally.held += held;
        tag::escape(&new)
    }
}

/// The scripts that come first, as XML: in their own namespace, their text beyond all references.
fn script(html: &str) -> String {
    let one = |element: &str| {
        let (tag, text) = element.split_once('>').filter(|(tag, _)| tag.starts_with("<script"))?;
        let (rest, text) = (&tag["<script".len()..], text.replace("]]>", "]]\\x3e"));
        Some(format!("<script xmlns=\"http://www.w3.org/1999/xhtml\"{rest}>/*<![CDATA[*/{text}/*]]>*/</script>"))
    };
    html.split("</script>").filter_map(one).collect()
}
