//! A table for people (RFC 4180): a header, one row a record, oldest first. Signature, salt and code are left out: a
//! table proves nothing, and whoever reads it should not be able to act for a visitor.
//!
//! Past failures this prevents: a cell that a spreadsheet takes for a formula; a name of 32 digits that it takes for a
//! number and rounds, which is why names stand in the groups of a UUID.

use super::Form;
use crate::document::ReceiptDocument;
use crate::error::Error;
use crate::time::stamp;

/// The columns, in order.
const COLUMNS: [&str; 12] = [
    "id",
    "time",
    "event",
    "source",
    "language",
    "keep_seconds",
    "until",
    "choices",
    "notice",
    "policy",
    "pseudonym",
    "previous",
];

pub(super) struct Table;

impl Form for Table {
    fn begin(&self, out: &mut Vec<u8>) {
        line(COLUMNS.map(str::to_owned), out);
    }

    fn record(&self, document: &ReceiptDocument, _first: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        let row = &document.row;
        // Purposes are of a-z, 0-9 and -, so a space parts them.
        let choices: Vec<String> = row.choices.iter().map(|(purpose, answer)| format!("{purpose}={answer}")).collect();
        line(
            [
                grouped(&row.id.to_string()),
                stamp(row.at),
                row.event.clone(),
                row.source.clone(),
                row.language.clone(),
                row.keep.to_string(),
                stamp(row.until()),
                choices.join(" "),
                row.notice.to_string(),
                row.policy.to_string(),
                grouped(&row.pseudonym.to_string()),
                document.previous.map_or_else(String::new, |id| grouped(&id.to_string())),
            ],
            out,
        );
        Ok(())
    }

    fn end(&self, _out: &mut Vec<u8>) {}
}

fn line(cells: [String; COLUMNS.len()], out: &mut Vec<u8>) {
    out.extend(cells.map(|text| cell(&text)).join(",").bytes());
    out.extend(b"\r\n");
}

/// 32 hexadecimal digits in the groups of a UUID (RFC 9562 §4).
pub(super) fn grouped(digits: &str) -> String {
    let cuts = [0..8, 8..12, 12..16, 16..20, 20..32];
    let groups: Option<Vec<&str>> = cuts.into_iter().map(|cut| digits.get(cut)).collect();
    groups.map_or_else(|| digits.to_owned(), |groups| groups.join("-"))
}

/// One cell. What a spreadsheet would run begins with an apostrophe; what would end a cell is quoted (RFC 4180 §2).
fn cell(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if runs { format!("'{text}") } else { text.to_owned() };
    match text.contains(['"', ',', '\r', '\n']) || text.starts_with(' ') || text.ends_with(' ') {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_ends_early() {
        for (text, cells) in [
            ("given", "given"),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("a,b", "\"a,b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("=a,\"b\"\r\n", "\"'=a,\"\"b\"\"\r\n\""),
        ] {
            assert_eq!(cell(text), cells);
        }
    }

    #[test]
    fn names_stand_in_groups() {
        assert_eq!(grouped("0199a0b1c2d37e4f8a9b0c1d2e3f4051"), "0199a0b1-c2d3-7e4f-8a9b-0c1d2e3f4051");
    }
}
