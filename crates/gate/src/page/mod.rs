//! Pages: HTML rewritten in a stream, chunk by chunk, whatever the chunks are.
//!
//! Every element is looked at once, its attributes judged by [`carrier`]; text that is itself a document or
//! a style sheet is collected up to a bound and judged whole. What cannot be read safely ends the page: an
//! error from [`Page::push`] means that nothing more may be sent.

mod attribute;
mod carrier;
mod css;
mod data;
mod drift;
mod element;
mod foreign;
mod inline;
mod links;
mod opening;
mod place;
mod sheet;
mod srcset;
mod text;
mod xml;

use crate::{Charset, Connections, Face, Judge, Means, Withheld};
use bandeau_consent::HostPattern;
use encoding_rs::{Decoder, Encoding, UTF_8};
use lol_html::errors::RewritingError;
use lol_html::send::{Element, ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{AsciiCompatibleEncoding, MemorySettings, Selector};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use carrier::refresh;
pub(crate) use links::leave;
pub use opening::Opening;
pub(crate) use text::reaches;

/// A page may make the rewriter remember this much: the attributes of an element, a style sheet in the page, and
/// every element that is open. A table of 20,000 rows of seven cells that are never closed stays below.
const MEMORY: usize = 32 << 20;

/// What was seen of one page: numbers, and whom it links to. Nothing of the visitor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Loads that were held.
    pub held: u64,
    /// Embeds that gave way to a placeholder.
    pub placeholders: u64,
    /// Whether the notice was put in.
    pub shown: bool,
    /// Undeclared hosts it links to, the first of them.
    pub linked: Vec<HostPattern>,
}

/// What the handlers of one page share.
pub(crate) struct State {
    pub(crate) judge: Judge,
    pub(crate) face: Arc<dyn Face>,
    pub(crate) language: Option<String>,
    pub(crate) tally: Tally,
    /// The notice has still to be put in.
    pub(crate) due: bool,
    /// The first script has still to be put in.
    pub(crate) first: bool,
    /// Whether the text of the script that is open is judged, and as what.
    pub(crate) script: Option<text::Script>,
    pub(crate) means: Arc<Means>,
    /// How many documents this one is inside of.
    pub(crate) depth: u8,
    /// Within a `<noscript>` of HTML: its content is text to us and markup to browsers without script. In
    /// SVG and MathML it is an element like any other.
    pub(crate) raw: bool,
    /// The text has ended: the next mark that comes by is ours.
    pub(crate) ended: bool,
    /// The mark came by as an element.
    pub(crate) whole: bool,
    /// Where SVG and MathML are open.
    pub(crate) foreign: foreign::Foreign,
    /// The style sheet in SVG that is open.
    pub(crate) sheet: Option<sheet::Sheet>,
    /// What attributes are written in, where that is not UTF-8.
    pub(crate) encoding: Option<&'static Encoding>,
    /// An attribute came by that reads in two ways.
    pub(crate) torn: bool,
    /// Something came by whose address a `<base>` after it would still move.
    pub(crate) begun: bool,
}

impl State {
    /// Whether a page can go only where its head says, not even by the visitor's own click.
    pub(crate) fn fenced(&self) -> bool {
        self.means.connections == Connections::On && !self.judge.policy.strangers(self.judge.standing)
    }

    fn new(judge: Judge, face: Arc<dyn Face>, means: Arc<Means>) -> Self {
        Self {
            judge,
            face,
            language: None,
            tally: Tally::default(),
            due: false,
            first: false,
            script: None,
            means,
            depth: 0,
            raw: false,
            ended: false,
            whole: false,
            foreign: foreign::Foreign::default(),
            sheet: None,
            encoding: None,
            torn: false,
            begun: false,
        }
    }
}

pub(crate) type Shared = Arc<Mutex<State>>;

/// Locks the state. Only one thread ever works on a page; a lock that a panic left behind is taken over.
pub(crate) fn lock(state: &Shared) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

type Sink = Box<dyn FnMut(&[u8]) + Send>;

/// A page being rewritten.
pub struct Page(Inner);

enum Inner {
    /// Not HTML after all: passes as it is, under the lock of its head.
    Raw,
    Html(Box<Html>),
    Xml(Box<xml::Xml>),
    /// An error ended it.
    Dead(Withheld),
}

