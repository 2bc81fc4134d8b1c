//! Style sheets in SVG: their text is markup, with entities, comments and sections, and a browser puts it together
//! before it reads it as CSS. It is collected whole and judged in both readings, for browsers that look ahead read it as
//! it is written.

use super::{Shared, State, css, lock};
use crate::Judge;
use lol_html::HandlerResult;
use lol_html::html_content::{Comment, ContentType, TextChunk, TextType};
use lol_html::send::Element;

const HTML: &str = "http://www.w3.org/1999/xhtml";

/// A style sheet of which the end has not been seen.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// As it is written.
    raw: String,
    /// As it reads.
    css: String,
    /// The text node that has not ended.
    piece: String,
    /// It holds elements, which no style sheet does.
    odd: bool,
}

/// A sheet may be this long; beyond it the page ends.
const BOUND: usize = 4 << 20;

fn escape(css: &str) -> String {
    css.replace('&', "&amp;").replace('<', "&lt;")
}

impl Sheet {
    fn text(&mut self, chunk: &TextChunk<'_>) -> HandlerResult {
        self.piece.push_str(chunk.as_str());
        if self.raw.len() + self.piece.len() > BOUND {
            return Err("text beyond its bound".into());
        }
        if chunk.last_in_text_node() {
            let piece = std::mem::take(&mut self.piece);
            // The marks of a section are not part of its text and stay where they were.
            if chunk.text_type() == TextType::CDataSection {
                self.raw.push_str(&escape(&piece));
                self.css.push_str(&piece);
            } else {
                self.css.push_str(&htmlize::unescape(&piece));
                self.raw.push_str(&piece);
            }
        }
        Ok(())
    }

    /// What may be written in its place, and how much was held.
    fn settle(self, judge: &Judge) -> (String, u64) {
        let (written, held) = match css::judged(&self.css, judge) {
            Some((css, held)) => (escape(&css), held),
            None => (self.raw, 0),
        };
        // What stands in an element inside of it is not part of it, and cannot be told apart any more.
        let odd = self.odd && written.contains(['(', '@', '\\', '-']);
        if odd || css::judged(&written, judge).is_some() { (String::new(), held + 1) } else { (written, held) }
    }
}

/// Takes the text of a sheet in SVG; whether this was some.
///
/// # Errors
/// When there is too much.
pub(crate) fn collect(
    chunk: &mut TextChunk<'_>,
    state: &mut State,
) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    let Some(sheet) = &mut state.sheet else {
        return Ok(false);
    };
    sheet.text(chunk)?;
    chunk.remove();
    Ok(true)
}

/// Takes a comment in a sheet in SVG.
pub(crate) fn comment(comment: &mut Comment<'_>, state: &mut State) {
    if let Some(sheet) = &mut state.sheet {
        sheet.raw.push_str(&format!("<!--{}-->", comment.text()));
        comment.remove();
    }
}

/// Ends a sheet: what may be written in its place.
fn flush(state: &mut State) -> Option<String> {
    let (written, held) = state.sheet.take()?.settle(&state.judge);
    state.tally.held += held;
    Some(written)
}

/// Begins a sheet at a `<style>` outside of HTML, and ends one at what cannot be in it.
///
/// # Errors
/// None of its own.
pub(crate) fn follow(el: &mut Element<'_, '_>, shared: &Shared) -> HandlerResult {
    let foreign = el.namespace_uri() != HTML;
    let mut state = lock(shared);
    if !foreign || state.ended {
        if let Some(text) = flush(&mut state) {
            el.before(&text, ContentType::Html);
        }
    } else if let Some(sheet) = &mut state.sheet {
        sheet.odd = true;
    } else if el.tag_name() == "style" && el.can_have_content() {
        state.sheet = Some(Sheet::default());
        let shared = Shared::clone(shared);
        el.on_end_tag(Box::new(move |end| {
            if let Some(text) = flush(&mut lock(&shared)) {
                end.before(&text, ContentType::Html);
            }
            Ok(())
        }))?;
    }
    Ok(())
}
