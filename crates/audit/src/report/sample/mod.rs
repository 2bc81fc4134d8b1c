//! Reports for tests: a newspaper that does most things wrong, and the empty cases. What the newspaper says of itself is
//! hostile where a site may choose the words, so that every test of a format is one of its escaping too.

mod drawing;
mod walk;

pub(super) use drawing::picture;

use super::Report;
use crate::judge::{self, Evidence, Finding, Judgement, Level, Loan, Outcome as Came, Place, Row, Total};
use crate::seen::{Audit, Limits, Role, Run, Standing};
use crate::who::{Cloak, Party, Service, Word};
use walk::{PAGES, run};

/// What a site writes where it hopes that nobody looks.
pub(super) const NASTY: &str =
    "</td><script>alert(1)</script><img src=x onerror=alert(1)> \" ' & ]]> \u{1b}[2J \u{202e}gnp.exe";

fn party(domain: &str, hosts: &[&str], service: Option<(&str, &str, &str, bool)>, requests: [u64; 5]) -> Party {
    Party {
        domain: domain.to_owned(),
        own: domain == "newsroom.example",
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        service: service.map(|(name, controller, category, tracker)| Service {
            id: domain.to_owned(),
            name: name.to_owned(),
            controller: controller.to_owned(),
            category: category.to_owned(),
            tracker,
        }),
        words: service
            .map(|(_, _, category, tracker)| Word {
                source: "catalogue".to_owned(),
                says: category.to_owned(),
                tracker,
            })
            .into_iter()
            .collect(),
        cloaks: Vec::new(),
        requests,
    }
}

fn parties() -> Vec<Party> {
    let own = ["metrics.newsroom.example", "static.newsroom.example", "www.newsroom.example"];
    let mut out = vec![
        party("newsroom.example", &own, None, [20; 5]),
        party(
            "google-analytics.com",
            &["www.google-analytics.com"],
            Some(("Google Analytics", "Google Ireland Ltd", "audience", true)),
            [5, 0, 5, 5, 5],
        ),
        party(
            "googletagmanager.com",
            &["www.googletagmanager.com"],
            Some(("Google Tag Manager", "Google Ireland Ltd", "tag manager", true)),
            [5; 5],
        ),
        party("adstack.test", &["ads.adstack.test"], Some(("AdStack", NASTY, "advertising", true)), [0, 0, 5, 5, 0]),
        party("eulerian.test", &[], Some(("Eulerian", "Eulerian SAS", "advertising", true)), [5, 0, 5, 5, 5]),
        party(
            "typefoundry.test",
            &["fonts.typefoundry.test"],
            Some(("Typefoundry", "Typefoundry BV", "fonts", false)),
            [5; 5],
        ),
        party("vidéo.test", &["cdn.vidéo.test"], None, [0, 0, 5, 0, 0]),
    ];
    out[4].cloaks.push(Cloak {
        host: "metrics.newsroom.example".to_owned(),
        chain: vec!["gazette.eulerian.test".to_owned(), "edge.eulerian.test".to_owned()],
        alias: true,
    });
    out[1].words.push(Word {
        source: "list easyprivacy.txt".to_owned(),
        says: "||google-analytics.com^$third-party".to_owned(),
        tracker: true,
    });
    out
}

pub(super) fn finding(id: &str, level: Level, law: &[&str], says: &str) -> Finding {
    let (rule, about) = id.split_once('/').unwrap_or((id, ""));
    Finding {
        id: id.to_owned(),
        rule: rule.to_owned(),
        law: law.iter().map(|id| (*id).to_owned()).collect(),
        level,
        says: says.to_owned(),
        mend: format!("Hold {about} until the visitor has agreed, and do not load it after a refusal."),
        party: about.contains('.').then(|| about.to_owned()),
        standings: vec![Standing::Before, Standing::Gpc],
        pages: PAGES.iter().map(|(url, _)| (*url).to_owned()).collect(),
        count: 10,
        evidence: vec![
            Evidence {
                standing: Standing::Before,
                at: Place::Request(6),
                shows: format!("https://www.google-analytics.com/g/collect {NASTY}"),
            },
            Evidence { standing: Standing::Before, at: Place::Cookie(1), shows: "_ga, 400 days".to_owned() },
            Evidence {
                standing: Standing::Before,
                at: Place::Banner(Some(Role::Accept)),
                shows: "180 × 48 px".to_owned(),
            },
            Evidence { standing: Standing::Gpc, at: Place::Request(9_999_999), shows: "beyond the end".to_owned() },
        ],
    }
}

fn findings() -> Vec<Finding> {
    vec![
        finding(
            "request-before-choice/google-analytics.com",
            Level::Error,
            &["L1"],
            "Google Analytics is told of every visitor before anybody has chosen.",
        ),
        finding(
            "cloaked/eulerian.test",
            Level::Error,
            &["L1"],
            "The name metrics.newsroom.example looks like the site’s, but belongs to Eulerian, an advertising service.",
        ),
        finding("refuse-harder", Level::Error, &["L4", "L5"], "Refusing takes two clicks where accepting takes one."),
        finding(
            "kept-after-withdrawal/_ga",
            Level::Error,
            &["L8"],
            "The cookie _ga stays after everything is taken back.",
        ),
        finding(
            "tag-manager/googletagmanager.com",
            Level::Error,
            &["L16"],
            "Google Tag Manager is loaded before anybody has chosen.",
        ),
        finding("lifetime/_ga", Level::Warning, &["L15"], "The cookie _ga lives longer than 13 months."),
        finding(
            "third-before-choice/typefoundry.test",
            Level::Warning,
            &["L1"],
            "Letters are fetched from Typefoundry, which learns every visitor’s address.",
        ),
        finding(&format!("odd/{NASTY}"), Level::Note, &[], &format!("A page is called {NASTY}")),
    ]
}

