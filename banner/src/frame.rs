//! Embeds that open in their place: the small document that holds one, and what a placeholder remembers of
//! the element it stands for.
//!
//! The page around keeps the policy it was served with, which still refuses the embed's host; a framed
//! document has a policy of its own. It does not know what may pass: whoever serves the document has asked.

use crate::embed::Embed;
use crate::escape::{Text, coded, link, path};
use crate::face::{Face, View};

/// Elements that show something of one address.
const TAGS: [&str; 6] = ["iframe", "embed", "object", "video", "audio", "img"];

/// What such an element keeps of its attributes, wherever it is written anew.
const KEPT: [&str; 15] = [
    "allow",
    "allowfullscreen",
    "alt",
    "autoplay",
    "controls",
    "crossorigin",
    "loading",
    "loop",
    "muted",
    "playsinline",
    "poster",
    "referrerpolicy",
    "sandbox",
    "title",
    "type",
];

/// What the frame around it takes over, so that the page's own style finds it.
const OUTER: [&str; 4] = ["width", "height", "class", "style"];

/// No attribute worth keeping is longer, and all of them must fit into one address.
const LONGEST: usize = 600;

/// How an embed fills a page of its own.
const ALONE: &str = "<meta name=\"viewport\" content=\"width=device-width\"><style>html,body,.l{block-size:100%}body{margin:0;\
     background:var(--bandeau-paper)}.l{display:flex;flex-direction:column;padding:.75em 1em 1em}.l h1{font-size:1.2em}\
     .l>:last-child{flex:1;min-block-size:0;inline-size:100%;border:0;object-fit:contain}</style>";

/// An element that shows something of another address.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Which element.
    pub tag: &'a str,
    /// The address, absolute.
    pub src: &'a str,
    /// Its attributes, as the browser reads them; what is not kept is ignored.
    pub attributes: &'a [(String, String)],
}

impl Frame<'_> {
    /// Whether it can be shown in a frame of ours: an element we know, of an address on the web.
    fn shows(&self) -> bool {
        TAGS.contains(&self.tag) && self.src.starts_with("http") && link(self.src).is_some()
    }

    fn kept(&self, names: &'static [&'static str]) -> impl Iterator<Item = (&str, &str)> {
        let known = |name: &str| names.contains(&name);
        self.attributes
            .iter()
            .filter(move |(name, value)| known(name) && value.len() <= LONGEST)
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What the page's own style goes by, as it stands on the element.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.kept(&OUTER).find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }

    /// The query by which its document is asked for; `title` is what it is called where it does not say.
    pub(crate) fn query(&self, title: &str) -> Option<String> {
        if !self.shows() {
            return None;
        }
        let mut query = format!("src={}&tag={}", coded(self.src), self.tag);
        for (name, value) in self.kept(&KEPT).chain(self.kept(&OUTER)) {
            query.push_str(&format!("&{name}={}", coded(value)));
        }
        if self.kept(&["title"]).next().is_none() {
            query.push_str(&format!("&title={}", coded(title)));
        }
        Some(query)
    }

    /// The element itself, filling the document it stands in.
    fn element(&self) -> String {
        let attributes: String = self.kept(&KEPT).map(|(name, value)| format!(" {name}=\"{}\"", Text(value))).collect();
        let source = if self.tag == "object" { "data" } else { "src" };
        let empty = matches!(self.tag, "img" | "embed");
        // The page's script cannot reach in to play it, so the browser's own controls are shown.
        let plays = matches!(self.tag, "video" | "audio") && self.kept(&["controls"]).next().is_none();
        format!(
            "<{0} {source}=\"{1}\"{attributes}{2}>{3}",
            self.tag,
            Text(self.src),
            if plays { " controls" } else { "" },
            if empty { String::new() } else { format!("</{}>", self.tag) },
        )
    }
}

