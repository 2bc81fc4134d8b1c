//! Addresses that carry what they name (RFC 2397, Fetch §6): a document or a style sheet in a `data:` address reaches
//! out as any other, and is judged as any other. Pictures, sounds and fonts in one fetch nothing.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use url::{Position, Url};

/// What an address carries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    /// HTML.
    Html(String),
    /// XML that a browser may show as a document, SVG among it.
    Xml(String),
    /// Text of another kind: CSS, where a style sheet is expected.
    Text(String),
    /// Something that names no address.
    Still,
    /// What cannot be read safely.
    Unclear,
}

/// Kinds that are never a document.
const STILL: [&str; 5] = ["image/", "audio/", "video/", "font/", "application/font"];

/// Reads an address; nothing when it carries nothing. Where a sheet is expected, browsers may take any kind for one.
pub(crate) fn read(address: &str, sheet: bool) -> Option<Carried> {
    // Most addresses are not of this kind, and those that are can be long.
    let start = address.trim_start_matches(|c: char| c <= ' ').get(..1)?;
    if !start.eq_ignore_ascii_case("d") {
        return None;
    }
    let url = Url::parse(address).ok().filter(|url| url.scheme() == "data")?;
    let (head, body) = url[Position::BeforePath..Position::AfterQuery].split_once(',')?;
    let head = head.to_ascii_lowercase();
    let mut parts = head.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    if !sheet && !kind.contains("xml") && STILL.iter().any(|still| kind.starts_with(still)) {
        return Some(Carried::Still);
    }
    let parts: Vec<&str> = parts.collect();
    let coded = parts.last() == Some(&"base64");
    // Where the word stands elsewhere, browsers do not agree.
    if !coded && parts.contains(&"base64") {
        return Some(Carried::Unclear);
    }
    let charset = parts.iter().find_map(|part| part.strip_prefix("charset=")).map(|name| name.trim_matches('"'));
    if !matches!(charset, None | Some("utf-8" | "utf8" | "us-ascii")) {
        return Some(Carried::Unclear);
    }
    let bytes = unescape(body);
    let bytes = if coded { unpack(&bytes) } else { Some(bytes) };
    // An escape sequence or a byte order mark would change the encoding.
    let plain =
        |bytes: &Vec<u8>| !bytes.contains(&0x1b) && !bytes.starts_with(b"\xfe\xff") && !bytes.starts_with(b"\xff\xfe");
    let Some(text) = bytes.filter(plain).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) else {
        return Some(Carried::Unclear);
    };
    Some(match kind {
        _ if sheet => Carried::Text(text),
        _ if kind.contains("xml") => Carried::Xml(text),
        _ if kind.starts_with("text/html") => Carried::Html(text),
        _ => Carried::Text(text),
    })
}

/// An address that carries this text.
pub(crate) fn write(kind: &str, text: &str) -> String {
    format!("data:{kind};charset=utf-8;base64,{}", base64::engine::general_purpose::STANDARD.encode(text))
}

/// The addresses an XML document may reach: nothing in it is relative to anything. Entities are read as HTML's; a
/// document that declares its own cannot be read here.
pub(crate) fn reaches(xml: &str, passes: impl Fn(&str) -> bool) -> bool {
    let text = htmlize::unescape(xml);
    let text: String = text.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let lower = text.to_ascii_lowercase();
    // Names of namespaces are written like addresses and are none.
    let named = |address: &str| address.starts_with("http://www.w3.org/");
    lower.contains("<!entity")
        || lower.contains("data:")
        || lower.contains('\\')
        || ["http:", "https:", "ws:", "wss:"].iter().any(|scheme| {
            lower.match_indices(scheme).any(|(at, _)| {
                let rest = &text[at..];
                let end = rest.find(['"', '\'', '<', '>', ')', ' ', ';', ',']).unwrap_or(rest.len());
                !named(&lower[at..at + end]) && !passes(&rest[..end])
            })
        })
}

fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digits = [ahead.next(), ahead.next()].map(|one| one.and_then(|one| (one as char).to_digit(16)));
        match (byte, digits) {
            // Invariant: two digits of sixteen make a byte.
            (b'%', [Some(high), Some(low)]) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    out
}

/// Forgiving Base64 (Infra §6).
fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let bytes: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    GeneralPurpose::new(&base64::alphabet::STANDARD, config).decode(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_is_read_as_browsers_read_it() {
        let html = |text: &str| Some(Carried::Html(text.into()));
        for (address, carried) in [
            ("/data:text/html,x", None),
            ("data:text/html,<p>a%20b?c=d#e", html("<p>a b?c=d")),
            (" DA\nTA:Text/HTML;charset=UTF-8,%3Cp%3e%zz", html("<p>%zz")),
            ("data:text/html;base64,PHA%2BPC9wPg", html("<p></p>")),
            ("data:text/html;base64,P H A +", html("<p>")),
            ("data:text/html;base64;x,PHA+", Some(Carried::Unclear)),
            ("data:text/html;charset=utf-16le,x", Some(Carried::Unclear)),
            ("data:text/html,%1b$Bx", Some(Carried::Unclear)),
            ("data:text/html;base64,!", Some(Carried::Unclear)),
            ("data:,x", Some(Carried::Text("x".into()))),
            ("data:image/svg+xml,<svg/>", Some(Carried::Xml("<svg/>".into()))),
            ("data:image/png;base64,AAAA", Some(Carried::Still)),
        ] {
            assert_eq!(read(address, false), carried, "{address}");
        }
        assert_eq!(read("data:x y,@import", true), Some(Carried::Text("@import".into())));
        assert_eq!(read(&write("text/html", "<é>"), false), html("<é>"));
    }

    #[test]
    fn addresses_in_xml_are_found() {
        let passes = |address: &str| !address.contains("t.test");
        for held in
            ["<a b='http://t.test/'/>", "<a b='&#104;ttp:t.test'/>", "<!ENTITY x 'y'>", "<a b='ht\ntp://t.test'/>"]
        {
            assert!(reaches(held, passes), "{held}");
        }
        assert!(!reaches("<svg xmlns='http://www.w3.org/2000/svg'><image href='https://fine.test/x'/></svg>", passes));
    }
}
