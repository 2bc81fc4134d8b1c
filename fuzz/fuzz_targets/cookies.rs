//! `Cookie` headers of any bytes: what reaches the site was sent so and may pass, nothing is granted, and what
//! is held is taken away in lines that are headers.
#![no_main]

use bandeau_fuzz::{answer, head, plan, policy};
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let values: Vec<HeaderValue> =
        data.split(|&byte| byte == b'\n').take(8).filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    let headers: Vec<(&str, HeaderValue)> = values.iter().map(|value| ("cookie", value.clone())).collect();
    let mut parts = head(&headers);
    let mut plan = plan(&parts);
    assert!(plan.standing.asks() && plan.pseudonym.is_none(), "a forged cookie answered");
    plan.forward(&mut parts.headers);
    let sent: Vec<&[u8]> = values.iter().flat_map(|value| value.as_bytes().split(|&byte| byte == b';')).collect();
    for passed in parts.headers.get_all("cookie").iter().flat_map(|value| value.as_bytes().split(|&b| b == b';')) {
        let passed = passed.trim_ascii();
        assert!(sent.iter().any(|pair| pair.trim_ascii() == passed), "{passed:?} was not sent");
        let name = passed.split(|&byte| byte == b'=').next().unwrap().trim_ascii();
        let name = std::str::from_utf8(name).unwrap();
        assert!(policy().cookie(plan.standing, name).passes(), "{name} was held");
    }
    answer(&plan, HeaderMap::new());
});