impl Face {
    /// The document that holds an embed, for a frame of the site's own page; nothing for what is no embed.
    pub fn frame(&self, frame: &Frame<'_>) -> Option<String> {
        let title = frame.kept(&["title"]).next().map_or("", |(_, value)| value);
        frame.shows().then(|| {
            self.bare(
                title,
                "<style>html,body{margin:0;block-size:100%;overflow:hidden}body>*{display:block;inline-size:100%;\
                 block-size:100%;border:0;object-fit:contain}</style>",
                &frame.element(),
            )
        })
    }

    /// The page that holds an embed and nothing else, for who has no script: with a way back.
    pub fn alone(&self, view: &View<'_>, frame: &Frame<'_>) -> Option<String> {
        let title = frame.kept(&["title"]).next().map_or("", |(_, value)| value);
        let style = format!("{}{ALONE}", view.style.style(&self.styles.page));
        let body = format!(
            "<main class=\"r l\"><p><a href=\"{}\">{}</a></p><h1>{}</h1>{}</main>",
            Text(path(view.back)),
            Text(&self.phrases.message.back),
            Text(title),
            frame.element(),
        );
        frame.shows().then(|| self.bare(title, &style, &body))
    }

    /// The document that holds a placeholder instead, where the embed is held after all.
    pub fn held(&self, view: &View<'_>, embed: &Embed<'_>) -> String {
        // The frame has the embed's size; what stands in it fills it.
        let filling = Embed { width: None, height: None, ..*embed };
        let style = "<style>html,body{block-size:100%;margin:0}body>*{inline-size:100%!important;block-size:100%!important}</style>";
        self.bare(&self.phrases.embed.other, style, &self.placeholder(view, &filling))
    }

    /// What takes a placeholder's place at once, because its embed may be shown by now.
    pub fn opened(&self, frame: &Frame<'_>, title: &str) -> String {
        let query = frame.query(title).unwrap_or_default();
        format!("<bandeau-embed class=\"bandeau-embed\" data-open data-frame=\"{}\"></bandeau-embed>", Text(&query))
    }

    fn bare(&self, title: &str, style: &str, body: &str) -> String {
        format!(
            "<!doctype html><html{}><head><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\">\
             <title>{}</title>{style}</head><body>{body}</body></html>",
            self.tongue(),
            Text(title),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_element_is_written_anew_with_what_it_kept() {
        let attributes = of(&[
            ("allow", "autoplay; fullscreen"),
            ("sandbox", ""),
            ("onload", "alert(1)"),
            ("srcdoc", "<script>"),
            ("title", "A \"tide\""),
            ("width", "560"),
            ("class", "wide"),
        ]);
        let frame = Frame { tag: "iframe", src: "https://video.test/a?b=1&c=2", attributes: &attributes };
        assert_eq!(
            frame.element(),
            "<iframe src=\"https://video.test/a?b=1&amp;c=2\" allow=\"autoplay; fullscreen\" sandbox=\"\" \
             title=\"A &quot;tide&quot;\"></iframe>"
        );
        assert_eq!(
            frame.query("Video").unwrap(),
            "src=https%3A%2F%2Fvideo.test%2Fa%3Fb%3D1%26c%3D2&tag=iframe&allow=autoplay%3B%20fullscreen&sandbox=\
             &title=A%20%22tide%22&width=560&class=wide"
        );
        let plain = Frame { tag: "video", attributes: &[], ..frame };
        assert!(plain.element().ends_with(" controls></video>"));
        assert!(plain.query("Sea & sky").unwrap().ends_with("&title=Sea%20%26%20sky"));
    }

    #[test]
    fn only_embeds_of_the_web_are_shown() {
        for (tag, src) in [
            ("script", "https://video.test/"),
            ("iframe", "javascript:alert(1)"),
            ("iframe", "/own"),
            ("iframe", "data:text/html,x"),
            ("iframe onload=x", "https://video.test/"),
            ("", "https://video.test/"),
        ] {
            let frame = Frame { tag, src, attributes: &[] };
            assert_eq!((frame.shows(), frame.query("x")), (false, None), "{tag} {src}");
        }
    }
}
