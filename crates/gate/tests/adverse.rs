//! Markup on which the rewriter and a browser disagreed, found by mutations before a real browser (`tests/adverse`): each
//! is shut, and what only looks like it passes.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;
use support::{page, page_plan, run};

#[test]
fn a_mark_before_a_value_does_not_change_how_it_is_read() {
    let plan = page_plan(None);
    for mark in [&b"\xff\xfe"[..], b"\xfe\xff", b"\xef\xbb\xbf"] {
        for (before, after) in
            [("<p style=\"", ";background:url(//ads.test/x)\">"), ("<img srcset='", " 1x,//ads.test/x 2x'>")]
        {
            let page = [before.as_bytes(), mark, after.as_bytes(), b"<p>end</p>"].concat();
            let pieces: Vec<&[u8]> = page.chunks(1).collect();
            let (out, _) = run(&plan, "text/html; charset=utf-8", &pieces).unwrap();
            assert!(!String::from_utf8_lossy(&out).contains("ads.test"), "{mark:x?} {before}");
            // In other encodings these are letters, and the rewriter cannot be told so.
            for charset in ["windows-1252", "koi8-r", "gbk"] {
                let out = run(&plan, &format!("text/html; charset={charset}"), &pieces);
                assert_eq!(out.map(|_| ()), Err(bandeau_gate::Withheld::Ambiguous), "{mark:x?} {before} {charset}");
            }
        }
    }
    let letters = b"<p style='a:b\xff\xfe' title=\xff\xfey>\xef\xbb\xbf \xff\xfe</p>";
    assert!(run(&plan, "text/html; charset=windows-1252", &[letters]).is_ok());
}

#[test]
fn the_second_of_two_attributes_is_not_looked_up_ahead() {
    for html in [
        "<input type=image src src=//ads.test/x>",
        "<link rel=canonical rel=stylesheet href=//ads.test/x>",
        "<script src='' src=//ads.test/x></script>",
    ] {
        assert!(!page(None, html).contains("=//ads.test"), "{html}");
    }
    let fine = "<p><img src=/a.png src=//cdn.test/b.png><img alt=a alt=//ads.test>";
    assert_eq!(page(None, fine).replace("<notice ->", ""), fine);
}

#[test]
fn a_held_base_that_comes_late_moves_nothing() {
    for html in ["<img src=x.png><base href='//ads.test/'>", "<p>a</p><svg><base href='https://ads.test/'></svg>"] {
        let out = page(None, html);
        assert!(out.contains("data-bandeau-href") && !out.contains(" href="), "{out}");
    }
    // Browsers write what is not a host in a way that makes it one.
    let odd = page(None, "<base href='//ads test/'><img src=x.png>");
    assert!(odd.contains("<base data-bandeau-href"), "{odd}");
    let noscript = page(None, "<head><noscript><base href='//ads.test/'></noscript><img src=x.png>");
    assert!(noscript.contains("<base data-bandeau-href"), "{noscript}");
    let fine = "<p><img src=x.png><base href='//cdn.test/'>";
    assert_eq!(page(None, fine).replace("<notice ->", ""), fine);
}

#[test]
fn what_an_address_carries_is_judged_as_if_it_stood_there() {
    for html in [
        "<iframe src='data:text/html,<img src=//ads.test/x>'></iframe>",
        "<iframe src=' DA&Tab;TA:text/html;base64,PGltZyBzcmM9aHR0cDphZHMudGVzdD4='></iframe>",
        "<object data='data:text/html,<img src=http:ads.test>'></object>",
        "<iframe src='data:text/html,<iframe src=\"data:text/html,<img src=https:ads.test>\">'></iframe>",
        "<iframe src='data:text/html;charset=utf-16le,x'></iframe>",
        "<embed src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"https://ads.test/\"/></svg>'>",
        "<link rel=stylesheet href='data:text/css,@import \"https://ads.test/x\"'>",
        "<link rel=stylesheet href='data:<x>y/css,@import \"https://ads.test/x\"'>",
        "<style>@import 'data:text/css,@import \"https://ads.test/x\"';</style>",
        "<iframe srcdoc=\"<meta http-equiv=refresh content='0;url=data:text/html,x'>\"></iframe>",
    ] {
        let (out, tally) = run(&page_plan(None), "text/html", &[html.as_bytes()]).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(tally.held > 0, "{html}");
        let carried = out.split("data:").skip(1).any(|rest| rest.contains("ads.test"));
        assert!(!carried || out.contains("data-bandeau-"), "{html}\n{out}");
    }
    for fine in [
        "<iframe src='data:text/html,<img src=https://cdn.test/x>'></iframe>",
        "<embed src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"https://cdn.test/\"/></svg>'>",
        "<link rel=stylesheet href='data:text/css,p{background:url(https://cdn.test/x)}'>",
        "<img src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"https://ads.test/\"/></svg>'>",
    ] {
        assert_eq!(page(None, fine).replace("<notice ->", ""), fine);
    }
}

