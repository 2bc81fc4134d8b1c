//! Response headers that make a browser reach out, of any bytes: judged without a panic, and judged again with
//! nothing left to hold.
#![no_main]

use bandeau_fuzz::{answer, page_plan};
use bandeau_gate::Entry;
use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 12] = [
    "link",
    "refresh",
    "report-to",
    "reporting-endpoints",
    "nel",
    "speculation-rules",
    "content-type",
    "etag",
    "content-security-policy",
    "cache-control",
    "content-encoding",
    "content-disposition",
];

fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in data.split(|&byte| byte == b'\n').take(16) {
        let Some((&which, value)) = line.split_first() else { continue };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(NAMES[usize::from(which) % NAMES.len()]), value);
        }
    }
    let _ = (Entry::style(&headers), Entry::script(&headers));
    let plan = page_plan(None);
    let once = answer(&plan, headers);
    assert!(once.head.headers.contains_key("content-security-policy"));
    let twice = answer(&plan, once.head.headers.clone());
    assert_eq!(twice.headers_held, 0, "{:?}", once.head.headers);
});
