//! Documents of XML: what is held is gone however it is written, what may pass passes untouched, and any split gives
//! the same document.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod support;

use bandeau_gate::{Treatment, Withheld};
use proptest::prelude::*;
use support::{answer, page_plan, run};

const XHTML: &str = "<html xmlns='http://www.w3.org/1999/xhtml' xmlns:s='http://www.w3.org/2000/svg' \
    xmlns:x='http://www.w3.org/1999/xlink'>";

fn rewritten(document: &str) -> String {
    let (out, _) = run(&page_plan(None), "application/xhtml+xml", &[document.as_bytes()]).unwrap();
    String::from_utf8(out).unwrap()
}

fn inside(markup: &str) -> String {
    rewritten(&format!("{XHTML}{markup}</html>"))
}

/// The document without what was set aside, where it does nothing.
fn live(document: &str) -> String {
    let mut out = String::new();
    let mut rest = document;
    while let Some(at) = rest.find("data-bandeau-") {
        out += &rest[..at];
        let value = rest[at..].find('"').unwrap() + at + 1;
        rest = &rest[value + rest[value..].find('"').unwrap() + 1..];
    }
    out + rest
}

#[test]
fn nothing_held_is_left_in_any_carrier() {
    for markup in [
        "<link rel='preconnect' href='//ads.test/'/>",
        "<link rel = \"dns-prefetch\"\nhref\t=\n'http://ads.test'/>",
        "<link rel='&#112;reload' href='&#x2f;/ads&#46;test/x'/>",
        "<meta http-equiv='refresh' content='0;url=http://ads.test/'/>",
        "<script src='//ads.test/a.js'>own()</script>",
        "<script type='module' src='//ads.test/a.js'/>",
        "<img src='//ads.test/p' srcset='/own 1x, //ads.test/2 2x' alt='a > b'/>",
        "<form action='//ads.test/'><button formaction='//ads.test/'/></form>",
        "<p style='background:url(&quot;//ads.test/p&quot;)'/>",
        "<style>@import '//ads.test/a.css';</style>",
        "<style><![CDATA[a{background:url(//ads]]>.test/p)}</style>",
        "<style>@imp<!-- -->ort '//ads.test/a';</style>",
        "<style>a{b:url('//ads.te&#115;t')}<b>/*</b></style>",
        "<style>/*<b>*/</b>*/@import '//ads.test/a';</style>",
        "<script type='speculationrules'>{\"prefetch\":[{\"urls\":[\"http://ads.test/\"]}]}</script>",
        "<s:image x:href='//ads.test/p'/>",
        "<s:use href='//ads.test/p#a'/>",
        "<s:set attributeName='href' to='//ads.test/'/>",
        "<s:rect fill='url(//ads.test/p)'/>",
        "<s:style>@import '//ads.test/a.css';</s:style>",
        "<image xmlns='http://www.w3.org/2000/svg' href='//ads.test/p'/>",
        "<y:img xmlns:y='http://www.w3.org/1999/xhtml' src='//ads.test/p'/>",
        "<noscript><img src='//ads.test/p'/></noscript>",
        "<base href='//ads.test/'/><img src='p'/>",
        "<div xml:base='http://ads.test/'><img src='p'/></div>",
        "<img src='/&nbsp;/ads.test/p'/>",
    ] {
        let out = inside(markup);
        let bare = live(&out);
        assert!(!bare.contains("ads.test") || bare.contains("base"), "{markup} → {out}");
        assert!(!bare.contains(" src='p'"), "{markup} → {out}");
        assert!(!bare.contains(" src='/&nbsp;"), "{markup} → {out}");
        assert!(!bare.contains("ads]]&gt;") && !bare.contains("&#115;t"), "{markup} → {out}");
    }
    for document in [
        "<?xml version='1.0'?><?xml-stylesheet href='//ads.test/a.css'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        "<?xml-stylesheet type=\"text/xsl\" href=\"&#x2f;/ads.test/a.xsl\"?><a/>",
        "<?xml-stylesheet\nhref=//ads.test/a.css ?><a/>",
    ] {
        assert!(!rewritten(document).contains("ads.test"), "{document}");
    }
}

#[test]
fn a_document_in_an_attribute_is_html() {
    let out =
        inside("<iframe srcdoc='&lt;link rel=preconnect href=//ads.test>&lt;p>&amp;lt;'/><iframe srcdoc='&lt;p>x'/>");
    assert!(
        out.contains("&lt;link rel=preconnect data-bandeau-href=&quot;//ads.test&quot;&gt;&lt;p&gt;&amp;lt;"),
        "{out}"
    );
    assert!(out.contains("<iframe srcdoc='&lt;p>x'/>"), "{out}");
}

