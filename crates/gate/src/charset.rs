//! Which encoding a page is in, as a browser decides it (HTML §13.2.3.2): byte order mark, then the
//! transport's word, then a `<meta>` among the first 1024 bytes, then windows-1252.
//!
//! What was decided is then said in the `Content-Type`, so that no browser guesses otherwise: a page read
//! in another encoding than ours would be another page.

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How far a browser looks for a `<meta>` (HTML §13.2.3.2).
pub(crate) const PRESCAN: usize = 1024;

/// An encoding no page can be read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the page is in an encoding that cannot be read")]
pub struct BadCharset;

/// An encoding, and whether the page must be turned into UTF-8 first because its bytes are not a superset
/// of ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset(&'static Encoding);

impl Charset {
    /// The encoding that `Content-Type` names; none where it names none.
    ///
    /// # Errors
    /// When it names one that browsers refuse to read.
    pub fn label(content_type: &str) -> Result<Option<Self>, BadCharset> {
        let label = content_type.split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
        });
        match label.and_then(|label| Encoding::for_label(label.as_bytes())) {
            Some(encoding) if encoding == REPLACEMENT => Err(BadCharset),
            encoding => Ok(encoding.map(Self)),
        }
    }

    /// Decides from the transport's word and the first bytes (1024, or all there are).
    ///
    /// # Errors
    /// When the page names an encoding that browsers refuse to read.
    pub fn decide(said: Option<Self>, first: &[u8]) -> Result<Self, BadCharset> {
        if let Some((encoding, _)) = Encoding::for_bom(first) {
            return Ok(Self(encoding));
        }
        if let Some(said) = said {
            return Ok(said);
        }
        match prescan(&first[..first.len().min(PRESCAN)]) {
            Some(encoding) if encoding == REPLACEMENT => Err(BadCharset),
            // A page that can be read far enough to find this is not in UTF-16 (HTML §13.2.3.2, step 12).
            Some(encoding) if encoding == UTF_16BE || encoding == UTF_16LE => Ok(Self(UTF_8)),
            Some(encoding) if encoding == X_USER_DEFINED => Ok(Self(WINDOWS_1252)),
            Some(encoding) => Ok(Self(encoding)),
            None => Ok(Self(WINDOWS_1252)),
        }
    }

    /// Whether its bytes can be rewritten as they are.
    pub(crate) fn direct(self) -> bool {
        self.0.is_ascii_compatible()
    }

    pub(crate) fn encoding(self) -> &'static Encoding {
        self.0
    }

    /// The name for the `Content-Type` of what we send.
    pub(crate) fn sent(self) -> &'static str {
        if self.direct() { self.0.name() } else { UTF_8.name() }
    }
}

/// Looks for `<meta charset>` or `<meta http-equiv=content-type content="…charset=…">`, outside comments.
fn prescan(bytes: &[u8]) -> Option<&'static Encoding> {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            // `<!-->` and `<!--->` are whole comments.
            rest = comment
                .strip_prefix('>')
                .or_else(|| comment.strip_prefix("->"))
                .unwrap_or_else(|| comment.find("-->").map_or("", |end| &comment[end + 3..]));
        } else if rest.starts_with("<meta") && rest[5..].starts_with(|c: char| c.is_ascii_whitespace() || c == '/') {
            let (found, after) = meta(&rest[5..]);
            if let Some(label) = found
                && let Some(encoding) = Encoding::for_label(label.as_bytes())
            {
                return Some(encoding);
            }
            rest = after;
        } else {
            rest = &rest[1..];
        }
    }
    None
}

/// The charset one `<meta>` names, and what follows its tag. `text` begins after `<meta`.
fn meta(mut text: &str) -> (Option<String>, &str) {
    let (mut charset, mut content, mut pragma) = (None, None, false);
    loop {
        text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if text.is_empty() || text.starts_with('>') {
            break;
        }
        let (name, value, after) = attribute(text);
        match name {
            "charset" => charset = charset.or(Some(value.to_owned())),
            "content" => content = content.or_else(|| in_content(value)),
            "http-equiv" => pragma |= value == "content-type",
            _ => {}
        }
        text = after;
    }
    (charset.or(content.filter(|_| pragma)), text)
}

/// One attribute: name, value, and what follows.
fn attribute(text: &str) -> (&str, &str, &str) {
    let end = text.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '=')).unwrap_or(text.len());
    // A name may begin with `=` (HTML §13.2.5.32); take at least one character so that the scan moves.
    let end = if end == 0 { text.chars().next().map_or(0, char::len_utf8) } else { end };
    let (name, after) = text.split_at(end);
    let Some(value) = after.trim_ascii_start().strip_prefix('=') else {
        return (name, "", after);
    };
    let value = value.trim_ascii_start();
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote) {
            let end = inner.find(quote).unwrap_or(inner.len());
            return (name, inner[..end].trim(), inner.get(end + 1..).unwrap_or_default());
        }
    }
    let end = value.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(value.len());
    (name, &value[..end], &value[end..])
}

/// `charset=` inside a `content` attribute (HTML §2.5.5).
fn in_content(content: &str) -> Option<String> {
    let after = content.split("charset").skip(1).find_map(|rest| rest.trim_ascii_start().strip_prefix('='))?;
    let label = after.trim_ascii_start().trim_start_matches(['"', '\'']);
    let end = label.find(|c: char| c.is_ascii_whitespace() || matches!(c, ';' | '"' | '\'')).unwrap_or(label.len());
    Some(label[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(content_type: &str, page: &[u8]) -> Result<&'static str, BadCharset> {
        Charset::decide(Charset::label(content_type)?, page).map(|charset| charset.encoding().name())
    }

    #[test]
    fn decides_as_browsers_do() {
        for (content_type, page, encoding) in [
            ("text/html", &b"<html>"[..], "windows-1252"),
            ("text/html; charset=utf-8", b"<meta charset=latin1>", "UTF-8"),
            ("text/html; Charset=\"ISO-8859-15\"", b"", "ISO-8859-15"),
            ("text/html", b"<!-- <meta charset=koi8-r> --><meta  charset = 'UTF-8'>", "UTF-8"),
            ("text/html", b"<META content='text/html; charset=koi8-r' http-equiv=Content-Type>", "KOI8-R"),
            ("text/html", b"<meta content='text/html; charset=koi8-r'>", "windows-1252"),
            ("text/html; charset=koi8-r", b"\xef\xbb\xbf<html>", "UTF-8"),
            ("text/html", b"\xff\xfe<\0", "UTF-16LE"),
            ("text/html", b"<meta charset=utf-16>", "UTF-8"),
            ("text/html; charset=iso-2022-jp", b"", "ISO-2022-JP"),
            ("text/html; charset=nonsense", b"<meta charset=utf8>", "UTF-8"),
        ] {
            assert_eq!(decided(content_type, page), Ok(encoding), "{content_type} {}", String::from_utf8_lossy(page));
        }
        assert_eq!(decided("text/html; charset=hz-gb-2312", b""), Err(BadCharset));
    }

    proptest::proptest! {
        #[test]
        fn the_prescan_ends(bytes in proptest::collection::vec(proptest::sample::select(b"<meta charset='=\"/>!-x ".to_vec()), 0..200)) {
            let _ = prescan(&bytes);
        }
    }
}
