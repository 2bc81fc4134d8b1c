//! The law table: twenty sentences that a test can check, and for each what was looked at, or why a machine cannot tell.
//! Documents are cited, not paragraphs. It is no legal advice: a row says what was seen, and a person says what follows.

use super::case::{Case, Walk};
use super::lives::NEAR;
use super::words::span;
use super::{Finding, Level, Outcome, Row, notice};
use crate::seen::{Banner, Role, Standing};
use crate::who::Weight;
use std::collections::BTreeSet;

/// Whether there was enough to look at: what was, or why it was not.
type Looked = Result<String, String>;

/// Third parties that a row names, at most.
const NAMED: usize = 5;

/// One sentence.
struct Law {
    id: &'static str,
    must: &'static str,
    authority: &'static str,
    look: fn(&Case<'_>) -> Looked,
}

const LAWS: &[Law] = &[
    Law {
        id: "L1",
        must: "Before a choice nothing leaves for hosts that are not needed, and nothing that is not needed is kept or read.",
        authority: "ePrivacy Directive, article 5(3); EDPB Guidelines 2/2023",
        look: before,
    },
    Law {
        id: "L2",
        must: "Silence, scrolling, going on, closing and Escape grant nothing.",
        authority: "GDPR, article 4(11) and recital 32; EDPB Guidelines 05/2020",
        look: |case| {
            before(case)?;
            Err("Waiting granted nothing, or row L1 says what. A person must scroll, press Escape, click beside the notice and go on, and see that nothing follows.".to_owned())
        },
    },
    Law {
        id: "L3",
        must: "Nothing is switched on beforehand, except what is exempt and shown as fixed.",
        authority: "CJEU, C-673/17 (Planet49)",
        look: |case| {
            let count = |banner: &Banner| {
                let controls = banner.layers.iter().flat_map(|layer| &layer.controls);
                controls.filter(|one| one.role == Role::Switch && one.on.is_some()).count()
            };
            match count(asked(case)?) {
                0 => {
                    Err("No switch was seen on the layers that were opened. A person must open the others.".to_owned())
                }
                seen => Ok(format!("{seen} switches were seen, none of them on unless it was fixed.")),
            }
        },
    },
    Law {
        id: "L4",
        must: "Wherever one can accept one can refuse, by a control of the same kind, size, letters and emphasis.",
        authority: "EDPB, report of the cookie banner taskforce (2023); CNIL 2020-092; VG Hannover 10 A 5385/22",
        look: |case| {
            let has = |role| move |layer: &&crate::seen::Layer| layer.controls.iter().any(|one| one.role == role);
            let banner = asked(case)?;
            let both = banner.layers.iter().filter(has(Role::Accept)).filter(has(Role::Refuse)).count();
            match both {
                0 => Err("No layer with both controls could be measured. A person must compare them.".to_owned()),
                seen => Ok(format!("The two controls were measured on {seen} layers.")),
            }
        },
    },
    Law {
        id: "L5",
        must: "Refusing takes no more clicks than accepting, taking back no more than giving, and it can be taken back on every page.",
        authority: "GDPR, article 7(3); EDPB, report of the cookie banner taskforce (2023)",
        look: |case| {
            let banner = asked(case)?;
            let (Some(accept), Some(refuse)) = (banner.accept, banner.refuse) else {
                return Err("The clicks could not be counted.".to_owned());
            };
            let reached = case.walk_of(Standing::Withdrawn).is_some_and(|walk| walk.run.reached);
            if !reached {
                return Err(format!(
                    "{refuse} clicks to refuse, {accept} to accept. Consent could not be taken back here: a person must try."
                ));
            }
            let back = banner.change.as_ref().map(|way| format!(" with {} clicks", way.clicks)).unwrap_or_default();
            Err(format!(
                "{refuse} clicks to refuse, {accept} to accept; consent was taken back on the start page{back}. Whether every page offers it a person must see."
            ))
        },
    },
    Law {
        id: "L6",
        must: "Closing the notice never means to accept.",
        authority: "VG Hannover 10 A 5385/22; Garante, guidelines of 10 June 2021",
        look: |case| {
            let banner = asked(case)?;
            let close = |one: &&crate::seen::Control| one.role == Role::Close;
            match banner.layers.iter().flat_map(|layer| &layer.controls).find(close) {
                Some(one) => Err(format!(
                    "There is a control to close (“{}”). A person must click it and see that nothing follows.",
                    one.text
                )),
                None => Ok("No control to close was found.".to_owned()),
            }
        },
    },
    Law {
        id: "L7",
        must: "A refusal is kept as long as a consent, and nothing is asked again before.",
        authority: "CNIL 2020-092; Garante, guidelines of 10 June 2021; EDPB Guidelines 03/2022",
        look: choice,
    },
    Law {
        id: "L8",
        must: "After a refusal and after a withdrawal nothing that is not needed is kept or read.",
        authority: "ePrivacy Directive, article 5(3); sanctions of the CNIL in 2025",
        look: |case| Ok(format!("{} {}", walked(case, Standing::Refused)?, walked(case, Standing::Withdrawn)?)),
    },
    Law {
        id: "L9",
        must: "Consent is asked for each purpose, and everybody who takes part is named and counted.",
        authority: "CNIL 2020-092; GDPR, article 7(2), recitals 32 and 43",
        look: |_| {
            Err("A person must compare the parties of this report with those the notice names, and see that each purpose can be chosen alone.".to_owned())
        },
    },
    Law {
        id: "L10",
        must: "The first layer says who asks, what for, what either answer leads to and how to change one's mind.",
        authority: "CNIL 2020-091; CJEU, C-673/17 (Planet49)",
        look: |_| Err("What words say a person must read; those of the notice are in this report.".to_owned()),
    },
    Law {
        id: "L11",
        must: "The content can be reached without consent.",
        authority: "EDPB Guidelines 05/2020",
        look: |case| {
            let walk = reached(case, Standing::Refused)?;
            match walk.pages() {
                0 => Err("No page could be opened after the refusal.".to_owned()),
                pages => Ok(format!("{pages} pages were opened after everything had been refused.")),
            }
        },
    },
    Law {
        id: "L12",
        must: "It can be shown that this visitor made this choice on this wording, and that it was collected validly.",
        authority: "GDPR, articles 5(2) and 7(1); CNIL 2020-092",
        look: |case| {
            let own = |request: &&crate::seen::Request| request.url.contains("/.well-known/bandeau/decision");
            let answered = case.walks.iter().flat_map(|walk| &walk.run.requests).find(own);
            Err(match answered {
                Some(_) => "Bandeau took the answer, which keeps a signed record; a person must verify a receipt with `bandeau verify`.".to_owned(),
                None => "Records cannot be seen from outside. A person must ask for the record of a choice made for the purpose.".to_owned(),
            })
        },
    },
    Law {
        id: "L13",
        must: "Legitimate interest is no ground to keep or read anything.",
        authority: "EDPB, report of the cookie banner taskforce (2023)",
        look: |case| {
            let banner = asked(case)?;
            match banner.text.trim() {
                "" => Err("The words of the notice could not be read.".to_owned()),
                _ => {
                    Err("The words of the notice do not speak of it. A person must read the pages behind it."
                        .to_owned())
                }
            }
        },
    },
    Law {
        id: "L14",
        must: "What keeps the answer is the site's own and serves nothing else.",
        authority: "Article 29 Working Party, opinion 04/2012 (WP194); EDPB, report of the cookie banner taskforce (2023)",
        look: |case| {
            let kept = |walk: &Walk<'_>| walk.cookies.iter().chain(&walk.entries).filter(|who| who.choice).count();
            match case.walks.iter().map(kept).max().unwrap_or_default() {
                0 => Err("Nothing that is known to keep an answer was seen.".to_owned()),
                _ => Err("The answer is kept by the site itself under a name that is known. That it serves nothing else a person must see from its value.".to_owned()),
            }
        },
    },
    Law {
        id: "L15",
        must: "Measuring the audience is exempt only for the site's own anonymous statistics, for thirteen months that no visit prolongs.",
        authority: "CNIL 2020-091 and self-assessment of July 2025; none in Belgium (APD)",
        look: |case| {
            let walks = case.walks.iter().filter(|walk| walk.looked());
            let who = walks.flat_map(|walk| walk.requests.iter().chain(&walk.cookies).chain(&walk.entries));
            if case.walks.iter().all(|walk| !walk.looked()) {
                return Err("No page could be opened.".to_owned());
            }
            let measures: Vec<_> =
                who.filter(|who| matches!(who.category(), "audience" | "analytics")).map(|who| who.called()).collect();
            match measures.first() {
                Some(name) => Err(format!(
                    "{name} measures the audience. Whether its statistics are anonymous and cross nothing else a person must see in its settings."
                )),
                None => Ok("No service that is known to measure the audience was seen in any standing.".to_owned()),
            }
        },
    },
    Law {
        id: "L16",
        must: "A tag manager is loaded only with consent.",
        authority: "VG Hannover 10 A 5385/22",
        look: |case| {
            let before = before(case)?;
            Ok(format!("{before} {} {}", walked(case, Standing::Refused)?, walked(case, Standing::Withdrawn)?))
        },
    },
    Law {
        id: "L17",
        must: "The signal Sec-GPC switches sale and sharing off, is never read as consent, and the page shows that it was heard.",
        authority: "California, 11 CCR 7025",
        look: |case| {
            let looked = walked(case, Standing::Gpc)?;
            let banner = case.walk_of(Standing::Gpc).and_then(|walk| walk.run.banner.as_ref());
            let text = banner.map(|banner| banner.text.to_lowercase()).unwrap_or_default();
            let named =
                ["gpc", "global privacy control", "opt-out request honored"].iter().any(|word| text.contains(word));
            let heard = if named {
                "The notice names the signal; a person must read what it says."
            } else {
                "Whether the page shows that it heard the signal a person must see."
            };
            Err(format!("{looked} {heard}{}", strangers(case)))
        },
    },
    Law {
        id: "L18",
        must: "The notice speaks the language of the page, and everybody can use it (WCAG 2.2 AA, RGAA 4.1).",
        authority: "EDPB Guidelines 03/2022; European Accessibility Act, EN 301 549",
        look: |case| {
            asked(case)?;
            Err("Language and contrast were looked at. Keyboard, focus and reading aloud a person must try, or a tool for accessibility.".to_owned())
        },
    },
    Law {
        id: "L19",
        must: "Nothing about the notice deceives.",
        authority: "EDPB Guidelines 03/2022",
        look: |_| {
            Err("Size, emphasis, clicks and switches were looked at where there is a notice. Words that press or shame a person must read.".to_owned())
        },
    },
    Law {
        id: "L20",
        must: "Records of choices hold no more than proof needs, can be erased, and expire.",
        authority: "GDPR, articles 5(1)(c) and 17",
        look: |_| Err("Records cannot be seen from outside. A person must look at one.".to_owned()),
    },
];

/// Every row, against what was found.
pub(crate) fn rows(case: &Case<'_>, findings: &[Finding]) -> Vec<Row> {
    let row = |law: &Law| {
        let against: Vec<&Finding> = findings.iter().filter(|one| one.law.iter().any(|id| id == law.id)).collect();
        let count = |level| against.iter().filter(|one| one.level == level).count();
        let ids = against.iter().map(|one| one.id.clone()).collect();
        let (outcome, why) = match (count(Level::Error), count(Level::Warning)) {
            (0, 0) => match (law.look)(case) {
                Ok(looked) => (Outcome::Passed, looked),
                Err(why) => (Outcome::Undecidable, why),
            },
            (0, doubts) => (Outcome::Undecidable, format!("{} must be looked at by a person.", things(doubts))),
            (faults, 0) => (Outcome::Failed, format!("{} against it.", things(faults))),
            (faults, doubts) => (
                Outcome::Failed,
                format!(
                    "{} against it; {} more must be looked at by a person.",
                    things(faults),
                    things(doubts).to_lowercase()
                ),
            ),
        };
        Row {
            id: law.id.to_owned(),
            must: law.must.to_owned(),
            authority: law.authority.to_owned(),
            outcome,
            why,
            findings: ids,
        }
    };
    LAWS.iter().map(row).collect()
}

fn things(count: usize) -> String {
    if count == 1 { "One finding".to_owned() } else { format!("{count} findings") }
}

/// What was walked through untouched.
fn before(case: &Case<'_>) -> Looked {
    walked(case, Standing::Before)
}

/// The notice, or why none can be judged.
fn asked<'a>(case: &Case<'a>) -> Result<&'a Banner, String> {
    let nothing = || "No notice was found. Where there is one, a person must look at it.".to_owned();
    notice::met(case).map(|(_, banner)| banner).ok_or_else(nothing)
}

