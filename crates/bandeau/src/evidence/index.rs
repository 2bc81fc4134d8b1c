//! `index.html`: the pack for a person, in one page that loads nothing but the pictures beside it. The words of the notice
//! stand in it as text; no page of the archive runs in it.

use super::gather::Mechanism;
use super::{Dossier, State, words};
use crate::clock::moment;
use bandeau_consent::{Asked, Notice};
use bandeau_ledger::ReceiptDocument;
use std::fmt::{self, Write as _};

const STYLE: &str = include_str!("index.css");

const PERSONAL: &str = " This page holds personal data, and the receipt beside it takes the consent back for whoever has it: it is \
    for whoever has to see it and for nobody else.";

/// A text, escaped.
struct Text<'t>(&'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            other => write!(f, "{other}"),
        })
    }
}

/// The page.
pub(super) fn page(dossier: &Dossier<'_>) -> String {
    let case = dossier.case;
    let host = case.origin.split('/').next().unwrap_or_default();
    let site = case.notice.as_ref().map_or(host, |notice| notice.site.as_str());
    let (title, about) = match &case.record {
        Some(record) => (
            format!("One decision on {site}"),
            format!(
                "What was recorded on {} at {host}, what the visitor was shown, and how to check it.",
                moment(record.row.at)
            ),
        ),
        None => (
            format!("What visitors of {site} are asked"),
            format!("The version of notice, policy and configuration that is live at {host}."),
        ),
    };
    let mut body = verdict(dossier);
    if let Some(record) = &case.record {
        body += &recorded(record, dossier);
    }
    if let Some(notice) = &case.notice {
        let heading = match &case.record {
            Some(_) => "The words that were put to the person",
            None => "The words that are put to visitors, in the site’s first language",
        };
        body += &shown(notice, heading);
    }
    body += &pictures(dossier);
    body += &history(&case.chain, case.record.as_ref(), case.notice.as_ref());
    if let Some(mechanism) = &case.mechanism {
        body += &version(mechanism);
    }
    body += &checked(dossier);
    body += &hashes(dossier);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body><header><h1>{title}</h1><p class=\"quiet\">{}</p></header>\n\
         <main>{body}</main>\n<footer class=\"quiet\"><p>Gathered on {} by bandeau {}.{}</p></footer></body></html>\n",
        Text(&about),
        moment(dossier.at),
        env!("CARGO_PKG_VERSION"),
        if case.record.is_some() { PERSONAL } else { "" },
        title = Text(&title),
    )
}

fn verdict(dossier: &Dossier<'_>) -> String {
    let failed: Vec<&str> = dossier.findings.failures().collect();
    if failed.is_empty() {
        return "<div class=\"verdict\"><p>Everything that was checked holds.</p><p>What was checked stands \
                <a href=\"#checked\">below</a>. How to check it again without us: <a href=\"HOW-TO-VERIFY.md\">HOW-TO-VERIFY.md</a>.</p></div>"
            .to_owned();
    }
    let list: String = failed.iter().map(|says| format!("<li>{}</li>", Text(says))).collect();
    let count = if failed.len() == 1 { "One thing does".to_owned() } else { format!("{} things do", failed.len()) };
    format!("<div class=\"verdict bad\" role=\"alert\"><p>{count} not hold.</p><ul>{list}</ul></div>")
}

/// A language by its own name, as the archived texts have it, and its tag.
fn tongue(dossier: &Dossier<'_>, language: &str) -> String {
    let texts = dossier.case.mechanism.as_ref().and_then(|one| one.files.get(&format!("{language}/texts.json")));
    let name = texts.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok());
    match name.as_ref().and_then(|texts| texts["name"].as_str()) {
        Some(name) => format!("{name} ({language})"),
        None => language.to_owned(),
    }
}

fn row(name: &str, value: impl fmt::Display) -> String {
    format!("<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>")
}

