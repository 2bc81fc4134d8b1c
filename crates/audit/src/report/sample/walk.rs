//! One walk through the newspaper: what a browser would have met in each standing.

use super::{NASTY, picture};
use crate::seen::{
    Banner, Connection, Control, Cookie, End, Entry, From, How, Initiator, Kind, Layer, Moment, Outcome, Rect, Request,
    Role, Run, SameSite, Sent, Setter, Standing, Step, Target, Visit, Way,
};

pub(super) const PAGES: [(&str, &str); 5] = [
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

fn request(visit: usize, at: u64, url: String, kind: &str) -> Request {
    Request {
        visit,
        at,
        moment: if at.is_multiple_of(3) { Moment::Waiting } else { Moment::Loading },
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
        outcome: if at.is_multiple_of(17) { Outcome::Blocked("csp".to_owned()) } else { Outcome::Answered },
        status: Some(200),
        remote: Some("192.0.2.7:443".to_owned()),
        cookies: vec![Sent { name: "_ga".to_owned(), value: "GA1.1.2".to_owned() }],
        set: Vec::new(),
        referrer: Some(PAGES[visit].0.to_owned()),
        body: None,
    }
}

fn control(role: Role, text: &str, size: (f64, f64), colours: (&str, &str, f64)) -> Control {
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
pub(super) fn run(at: usize, pictures: bool, dense: u64) -> Run {
    let standing = Standing::ALL[at];
    let choosing = matches!(standing, Standing::Refused | Standing::Accepted | Standing::Withdrawn);
    let chosen = if choosing { 4_200 } else { 0 };
    let (mut requests, mut visits) = (Vec::new(), Vec::new());
    for (page, (address, _)) in PAGES.iter().enumerate() {
        let began = if page == 0 { 0 } else { chosen.max(2_500) + 2_800 * page as u64 };
        visits.push(visit(page, began, pictures && (at == 0 || page == 0)));
        requests.push(request(page, began + 5, (*address).to_owned(), "Document"));
        for (order, (host, path, kind, _)) in LOADS.iter().enumerate().filter(|(_, load)| load.3[at]) {
            for copy in 0..dense {
                let begin = began + 120 + order as u64 * 90 + copy * 1_500 / dense;
                let kind = if copy == 0 { *kind } else { "Image" };
                requests.push(request(page, begin, format!("https://{host}{path}"), kind));
            }
        }
    }
    Run {
        standing,
        began: at as u64 * 22_000,
        reached: true,
        fault: None,
        chosen,
        banner: Some(banner(pictures && at == 0)),
        steps: steps(standing),
        visits,
        requests,
        cookies: cookies(at),
        storage: vec![entry()],
        connections: connections(at),
    }
}

fn steps(standing: Standing) -> Vec<Step> {
    let step = |at, role, text: &str| Step { at, role, text: text.to_owned(), url: PAGES[0].0.to_owned() };
    match standing {
        Standing::Before | Standing::Gpc => Vec::new(),
        Standing::Refused => {
            vec![step(2_300, Role::Settings, "Paramétrer mes choix"), step(3_100, Role::Refuse, "Tout refuser")]
        }
        _ => vec![step(2_300, Role::Accept, "Tout accepter")],
    }
}

fn cookies(at: usize) -> Vec<Cookie> {
    let mut out =
        vec![cookie(at, "session", "www.newsroom.example", None), cookie(at, "_ga", ".newsroom.example", Some(400))];
    if matches!(Standing::ALL[at], Standing::Accepted | Standing::Withdrawn) {
        out.push(cookie(at, "uid", ".ads.adstack.test", Some(390)));
        out.push(cookie(at, NASTY, ".newsroom.example", Some(30)));
    }
    out
}

fn connections(at: usize) -> Vec<Connection> {
    let to = |host: &str, at, request| Connection { host: host.to_owned(), port: 443, at, visit: 0, request };
    let mut out = vec![to("www.newsroom.example", 4, true)];
    if at != 1 {
        out.push(to("pixel.social.test", 300, false));
    }
    out
}

fn entry() -> Entry {
    Entry {
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
    }
}
