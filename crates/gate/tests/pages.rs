//! Pages as a whole: where the notice goes, placeholders, chunks, encodings, and pages that are cut.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;
use bandeau_gate::{Treatment, Withheld};
use proptest::prelude::*;
use support::{answer, page, page_plan, plan, run};

#[test]
fn the_notice_comes_once_where_the_body_begins() {
    for (html, place) in [
        ("<html lang=fr><head><title>x</title></head><body class=a><p>", "<body class=a><notice fr><p>"),
        ("<p>x</p><body>", "<notice -><p>"),
        ("<title>x</title><svg><head></svg>", "<notice -><svg>"),
        ("<head></head><head></head><main>", "<notice -><main>"),
        ("<html lang='&#101;n'><body><body>", "<body><notice en><body>"),
        ("just text", "just text<notice ->"),
        ("", "<notice ->"),
    ] {
        let out = page(None, html);
        assert!(out.contains(place), "{html} → {out}");
        assert_eq!(out.matches("<notice").count(), 1, "{html} → {out}");
    }
    assert!(!page(None, "<frameset><frame src=/a></frameset>").contains("<notice"));
}

#[test]
fn a_page_that_ends_inside_a_tag_revives_nothing() {
    for html in [
        "just text <img alt=x src=https://ads.test/pixel",
        "just text <img src='https://ads.test/pixel' alt='x",
        "<img src=https://ads.test/pixel ",
        "<title>x</title>text <script src=//ads.test/x.js",
    ] {
        let out = page(None, html);
        let live = out.replace("data-bandeau-src", "").replace("\"https://ads.test", "").replace("=\"//ads.test", "");
        assert!(!live.contains("src=https://ads.test") && !live.contains("src=//ads.test"), "{html} → {out}");
    }
    assert_eq!(page(None, "<!-- open"), "<!-- open<bandeau-end>");
}

#[test]
fn a_site_may_use_the_name_of_our_mark() {
    let out = page(Some(&[]), "<body><bandeau-end><p>kept</p></bandeau-end>");
    assert!(out.contains("<p>kept</p>"), "{out}");
}

#[test]
fn long_tables_without_end_tags_pass() {
    let rows = "<tr><td>a<td>b<td>c<td>d<td>e<td>f<td>g".repeat(20_000);
    let (out, _) = run(&page_plan(None), "text/html; charset=utf-8", &[b"<body><table>", rows.as_bytes()]).unwrap();
    assert!(out.len() > rows.len());
}

#[test]
fn styles_in_foreign_noscripts_are_styles() {
    let html = "<body><svg><noscript><style>a{background:url(//ads.test/x)} b{c:d}</style></noscript></svg>";
    let out = page(None, html);
    assert!(out.contains("b{c:d}") && !out.contains("ads.test"), "{out}");
    let fine = "<body><svg><noscript><style>a{background:url(/x)}</style></noscript></svg>";
    assert_eq!(page(Some(&[]), fine).replace("<notice ->", ""), fine);
}

#[test]
fn frames_and_fragments_have_no_notice_but_are_rewritten() {
    for dest in ["iframe", "empty"] {
        let plan = plan("/", &[("sec-fetch-dest", dest)]);
        let (out, tally) = run(&plan, "text/html", &[b"<body><img src=//ads.test/x>"]).unwrap();
        assert_eq!((tally.shown, tally.held), (false, 1), "{}", String::from_utf8_lossy(&out));
    }
}

#[test]
fn visible_embeds_become_placeholders_and_hidden_ones_vanish() {
    let out = page(None, "<body><iframe src='https://tube.test/v' width=560 height=315>old</iframe>after");
    assert!(out.contains("<held media Some(\"https://tube.test/v\")>after"), "{out}");
    for hidden in ["hidden", "width=1 height=1", "style='display: none'"] {
        let out = page(None, &format!("<iframe src='//tube.test/v' {hidden}></iframe>"));
        assert!(!out.contains("<held"), "{out}");
    }
    assert!(!page(None, "<iframe src='//unknown.test/v'></iframe>").contains("<held"));
}