fn rows(findings: &[Finding]) -> Vec<Row> {
    (1..=20)
        .map(|at| {
            let id = format!("L{at}");
            let against: Vec<String> =
                findings.iter().filter(|one| one.level == Level::Error && one.law.contains(&id)).map(|one| one.id.clone()).collect();
            let outcome = match at {
                _ if !against.is_empty() => Came::Failed,
                2 | 3 | 6 | 17 => Came::Passed,
                _ => Came::Undecidable,
            };
            Row {
                must: format!("Sentence {at} of the law holds: nothing is stored, read or contacted that the visitor has not agreed to."),
                authority: "ePrivacy art. 5(3); EDPB Guidelines 2/2023".to_owned(),
                outcome,
                why: match outcome {
                    Came::Passed => "5 pages were looked at.".to_owned(),
                    Came::Failed => "Requests and cookies of 5 pages were looked at.".to_owned(),
                    Came::Undecidable => "A person must read the notice and compare it with what is done.".to_owned(),
                },
                id,
                findings: against,
            }
        })
        .collect()
}

fn total(standing: Standing, numbers: [u64; 5]) -> Total {
    let [third, trackers, parties, cookies, storage] = numbers;
    Total { standing, reached: true, pages: 5, requests: third + 20, third, trackers, parties, cookies, storage }
}

/// The newspaper, with so many copies of each load.
pub(super) fn newspaper(pictures: bool, dense: u64) -> Report {
    let runs: Vec<Run> = (0..5).map(|at| run(at, pictures, dense)).collect();
    let mut findings = findings();
    findings.sort_by_key(|one| std::cmp::Reverse(one.level));
    let numbers = [[20, 15, 4, 2, 1], [10, 5, 2, 2, 1], [30, 20, 6, 4, 1], [25, 20, 5, 4, 1], [20, 15, 4, 2, 1]];
    Report {
        audit: Audit {
            runs,
            interrupted: None,
            notes: vec!["robots.txt leaves out 3 pages.".to_owned(), NASTY.to_owned()],
            ..empty().audit
        },
        judgement: Judgement {
            format: judge::FORMAT,
            rows: rows(&findings),
            findings,
            parties: parties(),
            totals: Standing::ALL
                .into_iter()
                .zip(numbers)
                .map(|(standing, numbers)| total(standing, numbers))
                .collect(),
            lent: vec![Loan {
                standing: Standing::Before,
                at: Place::Cookie(1),
                whose: "Google Analytics".to_owned(),
                tracker: true,
            }],
        },
    }
}

/// A site that contacts nobody and asks nothing.
pub(super) fn quiet() -> Report {
    let mut report = newspaper(false, 1);
    for run in &mut report.audit.runs {
        run.requests.retain(|request| request.url.contains("www.newsroom") || request.url.contains("static.newsroom"));
        run.cookies.clear();
        run.storage.clear();
        run.connections.clear();
        run.steps.clear();
        run.banner = None;
        run.chosen = 0;
        run.reached = matches!(run.standing, Standing::Before | Standing::Gpc);
        run.fault = (!run.reached).then(|| "no notice was found, so nothing could be chosen".to_owned());
    }
    let judgement = &mut report.judgement;
    judgement.findings.clear();
    judgement.lent.clear();
    judgement.parties.truncate(1);
    for row in &mut judgement.rows {
        row.findings.clear();
        if row.outcome == Came::Failed {
            row.outcome = Came::Passed;
        }
    }
    for total in &mut judgement.totals {
        let (standing, reached) = (total.standing, matches!(total.standing, Standing::Before | Standing::Gpc));
        *total = Total {
            standing,
            reached,
            pages: 5,
            requests: 20,
            third: 0,
            trackers: 0,
            parties: 0,
            cookies: 0,
            storage: 0,
        };
    }
    report
}

/// An audit that ended before anything was seen.
pub(super) fn empty() -> Report {
    Report {
        audit: Audit {
            format: crate::seen::FORMAT,
            version: "0.1.0".to_owned(),
            browser: "Chromium 142.0.7444.59".to_owned(),
            site: "https://www.newsroom.example/".to_owned(),
            own: vec!["newsroom.example".to_owned(), "*.newsroom.example".to_owned()],
            started: 1_795_000_000_123,
            took: 128_400,
            limits: Limits {
                pages: 20,
                depth: 3,
                wait: 2_000,
                patience: 30_000,
                delay: 1_000,
                requests: 5_000,
                robots: true,
            },
            interrupted: Some("the auditor pressed Ctrl-C".to_owned()),
            runs: Vec::new(),
            aliases: std::collections::BTreeMap::new(),
            notes: Vec::new(),
        },
        judgement: Judgement {
            format: judge::FORMAT,
            rows: Vec::new(),
            findings: Vec::new(),
            parties: Vec::new(),
            totals: Vec::new(),
            lent: Vec::new(),
        },
    }
}
