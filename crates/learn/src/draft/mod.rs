//! The draft: what is new, written into a configuration beside what people wrote there. What they wrote, changed or deleted
//! stays so: a table nobody has touched grows, one that somebody has touched gets a comment, and nothing is offered twice.
//!
//! The file itself remembers, in its table `[learn]`: what was offered, and a digest of every table that was written.

mod block;

pub use block::fresh;

use crate::guess::UNSORTED;
use crate::sort::{Proposal, domain};
use bandeau_consent::{Hasher, Policy};
use block::{comment, folded, quoted};
use std::collections::BTreeSet;
use toml_edit::{Array, DocumentMut, Item, Table, Value, value};

/// Why nothing can be written into a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadFile {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Toml(#[from] toml_edit::TomlError),
    /// A table is written in a way that nothing can be added to.
    #[error("{0} is not written as tables: expected {1}")]
    Shape(&'static str, &'static str),
    /// What nobody has sorted would pass.
    #[error("makes the purpose \"{UNSORTED}\" exempt: what nobody has sorted would pass before a choice")]
    Exempt,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// The whole file.
    pub text: String,
    /// What was added, a line each.
    pub added: Vec<String>,
    /// What a person must answer, a line each.
    pub asks: Vec<String>,
    /// What was left out because a person had deleted or changed something, a line each.
    pub left: Vec<String>,
}

/// What a policy does not declare yet, of what was seen.
pub fn undeclared(book: &crate::Notebook, policy: &Policy) -> crate::Notebook {
    let mut book = book.clone();
    book.hosts.retain(|host, _| !policy.first_party(host, "") && !policy.declares_host(host));
    book.cookies.retain(|name, _| !policy.declares_cookie(name) && !name.trim_start_matches("__Host-").eq("bandeau"));
    book.storage.retain(|key, _| !policy.declares_storage(key) && key != "bandeau-place");
    book
}

/// Writes what is new into the text of a file. `sources` names where it was seen, for people; `exempt` the purposes that
/// need no consent there.
///
/// # Errors
/// When the file cannot be read, its services are written as no tables, or what is not sorted would be exempt.
pub fn merge(text: &str, proposals: &[Proposal], sources: &str, exempt: &[String]) -> Result<Merged, BadFile> {
    let mut draft = Draft::read(text)?;
    if exempt.iter().any(|purpose| purpose == UNSORTED) {
        return Err(BadFile::Exempt);
    }
    exempt.clone_into(&mut draft.exempt);
    for proposal in proposals {
        draft.propose(proposal, sources);
    }
    draft.settle();
    Ok(draft.finish(text))
}

struct Draft {
    doc: DocumentMut,
    exempt: Vec<String>,
    offered: BTreeSet<String>,
    fresh: Vec<String>,
    wrote: Vec<(String, String)>,
    blocks: String,
    unsorted: bool,
    touched: bool,
    merged: Merged,
}

/// Where a proposal belongs.
enum Place {
    Nowhere,
    Deleted,
    Untouched(usize),
    Edited(usize),
}

impl Draft {
    fn read(text: &str) -> Result<Self, BadFile> {
        let doc: DocumentMut = text.parse()?;
        for (key, form) in [("service", "[[service]]"), ("purpose", "[[purpose]]")] {
            if doc.get(key).is_some_and(|item| !item.is_array_of_tables()) {
                return Err(BadFile::Shape(key, form));
            }
        }
        for (key, form) in [("learn", "[learn]"), ("policy", "[policy]")] {
            if doc.get(key).is_some_and(|item| !item.is_table()) {
                return Err(BadFile::Shape(key, form));
            }
        }
        let offered = doc.get("learn").and_then(|learn| learn.get("offered")).and_then(Item::as_array);
        let offered = offered.into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect();
        Ok(Self {
            doc,
            exempt: Vec::new(),
            offered,
            fresh: Vec::new(),
            wrote: Vec::new(),
            blocks: String::new(),
            unsorted: false,
            touched: false,
            merged: Merged::default(),
        })
    }

    fn services(&self) -> impl Iterator<Item = (usize, &Table)> {
        self.doc.get("service").and_then(Item::as_array_of_tables).into_iter().flatten().enumerate()
    }

    /// The table a proposal belongs to: of its name, else one with a host of its domain.
    fn place(&self, proposal: &Proposal) -> Place {
        let says = |table: &Table, key: &str, word: &str| table.get(key).and_then(Item::as_str) == Some(word);
        let named = self.services().find(|(_, table)| {
            says(table, "id", &proposal.id) || proposal.from.as_deref().is_some_and(|from| says(table, "use", from))
        });
        let of_domain = |table: &Table| {
            let hosts = table.get("hosts").and_then(Item::as_array).into_iter().flatten().filter_map(Value::as_str);
            let domains = hosts.map(|host| domain(host.trim_start_matches("*.").split('/').next().unwrap_or_default()));
            domains.into_iter().any(|one| one == proposal.name)
        };
        match named.or_else(|| self.services().find(|(_, table)| of_domain(table))) {
            Some((at, table))
                if !self.passes(table, proposal)
                    && self.written(&proposal.id).is_some_and(|known| known == digest(table)) =>
            {
                Place::Untouched(at)
            }
            Some((at, _)) => Place::Edited(at),
            None if self.offered.contains(&format!("service {}", proposal.id)) => Place::Deleted,
            None => Place::Nowhere,
        }
    }

