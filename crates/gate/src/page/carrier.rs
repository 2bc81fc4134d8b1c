//! Carriers: which attributes of which elements make a browser contact a host, and how.
//!
//! From the HTML, SVG 2, SMIL and Attribution Reporting specifications. Where a list could be of what
//! fetches or of what does not, it is of what does not: the unknown counts as fetching.

/// How an attribute reaches out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// One address, loaded.
    Load,
    /// One address, whose host is connected to.
    Connect,
    /// Image candidates.
    Set,
    /// CSS.
    Style,
    /// Addresses separated by white space.
    Pings,
    /// Values of an animation, separated by semicolons.
    Values,
    /// Where a form is sent.
    Form,
    /// A whole document.
    Document,
    /// A time and an address.
    Refresh,
    /// Where a click leads.
    Link,
    /// A script that runs on an event.
    Handler,
}

/// What decides about an element's attributes beside their names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    /// The `rel` of a `<link>`, lower-case.
    pub(crate) rel: Option<String>,
    /// Whether a `<meta>` is a refresh.
    pub(crate) refresh: bool,
}

/// Whether an attribute can reach out at all on any element: asked of every attribute, so it is quick.
pub(crate) fn matters(name: &str) -> bool {
    name.starts_with("on")
        || matches!(
            name,
            "src"
                | "href"
                | "xlink:href"
                | "srcset"
                | "imagesrcset"
                | "poster"
                | "data"
                | "style"
                | "action"
                | "formaction"
                | "srcdoc"
                | "background"
                | "ping"
                | "attributionsrc"
                | "content"
                | "codebase"
                | "archive"
                | "code"
                | "classid"
                | "manifest"
                | "lowsrc"
                | "dynsrc"
                | "icon"
                | "to"
                | "from"
                | "by"
                | "values"
                | "fill"
                | "stroke"
                | "filter"
                | "mask"
                | "clip-path"
                | "cursor"
                | "marker"
                | "marker-start"
                | "marker-mid"
                | "marker-end"
                | "movie"
                | "usemap"
                | "longdesc"
        )
}

/// How an attribute of an element reaches out.
pub(crate) fn reach(tag: &str, name: &str, context: &Context) -> Option<Reach> {
    match (tag, name) {
        ("meta", "content") => context.refresh.then_some(Reach::Refresh),
        (_, "content") => None,
        ("base", "href" | "xlink:href") => None,
        ("a" | "area", "href" | "xlink:href") => Some(Reach::Link),
        ("link", "href") => link(context.rel.as_deref().unwrap_or_default()),
        (_, "src" | "href" | "xlink:href" | "poster" | "background" | "lowsrc" | "dynsrc") => Some(Reach::Load),
        ("object", "data" | "codebase" | "archive" | "classid") => Some(Reach::Load),
        ("applet", "code" | "codebase" | "archive") => Some(Reach::Load),
        ("embed", "code" | "movie") => Some(Reach::Load),
        ("html", "manifest") | ("menuitem" | "command", "icon") => Some(Reach::Load),
        (_, "srcset" | "imagesrcset") => Some(Reach::Set),
        (_, "ping" | "attributionsrc") => Some(Reach::Pings),
        ("form", "action") | (_, "formaction") => Some(Reach::Form),
        (_, "srcdoc") => Some(Reach::Document),
        (
            "set" | "animate" | "animatecolor" | "animatemotion" | "animatetransform",
            "to" | "from" | "by" | "values",
        ) => Some(Reach::Values),
        (
            _,
            "style" | "fill" | "stroke" | "filter" | "mask" | "clip-path" | "cursor" | "marker" | "marker-start"
            | "marker-mid" | "marker-end",
        ) => Some(Reach::Style),
        (_, name) if name.starts_with("on") => Some(Reach::Handler),
        _ => None,
    }
}

/// Relations of a link that fetch nothing.
const STILL: [&str; 44] = [
    "alternate",
    "amphtml",
    "archives",
    "author",
    "bookmark",
    "canonical",
    "contents",
    "copyright",
    "edituri",
    "external",
    "first",
    "glossary",
    "help",
    "home",
    "https://api.w.org/",
    "hub",
    "image_src",
    "index",
    "last",
    "license",
    "me",
    "micropub",
    "next",
    "nofollow",
    "noopener",
    "noreferrer",
    "original",
    "pingback",
    "prev",
    "previous",
    "privacy-policy",
    "profile",
    "publisher",
    "self",
    "shortlink",
    "sitemap",
    "start",
    "syndication",
    "tag",
    "terms-of-service",
    "up",
    "webmention",
    "authorization_endpoint",
    "token_endpoint",
];

fn link(rel: &str) -> Option<Reach> {
    let tokens = || rel.split_ascii_whitespace().filter(|token| !STILL.contains(token));
    if tokens().next().is_none() {
        None
    } else if tokens().all(|token| matches!(token, "preconnect" | "dns-prefetch")) {
        Some(Reach::Connect)
    } else {
        Some(Reach::Load)
    }
}

/// The address of a refresh (HTML §4.2.5.3, shared declarative refresh steps); none when it only reloads.
pub(crate) fn refresh(content: &str) -> Option<&str> {
    let rest = content.trim_ascii_start().trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let rest = rest.trim_ascii_start();
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest).trim_ascii_start();
    let named = rest
        .get(..3)
        .filter(|start| start.eq_ignore_ascii_case("url"))
        .and_then(|_| rest[3..].trim_ascii_start().strip_prefix('='));
    let address = named.unwrap_or(rest).trim_ascii_start();
    let address = match address.chars().next() {
        Some(quote @ ('"' | '\'')) => address[1..].split(quote).next().unwrap_or_default(),
        _ => address,
    };
    (!address.is_empty()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_fetch_unless_known_not_to() {
        for (rel, reach) in [
            ("canonical", None),
            ("alternate stylesheet", Some(Reach::Load)),
            ("preconnect", Some(Reach::Connect)),
            ("dns-prefetch preconnect", Some(Reach::Connect)),
            ("preconnect stylesheet", Some(Reach::Load)),
            ("modulepreload", Some(Reach::Load)),
            ("something-new", Some(Reach::Load)),
            ("", None),
        ] {
            assert_eq!(link(rel), reach, "{rel}");
        }
    }

    #[test]
    fn every_attribute_that_reaches_matters() {
        let context = Context { rel: Some("stylesheet".into()), refresh: true };
        for name in ["src", "href", "data", "content", "style", "to", "manifest", "icon", "movie", "formaction"] {
            let reaches = ["object", "embed", "meta", "set", "html", "menuitem", "link", "input"]
                .iter()
                .any(|tag| reach(tag, name, &context).is_some());
            assert!(reaches && matters(name), "{name}");
        }
    }

    #[test]
    fn refreshes_are_read_as_browsers_read_them() {
        for (content, address) in [
            ("5", None),
            ("0;url=//t.test/", Some("//t.test/")),
            (" 0 , URL = 'http://t.test/' x", Some("http://t.test/")),
            ("1; http://t.test", Some("http://t.test")),
            (".5 url=x", Some("x")),
        ] {
            assert_eq!(refresh(content), address, "{content}");
        }
    }
}
