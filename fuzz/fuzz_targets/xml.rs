//! Documents of XML put together from what reaches out and what hides it. Chunks make no difference, and a second
//! look at what was sent finds nothing that is still held.
#![no_main]

use bandeau_fuzz::{page_plan, run};
use libfuzzer_sys::fuzz_target;

/// Pieces of documents, chosen by one byte each.
const PIECES: &[&str] = &[
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

fuzz_target!(|data: (Vec<u8>, Vec<u8>)| {
    let (pieces, cuts) = data;
    let document: String = pieces.iter().map(|&piece| PIECES[usize::from(piece) % PIECES.len()]).collect();
    let plan = page_plan(None);
    let whole = run(&plan, "image/svg+xml", document.as_bytes(), std::iter::empty());
    let parts = run(&plan, "image/svg+xml", document.as_bytes(), cuts.iter().map(|&cut| usize::from(cut)));
    assert_eq!(whole, parts, "the chunks made a difference");
    if let Ok((sent, ..)) = whole {
        let (again, tally, _) =
            run(&plan, "image/svg+xml", &sent, std::iter::empty()).expect("what was sent can be read");
        assert_eq!(tally.held, 0, "{}", String::from_utf8_lossy(&sent));
        assert_eq!(again, sent);
    }
});
