//! Files of ours: scripts and styles, compressed once and kept by browsers for good, for their address names their
//! content. It does not know what is in them.

use crate::body::{Body, empty, full};
use bandeau_banner::Asset;
use bandeau_gate::Coding;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

/// What files are kept in, best first.
const OFFERED: [Coding; 2] = [Coding::Brotli, Coding::Gzip];

/// Under its own name a file never changes. Under another it is what is current, until a page names that.
const FOREVER: &str = "public, max-age=31536000, immutable";
const SOON: &str = "public, max-age=300";

/// A file, in a coding that is asked for; `current` says that it was asked for by the name of its content.
pub(super) fn serve(asset: &Asset, current: bool, asked: &HeaderMap) -> Response<Body> {
    let coding = Coding::preferred(asked, &OFFERED);
    let tag = format!("\"{}-{}\"", asset.hash(), coding.as_str());
    // RFC 9110 §13.1.2: one of a list, or any.
    let known = asked.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        let listed = String::from_utf8_lossy(value.as_bytes());
        listed.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == tag || one == "*")
    });
    let mut response = if known { Response::new(empty()) } else { Response::new(full(folded(asset, coding))) };
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    if let (false, Ok(value)) = (coding == Coding::Identity, HeaderValue::from_str(coding.as_str())) {
        headers.insert(header::CONTENT_ENCODING, value);
    }
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, value);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind()));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(if current { FOREVER } else { SOON }));
    // There is nothing of anybody's in it, and frames without an origin of their own need it as well.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// A file in a coding, made the first time it is asked for.
fn folded(asset: &Asset, coding: Coding) -> Bytes {
    static MADE: Mutex<BTreeMap<(String, &'static str), Bytes>> = Mutex::new(BTreeMap::new());
    let text = asset.text().as_bytes();
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || match coding {
        Coding::Brotli => {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4 << 10, 11, 18);
            encoder.write_all(text).map(|()| encoder.into_inner())
        }
        Coding::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(text).and_then(|()| encoder.finish())
        }
        _ => Ok(text.to_vec()),
    };
    // Writing to memory does not fail.
    made.entry((asset.name(), coding.as_str())).or_insert_with(|| make().unwrap_or_default().into()).clone()
}
