//! Reports for tests: a newspaper that does most things wrong, and the empty cases. What the newspaper says of itself is
//! hostile where a site may choose the words, so that every test of a format is one of its escaping too.

use super::Report;
use crate::judge::{self, Evidence, Finding, Judgement, Level, Outcome as Came, Place, Row, Total};
use crate::seen::{
    Audit, Banner, Connection, Control, Cookie, End, Entry, From, How, Initiator, Kind, Layer, Limits, Moment, Outcome,
    Picture, Rect, Request, Role, Run, SameSite, Sent, Setter, Standing, Step, Target, Visit, Way,
};
use crate::who::{Cloak, Party, Service, Word};
use base64::Engine as _;

/// What a site writes where it hopes that nobody looks.
pub(super) const NASTY: &str =
    "</td><script>alert(1)</script><img src=x onerror=alert(1)> \" ' & ]]> \u{1b}[2J \u{202e}gnp.exe";

const PAGES: [(&str, &str); 5] = [
    ("https://www.newsroom.example/", "La Gazette du soir – toute l’actualité"),
    ("https://www.newsroom.example/politique/budget-2027", "Budget : ce qui change au 1er janvier"),
    ("https://www.newsroom.example/sport", "Sport – La Gazette du soir"),
    ("https://www.newsroom.example/culture/festival", NASTY),
    ("https://www.newsroom.example/contact", "Nous écrire"),
];

/// Host, path, kind, and in which standings it is asked for.
const LOADS: [(&str, &str, &str, [bool; 5]); 9] = [
    ("www.newsroom.example", "/style.css", "Stylesheet", [true; 5]),
    ("www.newsroom.example", "/app.js", "Script", [true; 5]),
    ("static.newsroom.example", "/photo.jpg", "Image", [true; 5]),
    ("fonts.typefoundry.test", "/serif.woff2", "Font", [true; 5]),
    ("metrics.newsroom.example", "/collect?cid=8ba7a1&dl=%2F", "Ping", [true, false, true, true, true]),
    ("www.googletagmanager.com", "/gtm.js?id=GTM-ABC", "Script", [true; 5]),
    ("www.google-analytics.com", "/g/collect?v=2&cid=1.2", "Fetch", [true, false, true, true, true]),
    ("ads.adstack.test", "/bid?u=8ba7a1", "Fetch", [false, false, true, true, false]),
    ("cdn.vidéo.test", "/embed/player.js", "Script", [false, false, true, false, false]),
];

