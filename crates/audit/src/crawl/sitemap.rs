//! Sitemaps (sitemaps.org protocol 0.9): lists of pages, and lists of lists, as XML or plain text, packed or not. Foreign
//! bytes: whatever they hold, reading is bounded, and what is not an address is left out.

use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::Read as _;
use url::Url;

/// Unpacked bytes that are read of one file. The protocol allows 50 MB; the first pages of that are enough to choose from.
const BYTES: u64 = 8 << 20;

/// Addresses taken from one file; the protocol allows as many.
const ADDRESSES: usize = 50_000;

/// An address longer than this is not worth walking to.
const LENGTH: usize = 2_048;

/// What one file lists.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Listing {
    /// Pages.
    pub(super) pages: Vec<Url>,
    /// Further sitemaps.
    pub(super) maps: Vec<Url>,
}

/// Reads a file; `at` is where it was found, for addresses that stand there relative to it.
pub(super) fn read(bytes: &[u8], at: &Url) -> Listing {
    let bytes = unpack(bytes);
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') { xml(text, at) } else { plain(text) }
}

/// What gzip packed (RFC 1952 §2.3.1), up to the bound; anything else as it is.
fn unpack(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        // What came before a fault is read all the same.
        let _ = flate2::read::MultiGzDecoder::new(bytes).take(BYTES).read_to_end(&mut out);
    } else {
        out.extend(bytes.iter().take(usize::try_from(BYTES).unwrap_or(usize::MAX)));
    }
    out
}

/// One address a line.
fn plain(text: &str) -> Listing {
    let pages = text.lines().filter_map(|line| address(line, None)).take(ADDRESSES).collect();
    Listing { pages, maps: Vec::new() }
}

/// Every `<loc>` that stands right within a `<url>` or a `<sitemap>`: those of pictures and videos stand deeper.
fn xml(text: &str, at: &Url) -> Listing {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut listing = Listing::default();
    let mut within: Vec<Element> = Vec::new();
    let mut loc = String::new();
    // What comes after a fault is not read: of a file that is cut off, the beginning counts.
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(start) => {
                within.push(Element::of(start.local_name().as_ref()));
                loc.clear();
            }
            Event::Text(text) if within.last() == Some(&Element::Loc) => loc.push_str(&text.into_inner()),
            Event::CData(text) if within.last() == Some(&Element::Loc) => loc.push_str(&text.into_inner()),
            Event::GeneralRef(name) if within.last() == Some(&Element::Loc) => {
                let one = name.resolve_char_ref().ok().flatten();
                let whole = quick_xml::escape::resolve_predefined_entity(&name.into_inner());
                loc.extend(one);
                loc.push_str(whole.unwrap_or_default());
            }
            Event::End(_) => {
                if within.pop() == Some(Element::Loc) {
                    match within.last() {
                        Some(Element::Url) => listing.pages.extend(address(&loc, Some(at))),
                        Some(Element::Sitemap) => listing.maps.extend(address(&loc, Some(at))),
                        _ => {}
                    }
                }
                loc.clear();
            }
            Event::Eof => break,
            _ => {}
        }
        if listing.pages.len() + listing.maps.len() >= ADDRESSES || loc.len() > LENGTH || within.len() > 64 {
            break;
        }
    }
    listing
}

#[derive(Debug, PartialEq, Eq)]
enum Element {
    Url,
    Sitemap,
    Loc,
    Other,
}

impl Element {
    fn of(name: impl AsRef<[u8]>) -> Self {
        match name.as_ref() {
            b"url" => Self::Url,
            b"sitemap" => Self::Sitemap,
            b"loc" => Self::Loc,
            _ => Self::Other,
        }
    }
}

