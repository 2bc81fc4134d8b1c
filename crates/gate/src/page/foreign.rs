//! Foreign content: where SVG and MathML begin and end.
//!
//! The rewriter guesses from tags alone whether it is in HTML or in SVG, and with it whether a `<style>` holds text or
//! markup. Browsers know from the tree. This follows the tree as far as it can be told from tags (HTML §13.2.6.5), only
//! inside of SVG and MathML and as strictly as that is possible. Where both readings differ, or where they might, it is
//! *unsure* until a tag comes by that ends foreign content for everybody. While it is, what the rewriter takes for text
//! and a browser may take for markup ends the page.

use super::drift::{TEXT, markup};
use super::{Shared, lock};
use crate::Withheld;
use lol_html::HandlerResult;
use lol_html::html_content::{Comment, ContentType, TextChunk, TextType};
use lol_html::send::{DocumentContentHandlers, Element};

const HTML: &str = "http://www.w3.org/1999/xhtml";

/// What an element is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Html,
    Svg,
    Math,
}

/// An open element inside foreign content.
#[derive(Debug)]
struct Node {
    id: u64,
    name: String,
    kind: Kind,
    /// Start tags inside of it make HTML again: `<foreignObject>`, `<mi>` and the like.
    point: bool,
}

/// Where the page stands.
#[derive(Debug, Default)]
pub(crate) struct Foreign {
    // Invariant: empty in HTML; else the first is the outermost `<svg>` or `<math>`.
    open: Vec<Node>,
    /// How many were ever open.
    count: u64,
    unsure: bool,
    /// While unsure, something came by that only the tree could tell the end of.
    lost: bool,
    select: bool,
    /// The text that comes next may be markup to a browser, or hide some.
    suspect: bool,
    /// The last piece of suspect text.
    tail: String,
}

/// Elements without an end tag (HTML §13.1.2).
const VOID: &str = "area base basefont bgsound br col embed frame hr img image input keygen link meta param source track wbr \
    bandeau-end";

/// Start tags that end foreign content (HTML §13.2.6.5).
const BREAKS: &str = "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing \
    menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var";

fn among(names: &str, tag: &str) -> bool {
    names.split(' ').any(|name| name == tag)
}

/// Elements of SVG and MathML that HTML can stand in.
const POINTS: [&str; 9] = ["foreignobject", "desc", "title", "mi", "mo", "mn", "ms", "mtext", "annotation-xml"];

impl Foreign {
    /// Whether a page that ends here ends in HTML, as far as can be told.
    pub(crate) fn clear(&self) -> bool {
        self.open.is_empty() && !self.unsure && !self.select
    }

    /// Follows a start tag; whether its end tag must be followed too.
    fn start(&mut self, el: &Element<'_, '_>, tag: &str) -> bool {
        let read = match el.namespace_uri() {
            HTML => Kind::Html,
            "http://www.w3.org/2000/svg" => Kind::Svg,
            _ => Kind::Math,
        };
        self.suspect = false;
        self.tail.clear();
        // Most of every page.
        if read == Kind::Html && self.open.is_empty() && !self.unsure {
            return false;
        }
        if matches!(tag, "svg" | "math") && self.select {
            (self.unsure, self.lost) = (true, true);
        }
        let kind = self.kind(el, tag);
        let point = match kind {
            Kind::Html => false,
            Kind::Svg => ["foreignobject", "desc", "title"].contains(&tag),
            Kind::Math => ["mi", "mo", "mn", "ms", "mtext"].contains(&tag) || tag == "annotation-xml" && encodes(el),
        };
        // The rewriter counts these with what stands in them.
        let counted = if point && !el.is_self_closing() { Kind::Html } else { kind };
        self.unsure |= counted != read;
        // This tag ends foreign content in either reading.
        if self.unsure
            && !self.lost
            && read == Kind::Html
            && among(BREAKS, tag)
            && !self.open.iter().any(|node| node.point)
        {
            self.unsure = false;
            self.open.clear();
        }
        self.lost |= self.unsure && (POINTS.contains(&tag) || self.open.iter().any(|node| node.point));
        // Browsers that look ahead for loads know nothing of SVG, and take what stands in a `<title>` there for text.
        let ahead = || self.open.iter().any(|node| node.kind != Kind::Html && TEXT.contains(&node.name.as_str()));
        self.suspect = TEXT.contains(&tag) && (self.unsure || ahead());
        let leaf = if kind == Kind::Html { among(VOID, tag) } else { el.is_self_closing() };
        let root = kind != Kind::Html;
        if leaf || self.open.is_empty() && !root {
            return false;
        }
        self.count += 1;
        self.open.push(Node { id: self.count, name: tag.to_owned(), kind, point });
        true
    }

    /// Whether text stands in HTML, as far as can be told.
    fn html(&self) -> bool {
        self.open.last().is_none_or(|node| node.kind == Kind::Html || node.point)
    }