#[test]
fn a_closed_feature_gives_way_and_an_open_one_stays() {
    let html = "<body><section id=comments><p>old</p><section>deep</section></section>after";
    let out = page(Some(&["ads"]), html);
    assert!(out.contains("<section id=comments><held social None></section>after"), "{out}");
    assert!(page(Some(&["social"]), html).contains("<p>old</p>"));
}

/// A page with a bit of everything that is collected, nested or odd.
const RICH: &str = "<!doctype html><html lang=fr><head><meta charset=utf-8><title>Été — 記事</title>\
<style>@import '//ads.test/a.css';b{background:url(//social.test/x)}</style>\
<script src='https://tags.test/t.js'></script><noscript><img src=//ads.test/p></noscript></head>\
<body><!-- é --><p title='>'>Texte…</p><iframe width=300 src='https://tube.test/v'></iframe>\
<section id=comments>x<b>y</b></section><img srcset='a 1x, //ads.test/b 2x'>\
<iframe srcdoc='&lt;img src=//ads.test/x&gt;'></iframe><script>if (a</b/) x()</script></body></html>";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_split_gives_the_same_page(cuts in prop::collection::vec(0..RICH.len(), 0..40), granted in 0usize..3) {
        let grants: [Option<&[&str]>; 3] = [None, Some(&["social"]), Some(&["ads", "social", "media"])];
        let plan = page_plan(grants[granted]);
        let bytes = RICH.as_bytes();
        let whole = run(&plan, "text/html", &[bytes]).unwrap();
        let mut cuts = cuts;
        cuts.sort_unstable();
        let mut chunks: Vec<&[u8]> = Vec::new();
        let mut from = 0;
        for cut in cuts {
            chunks.push(&bytes[from..cut]);
            from = cut;
        }
        chunks.push(&bytes[from..]);
        prop_assert_eq!(run(&plan, "text/html", &chunks).unwrap(), whole);
    }

    #[test]
    fn any_bytes_end_in_a_page_or_a_reason(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = run(&page_plan(None), "text/html", &[&bytes]);
    }

    #[test]
    fn any_markup_ends_in_a_page_or_a_reason(html in "(<(img|style|noscript|svg|select|script|iframe|a|/style|/noscript|/svg|base) ?(src|href|srcdoc|style)?=?['\"]?(//ads.test|url\\(//t.test)?['\"]?>?|x| ){0,12}") {
        if let Ok((out, _)) = run(&page_plan(None), "text/html; charset=utf-8", &[html.as_bytes()]) {
            // Run once more: nothing that is held was left for a second look.
            let again = run(&page_plan(None), "text/html; charset=utf-8", &[&out]);
            if let Ok((_, tally)) = again {
                prop_assert_eq!(tally.placeholders, 0);
            }
        }
    }
}

#[test]
fn a_page_one_byte_at_a_time() {
    let plan = page_plan(None);
    let bytes: Vec<&[u8]> = RICH.as_bytes().chunks(1).collect();
    assert_eq!(run(&plan, "text/html", &bytes).unwrap(), run(&plan, "text/html", &[RICH.as_bytes()]).unwrap());
}

#[test]
fn every_encoding_is_read() {
    let html = "<html lang=fr><body><p>été</p><img src='//ads.test/é.png'>";
    for label in ["utf-8", "iso-8859-15", "windows-1252", "koi8-r", "shift_jis", "gbk", "euc-kr", "iso-2022-jp"] {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
        let (bytes, ..) = encoding.encode(html);
        let (out, tally) = run(&page_plan(None), &format!("text/html; charset={label}"), &[&bytes]).unwrap();
        assert_eq!(tally.held, 1, "{label}");
        let sent = if label == "iso-2022-jp" { encoding_rs::UTF_8 } else { encoding };
        let expected = encoding.decode(&bytes).0;
        let text = sent.decode(&out).0;
        let start = expected.find("<p>").unwrap();
        assert!(text.contains(&expected[start..start + 8]), "{label}: {text}");
    }
    let utf16: Vec<u8> = "\u{feff}<body><img src='//ads.test/x'>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (out, tally) = run(&page_plan(None), "text/html", &[&utf16]).unwrap();
    assert_eq!(tally.held, 1);
    assert!(String::from_utf8(out).unwrap().contains("data-bandeau-src"));
}

