//! Content codings: undone as the bytes come, done again for the visitor, never beyond a bound.

use bandeau_gate::Coding;
use flate2::Compression;
use flate2::write::{DeflateDecoder, GzEncoder, MultiGzDecoder, ZlibDecoder};
use std::io::{self, Write};

/// One chunk of the site's may unfold to this much; a page's chunk that unfolds further is no page.
const UNFOLDED: usize = 64 << 20;

/// The widest window a zstd stream may ask us to keep: 8 MiB, as browsers have it (RFC 9659 §3).
const WINDOW: u32 = 23;

/// Collects what a decoder writes, up to a bound.
#[derive(Default)]
pub(crate) struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > UNFOLDED {
            return Err(io::Error::other("the page unfolds beyond its bound"));
        }
        self.0.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Undoes the codings of one page, however many were put on each other.
pub(crate) struct Decoder(Vec<Layer>);

impl Decoder {
    /// For codings in the order they were made.
    pub(crate) fn new(layers: &[Coding]) -> Self {
        Self(layers.iter().rev().copied().map(Layer::Waiting).collect())
    }

    /// Unfolds a chunk.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> io::Result<Vec<u8>> {
        self.0.iter_mut().try_fold(chunk.to_vec(), |bytes, layer| layer.push(&bytes))
    }

    /// Checks that the stream is whole, and returns what was left.
    pub(crate) fn finish(&mut self) -> io::Result<Vec<u8>> {
        self.0.iter_mut().try_fold(Vec::new(), |bytes, layer| {
            let mut out = layer.push(&bytes)?;
            out.extend(layer.finish()?);
            Ok(out)
        })
    }
}

/// Undoes one coding.
enum Layer {
    /// Nothing has come yet. A body without bytes is whole in any coding.
    Waiting(Coding),
    Gzip(Box<MultiGzDecoder<Bounded>>),
    Zlib(Box<ZlibDecoder<Bounded>>),
    Deflate(Box<DeflateDecoder<Bounded>>),
    Brotli(Box<brotli::DecompressorWriter<Bounded>>),
    Zstd(Box<zstd::stream::write::Decoder<'static, Bounded>>),
}

impl Layer {
    fn start(coding: Coding, first: u8) -> io::Result<Self> {
        let out = Bounded::default();
        Ok(match coding {
            Coding::Identity => Self::Waiting(coding),
            Coding::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(out))),
            // `deflate` means zlib (RFC 9110 §8.4.1.2), which begins with method 8 in the low half of its first byte
            // (RFC 1950 §2.2); some servers send it bare.
            Coding::Deflate if first & 0x0f == 8 => Self::Zlib(Box::new(ZlibDecoder::new(out))),
            Coding::Deflate => Self::Deflate(Box::new(DeflateDecoder::new(out))),
            Coding::Brotli => Self::Brotli(Box::new(brotli::DecompressorWriter::new(out, 16 << 10))),
            Coding::Zstd => {
                let mut decoder = zstd::stream::write::Decoder::new(out)?;
                decoder.window_log_max(WINDOW)?;
                Self::Zstd(Box::new(decoder))
            }
        })
    }

    fn push(&mut self, chunk: &[u8]) -> io::Result<Vec<u8>> {
        let Some(first) = chunk.first() else {
            return Ok(Vec::new());
        };
        if let Self::Waiting(coding) = self {
            *self = Self::start(*coding, *first)?;
        }
        match self {
            Self::Waiting(_) => return Ok(chunk.to_vec()),
            Self::Gzip(decoder) => decoder.write_all(chunk).and_then(|()| decoder.flush())?,
            Self::Zlib(decoder) => decoder.write_all(chunk).and_then(|()| decoder.flush())?,
            Self::Deflate(decoder) => decoder.write_all(chunk).and_then(|()| decoder.flush())?,
            Self::Brotli(decoder) => decoder.write_all(chunk).and_then(|()| decoder.flush())?,
            Self::Zstd(decoder) => decoder.write_all(chunk).and_then(|()| decoder.flush())?,
        }
        Ok(self.take())
    }

    fn finish(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Waiting(_) => {}
            Self::Gzip(decoder) => decoder.try_finish()?,
            Self::Zlib(decoder) => drop(decoder.try_finish()?),
            Self::Deflate(decoder) => decoder.try_finish()?,
            Self::Brotli(decoder) => decoder.close()?,
            Self::Zstd(decoder) => decoder.do_finish()?,
        }
        Ok(self.take())
    }

    fn take(&mut self) -> Vec<u8> {
        let inner = match self {
            Self::Waiting(_) => return Vec::new(),
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zlib(decoder) => decoder.get_mut(),
            Self::Deflate(decoder) => decoder.get_mut(),
            Self::Brotli(decoder) => decoder.get_mut(),
            Self::Zstd(decoder) => decoder.get_mut(),
        };
        std::mem::take(&mut inner.0)
    }
}