fn reached<'a, 'b>(case: &'b Case<'a>, standing: Standing) -> Result<&'b Walk<'a>, String> {
    let name = name(standing);
    let walk = case.walk_of(standing).ok_or_else(|| format!("The site was not walked through {name}."))?;
    if !walk.run.reached {
        let why = walk.run.fault.as_deref().unwrap_or("the choice could not be made");
        return Err(format!("The site could not be walked through {name}: {why}."));
    }
    Ok(walk)
}

/// What was looked at in one standing, or why it was not enough.
fn walked(case: &Case<'_>, standing: Standing) -> Looked {
    let walk = reached(case, standing)?;
    if !walk.looked() {
        return Err(format!("No page could be opened {}.", name(standing)));
    }
    let more: u64 = walk.run.visits.iter().fold(0, |sum, visit| sum.saturating_add(visit.more));
    if more > 0 {
        return Err(format!("{more} requests {} went beyond the limit and were only counted.", name(standing)));
    }
    let requests = walk.run.requests.iter().filter(|request| walk.counts(request.at)).count();
    let pages = walk.pages();
    Ok(format!("{pages} pages with {requests} requests were looked at {}.", name(standing)))
}

/// Third parties of the walk with the signal of whom no service is known: whether they sell or share nobody has said.
fn strangers(case: &Case<'_>) -> String {
    let Some(walk) = case.walk_of(Standing::Gpc) else { return String::new() };
    let sent = walk.run.requests.iter().zip(&walk.requests).filter(|(request, _)| request.outcome.left());
    let strange = sent.filter(|(_, who)| !who.own && who.service.is_none() && who.weight >= Weight::Unknown);
    let all: BTreeSet<&str> = strange.map(|(_, who)| who.domain.as_str()).collect();
    if all.is_empty() {
        return String::new();
    }
    let more = if all.len() > NAMED { format!(" and {} more", all.len() - NAMED) } else { String::new() };
    let names: Vec<&str> = all.into_iter().take(NAMED).collect();
    format!(" Whether these sell or share what they are told nobody has said: {}{more}.", names.join(", "))
}