#[test]
fn the_encoding_is_said_so_that_nobody_guesses() {
    let mut answer = answer(&page_plan(None), &[("content-type", "text/html")]);
    let Treatment::Page(opening, _) = answer.body else { panic!() };
    let first = b"<meta charset=koi8-r><body>";
    opening.open(&mut answer.head.headers, first, std::sync::Arc::new(support::Plain)).unwrap();
    assert_eq!(answer.head.headers["content-type"], "text/html; charset=KOI8-R");
}

#[test]
fn what_cannot_be_read_safely_is_withheld() {
    let plan = page_plan(None);
    for (headers, why) in [
        (&[("content-type", "text/html"), ("content-encoding", "compress")][..], Withheld::Coding),
        (&[("content-type", "text/html"), ("content-encoding", "gzip, dcb")], Withheld::Coding),
        (&[("content-type", "text/html; charset=hz-gb-2312")], Withheld::Charset),
    ] {
        let answer = answer(&plan, headers);
        assert!(matches!(answer.body, Treatment::Withhold(found) if found == why), "{headers:?}: {:?}", answer.body);
    }
    let ambiguous = b"<body><select><xmp><script>\"use strict\";</script></select>";
    assert_eq!(run(&plan, "text/html", &[ambiguous]).unwrap_err(), Withheld::Ambiguous);
    let huge = format!("<style>{}", "a{b:c}".repeat(1 << 20));
    assert_eq!(run(&plan, "text/html", &[huge.as_bytes()]).unwrap_err(), Withheld::Memory);
    let attribute = format!("<p title='{}", "x".repeat(33 << 20));
    assert_eq!(run(&plan, "text/html", &[attribute.as_bytes()]).unwrap_err(), Withheld::Memory);
}

#[test]
fn bytes_without_a_type_are_taken_as_browsers_take_them() {
    for (body, shown) in [(&b" <!DOCTYPE html><body>x"[..], true), (b"\x89PNG<img src=//ads.test/x>", false)] {
        let mut answer = answer(&page_plan(None), &[]);
        let Treatment::Page(opening, _) = answer.body else { panic!() };
        let mut page = opening.open(&mut answer.head.headers, body, std::sync::Arc::new(support::Plain)).unwrap();
        let mut out = Vec::new();
        page.push(body, &mut out).unwrap();
        assert_eq!(page.finish(&mut out).unwrap().shown, shown);
        assert_eq!(out == body, !shown);
    }
}

#[test]
fn what_is_put_in_is_in_the_page_s_encoding() {
    struct Accents;
    impl bandeau_gate::Face for Accents {
        fn notice(&self, _: Option<&str>) -> String {
            "<b>À vous de choisir 🙂</b>".into()
        }
        fn placeholder(&self, _: Option<&str>, _: &bandeau_gate::Held<'_>) -> String {
            String::new()
        }
    }
    let mut answer = answer(&page_plan(None), &[("content-type", "text/html; charset=koi8-r")]);
    let Treatment::Page(opening, _) = answer.body else { panic!() };
    let mut page = opening.open(&mut answer.head.headers, b"<p>x", std::sync::Arc::new(Accents)).unwrap();
    let mut out = Vec::new();
    page.push(b"<p>x", &mut out).unwrap();
    page.finish(&mut out).unwrap();
    // What the encoding lacks is written as a reference.
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("<b>&#192; vous de choisir &#128578;</b>"), "{text}");
}