#[test]
fn what_may_pass_passes_untouched() {
    for document in [
        "<?xml version=\"1.0\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">\n<svg xmlns='http://www.w3.org/2000/svg'><a href='//unknown.test/'><path d='M0 0'/></a></svg>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><link rel='enclosure' href='//ads.test/a.mp3'/><icon src='//ads.test'/></feed>",
        "<rss><channel><image><url>http://ads.test/</url></image><item src='//ads.test/'/><![CDATA[<img src='//ads.test/'>]]></channel></rss>",
        "<html xmlns='http://www.w3.org/1999/xhtml'><!-- <img src='//ads.test/'/> --><style>a > b {content:'&lt;'} <b/></style><p>a &amp; b &eacute; ]]&gt;</p></html>",
        "<x:html xmlns:x='urn:x'><x:img src='//ads.test/'/></x:html>",
        "<html xmlns='http://www.w3.org/1999/xhtml'><div xmlns='urn:x'><img src='//ads.test/'/></div><img alt=\"'\" src = '/own'/></html>\n",
        "<!DOCTYPE svg [<!ENTITY ns_svg \"http://www.w3.org/2000/svg\"> <!-- % <!ENTITY a '<'> --> <!ELEMENT a ANY>]><svg xmlns='&ns_svg;'><image href='/own'/></svg>",
        "<?php-like thing?><a/>",
        "not XML at all",
        "",
    ] {
        assert_eq!(rewritten(document), document);
    }
}

#[test]
fn an_entity_is_what_it_was_declared_to_be() {
    let doctype =
        "<!DOCTYPE html [<!ENTITY svg 'http://www.w3.org/2000/svg'><!ENTITY h \"//ads.test\"><!ENTITY amp 'x'>]>";
    for markup in [
        "<image xmlns='&svg;' href='/own'/><image xmlns='&svg;' href='&h;/p'/>",
        "<img xmlns='http://www.w3.org/1999/xhtml' src='&h;/?a&amp;b'/>",
        "<style xmlns='http://www.w3.org/1999/xhtml'>@import '&h;/a';</style>",
    ] {
        let out = rewritten(&format!("{doctype}{markup}"));
        assert!(!live(&out[doctype.len()..]).contains("&h;"), "{out}");
    }
}

#[test]
fn what_cannot_be_told_apart_ends_the_document() {
    for document in [
        "<!DOCTYPE a [<!ENTITY x '<img xmlns=\"http://www.w3.org/1999/xhtml\" src=\"//ads.test/\"/>'>]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY x '&#60;img/>'>]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'x.xml'>]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY % x 'y'> %x;]><a/>",
        "<!DOCTYPE a [<!ATTLIST img src CDATA '//ads.test/'>]><img/>",
        "<!DOCTYPE a [<?xml-stylesheet href='//ads.test/'?>]><a/>",
        "<!doctype html><a/>",
        "<a b=c/>",
        "<a b/>",
        "<a b='<'/>",
        "<a <b/>",
        "<script xmlns='http://www.w3.org/1999/xhtml' type='specu&shy;lationrules'/>",
        "<a xmlns='&what;'/>",
    ] {
        let found = run(&page_plan(None), "image/svg+xml", &[document.as_bytes()]);
        assert_eq!(found.unwrap_err(), Withheld::Ambiguous, "{document}");
    }
    let huge = format!("<a b='{}", "x".repeat(33 << 20));
    assert_eq!(run(&page_plan(None), "text/xml", &[huge.as_bytes()]).unwrap_err(), Withheld::Memory);
    // What never ended means nothing.
    assert_eq!(rewritten("<a/><img src='//ads.test/'"), "<a/>");
}

#[test]
fn a_granted_host_stays() {
    let document = format!("{XHTML}<img src='//ads.test/p'/><style>@import '//ads.test/a';</style></html>");
    let (out, tally) = run(&page_plan(Some(&["ads"])), "application/xml", &[document.as_bytes()]).unwrap();
    assert_eq!((String::from_utf8(out).unwrap(), tally.held), (document, 0));
}

