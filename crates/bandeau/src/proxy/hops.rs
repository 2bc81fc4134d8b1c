//! What belongs to one hop stays on it (RFC 9110 §7.6.1), and what the next hop must be told is told.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use std::net::IpAddr;

/// Fields that never pass, beside those `Connection` names.
const HOPS: [HeaderName; 8] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED: HeaderName = HeaderName::from_static("forwarded");

/// Takes the fields of this hop away. What the request needs to keep its meaning cannot be named by
/// `Connection`: that is how a visitor would take it away.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .filter(|name: &HeaderName| {
            ![header::HOST, header::COOKIE, header::CONTENT_LENGTH, header::CACHE_CONTROL].contains(name)
        })
        .collect();
    for name in HOPS.into_iter().chain([PROXY_CONNECTION]).chain(named) {
        headers.remove(name);
    }
}

/// The protocol a request asks to change to, when it is one we tunnel.
pub(crate) fn upgrade(headers: &HeaderMap) -> bool {
    let asks = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|token| token.trim().eq_ignore_ascii_case("upgrade"));
    asks && headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Whether the visitor speaks TLS: to us, or to a proxy that is trusted to say so.
pub(crate) fn secure(headers: &HeaderMap, tls: bool, trusted: bool) -> bool {
    tls || trusted && headers.get(PROTO).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// Tells the site who asks, how and for which host. What an untrusted visitor says of itself is not passed on.
pub(crate) fn tell(headers: &mut HeaderMap, peer: IpAddr, secure: bool, trusted: bool, authority: &HeaderValue) {
    let before = headers.get(FOR).filter(|_| trusted).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let chain = before.map_or_else(|| peer.to_string(), |before| format!("{before}, {peer}"));
    for name in [FOR, PROTO, HOST, FORWARDED] {
        headers.remove(name);
    }
    if let Ok(chain) = HeaderValue::from_str(&chain) {
        headers.insert(FOR, chain);
    }
    headers.insert(PROTO, HeaderValue::from_static(if secure { "https" } else { "http" }));
    headers.insert(HOST, authority.clone());
    headers.append(header::VIA, HeaderValue::from_static("1.1 bandeau"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn fields_of_a_hop_stay_on_it() {
        let mut headers = map(&[
            ("connection", "close, X-Own, Cookie, Host"),
            ("x-own", "1"),
            ("cookie", "a=b"),
            ("host", "h"),
            ("te", "trailers"),
            ("keep-alive", "5"),
            ("proxy-connection", "x"),
            ("accept", "*/*"),
        ]);
        strip(&mut headers);
        let left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left.len(), 3, "{left:?}");
        assert!(headers.contains_key("cookie") && headers.contains_key("host") && headers.contains_key("accept"));
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let told = |trusted| {
            let mut headers =
                map(&[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-proto", "https"), ("forwarded", "for=x")]);
            let secure = secure(&headers, false, trusted);
            tell(&mut headers, IpAddr::from([127, 0, 0, 1]), secure, trusted, &HeaderValue::from_static("news.test"));
            (
                headers["x-forwarded-for"].clone(),
                headers["x-forwarded-proto"].clone(),
                headers.contains_key("forwarded"),
            )
        };
        assert_eq!(told(false), (HeaderValue::from_static("127.0.0.1"), HeaderValue::from_static("http"), false));
        assert_eq!(
            told(true),
            (HeaderValue::from_static("6.6.6.6, 127.0.0.1"), HeaderValue::from_static("https"), false)
        );
    }

    #[test]
    fn only_websockets_are_tunnelled() {
        assert!(upgrade(&map(&[("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket")])));
        assert!(!upgrade(&map(&[("connection", "upgrade"), ("upgrade", "h2c")])));
        assert!(!upgrade(&map(&[("upgrade", "websocket")])));
    }
}