struct Html {
    // Invariant: present unless the page is in another encoding than UTF-8 that is a superset of ASCII.
    decoder: Option<Decoder>,
    rewriter: HtmlRewriter<'static, Sink>,
    out: Arc<Mutex<Vec<u8>>>,
    state: Shared,
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Page")
    }
}

impl Page {
    fn new(charset: Charset, mut state: State) -> Self {
        let direct = AsciiCompatibleEncoding::new(charset.encoding());
        state.encoding = direct.map(|_| charset.encoding()).filter(|encoding| *encoding != UTF_8);
        let state: Shared = Arc::new(Mutex::new(state));
        let out = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&out);
        let sink: Sink = Box::new(move |chunk| into.lock().unwrap_or_else(PoisonError::into_inner).extend(chunk));
        let decoder = match direct {
            None => Some(charset.encoding().new_decoder_with_bom_removal()),
            Some(_) if charset.encoding() == UTF_8 => Some(UTF_8.new_decoder_without_bom_handling()),
            Some(_) => None,
        };
        let encoding = direct.unwrap_or_else(AsciiCompatibleEncoding::utf_8);
        let rewriter = HtmlRewriter::new(settings(&state, encoding), sink);
        Self(Inner::Html(Box::new(Html { decoder, rewriter, out, state })))
    }

    /// Takes a chunk of the site's page and appends what may be sent to `out`.
    ///
    /// # Errors
    /// When the page cannot be read safely: nothing more may be sent, and every later call fails too.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Withheld> {
        match &mut self.0 {
            Inner::Raw => out.extend(chunk),
            Inner::Dead(why) => return Err(*why),
            Inner::Html(html) => {
                if let Err(why) = html.push(chunk, false) {
                    self.0 = Inner::Dead(why);
                    return Err(why);
                }
                html.drain(out);
            }
            Inner::Xml(document) => {
                if let Err(why) = document.push(chunk, false, out) {
                    self.0 = Inner::Dead(why);
                    return Err(why);
                }
            }
        }
        Ok(())
    }

    /// Ends the page, appends what remains to `out`, and counts.
    ///
    /// # Errors
    /// As for [`Page::push`].
    pub fn finish(self, out: &mut Vec<u8>) -> Result<Tally, Withheld> {
        match self.0 {
            Inner::Raw => Ok(Tally::default()),
            Inner::Dead(why) => Err(why),
            Inner::Xml(document) => document.finish(out),
            Inner::Html(mut html) => {
                html.push(&[], true)?;
                let Html { mut rewriter, out: sink, state, .. } = *html;
                let due = lock(&state).due;
                if due {
                    lock(&state).ended = true;
                    // Nothing began the body. If the page ends where markup may stand, this mark comes by as an
                    // element and gives way to the notice; if it ends inside a tag, it ends that tag, which is
                    // then judged as any other.
                    rewriter.write(END.as_bytes()).map_err(|error| withheld(&error))?;
                }
                rewriter.end().map_err(|error| withheld(&error))?;
                out.append(&mut sink.lock().unwrap_or_else(PoisonError::into_inner));
                // A style sheet in SVG that nothing ended is gone: written here it could end an unfinished tag.
                let tally = std::mem::take(&mut lock(&state).tally);
                Ok(tally)
            }
        }
    }
}

impl Html {
    fn push(&mut self, chunk: &[u8], last: bool) -> Result<(), Withheld> {
        let text = match &mut self.decoder {
            None => Cow::Borrowed(chunk),
            Some(decoder) => {
                let room = decoder.max_utf8_buffer_length(chunk.len()).ok_or(Withheld::Memory)?;
                let mut text = String::with_capacity(room);
                let _ = decoder.decode_to_string(chunk, &mut text, last);
                Cow::Owned(text.into_bytes())
            }
        };
        self.rewriter.write(&text).map_err(|error| withheld(&error))
    }

