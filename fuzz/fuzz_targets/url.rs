//! Addresses and image candidates as pages write them: what passes is what the URL standard and the policy let pass, and
//! of a list of candidates exactly those stay that pass, by a second reading of HTML §4.8.4.3.10.
#![no_main]

use bandeau_fuzz::{page_plan, run};
use libfuzzer_sys::fuzz_target;
use url::Url;

/// Pieces of addresses, chosen by one byte each; the bytes above them are written as they are.
const PIECES: &[&str] = &[
    "http:",
    "https:",
    "HTTPS:",
    "ws:",
    "wss:",
    "ftp:",
    "data:",
    "javascript:",
    "blob:",
    "about:blank",
    "file:",
    "x-y:",
    "/",
    "//",
    "\\",
    "/\\",
    "@",
    ":",
    ":443",
    ":8443",
    "?",
    "#",
    "%",
    "%2e",
    "%00",
    "%61",
    ".",
    "..",
    "./",
    " ",
    "\t",
    "\n",
    "\u{c}",
    "\u{0}",
    "\u{a0}",
    "\u{ad}",
    "\u{3002}",
    "\u{ff0e}",
    "\u{2025}",
    "ａ",
    "é",
    "xn--",
    "ß",
    "ads.test",
    "ADS.TEST",
    "a.ads.test",
    "ads.test.",
    "ads%2etest",
    "adｓ.test",
    "unknown.test",
    "cdn.test",
    "CDN.test",
    "cdn.test.",
    "news.test",
    "img.news.test",
    "127.1",
    "[::1]",
    "0x7f.1",
    "user",
    "pass",
    "ad/",
    "x",
    "1x",
    "2w",
    ",",
    "(",
    ")",
    ", ",
    "&",
    "\"",
    "'",
    "<",
    ">",
    "=",
];

fn text(data: &[u8]) -> String {
    data.iter()
        .take(60)
        .map(|&byte| PIECES.get(usize::from(byte)).map_or((byte % 128) as char, |_| ' ').to_string())
        .zip(data)
        .map(|(plain, &byte)| PIECES.get(usize::from(byte)).map_or(plain, |piece| (*piece).to_owned()))
        .collect()
}

/// Whether a load from an address passes, from the words of the policy in `lib.rs` and the URL standard alone.
fn passes(base: &Url, address: &str) -> bool {
    // More than two slashes in front are two, which the parser knows of addresses with a scheme only.
    let trimmed = address.trim_start_matches(|c: char| c <= ' ');
    let slashes =
        trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).take(2).filter(|c| matches!(c, '/' | '\\'));
    let url =
        if slashes.count() == 2 { Url::parse(&format!("{}:{trimmed}", base.scheme())) } else { base.join(address) };
    let Ok(url) = url else { return false };
    let Some(host) = url.host_str() else { return true };
    let host = host.trim_end_matches('.');
    if host == "news.test" || host.ends_with(".news.test") {
        // Its own routes are judged elsewhere.
        return true;
    }
    host == "cdn.test"
}

/// The addresses of a list of candidates.
fn candidates(list: &str) -> Vec<String> {
    let space = |c: char| matches!(c, '\t' | '\n' | '\u{c}' | '\r' | ' ');
    let chars: Vec<char> = list.chars().collect();
    let (mut at, mut found) = (0, Vec::new());
    loop {
        while at < chars.len() && (space(chars[at]) || chars[at] == ',') {
            at += 1;
        }
        if at >= chars.len() {
            return found;
        }
        let start = at;
        while at < chars.len() && !space(chars[at]) {
            at += 1;
        }
        let mut address: String = chars[start..at].iter().collect();
        if address.ends_with(',') {
            address.truncate(address.trim_end_matches(',').len());
            found.push(address);
            continue;
        }
        found.push(address);
        let mut inside = false;
        while at < chars.len() && (inside || chars[at] != ',') {
            inside = if inside { chars[at] != ')' } else { chars[at] == '(' };
            at += 1;
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;")
}

/// The value of an attribute as it came out.
fn value(out: &str, name: &str) -> String {
    let start = out.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
    let end = out[start..].find('"').unwrap();
    out[start..start + end].replace("&quot;", "\"").replace("&amp;", "&")
}

fn page(html: &str) -> String {
    let out = run(&page_plan(None), "text/html; charset=utf-8", html.as_bytes(), std::iter::empty()).unwrap().0;
    String::from_utf8(out).unwrap()
}

fuzz_target!(|data: &[u8]| {
    // HTML has no null characters (HTML §13.2.5.36).
    let address = text(data).replace('\0', "\u{fffd}");
    let plan = page_plan(None);
    let judge = plan.judge();
    let routed =
        |address: &str| plan.page.join(address).is_ok_and(|url| url.path().to_ascii_lowercase().contains("ad"));
    if !routed(&address) {
        assert_eq!(judge.url(&address).passes(), passes(&plan.page, &address), "{address:?}");
    }
    let out = page(&format!("<p><img x=\"{}\" src=\"{}\">", "y", escape(&address)));
    assert_eq!(out.contains("data-bandeau-src"), !judge.url(&address).passes(), "{address:?}\n{out}");
    // A page in UTF-8 cannot hold what follows otherwise than it is; HTML makes line breaks alike.
    let list = address.replace('\r', "\n");
    let kept = candidates(&value(&page(&format!("<p><img srcset=\"{}\">", escape(&list))), "srcset"));
    let wanted: Vec<String> = candidates(&list).into_iter().filter(|one| judge.url(one).passes()).collect();
    assert_eq!(kept, wanted, "{list:?}");
});