/// A picture of a page with a notice on it: a PNG of few colours, stored without compression (RFC 2083, RFC 1950).
pub(super) fn picture(width: u32, height: u32, notice: bool) -> Picture {
    let mut raw = Vec::new();
    for y in 0..height {
        raw.push(0);
        for x in 0..width {
            let (u, v) = (x * 100 / width, y * 100 / height);
            raw.push(match () {
                () if notice && v > 62 && (6..94).contains(&u) && v < 94 => match (u, v) {
                    (60..=74, 80..=89) => 3,
                    (77..=91, 80..=89) => 2,
                    _ => 4,
                },
                () if v < 9 => 3,
                () if (6..50).contains(&u) && (14..50).contains(&v) => 2,
                () if (53..94).contains(&u) && v > 13 && v % 6 < 2 => 1,
                () if (6..50).contains(&u) && v > 52 && v % 6 < 2 => 1,
                () => 0,
            });
        }
    }
    let mut zlib = vec![0x78, 0x01];
    let mut blocks = raw.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let size = u16::try_from(block.len()).unwrap();
        zlib.push(u8::from(blocks.peek().is_none()));
        zlib.extend(size.to_le_bytes());
        zlib.extend((!size).to_le_bytes());
        zlib.extend(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in &raw {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    zlib.extend(((b << 16) | a).to_be_bytes());
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = Vec::new();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([8, 3, 0, 0, 0]);
    chunk(&mut png, *b"IHDR", &head);
    let palette = [[255, 253, 249], [190, 184, 174], [205, 216, 222], [29, 28, 26], [240, 232, 214]];
    chunk(&mut png, *b"PLTE", &palette.concat());
    chunk(&mut png, *b"IDAT", &zlib);
    chunk(&mut png, *b"IEND", &[]);
    let data = base64::engine::general_purpose::STANDARD.encode(png);
    Picture { kind: "image/png".to_owned(), width, height, data }
}

fn chunk(png: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    let mut sum = u32::MAX;
    for byte in name.iter().chain(data) {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    png.extend(name);
    png.extend(data);
    png.extend((!sum).to_be_bytes());
}

fn request(visit: usize, at: u64, url: String, kind: &str) -> Request {
    Request {
        visit,
        at,
        moment: if at % 3 == 0 { Moment::Waiting } else { Moment::Loading },
        url,
        method: "GET".to_owned(),
        kind: kind.to_owned(),
        frame: PAGES[visit].0.to_owned(),
        target: Target::Page,
        initiator: Initiator {
            kind: "script".to_owned(),
            url: "https://www.newsroom.example/app.js".to_owned(),
            line: 12,
            stack: vec!["https://www.newsroom.example/app.js".to_owned()],
        },
        redirect: None,
        outcome: if at % 17 == 0 { Outcome::Blocked("csp".to_owned()) } else { Outcome::Answered },
        status: Some(200),
        remote: Some("192.0.2.7:443".to_owned()),
        cookies: vec![Sent { name: "_ga".to_owned(), value: "GA1.1.2".to_owned() }],
        set: Vec::new(),
        referrer: Some(PAGES[visit].0.to_owned()),
        body: None,
    }
}

pub(super) fn control(role: Role, text: &str, size: (f64, f64), colours: (&str, &str, f64)) -> Control {
    Control {
        role,
        text: text.to_owned(),
        element: if size.1 < 24.0 { "a" } else { "button" }.to_owned(),
        rect: Rect { x: 40.0, y: 600.0, width: size.0, height: size.1 },
        font: if size.1 < 24.0 { 13.0 } else { 16.0 },
        weight: if role == Role::Accept { 700 } else { 400 },
        colour: colours.0.to_owned(),
        background: colours.1.to_owned(),
        contrast: colours.2,
        relief: if role == Role::Accept { 9.4 } else { 1.0 },
        on: (role == Role::Switch).then_some(true),
        enabled: true,
    }
}

fn banner(pictures: bool) -> Banner {
    let first = vec![
        control(Role::Accept, "Tout accepter", (180.0, 48.0), ("#ffffff", "#1a6b3f", 6.5)),
        control(Role::Settings, "Paramétrer mes choix", (150.0, 18.0), ("#9a948a", "#fffdf9", 2.9)),
        control(Role::Policy, NASTY, (90.0, 18.0), ("#9a948a", "url(#x)", 2.9)),
    ];
    let second = vec![
        control(Role::Switch, "Publicité personnalisée", (44.0, 24.0), ("#1d1c1a", "#1a6b3f", 5.1)),
        control(Role::Refuse, "Tout refuser", (120.0, 36.0), ("#5b564e", "#f6f2ea", 6.3)),
        control(Role::Save, "Enregistrer", (120.0, 36.0), ("#5b564e", "#f6f2ea", 6.3)),
        control(Role::Accept, "Tout accepter", (180.0, 48.0), ("#ffffff", "#1a6b3f", 6.5)),
    ];
    let rect = Rect { x: 0.0, y: 500.0, width: 1280.0, height: 300.0 };
    Banner {
        tool: Some("Consentio".to_owned()),
        how: How::Rule,
        frame: PAGES[0].0.to_owned(),
        shadow: true,
        after: 840,
        text: format!("La Gazette et ses 812 partenaires accordent de l’importance à votre vie privée. {NASTY}"),
        language: Some("fr".to_owned()),
        wall: true,
        layers: vec![
            Layer { clicks: 0, rect, controls: first, picture: pictures.then(|| picture(320, 200, true)) },
            Layer { clicks: 1, rect, controls: second, picture: None },
        ],
        accept: Some(1),
        refuse: Some(2),
        change: Some(Way { text: "Gérer mes cookies".to_owned(), clicks: 3, visible: true }),
    }
}

fn visit(at: usize, began: u64, pictures: bool) -> Visit {
    Visit {
        url: PAGES[at].0.to_owned(),
        landed: PAGES[at].0.to_owned(),
        from: [From::Start, From::Link, From::Sitemap, From::Link, From::Named][at],
        depth: u32::from(at > 0),
        at: began,
        loaded: (at != 3).then_some(640),
        status: Some(if at == 4 { 404 } else { 200 }),
        title: PAGES[at].1.to_owned(),
        language: "fr".to_owned(),
        end: if at == 3 { End::Slow } else { End::Complete },
        more: if at == 3 { 1_200 } else { 0 },
        odd: if at == 2 { vec!["opened a window: javascript:alert(1)".to_owned()] } else { Vec::new() },
        links: Vec::new(),
        picture: pictures.then(|| picture(320, 200, at == 0)),
    }
}

fn cookie(run: usize, name: &str, domain: &str, days: Option<u64>) -> Cookie {
    Cookie {
        name: name.to_owned(),
        value: "GA1.1.1234".to_owned(),
        domain: domain.to_owned(),
        path: "/".to_owned(),
        lifetime: days.map(|days| days * 86_400),
        secure: true,
        http_only: domain.starts_with("www"),
        same_site: if domain.contains("ads") { SameSite::None } else { SameSite::Lax },
        partition: None,
        visit: 0,
        at: 900,
        moment: Moment::Loading,
        setters: vec![if domain.contains("ads") {
            Setter::Answer(3)
        } else {
            Setter::Script {
                stack: vec!["https://www.googletagmanager.com/gtm.js?id=GTM-ABC".to_owned()],
                frame: PAGES[0].0.to_owned(),
            }
        }],
        stays: run != 3 || name == "_ga",
        refused: None,
    }
}

/// One walk.
fn run(at: usize, pictures: bool, dense: u64) -> Run {
    let standing = Standing::ALL[at];
    let choosing = matches!(standing, Standing::Refused | Standing::Accepted | Standing::Withdrawn);
    let chosen = if choosing { 4_200 } else { 0 };
    let (mut requests, mut visits) = (Vec::new(), Vec::new());
    for page in 0..PAGES.len() {
        let began = if page == 0 { 0 } else { chosen.max(2_500) + 2_800 * page as u64 };
        visits.push(visit(page, began, pictures && (at == 0 || page == 0)));
        requests.push(request(page, began + 5, PAGES[page].0.to_owned(), "Document"));
        for (order, (host, path, kind, _)) in LOADS.iter().enumerate().filter(|(_, load)| load.3[at]) {
            for copy in 0..dense {
                let begin = began + 120 + order as u64 * 90 + copy * 1_500 / dense;
                let kind = if copy == 0 { *kind } else { "Image" };
                requests.push(request(page, begin, format!("https://{host}{path}"), kind));
            }
        }
    }
    let mut steps = Vec::new();
    if choosing {
        let step = |at, role, text: &str| Step { at, role, text: text.to_owned(), url: PAGES[0].0.to_owned() };
        match standing {
            Standing::Refused => {
                steps.push(step(2_300, Role::Settings, "Paramétrer mes choix"));
                steps.push(step(3_100, Role::Refuse, "Tout refuser"));
            }
            _ => steps.push(step(2_300, Role::Accept, "Tout accepter")),
        }
    }
    let mut cookies =
        vec![cookie(at, "session", "www.newsroom.example", None), cookie(at, "_ga", ".newsroom.example", Some(400))];
    if matches!(standing, Standing::Accepted | Standing::Withdrawn) {
        cookies.push(cookie(at, "uid", ".ads.adstack.test", Some(390)));
        cookies.push(cookie(at, NASTY, ".newsroom.example", Some(30)));
    }
    let mut connections =
        vec![Connection { host: "www.newsroom.example".to_owned(), port: 443, at: 4, visit: 0, request: true }];
    if at != 1 {
        connections.push(Connection {
            host: "pixel.social.test".to_owned(),
            port: 443,
            at: 300,
            visit: 0,
            request: false,
        });
    }
    Run {
        standing,
        began: at as u64 * 22_000,
        reached: true,
        fault: None,
        chosen,
        banner: Some(banner(pictures && at == 0)),
        steps,
        visits,
        requests,
        cookies,
        storage: vec![Entry {
            kind: Kind::Local,
            origin: "https://www.newsroom.example".to_owned(),
            key: "_visitor".to_owned(),
            value: "{\"id\":\"8ba7a1\"}".to_owned(),
            size: 15,
            visit: 0,
            at: 950,
            moment: Moment::Loading,
            setter: Setter::Script { stack: Vec::new(), frame: PAGES[0].0.to_owned() },
            stays: true,
        }],
        connections,
    }
}

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
        },
    }
}
