//! `bandeau verify`: checks receipts that somebody hands in, against keys somebody has, and says what came of it. Reads
//! files and nothing else. What holds is decided by the book's library; here it is only said.

mod print;
mod sheets;
mod words;

use bandeau_ledger::check::{self, Keys, NoReceipt, Report, Verdict};
use print::Printer;
use sheets::{Sheet, Sheets};
use std::io::{self, BufRead, BufReader, IsTerminal as _, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// More than a file of keys ever has, in bytes.
const KEYS: u64 = 1 << 16;

/// What was typed.
#[derive(Debug, clap::Args)]
pub(crate) struct Typed {
    /// Receipts: one as JSON, or one a line, as `bandeau export` writes them. `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The keys the site publishes at /.well-known/bandeau/log/keys. `-` is standard input.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Say it as JSON, one line a receipt.
    #[arg(long)]
    json: bool,
}

/// Why nothing could be checked, or not to the end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("cannot read {file}")]
    Read {
        file: String,
        #[source]
        error: io::Error,
    },
    #[error("{file}")]
    Keys {
        file: String,
        #[source]
        error: check::NoKeys,
    },
    #[error("standard input cannot be two files")]
    Twice,
    #[error("cannot print")]
    Print(#[from] io::Error),
}

/// How many came out how.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    hold: u64,
    fail: u64,
    open: u64,
    unread: u64,
}

impl Count {
    fn add(&mut self, result: &Result<Report, String>) {
        *match result.as_ref().map(Report::verdict) {
            Ok(Verdict::Hold) => &mut self.hold,
            Ok(Verdict::Fail) => &mut self.fail,
            Ok(Verdict::Open) => &mut self.open,
            Err(_) => &mut self.unread,
        } += 1;
    }

    fn all(self) -> u64 {
        self.hold + self.fail + self.open + self.unread
    }

    /// 0: everything holds; 1: something does not; 2: nothing fails, and something cannot be decided.
    fn exit(self) -> u8 {
        match self {
            Self { fail: 1.., .. } => 1,
            Self { open: 0, unread: 0, .. } => 0,
            _ => 2,
        }
    }
}

/// Checks what was typed.
///
/// # Errors
/// When a file cannot be read or the keys are none.
pub(crate) fn verify(typed: &Typed) -> Result<ExitCode, Trouble> {
    if typed.files.iter().chain(&typed.keys).filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Trouble::Twice);
    }
    let keys = typed.keys.as_deref().map(keys).transpose()?;
    let mut printer = Printer::new(io::stdout().lock(), typed.json, keys.is_some());
    let mut exits = Vec::new();
    for file in &typed.files {
        match walk(file, keys.as_ref(), &mut printer) {
            Ok(count) => exits.push(count.exit()),
            // A reader who has seen enough, such as `head`, is no trouble; but of the rest nothing was decided.
            Err(Trouble::Print(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                exits.push(2);
                break;
            }
            Err(trouble) => return Err(trouble),
        }
    }
    let worst = [1, 2].into_iter().find(|exit| exits.contains(exit));
    Ok(ExitCode::from(worst.unwrap_or_default()))
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Trouble> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    match std::fs::File::open(path) {
        Ok(file) => Ok(Box::new(BufReader::new(file))),
        Err(error) => Err(unread(path)(error)),
    }
}

fn unread(path: &Path) -> impl Fn(io::Error) -> Trouble {
    move |error| Trouble::Read { file: path.display().to_string(), error }
}

fn keys(path: &Path) -> Result<Keys, Trouble> {
    let mut text = Vec::new();
    open(path)?.take(KEYS).read_to_end(&mut text).map_err(unread(path))?;
    let read = String::from_utf8_lossy(&text).parse();
    read.map_err(|error| Trouble::Keys { file: path.display().to_string(), error })
}

/// Checks every receipt of one file.
fn walk(file: &Path, keys: Option<&Keys>, printer: &mut Printer<impl Write>) -> Result<Count, Trouble> {
    let mut sheets = Sheets::new(open(file)?).map_err(unread(file))?;
    let shown = file.display().to_string();
    let progress = io::stderr().is_terminal();
    let mut count = Count::default();
    while let Some(sheet) = sheets.next().map_err(unread(file))? {
        let result = judge(&sheet, keys);
        count.add(&result);
        if sheets.many {
            printer.brief(&format!("{shown}:{}", sheet.line), &result)?;
        } else {
            printer.whole(&shown, &result)?;
        }
        if progress && count.all() % 1000 == 0 {
            eprint!("\r{} checked", count.all());
        }
    }
    if progress && count.all() >= 1000 {
        eprintln!();
    }
    if count.all() == 0 {
        let nothing = Err("there is nothing in it".to_owned());
        printer.whole(&shown, &nothing)?;
        count.add(&nothing);
    } else if sheets.many {
        printer.sum(&shown, count)?;
    }
    Ok(count)
}

fn judge(sheet: &Sheet, keys: Option<&Keys>) -> Result<Report, String> {
    if sheet.cut {
        return Err("this is no receipt: it is longer than any".to_owned());
    }
    check::receipt(&sheet.text, keys).map_err(|error: NoReceipt| error.to_string())
}
