//! Signals a browser sends on its own: Global Privacy Control.

use http::HeaderMap;

/// Whether the request carries `Sec-GPC: 1`. Any other value is no signal (GPC §3.2).
pub fn gpc(headers: &HeaderMap) -> bool {
    headers.get("sec-gpc").is_some_and(|value| value.as_bytes() == b"1")
}