    /// What a start tag makes where it stands.
    fn kind(&mut self, el: &Element<'_, '_>, tag: &str) -> Kind {
        let fresh = match tag {
            "svg" => Kind::Svg,
            "math" => Kind::Math,
            _ => Kind::Html,
        };
        let ends =
            among(BREAKS, tag) || tag == "font" && ["color", "face", "size"].iter().any(|name| el.has_attribute(name));
        while let Some(node) = self.open.last() {
            let html = match node.kind {
                Kind::Html => true,
                Kind::Svg => node.point,
                Kind::Math if node.name == "annotation-xml" => node.point || tag == "svg",
                Kind::Math => node.point && !matches!(tag, "mglyph" | "malignmark"),
            };
            if html {
                return fresh;
            }
            if !ends {
                return node.kind;
            }
            self.open.pop();
        }
        fresh
    }

    /// Follows the end tag called `end`, which closed this element to the rewriter.
    fn end(&mut self, id: u64, name: &str, end: &str) {
        let Some(at) = self.open.iter().position(|node| node.id == id) else {
            // A start tag ended it before: to the rewriter it was open until now, to the browser it was not.
            self.unsure |= name == end && !self.open.is_empty();
            return;
        };
        if name == end {
            // Inside foreign content an end tag closes what it names and all above; HTML is not so simple.
            let still = |node: &Node| node.kind != Kind::Html && !node.point;
            let alike = self.open[at].kind != Kind::Html && self.open[at + 1..].iter().all(still);
            self.unsure |= at + 1 < self.open.len() && !alike;
            self.lost |= self.unsure && self.open[at..].iter().any(|node| node.point);
            self.open.truncate(at);
        } else if at == 0 {
            // Something around it was closed. Whether a browser leaves with it depends on what stands between.
            self.unsure = true;
            self.lost |= self.open.iter().any(|node| node.point);
            self.open.clear();
        }
    }

    /// Whether suspect text could be read in another way.
    fn suspicious(&mut self, text: &str, last: bool) -> bool {
        self.tail.push_str(text);
        let found = markup(&self.tail);
        let keep = self.tail.rfind('<').filter(|at| self.tail.len() - at < 2).unwrap_or(self.tail.len());
        self.tail.drain(..keep);
        if last {
            self.tail.clear();
        }
        found
    }
}

fn encodes(el: &Element<'_, '_>) -> bool {
    el.get_attribute("encoding").is_some_and(|value| {
        let value = htmlize::unescape_attribute(&value).to_ascii_lowercase();
        matches!(value.as_str(), "text/html" | "application/xhtml+xml")
    })
}

/// Follows one element.
///
/// # Errors
/// None of its own.
pub(crate) fn follow(el: &mut Element<'_, '_>, shared: &Shared) -> HandlerResult {
    let tag = el.tag_name();
    // Browsers that look ahead for loads do not know that it ended with its tag.
    if el.namespace_uri() != HTML && el.is_self_closing() && TEXT.contains(&tag.as_str()) {
        match tag.as_str() {
            // Where nothing is open that it could end, an end tag ends nothing.
            "script" => el.after("</script>", ContentType::Html),
            _ => el.remove(),
        }
    }
    let (follow, id) = {
        let foreign = &mut lock(shared).foreign;
        let follow = foreign.start(el, &tag);
        foreign.select |= tag == "select";
        (follow, foreign.count)
    };
    if (follow || tag == "select") && el.can_have_content() {
        let shared = Shared::clone(shared);
        el.on_end_tag(Box::new(move |end| {
            let foreign = &mut lock(&shared).foreign;
            let end = end.name();
            if follow {
                foreign.end(id, &tag, &end);
            }
            foreign.select &= end != "select";
            Ok(())
        }))?;
    }
    Ok(())
}

/// What looks at text that may be more than text, and at comments that may be less.
pub(crate) fn handler(shared: &Shared) -> DocumentContentHandlers<'static> {
    let (texts, comments) = (Shared::clone(shared), Shared::clone(shared));
    let text = move |chunk: &mut TextChunk<'_>| {
        let foreign = &mut lock(&texts).foreign;
        let suspect = match chunk.text_type() {
            TextType::Data => false,
            // In HTML, and to browsers that look ahead, it is a comment that ends with the first `>`.
            TextType::CDataSection => true,
            _ => foreign.suspect,
        };
        if suspect && foreign.suspicious(chunk.as_str(), chunk.last_in_text_node()) {
            return Err(Withheld::Ambiguous.into());
        }
        Ok(())
    };
    let comment = move |comment: &mut Comment<'_>| {
        let foreign = &lock(&comments).foreign;
        let text = comment.text();
        // Outside of HTML it is text that ends with the first `]]>`.
        if text.starts_with("[CDATA[") && !text.ends_with("]]") && (foreign.unsure || !foreign.html()) {
            return Err(Withheld::Ambiguous.into());
        }
        Ok(())
    };
    DocumentContentHandlers::default().text(text).comments(comment)
}
