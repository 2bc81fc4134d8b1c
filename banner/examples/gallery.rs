//! Writes every state of the face as files to look at: `cargo run --example gallery -- DIRECTORY`.
#![allow(clippy::expect_used, missing_docs)]

use bandeau_banner::{Embed, Face, Frame, Inline, Message, Site, View, purposes};
use bandeau_consent::{
    Choice, DataCategory, Decision, Draft, Feature, FeatureId, Language, NamePattern, Policy, PurposeId, Service,
    ServiceId, Source, Standing,
};
use std::path::Path;
use std::sync::Arc;

const OPEN: &str =
    "<script>document.querySelector('bandeau-notice').shadowRoot.getElementById('settings').showPopover()</script>";

fn main() -> std::io::Result<()> {
    let directory = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    std::fs::create_dir_all(&directory)?;
    let policy = Arc::new(policy());
    for language in ["fr", "en"] {
        write(Path::new(&directory), language, &policy)?;
    }
    Ok(())
}

fn write(directory: &Path, language: &str, policy: &Arc<Policy>) -> std::io::Result<()> {
    let name = |read| Language::new(read).expect("a language");
    let site = Site {
        name: "La Gazette du soir".into(),
        controller: "Soci\u{e9}t\u{e9} Gazette, 1 rue du Port, Nantes".into(),
        privacy: "/confidentialite".into(),
        languages: vec![name("fr"), name("en")],
        texts: Default::default(),
        theme: bandeau_banner::Theme::default(),
    };
    let face = Face::new(policy.clone(), &site, &name(language));
    let stand = |granted: &[&str]| {
        let answers = face.notice().asked.iter().map(|asked| {
            let yes = granted.contains(&asked.purpose.as_str()) || granted == ["*"];
            (asked.purpose.as_str(), if yes { Choice::Grant } else { Choice::Refuse })
        });
        let decision = Decision::new(face.notice(), answers, Source::Settings).expect("total");
        Standing::Decided(decision.grants(policy))
    };
    let view = |standing, gpc| View { standing, gpc, back: "/une", style: Inline::Plain, script: Inline::Plain };
    let undecided = view(Standing::Undecided, false);
    let put = |file: &str, html: String| std::fs::write(directory.join(format!("{language}-{file}.html")), html);
    let states = [
        ("undecided", undecided),
        ("green", view(stand(&["*"]), false)),
        ("amber", view(stand(&["social"]), false)),
        ("red", view(stand(&[]), false)),
        ("gpc", view(Standing::Undecided, true)),
    ];
    for (file, view) in &states {
        let element = face.element(view);
        println!("{language} {file}: {} bytes", element.len());
        put(file, page(&element, &embeds(&face, policy, view)))?;
        put(&format!("{file}-open"), page(&format!("{element}{OPEN}"), ""))?;
        put(&format!("{file}-settings"), face.settings(view))?;
    }
    let draft = policy.draft();
    let purpose = &draft.purposes[5];
    let messages = [
        Message::Closed { feature: draft.features.first(), purpose },
        Message::StoreDown,
        Message::BadAnswer("no answer for <social>"),
        Message::NoticeChanged,
        Message::CrossSite,
        Message::UpstreamDown,
        Message::UpstreamSlow,
        Message::Withheld("unknown encoding"),
        Message::TooLarge,
        Message::NotFound,
    ];
    messages.iter().try_for_each(|message| put(message.code(), face.message(&undecided, message)))
}

fn embeds(face: &Face, policy: &Policy, view: &View<'_>) -> String {
    let draft = policy.draft();
    let base = Embed {
        purpose: &draft.purposes[6],
        service: draft.services.get(2),
        feature: None,
        width: Some("560"),
        height: Some("315"),
        frame: Some(Frame { tag: "iframe", src: "https://video.test/watch", attributes: &[] }),
    };
    let comments = Embed {
        purpose: &draft.purposes[5],
        service: draft.services.first(),
        feature: draft.features.first(),
        width: None,
        height: None,
        frame: None,
    };
    let button = Embed { width: Some("120"), height: Some("28"), feature: None, ..comments };
    let wide = Embed { width: Some("100%"), height: Some("200"), service: None, ..base };
    let held = |embed: &&Embed<'_>| !policy.open(view.standing, &embed.purpose.id);
    [base, button, wide, comments]
        .iter()
        .filter(held)
        .map(|embed| format!("<p>{}</p>", face.placeholder(view, embed)))
        .collect()
}

fn page(element: &str, embeds: &str) -> String {
    let story = "<p>Le conseil municipal a vot\u{e9} hier soir le budget du nouveau port, apr\u{e8}s six heures de d\u{e9}bat. \
                 Les travaux commenceront au printemps et dureront trois ans.</p>";
    format!(
        "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Gazette</title>\
         <style>html{{font-size:62.5%}}*{{margin:0}}p{{margin:12px 0}}body{{font:18px/1.5 Georgia;max-width:760px;margin:auto;padding:20px}}\
         button{{background:hotpink;transform:rotate(3deg)}}@media(prefers-color-scheme:dark){{body{{background:#111;color:#ddd}}}}</style>\
         <body>{element}<h1>Le port votera son budget</h1>{}{embeds}{}",
        story.repeat(3),
        story.repeat(4)
    )
}

fn policy() -> Policy {
    use DataCategory::{Browsing, Comments, Device, Identity, IpAddress, Location, SocialInteractions, Usage};
    let service = |id: &str, name: &str, purposes: &[&str], data: &[DataCategory], storage: &[&str]| Service {
        id: ServiceId::new(id).expect("a name"),
        name: name.to_owned(),
        purposes: purposes.iter().map(|id| PurposeId::new(id).expect("a name")).collect(),
        controller: format!("{name} SA, Lyon"),
        privacy: format!("https://{id}.test/privacy"),
        data: data.to_vec(),
        retention: "13 mois".to_owned(),
        hosts: Vec::new(),
        cookies: Vec::new(),
        storage: storage.iter().map(|key| NamePattern::new(key).expect("a pattern")).collect(),
        routes: Vec::new(),
        webrtc: false,
    };
    let social = PurposeId::new("social").expect("a name");
    Policy::new(Draft {
        purposes: purposes(),
        services: vec![
            service(
                "forum",
                "Forum social",
                &["social"],
                &[IpAddress, Browsing, SocialInteractions, Comments],
                &["forum:*"],
            ),
            service("share", "Partage", &["social"], &[IpAddress, Browsing], &[]),
            service("video", "Vid\u{e9}o-Port", &["media"], &[IpAddress, Device, Usage], &["vp_*"]),
            service(
                "regie",
                "R\u{e9}gie du Quai",
                &["advertising", "profile"],
                &[IpAddress, Identity, Browsing, Location],
                &["rq"],
            ),
            service("mesure", "Mesure Plus", &["audience-plus"], &[IpAddress, Usage, Device], &["mp.*"]),
        ],
        features: vec![Feature {
            id: FeatureId::new("comments").expect("a name"),
            needs: vec![social],
            routes: Vec::new(),
            embeds: Vec::new(),
        }],
        ..Draft::default()
    })
    .expect("a sound policy")
}
