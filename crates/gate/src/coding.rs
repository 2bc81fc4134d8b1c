//! Content codings (RFC 9110 §8.4.1): which ones a page came in, and which one a visitor gets it in. It names
//! them and weighs what heads say; undoing and making them is for who has the bytes.

use crate::Withheld;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap};

/// Content codings that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// None.
    Identity,
    /// gzip.
    Gzip,
    /// deflate: zlib.
    Deflate,
    /// Brotli.
    Brotli,
    /// Zstandard (RFC 8878), with the window that RFC 9659 allows.
    Zstd,
}

/// No site has a reason to fold a page more often than this.
const LAYERS: usize = 3;

impl Coding {
    /// The name it has in heads.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    fn read(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        // RFC 9110 §8.4.1.3: the old name means the same.
        let name = name.strip_prefix("x-").filter(|name| *name == "gzip").unwrap_or(&name);
        [Self::Identity, Self::Gzip, Self::Deflate, Self::Brotli, Self::Zstd]
            .into_iter()
            .find(|coding| coding.as_str() == name)
    }

    /// What a page was folded in, in the order it was folded; the last is to be undone first.
    pub(crate) fn layers(headers: &HeaderMap) -> Result<Vec<Self>, Withheld> {
        let mut layers = Vec::new();
        for value in headers.get_all(CONTENT_ENCODING) {
            let text = value.to_str().map_err(|_| Withheld::Coding)?;
            for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                layers.push(Self::read(name).ok_or(Withheld::Coding)?);
            }
        }
        layers.retain(|layer| *layer != Self::Identity);
        if layers.len() > LAYERS { Err(Withheld::Coding) } else { Ok(layers) }
    }

    /// Which of `offered`, best first, the visitor likes most (RFC 9110 §12.5.3). Who takes none of them gets the
    /// page as it is, even who refuses that too: a page is worth more than its coding.
    pub fn preferred(headers: &HeaderMap, offered: &[Self]) -> Self {
        let asked: Vec<(String, u16)> = weights(headers).collect();
        let said = |name: &str| asked.iter().find(|(asked, _)| asked == name).map(|(_, weight)| *weight);
        // `x-gzip` asks for gzip, and `*` for whatever is not named.
        let weight = |coding: Self| {
            let old = (coding == Self::Gzip).then(|| said("x-gzip")).flatten();
            said(coding.as_str()).or(old).or_else(|| said("*"))
        };
        let mut best = (Self::Identity, said("identity").unwrap_or(0));
        for &coding in offered {
            let weight = weight(coding).unwrap_or(0);
            // What is offered first wins over what is liked as much, and any of them over nothing.
            let wins = weight > best.1 || best.0 == Self::Identity && weight == best.1;
            if weight > 0 && wins {
                best = (coding, weight);
            }
        }
        best.0
    }

    /// Of what a visitor takes, what can be undone here, for the site to choose from.
    pub(crate) fn undoable(headers: &HeaderMap) -> String {
        let known = |part: &&str| Self::read(part.split(';').next().unwrap_or_default().trim()).is_some();
        let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).map(str::trim).filter(known).collect::<Vec<_>>().join(", ")
    }
}

/// What is asked for, with its weight in thousandths. A weight that cannot be read asks for nothing.
fn weights(headers: &HeaderMap) -> impl Iterator<Item = (String, u16)> {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(|part| {
        let mut parts = part.split(';').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
        let weight = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| thousandths(value.trim()).unwrap_or(0))
        });
        Some((name, weight.unwrap_or(1000)))
    })
}

/// A weight (RFC 9110 §12.4.2): 0 or 1, with at most three digits behind the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let whole: u16 = ["0", "1"].contains(&whole).then(|| whole.parse().ok()).flatten()?;
    if rest.len() > 3 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{rest:0<3}").parse().ok()?;
    Some(whole * 1000 + part).filter(|weight| *weight <= 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Coding::{Brotli, Deflate, Gzip, Identity, Zstd};
    use http::HeaderValue;
    use http::header::HeaderName;

    fn map(name: HeaderName, values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn what_is_liked_most_is_given() {
        for (accepted, given) in [
            (&["gzip, deflate, br, zstd"][..], Zstd),
            (&["gzip", "zstd"], Zstd),
            (&["gzip, br"], Brotli),
            (&["GZIP;q=0.5, br;q=0.4"], Gzip),
            (&["zstd;q=0.1, gzip ; Q=0.2"], Gzip),
            (&["zstd;q=0, gzip"], Gzip),
            (&["zstd;q=0.000, br;q=0., gzip;q=0.001"], Gzip),
            (&["*"], Zstd),
            (&["*;q=0.5, zstd;q=0"], Brotli),
            (&["*;q=0"], Identity),
            (&["gzip, *;q=0"], Gzip),
            (&["identity, gzip;q=0.5"], Identity),
            (&["identity;q=0.5, gzip;q=0.5"], Gzip),
            (&["identity;q=0"], Identity),
            (&["identity;q=0, *"], Zstd),
            (&["x-gzip"], Gzip),
            (&["deflate"], Identity),
            (&["gzipped, brr, zstd2"], Identity),
            (&["zstd;q=1.5, br;q=-1, gzip;q=0.1234"], Identity),
            (&["zstd;level=3, gzip"], Zstd),
            (&["", ",", " ; q=1"], Identity),
            (&[], Identity),
        ] {
            let found = Coding::preferred(&map(ACCEPT_ENCODING, accepted), &[Zstd, Brotli, Gzip]);
            assert_eq!(found, given, "{accepted:?}");
        }
        assert_eq!(Coding::preferred(&map(ACCEPT_ENCODING, &["gzip, zstd"]), &[]), Identity);
    }

    #[test]
    fn layers_are_read_in_order_or_not_at_all() {
        for (said, layers) in [
            (&[][..], Some(vec![])),
            (&["identity"], Some(vec![])),
            (&["X-GZip"], Some(vec![Gzip])),
            (&["gzip, br"], Some(vec![Gzip, Brotli])),
            (&["deflate", "zstd , identity"], Some(vec![Deflate, Zstd])),
            (&["gzip, gzip, gzip, gzip"], None),
            (&["gzip, aes128gcm"], None),
            (&["x-br"], None),
            (&["compress"], None),
        ] {
            assert_eq!(Coding::layers(&map(CONTENT_ENCODING, said)).ok(), layers, "{said:?}");
        }
    }

    #[test]
    fn the_site_is_asked_only_for_what_can_be_undone() {
        let asked = map(ACCEPT_ENCODING, &["gzip;q=0.5, dcb, br", "zstd, *", "identity;q=0"]);
        assert_eq!(Coding::undoable(&asked), "gzip;q=0.5, br, zstd, identity;q=0");
    }
}
