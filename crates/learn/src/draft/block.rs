//! What a draft says in the file: a table for each service, every guess beside its reason, as text that a person may have
//! written. It knows TOML and no policy.

use crate::sort::Proposal;
use std::collections::BTreeMap;
use toml_edit::Value;

/// More hosts of one domain are written as the domain and all below it.
const HOSTS: usize = 4;
/// So many names with the same beginning are written as a pattern.
const ALIKE: usize = 4;

/// A value as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A comment, whatever is in it: one line, and nothing that ends it.
pub(super) fn comment(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(240).collect();
    format!("# {plain}")
}

/// The whole table of a service.
pub(super) fn service(proposal: &Proposal, sources: &str) -> String {
    let mut text = format!("\n{}\n", comment(&format!("{}, found in {sources}", proposal.name)));
    for why in &proposal.why {
        text += &format!("{}\n", comment(why));
    }
    if proposal.asks {
        text +=
            "# To be answered: who is it, and what for? Until then it is held before a choice and after a refusal.\n";
    }
    text += "[[service]]\n";
    match &proposal.from {
        Some(from) => text += &format!("use = {}\n", quoted(from)),
        None => text += &format!("id = {}\nname = {}\n", quoted(&proposal.id), quoted(&proposal.name)),
    }
    match proposal.purposes.as_slice() {
        [] => {}
        [one] => text += &format!("purpose = {}\n", quoted(one)),
        several => {
            let list: Vec<String> = several.iter().map(|one| quoted(one)).collect();
            text += &format!("purposes = [{}]\n", list.join(", "));
        }
    }
    // What the catalogue says of hosts and names is not said again.
    if proposal.from.is_none() {
        text += &list("hosts", &hosts(proposal));
        text += &list("cookies", &folded(&proposal.cookies));
        text += &list("storage", &folded(&proposal.storage));
    }
    text
}

fn list(key: &str, items: &[(String, String)]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let lines = items.iter().map(|(item, why)| format!("    {}\n    {},\n", comment(why), quoted(item)));
    format!("{key} = [\n{}]\n", lines.collect::<String>())
}

/// The hosts one by one, or as a domain where they are many.
fn hosts(proposal: &Proposal) -> Vec<(String, String)> {
    let below = format!("*.{}", proposal.name);
    if proposal.hosts.len() <= HOSTS || bandeau_consent::HostPattern::new(&below).is_err() {
        return proposal.hosts.clone();
    }
    let why = format!("{} hosts of this domain were seen", proposal.hosts.len());
    vec![(proposal.name.clone(), why.clone()), (below, why)]
}

/// The names, those that begin alike as one pattern where they are many.
pub(super) fn folded(names: &[(String, String)]) -> Vec<(String, String)> {
    let mut alike: BTreeMap<&str, Vec<&(String, String)>> = BTreeMap::new();
    for one in names {
        alike.entry(beginning(&one.0)).or_default().push(one);
    }
    let fold = |(start, all): (&str, Vec<&(String, String)>)| {
        if start.is_empty() || all.len() < ALIKE {
            return all.into_iter().cloned().collect::<Vec<_>>();
        }
        let some: Vec<&str> = all.iter().take(3).map(|(name, _)| name.as_str()).collect();
        let why = format!("{} names begin so, such as {}; {}", all.len(), some.join(", "), all[0].1);
        vec![(format!("{start}*"), why)]
    };
    alike.into_iter().flat_map(fold).collect()
}

/// The beginning of a name up to its first separator, where that tells something.
fn beginning(name: &str) -> &str {
    let marks = name.match_indices(['_', ':', '.', '-']).map(|(at, _)| at + 1);
    let letters = |at: usize| name[..at].bytes().filter(u8::is_ascii_alphanumeric).count() >= 2;
    marks.into_iter().find(|&at| letters(at) && at < name.len()).map_or("", |at| &name[..at])
}

/// The table of what is not sorted yet, in those of the site's languages that have words for it.
pub(super) fn unsorted(languages: &[String]) -> String {
    let words =
        WORDS.iter().filter(|(language, ..)| languages.is_empty() || languages.iter().any(|one| one == language));
    let mut words: Vec<_> = words.collect();
    if words.is_empty() {
        words.extend(WORDS.first());
    }
    let mut text = format!(
        "\n# What nobody has sorted yet: asked for, and held until it is granted. A site that is open to the public has none.\n\
         [[purpose]]\nid = {}\nbasis = \"consent\"\nsale = true\n",
        quoted(crate::guess::UNSORTED)
    );
    for (language, title, says) in words {
        text += &format!("[purpose.{language}]\ntitle = {}\ntext = {}\n", quoted(title), quoted(says));
    }
    text
}

const WORDS: &[(&str, &str, &str)] = &[
    ("en", "Not yet sorted", "Services and stored items whose use this site has not described yet."),
    ("fr", "Pas encore classé", "Services et informations stockées dont ce site n’a pas encore décrit l’usage."),
    (
        "de",
        "Noch nicht zugeordnet",
        "Dienste und gespeicherte Daten, deren Zweck diese Website noch nicht beschrieben hat.",
    ),
    ("es", "Aún sin clasificar", "Servicios y datos almacenados cuyo uso este sitio aún no ha descrito."),
    ("it", "Non ancora classificato", "Servizi e dati memorizzati il cui uso questo sito non ha ancora descritto."),
    (
        "nl",
        "Nog niet ingedeeld",
        "Diensten en opgeslagen gegevens waarvan deze site het gebruik nog niet heeft beschreven.",
    ),
    ("pt", "Ainda por classificar", "Serviços e dados guardados cujo uso este site ainda não descreveu."),
];

/// A configuration for a site that has none.
pub fn fresh(host: &str, upstream: &str) -> String {
    format!(
        "# Begun by bandeau learn. `bandeau init` writes every key there is, with what it means.\n\
         listen   = \"127.0.0.1:8080\"\nupstream = {upstream}\n\n[site]\nname       = {host}\nhosts      = [{host}]\n\
         controller = {host} # To be answered: who is responsible, name and address\n\
         privacy    = \"/privacy\" # To be answered: where the privacy policy is\n\n[policy]\nunknown = \"hold\"\n",
        host = quoted(host),
        upstream = quoted(upstream),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_begin_alike_become_a_pattern() {
        let names =
            |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), "why".to_owned())).collect::<Vec<_>>();
        let all = names(&["_lk_a", "_lk_b", "_lk_c", "_lk_d", "session", "mx:a", "a_", "x_b", "x_c", "x_d", "x_e"]);
        let folded: Vec<String> = folded(&all).into_iter().map(|(name, _)| name).collect();
        assert!(folded.contains(&"_lk_*".to_owned()) && folded.contains(&"session".to_owned()));
        assert!(folded.contains(&"x_b".to_owned()), "one letter tells nothing: {folded:?}");
        assert_eq!(folded.len(), 8, "{folded:?}");
    }

    #[test]
    fn nothing_seen_ends_a_comment_or_a_string() {
        let bad = "a\"\n[[service]]\nid = \"x";
        let proposal = Proposal {
            id: "a".into(),
            name: bad.into(),
            purposes: vec!["unsorted".into()],
            why: vec![bad.into()],
            cookies: vec![(bad.into(), bad.into())],
            ..Proposal::default()
        };
        let doc: toml_edit::DocumentMut = service(&proposal, bad).parse().unwrap();
        let tables = doc["service"].as_array_of_tables().unwrap();
        assert_eq!(tables.len(), 1);
        assert_eq!(tables.get(0).unwrap()["name"].as_str(), Some(bad));
    }
}
