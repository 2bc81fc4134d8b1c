//! Style sheets and declarations made of the pieces of CSS, in the three places a page has for them: whatever the pieces
//! make, each place is judged alike, the chunks make no difference, and a second look finds nothing held.
#![no_main]

use bandeau_fuzz::{page_plan, run};
use libfuzzer_sys::fuzz_target;

/// Pieces of style sheets, chosen by one byte each.
const PIECES: &[&str] = &[
    "@import ",
    "@import",
    "@charset \"utf-8\";",
    "@namespace ",
    "@media all",
    "@supports (a:b)",
    "@layer a",
    "@font-face",
    "@property --x",
    "@\\69mport ",
    "@container x",
    "@page",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ":",
    ",",
    " ",
    "\n",
    "\t",
    "\r",
    "\u{c}",
    "\u{0}",
    "\"",
    "'",
    "\\",
    "\\\n",
    "/*",
    "*/",
    "<!--",
    "-->",
    "url(",
    "URL(",
    "u\\72l(",
    "url-prefix(",
    "src(",
    "image(",
    "image-set(",
    "-webkit-image-set(",
    "cross-fade(",
    "var(--x",
    "env(x,",
    "attr(x,",
    "type(",
    "format(",
    "local(",
    "supports(",
    "layer(",
    "a",
    "a{b",
    "--x:",
    "--",
    "initial-value:",
    "background:",
    "content:",
    "src:",
    "!important",
    "1x",
    "2dppx",
    "%",
    "#a",
    "&",
    "é",
    "//ads.test/x",
    "https://ads.test/x",
    "https:\\2f/ads.test",
    "http\\3a//ads.test",
    "\\\\\\\\ads.test/x",
    "\\2f\\2f unknown.test",
    "//ads\\.test",
    "https://cdn.test/a",
    "/own",
    "own.css",
    "data:text/css,",
    "data:text/css;base64,QGltcG9ydCAiaHR0cHM6Ly9hZHMudGVzdCI7",
    "data:image/gif;base64,AAAA",
    "about:blank",
    "%2f",
];

/// One page with the style in it, and what became of the style.
fn styled(before: &str, style: &str, after: &str, cuts: &[u8]) -> Option<(String, u64)> {
    let html = format!("{before}{style}{after}");
    let plan = page_plan(None);
    let whole = run(&plan, "text/html; charset=utf-8", html.as_bytes(), std::iter::empty());
    let parts = cuts.iter().map(|&cut| usize::from(cut) % 19);
    assert_eq!(
        whole,
        run(&plan, "text/html; charset=utf-8", html.as_bytes(), parts),
        "the chunks made a difference: {html:?}"
    );
    let (once, first, _) = whole.ok()?;
    let (twice, tally, _) = run(&plan, "text/html; charset=utf-8", &once, std::iter::empty()).ok()?;
    let (once, twice) = (String::from_utf8(once).unwrap(), String::from_utf8_lossy(&twice).into_owned());
    assert_eq!(tally.held, 0, "something held was left\nread  {html:?}\nonce  {once:?}\ntwice {twice:?}");
    Some((once, first.held))
}

fuzz_target!(|data: &[u8]| {
    let css: String = data.iter().take(120).map(|&byte| PIECES[usize::from(byte) % PIECES.len()]).collect();
    // HTML makes a line break of these, and the text would differ by place (HTML §13.2.3.5).
    let css = css.replace('\r', "\n").replace('\0', "\u{fffd}");
    let text = css.replace('&', "&amp;").replace('<', "&lt;");
    let sheet = styled("<body><style>", &css, "</style><p>end</p>", data);
    let declared = styled("<body><p style=\"", &text.replace('"', "&quot;"), "\">x</p><p>end</p>", data);
    let drawn = styled("<body><svg><style>", &text, "</style></svg><p>end</p>", data);
    if let (Some(sheet), Some(declared), Some(drawn)) = (sheet, declared, drawn) {
        assert_eq!(
            sheet.1 > 0,
            declared.1 > 0,
            "judged otherwise as a declaration: {css:?}\n{}\n{}",
            sheet.0,
            declared.0
        );
        // In SVG it is judged in a second reading too, so more may be held.
        assert!(sheet.1 == 0 || drawn.1 > 0, "judged otherwise in SVG: {css:?}\n{}\n{}", sheet.0, drawn.0);
        assert!(drawn.0.ends_with("<p>end</p>") && sheet.0.ends_with("<p>end</p>"), "the page after it is gone");
    }
});
