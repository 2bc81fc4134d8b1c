//! Content codings: undone as the bytes come, done again for the visitor, never beyond a bound.

use bandeau_gate::Coding;
use flate2::Compression;
use flate2::write::{DeflateDecoder, GzEncoder, MultiGzDecoder, ZlibDecoder};
use std::io::{self, Write};

/// One chunk of the site's may unfold to this much; a page's chunk that unfolds further is no page.
const UNFOLDED: usize = 64 << 20;

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

/// Undoes a coding.
pub(crate) enum Decoder {
    Identity,
    Gzip(Box<MultiGzDecoder<Bounded>>),
    /// `deflate` means zlib (RFC 9110 §8.4.1.2), but some servers send it bare; the first byte tells.
    Undecided,
    Zlib(Box<ZlibDecoder<Bounded>>),
    Deflate(Box<DeflateDecoder<Bounded>>),
    Brotli(Box<brotli::DecompressorWriter<Bounded>>),
}

impl Decoder {
    pub(crate) fn new(coding: Coding) -> Self {
        match coding {
            Coding::Identity => Self::Identity,
            Coding::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(Bounded::default()))),
            Coding::Deflate => Self::Undecided,
            Coding::Brotli => Self::Brotli(Box::new(brotli::DecompressorWriter::new(Bounded::default(), 16 << 10))),
        }
    }

    /// Unfolds a chunk.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> io::Result<Vec<u8>> {
        if let (Self::Undecided, Some(first)) = (&self, chunk.first()) {
            // A zlib stream begins with method 8 in its low half (RFC 1950 §2.2).
            *self = if first & 0x0f == 8 {
                Self::Zlib(Box::new(ZlibDecoder::new(Bounded::default())))
            } else {
                Self::Deflate(Box::new(DeflateDecoder::new(Bounded::default())))
            };
        }
        match self {
            Self::Identity => return Ok(chunk.to_vec()),
            Self::Undecided => return Ok(Vec::new()),
            Self::Gzip(decoder) => decoder.write_all(chunk).and_then(|()| decoder.flush())?,
            Self::Zlib(decoder) => decoder.write_all(chunk).and_then(|()| decoder.flush())?,
            Self::Deflate(decoder) => decoder.write_all(chunk).and_then(|()| decoder.flush())?,
            Self::Brotli(decoder) => decoder.write_all(chunk).and_then(|()| decoder.flush())?,
        }
        Ok(self.take())
    }

    /// Checks that the stream is whole, and returns what was left.
    pub(crate) fn finish(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity | Self::Undecided => {}
            Self::Gzip(decoder) => decoder.try_finish()?,
            Self::Zlib(decoder) => drop(decoder.try_finish()?),
            Self::Deflate(decoder) => decoder.try_finish()?,
            Self::Brotli(decoder) => decoder.close()?,
        }
        Ok(self.take())
    }

    fn take(&mut self) -> Vec<u8> {
        let inner = match self {
            Self::Identity | Self::Undecided => return Vec::new(),
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zlib(decoder) => decoder.get_mut(),
            Self::Deflate(decoder) => decoder.get_mut(),
            Self::Brotli(decoder) => decoder.get_mut(),
        };
        std::mem::take(&mut inner.0)
    }
}

/// Compresses for the visitor, or not.
pub(crate) enum Encoder {
    Identity(Vec<u8>),
    Gzip(Box<GzEncoder<Vec<u8>>>),
}

impl Encoder {
    pub(crate) fn new(gzip: bool) -> Self {
        if gzip {
            Self::Gzip(Box::new(GzEncoder::new(Vec::new(), Compression::new(4))))
        } else {
            Self::Identity(Vec::new())
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Identity(out) => {
                out.extend(bytes);
                Ok(())
            }
            Self::Gzip(encoder) => encoder.write_all(bytes),
        }
    }

    /// How much is ready to be sent.
    pub(crate) fn ready(&self) -> usize {
        match self {
            Self::Identity(out) => out.len(),
            Self::Gzip(encoder) => encoder.get_ref().len(),
        }
    }

    /// What is ready; with `flush`, everything pushed so far.
    pub(crate) fn take(&mut self, flush: bool) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity(out) => Ok(std::mem::take(out)),
            Self::Gzip(encoder) => {
                if flush {
                    encoder.flush()?;
                }
                Ok(std::mem::take(encoder.get_mut()))
            }
        }
    }

    /// Ends the stream.
    pub(crate) fn finish(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity(out) => Ok(std::mem::take(out)),
            Self::Gzip(encoder) => {
                encoder.try_finish()?;
                Ok(std::mem::take(encoder.get_mut()))
            }
        }
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
        }
        out
    }

    fn unfold(coding: Coding, chunks: &[&[u8]]) -> io::Result<Vec<u8>> {
        let mut decoder = Decoder::new(coding);
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
            for coding in [Coding::Identity, Coding::Gzip, Coding::Deflate, Coding::Brotli] {
                let bytes = folded(coding, text.as_bytes());
                let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
                prop_assert_eq!(unfold(coding, &chunks).unwrap(), text.as_bytes());
            }
        }

        #[test]
        fn what_is_sent_unfolds_again(text in "[a-d<>]{0,3000}", size in 1usize..200) {
            let mut encoder = Encoder::new(true);
            let mut sent = Vec::new();
            for chunk in text.as_bytes().chunks(size) {
                encoder.push(chunk).unwrap();
                sent.extend(encoder.take(size % 2 == 0).unwrap());
            }
            sent.extend(encoder.finish().unwrap());
            prop_assert_eq!(unfold(Coding::Gzip, &[&sent]).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn bare_deflate_is_read_too() {
        let mut out = Vec::new();
        flate2::read::DeflateEncoder::new(&b"<p>text</p>"[..], Compression::new(6)).read_to_end(&mut out).unwrap();
        assert_eq!(unfold(Coding::Deflate, &[&out]).unwrap(), b"<p>text</p>");
    }

    #[test]
    fn cut_and_broken_streams_are_errors() {
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli] {
            let bytes = folded(coding, &b"<p>some text</p>".repeat(100));
            assert!(unfold(coding, &[&bytes[..bytes.len() / 2]]).is_err(), "{coding:?} cut");
        }
        assert!(unfold(Coding::Gzip, &[b"not gzip at all"]).is_err());
    }

    #[test]
    fn a_bomb_does_not_unfold() {
        let zeros = vec![0; UNFOLDED + (1 << 20)];
        for coding in [Coding::Gzip, Coding::Brotli] {
            assert!(unfold(coding, &[&folded(coding, &zeros)]).is_err(), "{coding:?}");
        }
    }
}
