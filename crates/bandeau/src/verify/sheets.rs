//! Cuts what was handed in into receipts: one document over as many lines as it likes, or one a line. Holds few at a
//! time, however long an export is, and no more of one than a receipt can have. Knows of JSON only where a value ends.

use serde::de::IgnoredAny;
use std::collections::VecDeque;
use std::io::{self, BufRead, Read as _};

/// More than any receipt has, in bytes.
pub(super) const LONGEST: usize = 1 << 20;

/// One receipt, or what is in its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sheet {
    /// Where it begins, counted from 1.
    pub(super) line: u64,
    /// Cut off where it is longer than [`LONGEST`].
    pub(super) text: Vec<u8>,
    pub(super) cut: bool,
}

pub(super) struct Sheets {
    input: Box<dyn BufRead>,
    line: u64,
    ahead: VecDeque<Sheet>,
    /// Whether there is more than one.
    pub(super) many: bool,
}

impl Sheets {
    pub(super) fn new(input: Box<dyn BufRead>) -> io::Result<Self> {
        let mut sheets = Self { input, line: 0, ahead: VecDeque::new(), many: false };
        let Some(mut first) = sheets.read()? else { return Ok(sheets) };
        // Some programs begin a text with a mark of its encoding.
        if first.text.starts_with(b"\xef\xbb\xbf") {
            first.text.drain(..3);
        }
        if serde_json::from_slice::<IgnoredAny>(&first.text).is_ok() {
            let second = sheets.read()?;
            sheets.many = second.is_some();
            sheets.ahead = [first].into_iter().chain(second).collect();
        } else {
            let rest = LONGEST.saturating_sub(first.text.len()) as u64;
            sheets.input.by_ref().take(rest).read_to_end(&mut first.text)?;
            first.cut |= !sheets.input.fill_buf()?.is_empty();
            sheets.input = Box::new(io::empty());
            sheets.ahead.push_back(first);
        }
        Ok(sheets)
    }

    /// The next one, if there is one.
    pub(super) fn next(&mut self) -> io::Result<Option<Sheet>> {
        match self.ahead.pop_front() {
            Some(sheet) => Ok(Some(sheet)),
            None => self.read(),
        }
    }

    /// The next line that is not empty.
    fn read(&mut self) -> io::Result<Option<Sheet>> {
        loop {
            let mut text = Vec::new();
            if self.input.by_ref().take(LONGEST as u64).read_until(b'\n', &mut text)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            let cut = text.last() != Some(&b'\n') && self.skip()?;
            if !text.trim_ascii().is_empty() || cut {
                return Ok(Some(Sheet { line: self.line, text, cut }));
            }
        }
    }

    /// Passes over the rest of a line, and says whether there was any.
    fn skip(&mut self) -> io::Result<bool> {
        let mut any = false;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(any);
            }
            let end = buffer.iter().position(|&byte| byte == b'\n');
            let length = end.map_or(buffer.len(), |end| end + 1);
            any |= length > 1 || end.is_none();
            self.input.consume(length);
            if end.is_some() {
                return Ok(any);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn cut(text: &[u8]) -> (bool, Vec<(u64, usize, bool)>) {
        let mut sheets = Sheets::new(Box::new(Cursor::new(text.to_vec()))).unwrap();
        let mut found = Vec::new();
        while let Some(sheet) = sheets.next().unwrap() {
            found.push((sheet.line, sheet.text.trim_ascii().len(), sheet.cut));
        }
        (sheets.many, found)
    }

    #[test]
    fn one_or_one_a_line() {
        assert_eq!(cut(b""), (false, vec![]));
        assert_eq!(cut(b" \n\n"), (false, vec![]));
        assert_eq!(cut(b"{}"), (false, vec![(1, 2, false)]));
        assert_eq!(cut(b"\xef\xbb\xbf{}\r\n"), (false, vec![(1, 2, false)]));
        assert_eq!(cut(b"{\n\"a\":1\n}\n"), (false, vec![(1, 9, false)]), "over several lines");
        assert_eq!(
            cut(b"\n{}\n\n{\"a\":1}\nx\n\xff"),
            (true, vec![(2, 2, false), (4, 7, false), (5, 1, false), (6, 1, false)])
        );
        assert_eq!(cut(b"x\n{}\n"), (false, vec![(1, 4, false)]), "what begins with none is taken whole");
    }

    #[test]
    fn nothing_is_held_that_is_too_long() {
        let long = [b"{}\n[".as_slice(), &vec![b' '; LONGEST], b"]\n{}"].concat();
        assert_eq!(cut(&long), (true, vec![(1, 2, false), (2, 1, true), (3, 2, false)]));
        let long = [b"{\n".as_slice(), &vec![b'x'; 2 * LONGEST]].concat();
        assert_eq!(cut(&long), (false, vec![(1, LONGEST, true)]));
        let blank = vec![b' '; 2 * LONGEST];
        assert_eq!(cut(&blank), (false, vec![(1, 0, true)]));
    }
}