/// A standing as the end of a sentence.
fn name(standing: Standing) -> &'static str {
    match standing {
        Standing::Before => "before a choice",
        Standing::Refused => "after a refusal",
        Standing::Accepted => "after an acceptance",
        Standing::Withdrawn => "after a withdrawal",
        Standing::Gpc => "with the signal Sec-GPC",
    }
}

/// How long the answer is kept, for either answer.
fn choice(case: &Case<'_>) -> Looked {
    let walk = reached(case, Standing::Refused)?;
    let kept = |walk: &Walk<'_>| {
        let all = walk.run.cookies.iter().zip(&walk.cookies).filter(|(one, who)| who.choice && one.stays);
        all.filter_map(|(one, _)| one.lifetime).max()
    };
    let accepted = reached(case, Standing::Accepted)?;
    match (kept(walk), kept(accepted)) {
        (Some(no), Some(yes)) if no.saturating_add(NEAR) >= yes => Ok(format!("A refusal is kept for {}, no shorter than an acceptance.", span(no))),
        // Under two names they need not be the same thing: only a person can compare them.
        (Some(no), Some(yes)) => Err(format!("A refusal is kept for {}, an acceptance for {}, under different names: a person must look.", span(no), span(yes))),
        _ => Err("No cookie that is known to keep an answer, with a lifetime, was seen after both answers. A person must come back later.".to_owned()),
    }
}
