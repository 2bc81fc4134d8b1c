//! A vector: one small named file that shows one way to leak. Reads its front matter and fills in addresses.
//! It does not know browsers, listeners or standings. The format is described in README.md beside this file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a vector does when nothing holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Contacts a third party.
    Contact,
    /// Stores something under its name.
    Store,
    /// Reads what was stored under its name.
    Read,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Store => "store",
            Self::Read => "read",
        }
    }
}

/// An answer of the site's for one more path below the vector's own.
#[derive(Debug, Clone)]
pub(crate) struct Extra {
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
}

/// How the page's bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Ascii,
    Utf16Le,
    Utf16Be,
}

/// One vector.
#[derive(Debug, Clone)]
pub(crate) struct Vector {
    pub(crate) group: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// What it does, in words.
    pub(crate) what: String,
    /// Whether the host or name it uses is declared by nobody: then it is held in every standing.
    pub(crate) stray: bool,
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) extras: Vec<Extra>,
    pub(crate) encoding: Encoding,
    /// Whether the checks of what is exempt are put into the page.
    pub(crate) exempt: bool,
    /// Whether a visitor has to click `#go`.
    pub(crate) click: bool,
    /// Whether the browser has to be asked for the page's manifest, as when somebody installs it.
    pub(crate) manifest: bool,
    /// Whether it only works in a tab that is in front.
    pub(crate) window: bool,
    /// Whether scripts are off.
    pub(crate) noscript: bool,
    /// What is put into the browser beforehand: `cookie`, `local`, `session`, `idb`, `cache`, `opfs`, `name`.
    pub(crate) seeds: Vec<String>,
    /// How long to wait in any case, in milliseconds.
    pub(crate) wait: u64,
    body: String,
    dir: PathBuf,
}

/// The addresses of one run, as one vector sees them.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// Where the visitor finds the site, without a slash at the end.
    pub(crate) site: String,
    /// The port of the vector's own tracker.
    pub(crate) tracker: u16,
    pub(crate) cdn: u16,
    pub(crate) social: u16,
    pub(crate) elsewhere: u16,
}