fn recorded(record: &ReceiptDocument, dossier: &Dossier<'_>) -> String {
    let line = &record.row;
    let language = Text(&line.language).to_string();
    let choices: String = words::choices(record, dossier.case.notice.as_ref())
        .iter()
        .map(|(title, granted)| {
            let answer =
                if *granted { "<span class=\"yes\">granted</span>" } else { "<span class=\"no\">refused</span>" };
            row(&format!("<span lang=\"{language}\">{}</span>", Text(title)), answer)
        })
        .collect();
    let until = moment(line.at.saturating_add(line.keep.saturating_mul(1000)));
    let mut rows = row("When", format!("{} <small>(by the gateway’s clock)</small>", moment(line.at)));
    rows += &row("What happened", Text(words::event(&line.event)));
    rows += &row("Where", Text(&words::source(&line.source)));
    rows += &row("Language of the notice", Text(&tongue(dossier, &line.language)));
    rows += &row("The choice stands", format!("for {} days, until {until}", line.keep / 86_400));
    rows += &row("Who", format!("a random number that stands for a browser: <code>{}</code>", line.pseudonym));
    rows += &row("Name of the record", format!("<code>{}</code>", line.id));
    format!(
        "<h2>What was recorded</h2><table>{rows}</table><h3>The answers</h3><table class=\"answers\">{choices}</table>\
         <p class=\"quiet\">The record holds no address, no browser and no page. The whole of it: \
         <a href=\"receipt.json\">receipt.json</a>.</p>"
    )
}

fn shown(notice: &Notice, heading: &str) -> String {
    let asked: String = notice.asked.iter().map(purpose).collect();
    let fixed: String = notice.fixed.iter().map(purpose).collect();
    let language = Text(notice.language.as_str()).to_string();
    let labels = [&notice.labels.accept, &notice.labels.refuse, &notice.labels.choose];
    let buttons: String = labels.iter().map(|label| format!("<span>{}</span>", Text(label))).collect();
    let fixed = if fixed.is_empty() {
        String::new()
    } else {
        format!("<h3 lang=\"en\" dir=\"ltr\" class=\"quiet\">Exempt: shown, not asked</h3><ul>{fixed}</ul>")
    };
    format!(
        "<h2>{heading}</h2><p class=\"quiet\">Out of the archive, word for word. As text: <a href=\"notice.txt\">notice.txt</a>.</p>\
         <div class=\"notice\" lang=\"{language}\" dir=\"auto\"><h3>{}</h3><p>{}</p><p class=\"buttons\">{buttons}</p><ul>{asked}</ul>{fixed}</div>",
        Text(&notice.title),
        Text(&notice.text),
    )
}

fn purpose(asked: &Asked) -> String {
    let words = &asked.wording;
    let names: Vec<&str> = asked.services.iter().map(|shown| shown.name.as_str()).collect();
    let behind =
        if names.is_empty() { String::new() } else { format!("<br><small>{}</small>", Text(&names.join(", "))) };
    format!("<li><b>{}</b> {}{behind}</li>", Text(&words.title), Text(&words.text))
}

fn pictures(dossier: &Dossier<'_>) -> String {
    let Some(browser) = dossier.browser.as_deref().filter(|_| !dossier.shots.is_empty()) else { return String::new() };
    let mut out = format!(
        "<h2>As it looked</h2><p class=\"quiet\">The archived version drawn again by {}, without a network. The page behind \
         the notice is a blank stand-in, and the site’s own logo is not in the archive. Desktop: 1280 × 800; phone: 390 × 844; the settings \
         in full length.</p>",
        Text(browser)
    );
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for shot in dossier.shots {
        let group = (shot.language.as_str(), shot.layer);
        if seen.contains(&group) {
            continue;
        }
        seen.push(group);
        let layer = if shot.layer == "first" { "First layer" } else { "Settings" };
        let _ = write!(out, "<h3>{layer}: {}</h3><div class=\"pictures\">", Text(&tongue(dossier, &shot.language)));
        for one in dossier.shots.iter().filter(|one| (one.language.as_str(), one.layer) == group) {
            let file = Text(&one.file).to_string();
            let clip = if one.layer == "settings" { " class=\"clip\"" } else { "" };
            let _ = write!(
                out,
                "<figure><div{clip}><a href=\"{file}\"><img src=\"{file}\" alt=\"{layer} on a {device}\"></a></div>\
                 <figcaption>{device}{}</figcaption></figure>",
                if clip.is_empty() { "" } else { "; the picture opens in full length" },
                device = one.device,
            );
        }
        out.push_str("</div>");
    }
    out
}