    /// Whether what is added to a table may pass before a choice: a purpose of it became exempt after it was written.
    fn passes(&self, table: &Table, proposal: &Proposal) -> bool {
        let several = table.get("purposes").and_then(Item::as_array).into_iter().flatten().filter_map(Value::as_str);
        let all: Vec<&str> = table.get("purpose").and_then(Item::as_str).into_iter().chain(several).collect();
        // Without a purpose of its own a table has the catalogue's, and the proposal says where that is not enough.
        let exempt = all.iter().any(|purpose| self.exempt.iter().any(|exempt| exempt == purpose));
        exempt || (all.is_empty() && !proposal.purposes.is_empty())
    }

    fn written(&self, id: &str) -> Option<&str> {
        self.doc.get("learn")?.get("wrote")?.get(id)?.as_str()
    }

    fn propose(&mut self, proposal: &Proposal, sources: &str) {
        let mut fresh = proposal.clone();
        let service = format!("service {}", proposal.id);
        let offered = &self.offered;
        fresh.hosts.retain(|(host, _)| !offered.contains(&format!("host {host}")));
        fresh.cookies.retain(|(name, _)| !offered.contains(&format!("cookie {name}")));
        fresh.storage.retain(|(name, _)| !offered.contains(&format!("stored {name}")));
        let empty = fresh.hosts.is_empty() && fresh.cookies.is_empty() && fresh.storage.is_empty();
        if empty && (offered.contains(&service) || !proposal.hosts.is_empty() || proposal.from.is_none()) {
            return;
        }
        match self.place(proposal) {
            Place::Nowhere => self.write(&fresh, sources),
            Place::Untouched(at) => self.grow(at, &fresh),
            Place::Edited(at) => self.remark(at, &fresh),
            Place::Deleted => self.merged.left.push(format!("{}: you deleted it, and it was seen again", fresh.name)),
        }
        let hosts = fresh.hosts.iter().map(|(host, _)| format!("host {host}"));
        let cookies = fresh.cookies.iter().map(|(name, _)| format!("cookie {name}"));
        let storage = fresh.storage.iter().map(|(name, _)| format!("stored {name}"));
        let all: Vec<String> = std::iter::once(service).chain(hosts).chain(cookies).chain(storage).collect();
        for one in all {
            if self.offered.insert(one.clone()) {
                self.fresh.push(one);
            }
        }
    }

    /// Writes a table of its own.
    fn write(&mut self, proposal: &Proposal, sources: &str) {
        let text = block::service(proposal, sources);
        let table = text.parse::<DocumentMut>().ok();
        let tables = table.as_ref().and_then(|doc| doc.get("service")).and_then(Item::as_array_of_tables);
        if let Some(table) = tables.and_then(|tables| tables.get(0)) {
            self.wrote.push((proposal.id.clone(), digest(table)));
        }
        self.blocks += &text;
        self.unsorted |= proposal.purposes.iter().any(|purpose| purpose == UNSORTED);
        let purposes =
            if proposal.purposes.is_empty() { "from the catalogue".to_owned() } else { proposal.purposes.join(", ") };
        self.merged.added.push(format!("{} ({purposes}): {}", proposal.id, counted(proposal)));
        if proposal.asks {
            self.merged.asks.push(format!("{}: who is it, and what for? {}", proposal.id, proposal.why.join("; ")));
        }
    }

    fn table(&mut self, at: usize) -> Option<&mut Table> {
        self.doc.get_mut("service")?.as_array_of_tables_mut()?.get_mut(at)
    }

    /// Adds to a table that nobody has touched.
    fn grow(&mut self, at: usize, proposal: &Proposal) {
        let Some(table) = self.table(at) else { return };
        let cookies = folded(&proposal.cookies);
        let storage = folded(&proposal.storage);
        for (key, items) in [("hosts", &proposal.hosts), ("cookies", &cookies), ("storage", &storage)] {
            for (item, why) in items {
                let list = table.entry(key).or_insert_with(|| value(Array::new()));
                let Some(list) = list.as_array_mut() else { continue };
                push(list, item, &format!("\n    {}", comment(why)));
            }
        }
        let digest = digest(table);
        self.touched = true;
        self.wrote.push((proposal.id.clone(), digest));
        self.merged.added.push(format!("{}: {} more", proposal.id, counted(proposal)));
    }