impl Vector {
    /// Reads one file.
    fn read(group: &str, path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let front = text.strip_prefix("<!--").and_then(|rest| rest.split_once("-->"));
        let Some((front, body)) = front else {
            return Err("does not begin with a comment, such as <!-- contact: an image -->".to_owned());
        };
        let mut lines = front.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().and_then(|line| line.split_once(": "));
        let (kind, what) = match first {
            Some(("contact", what)) => (Kind::Contact, what),
            Some(("store", what)) => (Kind::Store, what),
            Some(("read", what)) => (Kind::Read, what),
            _ => return Err(format!("first line {front:?}: expected `contact: `, `store: ` or `read: ` and words")),
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut vector = Self {
            group: group.to_owned(),
            name,
            kind,
            what: what.to_owned(),
            stray: false,
            status: 200,
            content_type: "text/html; charset=utf-8".to_owned(),
            headers: Vec::new(),
            extras: Vec::new(),
            encoding: Encoding::Ascii,
            exempt: true,
            click: false,
            manifest: false,
            window: false,
            noscript: false,
            seeds: Vec::new(),
            wait: 0,
            body: body.trim_start_matches('\n').to_owned(),
            dir: path.parent().unwrap_or(Path::new(".")).to_owned(),
        };
        for line in lines {
            let (key, value) = line.split_once(": ").ok_or_else(|| format!("{line:?}: expected `key: value`"))?;
            vector.set(key, value)?;
        }
        Ok(vector)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let wrong = |expected: &str| Err(format!("{key}: {value:?}: expected {expected}"));
        match (key, value) {
            ("header", _) => match value.split_once(": ") {
                Some((name, value)) => self.headers.push((name.to_owned(), value.to_owned())),
                None => return wrong("`Name: value`"),
            },
            ("file", _) => self.extras.push(extra(value).ok_or_else(|| {
                format!("file: {value:?}: expected a path, a status and, if wanted, ` Name: value | Name: value`")
            })?),
            ("type", _) => value.clone_into(&mut self.content_type),
            ("status", _) => match value.parse() {
                Ok(status) => self.status = status,
                Err(_) => return wrong("a number"),
            },
            ("wait", _) => match value.parse() {
                Ok(wait) => self.wait = wait,
                Err(_) => return wrong("milliseconds"),
            },
            ("encode", "utf-16le") => self.encoding = Encoding::Utf16Le,
            ("encode", "utf-16be") => self.encoding = Encoding::Utf16Be,
            ("exempt", "no") => self.exempt = false,
            ("host", "stray") => self.stray = true,
            ("needs", "click") => self.click = true,
            ("needs", "window") => self.window = true,
            ("needs", "manifest") => self.manifest = true,
            ("scripts", "off") => (self.noscript, self.exempt) = (true, false),
            ("seed", _) => self.seeds.extend(value.split(' ').map(str::to_owned)),
            _ => return Err(format!("{key}: {value}: no such key or value; README.md lists them")),
        }
        Ok(())
    }

    /// `_lk_NAME`: what it stores under; `x_lk_NAME` where nobody is to have declared it.
    pub(crate) fn key(&self) -> String {
        format!("{}_lk_{}", if self.stray { "x" } else { "" }, self.name)
    }

    /// `val.NAME.`: what it stores.
    pub(crate) fn value(&self) -> String {
        format!("val.{}.", self.name)
    }

    /// What a text tells of what this vector stores.
    pub(crate) fn told(&self, text: &str) -> Option<String> {
        let (key, value) = (self.key(), self.value());
        let whole = |at: usize| !text[at + key.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '-');
        let named = || text.match_indices(&key).any(|(at, _)| whole(at)).then(|| key.clone());
        if text.contains(&value) { Some(value) } else { named() }
    }

    /// Whether the page says itself when it is done, on `/seen/NAME`.
    pub(crate) fn reports(&self) -> bool {
        self.body.contains("{{seen}}") || self.body.contains("/seen/")
    }

    /// The path of its page.
    pub(crate) fn path(&self) -> String {
        format!("/v/{}/", self.name)
    }

    /// Fills in the addresses.
    pub(crate) fn fill(&self, text: &str, places: &Places) -> String {
        let host = if self.stray && self.kind == Kind::Contact { "stray" } else { "ads" };
        let seen = format!(
            "(v=>fetch('{}/seen/{}?v='+encodeURIComponent(String(v)),{{keepalive:true}}))",
            places.site, self.name
        );
        [
            ("{{ads}}", format!("http://{host}.localhost:{}", places.tracker)),
            ("{{ads-host}}", format!("{host}.localhost:{}", places.tracker)),
            ("{{ads-name}}", format!("{host}.localhost")),
            ("{{ads-port}}", places.tracker.to_string()),
            ("{{site}}", places.site.clone()),
            ("{{site-host}}", places.site.split("://").last().unwrap_or_default().to_owned()),
            ("{{name}}", self.name.clone()),
            ("{{key}}", self.key()),
            ("{{value}}", self.value()),
            ("{{seen}}", seen),
        ]
        .iter()
        .fold(text.to_owned(), |text, (mark, place)| text.replace(mark, place))
    }

    /// The page as it is sent. `first` is put first into the head, `last` where the checks of what is exempt go.
    pub(crate) fn page(&self, places: &Places, first: &str, last: &str) -> Vec<u8> {
        let mut body = self.body.clone();
        let html = self.content_type.starts_with("text/html");
        if self.exempt && html {
            body = if body.contains("{{exempt}}") { body.replace("{{exempt}}", last) } else { body + last };
        }
        if html && !first.is_empty() {
            body.insert_str(head_at(&body), first);
        }
        let text = self.fill(&body.replace("{{exempt}}", ""), places);
        match self.encoding {
            Encoding::Ascii => bytes(&text),
            Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }

    /// The file beside it that is served under this name: `NAME.sw.js` is `sw.js`.
    pub(crate) fn beside(&self, rest: &str, places: &Places) -> Option<Vec<u8>> {
        if rest.is_empty() || rest.contains('/') {
            return None;
        }
        let text = fs::read_to_string(self.dir.join(format!("{}.{rest}", self.name))).ok()?;
        Some(bytes(&self.fill(&text, places)))
    }
}

/// `PATH STATUS Name: value | Name: value`.
fn extra(value: &str) -> Option<Extra> {
    let mut words = value.splitn(3, ' ');
    let (path, status) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
    let headers = words.next().unwrap_or_default().split(" | ").filter(|header| !header.is_empty());
    let headers =
        headers.map(|header| header.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())));
    Some(Extra { path, status, headers: headers.collect::<Option<_>>()? })
}

/// Where what comes first in the head belongs.
fn head_at(body: &str) -> usize {
    let lower = body.to_ascii_lowercase();
    let after = |tag: &str| lower.find(tag).and_then(|at| Some(at + lower[at..].find('>')? + 1));
    after("<head>").or_else(|| after("<html")).or_else(|| after("<!doctype")).unwrap_or(0)
}

/// The bytes of a text in which `{{xHH…}}` stands for bytes written in hexadecimal.
fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut parts = text.split("{{x");
    out.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let Some((hex, rest)) = part.split_once("}}") else { continue };
        out.extend((0..hex.len() / 2).filter_map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok()));
        out.extend_from_slice(rest.as_bytes());
    }
    out
}

/// All vectors, by group and name.
///
/// # Errors
/// Everything that is wrong with any of them, by file.
pub(crate) fn all(dir: &Path) -> Result<Vec<Vector>, String> {
    let (mut found, mut faults, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    for group in sorted(dir)? {
        for path in sorted(&group)?.into_iter().filter(|path| main(path)) {
            let group = group.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match Vector::read(&group, &path) {
                Ok(vector) if names.insert(vector.name.clone()) => found.push(vector),
                Ok(vector) => faults.push(format!("{}: there are two vectors named {}", path.display(), vector.name)),
                Err(fault) => faults.push(format!("{}: {fault}", path.display())),
            }
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults.join("\n")) }
}

/// Whether a file is a vector: `NAME.html`. Those with more dots lie beside one.
fn main(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "html")
        && path.file_stem().is_some_and(|s| !s.to_string_lossy().contains('.'))
}

fn sorted(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}