#[test]
fn documents_are_read_in_their_encoding_and_sent_in_utf8() {
    let text = "<?xml version=\"1.0\" encoding='ENC' standalone=\"yes\"?><a é=\"ü\"/>";
    let latin = |name: &str| encoding_rs::WINDOWS_1252.encode(&text.replace("ENC", name)).0.into_owned();
    let wide = |big: bool, mark: bool| {
        let units = text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
        let mark: &[u8] = if !mark {
            &[]
        } else if big {
            b"\xfe\xff"
        } else {
            b"\xff\xfe"
        };
        mark.iter().copied().chain(units).collect::<Vec<u8>>()
    };
    for (content_type, bytes) in [
        ("text/xml", latin("iso-8859-1")),
        ("text/xml; charset=latin1", latin("utf-8")),
        ("text/xml", text.replace("ENC", "UTF-8").into()),
        ("text/xml", text.replace("ENC", "utf-16").into()),
        ("text/xml; charset=latin1", ["\u{feff}", text].concat().into()),
        ("text/xml", wide(true, true)),
        ("text/xml", wide(false, true)),
        ("text/xml", wide(true, false)),
        ("text/xml", wide(false, false)),
    ] {
        let (out, _) = run(&page_plan(None), content_type, &[&bytes]).unwrap();
        let sent = text.replace("'ENC'", "\"UTF-8\"");
        assert_eq!(String::from_utf8(out).unwrap(), sent, "{content_type} {bytes:?}");
    }
    let mut answer = answer(&page_plan(None), &[("content-type", "image/svg+xml;charset=latin1")]);
    let Treatment::Page(opening, _) = answer.body else { panic!() };
    opening.open(&mut answer.head.headers, b"<svg/>", std::sync::Arc::new(support::Plain)).unwrap();
    assert_eq!(answer.head.headers["content-type"], "image/svg+xml; charset=utf-8");
    assert!(answer.head.headers.contains_key("content-security-policy"));
}

/// Pieces that documents are made of, whole and broken.
const PIECES: [&str; 26] = [
    "<img src='//ads.test/1' alt='>'/>",
    "<link rel='preconnect' href=\"http://ads.test\"/>",
    "<style>",
    "@import '//ads.test/a';",
    "</style>",
    "<![CDATA[url(//ads.test)",
    "]]>",
    "<!-- ",
    "-->",
    "--",
    "text é &amp; ",
    "&#47;/ads.test",
    "<?xml-stylesheet href='//ads.test/'?>",
    "<?p ",
    "?>",
    "<b>",
    "</b>",
    "<s:style>",
    "</s:style>",
    "<s:image x:href='//ads.test/2'/>",
    "<!DOCTYPE a [<!ENTITY e 'f'>]>",
    "<div xmlns='urn:x'>",
    "</div>",
    "<script src='//ads.test/3'/>",
    "]",
    "<p title=\"",
];

/// Smaller ones, most of which make no document.
const FINE: &[&str] = &[
    "<h xmlns='http://www.w3.org/1999/xhtml' xmlns:s='http://www.w3.org/2000/svg' xmlns:x='http://www.w3.org/1999/xlink'>",
    "<img ",
    "<link ",
    "<s:image ",
    "<script ",
    "<style>",
    "</style>",
    "<s:style>",
    "</s:style>",
    "<form ",
    "<meta ",
    "<b xmlns='urn:b'>",
    "</b>",
    "<base ",
    "<!DOCTYPE h [",
    "]>",
    "<!ENTITY e '",
    "<!ENTITY f \"",
    "'>",
    "\">",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?xml-stylesheet ",
    "<?xml encoding='utf-8'",
    "?>",
    "src",
    "href",
    "x:href",
    "rel",
    "style",
    "type",
    "action",
    "srcset",
    "http-equiv",
    "content",
    "xml:base",
    "=",
    "='",
    "=\"",
    "'",
    "\"",
    ">",
    "/>",
    " ",
    "\n",
    "//ads.test/",
    "http://ads.test/",
    "preconnect",
    "stylesheet",
    "refresh",
    "0;url=",
    "@import '",
    "url(//ads.test)",
    "&amp;",
    "&#47;",
    "&#x2f;",
    "&e;",
    "&f;",
    "&nbsp;",
    "&",
    "speculationrules",
    "é",
    "/own",
];

proptest! {
    #[test]
    fn any_split_gives_the_same_document(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..12),
        cuts in prop::collection::vec(0usize..400, 0..12),
    ) {
        let document = format!("{XHTML}{}", pieces.concat());
        let bytes = document.as_bytes();
        let whole = run(&page_plan(None), "text/xml", &[bytes]);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.sort_unstable();
        cuts.insert(0, 0);
        cuts.push(bytes.len());
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
        prop_assert_eq!(run(&page_plan(None), "text/xml", &chunks), whole.clone());
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(run(&page_plan(None), "text/xml", &single), whole);
    }

    #[test]
    fn what_was_rewritten_has_nothing_more_to_hold(pieces in prop::collection::vec(prop::sample::select([&PIECES[..], FINE].concat()), 0..16)) {
        let document = format!("{XHTML}{}", pieces.concat());
        if let Ok((once, _)) = run(&page_plan(None), "text/xml", &[document.as_bytes()]) {
            let (twice, tally) = run(&page_plan(None), "text/xml", &[&once]).unwrap();
            prop_assert_eq!(tally.held, 0, "{}", String::from_utf8_lossy(&once));
            prop_assert_eq!(once, twice);
        }
    }
}