fn history(chain: &[ReceiptDocument], this: Option<&ReceiptDocument>, notice: Option<&Notice>) -> String {
    if chain.is_empty() {
        return String::new();
    }
    let rows: String = chain
        .iter()
        .enumerate()
        .map(|(at, record)| {
            let granted: Vec<String> = words::choices(record, notice)
                .into_iter()
                .filter_map(|(title, granted)| granted.then_some(title))
                .collect();
            let granted = if granted.is_empty() { "nothing".to_owned() } else { granted.join(", ") };
            let mark = if this.is_some_and(|this| this.row.id == record.row.id) { " <b>(this one)</b>" } else { "" };
            format!(
                "<tr><td>{}{mark}</td><td>{}</td><td>{}</td><td><a href=\"records/{:03}-{event}-{id}.json\">receipt</a></td></tr>",
                moment(record.row.at),
                Text(words::event(&record.row.event)),
                Text(&granted),
                at + 1,
                event = Text(&record.row.event),
                id = record.row.id,
            )
        })
        .collect();
    format!(
        "<h2>Everything this visitor decided</h2><table><thead><tr><th scope=\"col\">When</th><th scope=\"col\">What</th>\
         <th scope=\"col\">Granted from then on</th><th scope=\"col\"></th></tr></thead><tbody>{rows}</tbody></table>\
         <p class=\"quiet\">A visitor who refuses everything gets another number each time, so that refusing leaves no trail: \
         refusals of the same person stand alone.</p>"
    )
}

fn version(mechanism: &Mechanism) -> String {
    let manifest = &mechanism.manifest;
    let mut rows = row("Live from", moment(manifest.at));
    rows += &row("Program", Text(&manifest.program));
    rows += &row("Languages offered", Text(&manifest.languages.join(", ")));
    rows += &row(
        "Policy",
        "<a href=\"mechanism/policy.json\">readable</a>, and <a href=\"mechanism/policy.fields\">as it is hashed</a>",
    );
    rows += &row(
        "Configuration",
        "<a href=\"mechanism/configuration.toml\">configuration.toml</a> <small>(passwords and what belongs to one node alone left out)</small>",
    );
    rows += &row(
        "All files",
        format!(
            "{} of {} in <code>mechanism/</code>, listed in <a href=\"manifest.json\">manifest.json</a>",
            mechanism.files.len(),
            manifest.files.len()
        ),
    );
    format!("<h2>The version that was live</h2><table>{rows}</table>")
}

fn checked(dossier: &Dossier<'_>) -> String {
    let list: String = dossier
        .findings
        .0
        .iter()
        .map(|(state, says)| {
            let (class, word) = match state {
                State::Holds => ("holds", "holds"),
                State::Fails => ("fails", "does not hold"),
                State::Note => ("note", "to know"),
            };
            format!("<li class=\"{class}\"><b>{word}</b>{}</li>", Text(says))
        })
        .collect();
    format!("<h2 id=\"checked\">What was checked</h2><ul class=\"checks\">{list}</ul>")
}

fn hashes(dossier: &Dossier<'_>) -> String {
    let case = dossier.case;
    let code = |text: &dyn fmt::Display| format!("<code>{}</code>", Text(&text.to_string()));
    let mut rows = String::new();
    if let Some(record) = &case.record {
        rows += &row("Notice", code(&record.row.notice));
        rows += &row("Policy", code(&record.row.policy));
        rows += &row("Leaf of the record", code(&record.leaf()));
    }
    if let Some(mechanism) = &case.mechanism {
        rows += &row("Version (manifest)", code(&mechanism.name));
    }
    rows += &row("Log", code(&case.origin));
    let head = case.checkpoint.as_deref().unwrap_or_default();
    let head: Vec<&str> = head.lines().take(3).collect();
    if let [_, size, root] = head[..] {
        rows += &row("Checkpoint", format!("{} entries, root {}", Text(size), code(&root)));
    }
    for shot in dossier.shots {
        if let Some(digest) = dossier.pictures.get(&shot.file) {
            rows += &row(&Text(&shot.file).to_string(), code(digest));
        }
    }
    format!(
        "<h2>Hashes</h2><table>{rows}</table><p class=\"quiet\">SHA-256 of every file: <a href=\"SHA256SUMS\">SHA256SUMS</a>. \
         Signed checkpoint: <a href=\"checkpoint.txt\">checkpoint.txt</a>. Public keys: <a href=\"keys.txt\">keys.txt</a>.</p>"
    )
}