    fn drain(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.out.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn withheld(error: &RewritingError) -> Withheld {
    match error {
        RewritingError::ParsingAmbiguity(_) => Withheld::Ambiguous,
        RewritingError::ContentHandlerError(error) => {
            // A handler says why it failed, or failed because text outgrew its bound.
            error.downcast_ref::<Withheld>().copied().unwrap_or(Withheld::Memory)
        }
        _ => Withheld::Memory,
    }
}

fn settings(state: &Shared, encoding: AsciiCompatibleEncoding) -> Settings<'static, 'static> {
    let mut settings = Settings::new_send();
    settings = settings
        .with_encoding(encoding)
        .with_strict(true)
        .with_adjust_charset_on_meta_tag(false)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MEMORY));
    let on = |selector: &str| selector.parse::<Selector>().ok().map(Cow::Owned);
    let mut handlers: Vec<(Cow<'static, Selector>, ElementContentHandlers<'static>)> = Vec::new();
    if let Some(all) = on("*") {
        let state = Arc::clone(state);
        let look = move |el: &mut Element<'_, '_>| {
            foreign::follow(el, &state)?;
            sheet::follow(el, &state)?;
            element::look(el, &mut lock(&state));
            if lock(&state).torn {
                return Err(Withheld::Ambiguous.into());
            }
            if lock(&state).raw && el.tag_name() == "noscript" {
                let state = Arc::clone(&state);
                el.on_end_tag(Box::new(move |_| {
                    lock(&state).raw = false;
                    Ok(())
                }))?;
            }
            Ok(())
        };
        handlers.push((all, ElementContentHandlers::default().element(look)));
    }
    for (selector, kind) in text::HANDLERS {
        if let Some(selector) = on(selector) {
            handlers.push((selector, text::handler(Arc::clone(state), *kind)));
        }
    }
    handlers.extend(drift::handlers());
    handlers.extend(element::closed(state));
    settings = settings.append_document_content_handler(foreign::handler(state));
    for handler in handlers {
        settings = settings.append_element_content_handler(handler);
    }
    settings
}

/// Stands at the end of what is rewritten, to see how it ends.
pub(crate) const END: &str = "<bandeau-end>";

/// A document inside the page, rewritten.
pub(crate) struct Fragment {
    pub(crate) html: String,
    /// It ends in HTML, outside of anything that would change how what follows it is read.
    pub(crate) clear: bool,
}

/// Rewrites a document inside the page: a `srcdoc`, or what a browser without script reads in `<noscript>`.
/// `runs` where it becomes a document of its own, with scripts.
/// Nothing when it is nested too deeply, ends in the middle of something (it would swallow what follows), or
/// cannot be read safely.
pub(crate) fn fragment(html: &str, around: &mut State, runs: bool) -> Option<Fragment> {
    let judge = around.judge.clone();
    apart(html, judge, around, runs)
}

/// Rewrites a document inside the page whose addresses are judged by a judge of its own.
pub(crate) fn apart(html: &str, judge: Judge, around: &mut State, runs: bool) -> Option<Fragment> {
    // A text with the mark in it could not be told from one that ends well.
    if around.depth >= 3 || html.to_ascii_lowercase().contains("<bandeau-end") {
        return None;
    }
    let mut inner = State::new(judge, Arc::clone(&around.face), Arc::clone(&around.means));
    (inner.first, inner.depth) = (runs, around.depth + 1);
    inner.language.clone_from(&around.language);
    let state: Shared = Arc::new(Mutex::new(inner));
    let mut out = Vec::new();
    let mut rewriter = HtmlRewriter::new(settings(&state, AsciiCompatibleEncoding::utf_8()), |chunk: &[u8]| {
        out.extend(chunk);
    });
    rewriter.write(html.as_bytes()).ok()?;
    lock(&state).ended = true;
    rewriter.write(END.as_bytes()).ok()?;
    rewriter.end().ok()?;
    let inner = lock(&state);
    around.tally.held += inner.tally.held;
    around.tally.placeholders += inner.tally.placeholders;
    let html = inner.whole.then(|| String::from_utf8(out).ok()).flatten()?;
    Some(Fragment { html, clear: inner.foreign.clear() })
}

/// Whether image candidates have one that is held.
pub(crate) fn set_held(set: &str, judge: &Judge) -> bool {
    srcset::filter(set, |address| judge.url(address).passes()).1
}

/// Whether a selector of a feature's embed can be used.
pub fn selects(selector: &str) -> bool {
    selector.parse::<Selector>().is_ok()
}
