//! `bandeau services`: shows the catalogue as a table, an entry whole, or either as JSON. It decides nothing about
//! services; what is searched and how is the catalogue's.

use crate::config::catalog;
use crate::config::raw::{Names, Service, Text};
use serde_json::{Value, json};
use std::io::{self, Write as _};
use std::process::ExitCode;

type Found = (&'static str, Service);

/// Prints the entries in which the word occurs; without a word, all. Exit 1 when there is none.
///
/// # Errors
/// When it cannot be printed. A reader who has seen enough, such as `head`, is no error.
pub(crate) fn show(word: Option<&str>, as_json: bool) -> io::Result<ExitCode> {
    let found = catalog::search(word.unwrap_or_default());
    let text = if as_json {
        let all: Vec<Value> = found.iter().map(object).collect();
        format!("{:#}\n", Value::Array(all))
    } else {
        said(word, &found)
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(ExitCode::from(u8::from(found.is_empty()))),
    }
}

/// What is said to people: an entry whole when it is meant by its name or is the only one, else a table.
fn said(word: Option<&str>, found: &[Found]) -> String {
    let Some(word) = word else {
        return table(found) + &format!("{} in all. `bandeau services NAME` shows one whole.\n", found.len());
    };
    let meant = found.iter().position(|(name, _)| *name == word.to_lowercase());
    match (found, meant) {
        ([], _) => none(word),
        ([one], _) => whole(one),
        (many, Some(at)) => {
            let others: Vec<&str> = many.iter().map(|(name, _)| *name).filter(|name| *name != many[at].0).collect();
            whole(&many[at]) + &format!("\n{word:?} occurs in these too: {}\n", others.join(", "))
        }
        (many, None) => {
            table(many) + &format!("{} with {word:?}. `bandeau services NAME` shows one whole.\n", many.len())
        }
    }
}

fn none(word: &str) -> String {
    let near = match catalog::near(word).as_slice() {
        [] => "`bandeau services` lists everything there is".to_owned(),
        near => format!("near it: {}", near.join(", ")),
    };
    format!(
        "Nothing in the catalogue has {word:?} in its name, category, controller, hosts, cookies or storage keys; {near}.\n\
         A [[service]] of your own needs an id, a purpose, and what it shows on the wire: hosts, cookies, storage.\n"
    )
}

fn table(found: &[Found]) -> String {
    let head = ["NAME", "CATEGORY", "PURPOSE", "HOSTS", "IS CALLED"].map(str::to_owned);
    let row = |(name, entry): &Found| {
        let hosts = entry.hosts.as_ref().map_or(0, Vec::len);
        let purposes = list(entry.serves().as_ref()).join(", ");
        let called = entry.name.clone().unwrap_or_default();
        [(*name).to_owned(), text(entry.category.as_ref()).to_owned(), purposes, hosts.to_string(), called]
    };
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(found.iter().map(row)).collect();
    let wide = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let (name, category, purpose, hosts) = (wide(0), wide(1), wide(2), wide(3));
    rows.iter()
        .map(|[a, b, c, d, e]| format!("{a:<name$}  {b:<category$}  {c:<purpose$}  {d:>hosts$}  {e}\n"))
        .collect()
}

/// Everything an entry says, and how to use it.
fn whole((name, entry): &Found) -> String {
    let mut lines = String::new();
    let mut say = |term: &str, values: Vec<String>| {
        for (at, value) in values.iter().enumerate() {
            lines += &format!("  {:<12}{value}\n", if at == 0 { term } else { "" });
        }
    };
    let joined = |values: Vec<&str>| (!values.is_empty()).then(|| values.join(", ")).into_iter().collect();
    let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect();
    say("category", owned(vec![text(entry.category.as_ref())]));
    say("purpose", joined(list(entry.serves().as_ref())));
    say("controller", entry.controller.iter().cloned().collect());
    say("privacy", entry.privacy.iter().cloned().collect());
    say("receives", joined(list(entry.data.as_ref())));
    say("hosts", owned(list(entry.hosts.as_ref())));
    say("routes", owned(list(entry.routes.as_ref())));
    say("cookies", times(entry.cookies.as_ref()));
    say("storage", times(entry.storage.as_ref()));
    say(
        "peers",
        entry.webrtc.iter().filter(|webrtc| **webrtc).map(|_| "connects visitors with each other".into()).collect(),
    );
    say("source", owned(vec![text(entry.source.as_ref())]));
    say("checked", owned(vec![text(entry.checked.as_ref())]));
    let called = entry.name.as_deref().unwrap_or(name);
    format!("{called}\n{lines}\nTo use it, in bandeau.toml:\n\n[[service]]\nuse = \"{name}\"\n")
}

/// Names with how long each is kept, the times under each other.
fn times(names: Option<&Names>) -> Vec<String> {
    let names = names.map(|names| names.0.as_slice()).unwrap_or_default();
    let wide = names.iter().map(|(name, _)| name.get_ref().chars().count()).max().unwrap_or_default();
    names.iter().map(|(name, time)| format!("{:<wide$}  {}", name.get_ref(), text(time.as_ref()))).collect()
}

fn object((name, entry): &Found) -> Value {
    let kept = |names: Option<&Names>| -> Value {
        let names = names.map(|names| names.0.as_slice()).unwrap_or_default();
        names.iter().map(|(name, time)| (name.get_ref().clone(), json!(text(time.as_ref())))).collect()
    };
    json!({
        "use": name,
        "name": entry.name,
        "category": text(entry.category.as_ref()),
        "purposes": list(entry.serves().as_ref()),
        "controller": entry.controller,
        "privacy": entry.privacy,
        "data": list(entry.data.as_ref()),
        "hosts": list(entry.hosts.as_ref()),
        "cookies": kept(entry.cookies.as_ref()),
        "storage": kept(entry.storage.as_ref()),
        "routes": list(entry.routes.as_ref()),
        "webrtc": entry.webrtc.unwrap_or_default(),
        "source": text(entry.source.as_ref()),
        "checked": text(entry.checked.as_ref()),
    })
}

fn text(text: Option<&Text>) -> &str {
    text.map(|text| text.get_ref().as_str()).unwrap_or_default()
}

fn list(list: Option<&Vec<Text>>) -> Vec<&str> {
    list.into_iter().flatten().map(|text| text.get_ref().as_str()).collect()
}
