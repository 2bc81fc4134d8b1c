//! `Set-Cookie` headers of any bytes: what reaches the visitor is what the site sent, of a name that may pass,
//! read by the words of RFC 6265bis §5.6 a second time here; and never our own.
#![no_main]

use bandeau_fuzz::{answer, page_plan, policy};
use http::{HeaderMap, HeaderValue, header::SET_COOKIE};
use libfuzzer_sys::fuzz_target;

/// The name a browser would store, by the specification's steps: up to `;`, up to `=`, without space and tab.
fn name(line: &[u8]) -> &[u8] {
    let pair = line.split(|&byte| byte == b';').next().unwrap_or_default();
    let Some(at) = pair.iter().position(|&byte| byte == b'=') else { return b"" };
    let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let name = &pair[..at];
    let start = name.iter().position(|byte| !blank(byte)).unwrap_or(name.len());
    let end = name.iter().rposition(|byte| !blank(byte)).map_or(start, |at| at + 1);
    &name[start..end]
}

fuzz_target!(|data: &[u8]| {
    let sent: Vec<HeaderValue> =
        data.split(|&byte| byte == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    let headers: HeaderMap = sent.iter().map(|value| (SET_COOKIE, value.clone())).collect();
    for granted in [None, Some(&["ads"][..])] {
        let plan = page_plan(granted);
        let answer = answer(&plan, headers.clone());
        let passed: Vec<&HeaderValue> = answer.head.headers.get_all(SET_COOKIE).iter().collect();
        assert_eq!(passed.len() + answer.cookies_held as usize, sent.len());
        for line in passed {
            assert!(sent.contains(line));
            let name = std::str::from_utf8(name(line.as_bytes())).unwrap();
            assert!(!name.is_empty() && name != "bandeau" && name != "__Host-bandeau", "{name}");
            assert!(policy().cookie(plan.standing, name).passes(), "{name} was held");
        }
    }
});