    /// Says beside a table that somebody has touched what could be added to it.
    fn remark(&mut self, at: usize, proposal: &Proposal) {
        let lists = [("hosts", &proposal.hosts), ("cookies", &proposal.cookies), ("storage", &proposal.storage)];
        let lines = lists.into_iter().flat_map(|(key, items)| {
            items.iter().map(move |(item, why)| {
                format!("{}\n", comment(&format!("bandeau learn: to be added to {key}? {} ({why})", quoted(item))))
            })
        });
        let lines: String = lines.collect();
        let Some(table) = self.table(at).filter(|_| !lines.is_empty()) else { return };
        let before = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or("\n").to_owned();
        table.decor_mut().set_prefix(before + &lines);
        self.touched = true;
        self.merged.left.push(format!(
            "{}: you have edited it, or it needs no consent, so {} stand in comments",
            proposal.id,
            counted(proposal)
        ));
    }

    /// What was let through to be learnt is held from now on.
    fn settle(&mut self) {
        let policy = self.doc.get_mut("policy").and_then(Item::as_table_mut);
        let unknown = policy.and_then(|policy| policy.get_mut("unknown")).and_then(Item::as_value_mut);
        if let Some(unknown) = unknown.filter(|unknown| unknown.as_str() == Some("learn")) {
            let decor = unknown.decor().clone();
            *unknown = Value::from("hold");
            *unknown.decor_mut() = decor;
            self.touched = true;
            self.merged.added.push("policy.unknown is \"hold\" again".to_owned());
        }
    }

    fn remember(&mut self) {
        if !self.doc.contains_key("learn") {
            let wrote: String =
                self.wrote.iter().map(|(id, digest)| format!("{} = {}\n", quoted(id), quoted(digest))).collect();
            let offered: String = self.fresh.iter().map(|one| format!("    {},\n", quoted(one))).collect();
            self.blocks += &format!(
                "\n# Kept by bandeau learn: what it has offered, so that what you delete or change stays so, and what it wrote, so\n\
                 # that it knows what you have touched. Without this table it begins anew.\n\
                 [learn]\noffered = [\n{offered}]\n[learn.wrote]\n{wrote}"
            );
            return;
        }
        let Some(learn) = self.doc["learn"].as_table_mut() else { return };
        let list = learn.entry("offered").or_insert_with(|| value(Array::new()));
        if let Some(list) = list.as_array_mut() {
            for one in &self.fresh {
                push(list, one, "");
            }
        }
        let wrote = learn.entry("wrote").or_insert_with(|| Item::Table(Table::new()));
        if let Some(wrote) = wrote.as_table_like_mut() {
            for (id, digest) in &self.wrote {
                wrote.insert(id, value(digest.as_str()));
            }
        }
    }

    fn finish(mut self, text: &str) -> Merged {
        if !self.fresh.is_empty() || !self.wrote.is_empty() {
            let purposes = self.doc.get("purpose").and_then(Item::as_array_of_tables).into_iter().flatten();
            let known = purposes.into_iter().any(|one| one.get("id").and_then(Item::as_str) == Some(UNSORTED));
            if self.unsorted && !known {
                let site = self.doc.get("site").and_then(|site| site.get("languages")).and_then(Item::as_array);
                let languages = site.into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned));
                let languages: Vec<String> = languages.collect();
                self.blocks += &block::unsorted(&languages);
            }
            self.remember();
            self.touched = true;
        }
        if !self.touched {
            return Merged { text: text.to_owned(), ..self.merged };
        }
        let mut out = self.doc.to_string();
        if !self.blocks.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out += &self.blocks;
        Merged { text: out, ..self.merged }
    }
}

/// Adds an item on a line of its own, behind what a person wrote behind the last one.
fn push(list: &mut Array, item: &str, front: &str) {
    let behind = list.trailing().as_str().unwrap_or_default().trim_end().to_owned();
    list.push_formatted(Value::from(item).decorated(format!("{behind}{front}\n    "), ""));
    list.set_trailing("\n");
    list.set_trailing_comma(true);
}

fn counted(proposal: &Proposal) -> String {
    let count = |count: usize, one: &str, several: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {several}")),
    };
    let parts = [
        count(proposal.hosts.len(), "host", "hosts"),
        count(proposal.cookies.len(), "cookie", "cookies"),
        count(proposal.storage.len(), "stored name", "stored names"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "by name".to_owned() } else { parts.join(", ") }
}

/// What a table says, whatever its comments, spaces and order.
fn digest(table: &Table) -> String {
    let mut said: Vec<String> = table.iter().map(|(key, item)| format!("{key}={}", plain(item))).collect();
    said.sort_unstable();
    let digest = Hasher::new("bandeau learn v1").list(said).finish();
    digest.to_string()[..12].to_owned()
}

fn plain(item: &Item) -> String {
    match item {
        Item::Value(Value::Array(list)) => {
            list.iter().map(|one| one.clone().decorated("", "").to_string()).collect::<Vec<_>>().join(",")
        }
        Item::Value(value) => value.clone().decorated("", "").to_string(),
        Item::Table(table) => digest(table),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