/// Compresses for the visitor, or not.
pub(crate) enum Encoder {
    Identity(Vec<u8>),
    Gzip(Box<GzEncoder<Vec<u8>>>),
    Brotli(Box<brotli::CompressorWriter<Vec<u8>>>),
    Zstd(Box<zstd::stream::write::Encoder<'static, Vec<u8>>>),
}

/// What a page can be sent in, best first: Brotli at 7, for what is ours is small only where it is compressed well, and
/// zstd at a level as quick as the site's own stream is longer. A stream keeps 0.4 MiB for zstd, 1.1 for Brotli and 0.3
/// for gzip, however long the page.
pub(crate) const OFFERED: [Coding; 3] = [Coding::Brotli, Coding::Zstd, Coding::Gzip];

impl Encoder {
    /// For one of [`OFFERED`], or none.
    pub(crate) fn new(coding: Coding) -> io::Result<Self> {
        Ok(match coding {
            Coding::Identity | Coding::Deflate => Self::Identity(Vec::new()),
            Coding::Gzip => Self::Gzip(Box::new(GzEncoder::new(Vec::new(), Compression::new(4)))),
            Coding::Brotli => Self::Brotli(Box::new(brotli::CompressorWriter::new(Vec::new(), 4 << 10, 7, 18))),
            Coding::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1)?;
                encoder.window_log(18)?;
                Self::Zstd(Box::new(encoder))
            }
        })
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Identity(out) => {
                out.extend(bytes);
                Ok(())
            }
            Self::Gzip(encoder) => encoder.write_all(bytes),
            Self::Brotli(encoder) => encoder.write_all(bytes),
            Self::Zstd(encoder) => encoder.write_all(bytes),
        }
    }

    /// How much is ready to be sent.
    pub(crate) fn ready(&self) -> usize {
        match self {
            Self::Identity(out) => out.len(),
            Self::Gzip(encoder) => encoder.get_ref().len(),
            Self::Brotli(encoder) => encoder.get_ref().len(),
            Self::Zstd(encoder) => encoder.get_ref().len(),
        }
    }

    /// What is ready; with `flush`, everything pushed so far.
    pub(crate) fn take(&mut self, flush: bool) -> io::Result<Vec<u8>> {
        if flush {
            match self {
                Self::Identity(_) => {}
                Self::Gzip(encoder) => encoder.flush()?,
                Self::Brotli(encoder) => encoder.flush()?,
                Self::Zstd(encoder) => encoder.flush()?,
            }
        }
        Ok(match self {
            Self::Identity(out) => std::mem::take(out),
            Self::Gzip(encoder) => std::mem::take(encoder.get_mut()),
            Self::Brotli(encoder) => std::mem::take(encoder.get_mut()),
            Self::Zstd(encoder) => std::mem::take(encoder.get_mut()),
        })
    }

    /// Ends the stream: what it gives last is what remains to be sent.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        let last = match std::mem::replace(self, Self::Identity(Vec::new())) {
            Self::Identity(out) => out,
            Self::Gzip(encoder) => encoder.finish()?,
            Self::Brotli(encoder) => encoder.into_inner(),
            Self::Zstd(encoder) => encoder.finish()?,
        };
        self.push(&last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Read as _;

    fn folded(coding: Coding, text: &[u8]) -> Vec<u8> {
        let level = Compression::new(6);
        let mut out = Vec::new();
        match coding {
            Coding::Identity => out.extend(text),
            Coding::Gzip => drop(flate2::read::GzEncoder::new(text, level).read_to_end(&mut out).unwrap()),
            Coding::Deflate => drop(flate2::read::ZlibEncoder::new(text, level).read_to_end(&mut out).unwrap()),
            Coding::Brotli => drop(brotli::CompressorReader::new(text, 4096, 5, 20).read_to_end(&mut out).unwrap()),
            Coding::Zstd => out = zstd::encode_all(text, 3).unwrap(),
        }
        out
    }

    const ALL: [Coding; 5] = [Coding::Identity, Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd];

    fn unfold(layers: &[Coding], chunks: &[&[u8]]) -> io::Result<Vec<u8>> {
        let mut decoder = Decoder::new(layers);
        let mut out = Vec::new();
        for chunk in chunks {
            out.extend(decoder.push(chunk)?);
        }
        out.extend(decoder.finish()?);
        Ok(out)
    }

    proptest! {
        #[test]
        fn what_was_folded_unfolds_in_any_chunks(text in "[a-d<>]{0,3000}", size in 1usize..200) {
            for coding in ALL {
                let bytes = folded(coding, text.as_bytes());
                let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
                prop_assert_eq!(unfold(&[coding], &chunks).unwrap(), text.as_bytes());
            }
        }

        #[test]
        fn what_is_sent_unfolds_again(text in "[a-d<>]{0,3000}", size in 1usize..200) {
            for coding in OFFERED {
                let mut encoder = Encoder::new(coding).unwrap();
                let mut sent = Vec::new();
                for chunk in text.as_bytes().chunks(size) {
                    encoder.push(chunk).unwrap();
                    sent.extend(encoder.take(size % 2 == 0).unwrap());
                }
                encoder.finish().unwrap();
                sent.extend(encoder.take(false).unwrap());
                prop_assert_eq!(unfold(&[coding], &[&sent]).unwrap(), text.as_bytes(), "{:?}", coding);
            }
        }
    }

    #[test]
    fn bare_deflate_is_read_too() {
        let mut out = Vec::new();
        flate2::read::DeflateEncoder::new(&b"<p>text</p>"[..], Compression::new(6)).read_to_end(&mut out).unwrap();
        assert_eq!(unfold(&[Coding::Deflate], &[&out]).unwrap(), b"<p>text</p>");
    }

    #[test]
    fn cut_and_broken_streams_are_errors() {
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
            assert_eq!(unfold(&[coding], &[b""]).unwrap(), b"", "{coding:?}: nothing is whole");
            let bytes = folded(coding, &b"<p>some text</p>".repeat(100));
            assert!(unfold(&[coding], &[&bytes[..bytes.len() / 2]]).is_err(), "{coding:?} cut");
        }
        assert!(unfold(&[Coding::Gzip], &[b"not gzip at all"]).is_err());
        assert!(unfold(&[Coding::Zstd], &[b"not zstd at all"]).is_err());
    }

    #[test]
    fn a_bomb_does_not_unfold() {
        let zeros = vec![0; UNFOLDED + (1 << 20)];
        for coding in [Coding::Gzip, Coding::Brotli, Coding::Zstd] {
            assert!(unfold(&[coding], &[&folded(coding, &zeros)]).is_err(), "{coding:?}");
        }
        // One in another: the outer is small even where the inner is not.
        let twice = folded(Coding::Gzip, &folded(Coding::Gzip, &zeros));
        assert!(unfold(&[Coding::Gzip, Coding::Gzip], &[&twice]).is_err());
    }

    #[test]
    fn layers_are_undone_the_last_first() {
        let text = b"<p>text</p>".repeat(100);
        let folds = folded(Coding::Brotli, &folded(Coding::Gzip, &text));
        for size in [1, 7, 4000] {
            let chunks: Vec<&[u8]> = folds.chunks(size).collect();
            assert_eq!(unfold(&[Coding::Gzip, Coding::Brotli], &chunks).unwrap(), text);
            assert!(unfold(&[Coding::Brotli, Coding::Gzip], &chunks).is_err());
        }
    }

    #[test]
    fn a_window_wider_than_browsers_allow_is_not_opened() {
        let text = vec![b'a'; 1000];
        for (log, opens) in [(WINDOW, true), (WINDOW + 1, false)] {
            let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
            encoder.window_log(log).unwrap();
            encoder.write_all(&text).unwrap();
            let bytes = encoder.finish().unwrap();
            assert_eq!(unfold(&[Coding::Zstd], &[&bytes]).is_ok(), opens, "2^{log}");
        }
    }
}
