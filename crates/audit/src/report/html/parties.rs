//! Who was contacted: parties with what is said of them, and hosts that were connected to without a request.

use super::{NUMBERS, Tag, View, section, standings};
use crate::report::markup::{Code, Cut, Text};
use crate::report::whose::{Whose, follows};
use crate::report::words;
use crate::seen::Standing;
use crate::who::Party;
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(super) fn parties(view: &View<'_>) -> String {
    let parties = &view.report.judgement.parties;
    let strangers = parties.iter().filter(|party| !party.own).count();
    let mut inner = String::new();
    if strangers == 0 {
        inner += &view.none("No third party was contacted in any standing.");
    }
    if !parties.is_empty() {
        let mut heads = vec!["Domain", "Who", "On whose word", "Hosts"];
        heads.extend(NUMBERS);
        let rows: Vec<String> = parties.iter().map(row).collect();
        inner += &super::table("Who was contacted, and requests to them in each standing", &heads, &rows);
    }
    section("parties", "Parties", &inner)
}

fn row(party: &Party) -> String {
    let whose = match party.own {
        true => Whose::Own,
        false if follows(party) => Whose::Tracker,
        false => Whose::Third,
    };
    let who = match &party.service {
        Some(service) => format!(
            "{}<br><small>{}; {}</small>",
            Cut(&service.name, 80),
            Cut(&service.controller, 80),
            Cut(&service.category, 40)
        ),
        None if party.own => "The site itself".to_owned(),
        None => "<span class=\"quiet\">not known</span>".to_owned(),
    };
    let mut on = String::new();
    for word in party.words.iter().take(5) {
        let _ = write!(on, "<li>{}: {}</li>", Cut(&word.source, 60), Cut(&word.says, 90));
    }
    if !on.is_empty() {
        on = format!("<ul class=\"bare\">{on}</ul>");
    }
    let mut out = format!(
        "<tr><th scope=\"row\"><bdi>{}</bdi><br>{}</th><td>{who}</td><td>{on}</td><td>{}</td>",
        Cut(&party.domain, 80),
        Tag(whose),
        hosts(party)
    );
    for count in party.requests {
        let class = if count == 0 { "n zero" } else { "n" };
        let _ = write!(out, "<td class=\"{class}\">{}</td>", words::number(count));
    }
    out + "</tr>"
}

/// Its hosts, and names of the site's that stand for it.
fn hosts(party: &Party) -> String {
    let mut out: Vec<String> = party.hosts.iter().take(4).map(|host| Code(host).to_string()).collect();
    if party.hosts.len() > 4 {
        let rest: Vec<String> = party.hosts.iter().skip(4).take(100).map(|host| Code(host).to_string()).collect();
        out.push(format!("<details><summary>{} more</summary>{}</details>", party.hosts.len() - 4, rest.join("<br>")));
    }
    for cloak in party.cloaks.iter().take(10) {
        let how = if cloak.alias { "by DNS" } else { "by redirects" };
        let chain: Vec<String> = cloak.chain.iter().take(8).map(|host| Text(host).to_string()).collect();
        out.push(format!(
            "<span class=\"alarm\">behind {} {how}</span><br><small>→ {}</small>",
            Code(&cloak.host),
            chain.join(" → ")
        ));
    }
    out.join("<br>")
}

/// Hosts that were connected to or looked up, though no request was seen.
pub(super) fn connections(view: &View<'_>) -> String {
    let mut bare: BTreeMap<(Whose, &str), (Vec<Standing>, u64, u64)> = BTreeMap::new();
    for run in &view.report.audit.runs {
        for one in run.connections.iter().filter(|one| !one.request) {
            let entry = bare.entry((view.directory.whose(&one.host), one.host.as_str())).or_default();
            if !entry.0.contains(&run.standing) {
                entry.0.push(run.standing);
            }
            if one.port == 0 { entry.1 += 1 } else { entry.2 += 1 }
        }
    }
    if bare.is_empty() {
        let says = "Every host that was connected to was also sent a request.";
        return section("connections", "Connections without a request", &view.none(says));
    }
    let rows: Vec<String> = bare
        .iter()
        .map(|((whose, host), (stands, lookups, connections))| {
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                Code(host),
                Tag(*whose),
                standings(stands),
                words::number(*lookups),
                words::number(*connections)
            )
        })
        .collect();
    let lead = "<p class=\"quiet\">A page can make a browser look a host up or connect to it ahead of time. The other end learns \
                the visitor’s address though nothing is asked of it.</p>";
    let heads = ["Host", "Whose", "Standings", "#Looked up", "#Connected to"];
    let table = super::table("Hosts without a request", &heads, &rows);
    section("connections", "Connections without a request", &format!("{lead}{table}"))
}