#[test]
fn style_sheets_in_svg_are_read_as_the_markup_they_are() {
    for css in [
        "@im&#112;ort url(//ads.test/x);",
        "<![CDATA[@import url(//ads.test/x);]]>",
        "@imp<!-- a -->ort url(//ads.test/x);",
        "a{b:\"<!-- -->\"} @import url(//ads<!-- -->.test/x);",
        "a{b:url(&quot;//ads.test/x&quot;)}",
        "a{b:url(//ads.test/x)",
    ] {
        let out = page(None, &format!("<svg><style>{css}</style></svg><p>end</p>"));
        assert!(!out.contains("ads.test") && out.ends_with("</style></svg><p>end</p>"), "{css}: {out}");
    }
    for fine in ["a{b:c}", "a&gt;b{c:url(//cdn.test/x)}", "a{b:c}<!-- d -->e{f:g}", "<![CDATA[a>b{c:d}]]>"] {
        let html = format!("<p><svg><style>{fine}</style></svg>");
        let out = page(None, &html).replace("<notice ->", "");
        assert_eq!(out.replace("<![CDATA[]]>a>b{c:d}", "<![CDATA[a>b{c:d}]]>"), html);
    }
}

#[test]
fn slashes_in_front_are_as_many_as_one_likes() {
    for slashes in ["//", "///", "/\\/", " /\t///", "\\\\\\\\"] {
        assert!(!page(None, &format!("<img src='{slashes}ads.test/x'>")).contains("<img src='"), "{slashes:?}");
        assert!(page(None, &format!("<img src='{slashes}cdn.test/x'>")).contains("<img src='"), "{slashes:?}");
    }
    assert!(page(None, "<img src='/\t/ads.test/x'>").contains("data-bandeau-src"));
}

#[test]
fn a_null_character_is_not_trimmed() {
    let base = "<base href=//ads.test/>";
    let out = page(None, &format!("{base}<img src='\0https://cdn.test/x'>"));
    assert!(out.contains("data-bandeau-src"), "it is relative, so it leads to the held base: {out}");
}

#[test]
fn where_svg_ends_is_known_or_the_page_is_cut() {
    let hidden = "<img src=//ads.test/x>";
    for before in [
        "<math><mi><mglyph><style>",
        "<math><mtext><malignmark><title>",
        "<svg><math><mi><style>",
        "<math><svg><title><style>",
        "<svg><desc></title><b></b></desc><style>",
        "<svg><desc><p></desc></p></desc><style>",
        "<svg><desc></title><![CDATA[>",
        "<div><svg></div><![CDATA[>",
        "<svg/><![CDATA[>",
        "<math><annotation-xml encoding='text&#47;html'><![CDATA[>",
        "<select><svg></select><![CDATA[>",
    ] {
        let html = format!("{before}{hidden}");
        let out = run(&page_plan(None), "text/html", &[html.as_bytes()]);
        assert!(!out.is_ok_and(|(out, _)| String::from_utf8_lossy(&out).contains("src=//ads.test")), "{html}");
    }
    // Without script, what a noscript leaves open stays open.
    for left in ["<svg><desc>", "<select>", "<math><mi><p>"] {
        let out = page(None, &format!("<p><noscript>{left}</noscript><p>end"));
        assert!(out.ends_with("<noscript></noscript><p>end"), "{out}");
    }
    for fine in [
        "<iframe srcdoc='<select><option>a'></iframe>",
        "<noscript><svg><path d='a'></svg></noscript>",
        "<svg><path d='a'></svg><script>a='<b>'</script>",
        "<svg><g><path><title>a</title></g></svg><style>a{}</style><script>a='<b>'</script>",
        "<svg><foreignObject><p>a</p><style>a>b{}</style></foreignObject></svg><script>a='<b>'</script>",
        "<div><svg><path></div><p><script>a='<b>'</script>",
        "<svg class=a /><span>x</span><script>a='<b>'</script>",
        "<svg><symbol><svg><use href='#a'/></svg></symbol></svg><script>a='<b>'</script>",
        "<math><mi>x</mi><mo>&lt;</mo></math><script>a='<b>'</script>",
        "<script>//<![CDATA[\na='<b>'\n//]]></script>",
    ] {
        let html = format!("<p>{fine}");
        assert_eq!(page(None, &html).replace("<notice ->", ""), html);
    }
}

#[test]
fn who_looks_ahead_knows_no_svg_and_sees_nothing() {
    let hidden = "<img src=//ads.test/x>";
    for (before, after) in [
        ("<svg><script href=/a.js /></svg><iframe></script>", "</iframe>"),
        ("<svg><title/></svg><p title=\"</title>", "\">"),
        ("<svg><style/></svg><!--</style>", "-->"),
        ("<svg><title><style></title>", "</style></title></svg>"),
        ("<svg><script><![CDATA[</script>", "]]></script></svg>"),
        ("<svg><![CDATA[>", "]]></svg>"),
    ] {
        let html = format!("<p>{before}{hidden}{after}<p>end");
        let Ok((out, _)) = run(&page_plan(None), "text/html", &[html.as_bytes()]) else { continue };
        let out = String::from_utf8(out).unwrap();
        let open = out.contains("<title/>") || out.contains("<style/>");
        assert!(!open && (!out.contains("<script") || out.contains(" /></script></svg>")), "{html}\n{out}");
    }
    let fine = "<p><svg><script href='/a.js'></script><style><![CDATA[a>b{}]]></style><title>t</title></svg>";
    assert!(page(None, fine).contains("<script href='/a.js'></script><style><![CDATA["));
}

#[test]
fn animations_keep_what_passes() {
    let out = page(None, "<svg><image><animate attributeName=href values='/a;//ads.test/x;/b'/></image></svg>");
    assert!(out.contains("values=\"/a;/b\""), "{out}");
    let out = page(None, "<svg><rect><set attributeName=filter to='url(//ads.test/x#f)'/></rect></svg>");
    assert!(!out.contains("ads.test"), "{out}");
}