fn address(text: &str, at: Option<&Url>) -> Option<Url> {
    let text = text.trim();
    if text.is_empty() || text.len() > LENGTH {
        return None;
    }
    let url = match at {
        Some(at) => at.join(text).ok()?,
        None => Url::parse(text).ok()?,
    };
    matches!(url.scheme(), "http" | "https").then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    const MAP: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment with <loc>https://no.example/</loc> -->
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc> https://gazette.example/a?x=1&amp;y=2 </loc><lastmod>2026-01-01</lastmod>
    <image:image><image:loc>https://gazette.example/a.jpg</image:loc></image:image></url>
  <url><loc><![CDATA[https://gazette.example/b]]></loc></url>
  <url><loc>/c&#x3b;d</loc></url>
  <url><loc>javascript:alert(1)</loc></url>
  <s:url xmlns:s="urn:x"><s:loc>https://gazette.example/e</s:loc></s:url>
</urlset>"#;

    fn texts(urls: &[Url]) -> Vec<&str> {
        urls.iter().map(Url::as_str).collect()
    }

    fn at() -> Url {
        Url::parse("https://gazette.example/sitemap.xml").unwrap()
    }

    #[test]
    fn pages_are_listed_and_pictures_are_not() {
        let listing = read(MAP.as_bytes(), &at());
        let expected = [
            "https://gazette.example/a?x=1&y=2",
            "https://gazette.example/b",
            "https://gazette.example/c;d",
            "https://gazette.example/e",
        ];
        assert_eq!(texts(&listing.pages), expected);
        assert!(listing.maps.is_empty());
    }

    #[test]
    fn packed_files_and_lists_of_lists_are_read() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed
            .write_all(b"\xef\xbb\xbf<sitemapindex><sitemap><loc>https://gazette.example/1.xml.gz</loc></sitemap>")
            .unwrap();
        let listing = read(&packed.finish().unwrap(), &at());
        assert_eq!(texts(&listing.maps), ["https://gazette.example/1.xml.gz"]);
        assert!(listing.pages.is_empty());
    }

    #[test]
    fn plain_text_is_one_address_a_line() {
        let listing = read(b"https://gazette.example/a\r\n\nnot an address\nhttps://gazette.example/b", &at());
        assert_eq!(texts(&listing.pages), ["https://gazette.example/a", "https://gazette.example/b"]);
    }

    #[test]
    fn damaged_files_give_what_came_before_the_damage() {
        let cut = &MAP[..MAP.find("<url><loc>/c").unwrap() + 12];
        assert_eq!(read(cut.as_bytes(), &at()).pages.len(), 2);
        for odd in ["", "<", "<html><p>Not found", "<urlset><loc>https://x.example/</loc></urlset>", "\0\u{1f}"] {
            assert_eq!(read(odd.as_bytes(), &at()), Listing::default(), "{odd:?}");
        }
        assert_eq!(read(&[0x1f, 0x8b, 8, 0, 1], &at()), Listing::default());
        assert_eq!(read(&[0xff, 0xfe, 0x3c, 0], &at()), Listing::default());
    }

    #[test]
    fn bombs_do_not_unfold() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(b"https://gazette.example/a\n").unwrap();
        for _ in 0..64 {
            packed.write_all(&vec![b' '; 1 << 20]).unwrap();
        }
        let packed = packed.finish().unwrap();
        assert!(packed.len() < 1 << 20);
        assert_eq!(unpack(&packed).len() as u64, BYTES);
        assert_eq!(read(&packed, &at()).pages.len(), 1);
        let entities = "<!DOCTYPE x [<!ENTITY a \"&b;&b;\"><!ENTITY b \"boom\">]><urlset><url><loc>https://x.example/&a;</loc></url>";
        assert_eq!(texts(&read(entities.as_bytes(), &at()).pages), ["https://x.example/"]);
        assert!(read("<url>".repeat(100_000).as_bytes(), &at()).pages.is_empty());
        let many = "https://x.example/\n".repeat(ADDRESSES + 10);
        assert_eq!(read(many.as_bytes(), &at()).pages.len(), ADDRESSES);
    }
}
