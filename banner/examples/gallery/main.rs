//! Writes every state of the face as pages to look at, and a list of them: `cargo run -p bandeau-banner --example
//! gallery -- DIRECTORY`. It knows no browser: `gallery/run` makes pictures of what is written here.
#![allow(clippy::expect_used, missing_docs)]

mod paper;
mod policy;

use bandeau_banner::{Embed, Face, Frame, Inline, Layout, Message, Phrases, Site, Theme, Tint, View};
use bandeau_consent::{Choice, Decision, Language, Policy, Source, Standing};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Brings the settings into the notice and opens them, as the script of the face does.
const OPEN: &str = "<script>{let from=document.querySelector('bandeau-layer').shadowRoot,to=document.querySelector('bandeau-notice')\
    .shadowRoot;to.append(...from.children);to.getElementById('settings').showPopover();\
    if(location.hash)to.querySelectorAll('details').forEach(one=>one.open=true)}</script>";

/// The first layer, with something to say.
const SAY: &str = "<script>{let host=document.querySelector('bandeau-notice');[host,host.shadowRoot].map(root=>\
    root.querySelector('form [role=status]')).find(Boolean).textContent=document.currentScript.dataset.say}</script>";

/// What is written, and where.
struct Out {
    directory: PathBuf,
    list: Vec<String>,
}

/// One face in one layout.
struct Room<'a> {
    face: Face,
    policy: &'a Policy,
    tongue: (&'a str, &'a str),
    style: &'a str,
    layout: Layout,
}

fn main() -> std::io::Result<()> {
    let directory = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    let only = std::env::args().nth(2);
    let policy = Arc::new(policy::policy());
    let mut out = Out { directory, list: Vec::new() };
    for language in Phrases::languages() {
        if only.as_ref().is_some_and(|only| !only.split(',').any(|one| one == *language)) {
            continue;
        }
        for layout in Layout::ALL {
            for style in ["ours", "own"] {
                let room = room(&policy, language, style, layout);
                out.notice(&room)?;
                // A publisher's colours are looked at everywhere on the first layer, and on the rest in one language a direction.
                if layout == Layout::Bar && (style == "ours" || matches!(*language, "en" | "ar")) {
                    out.standings(&room)?;
                    out.pages(&room)?;
                }
            }
        }
    }
    std::fs::write(out.directory.join("pages.json"), format!("[\n{}\n]\n", out.list.join(",\n")))
}

fn room<'a>(policy: &'a Arc<Policy>, language: &'a str, style: &'a str, layout: Layout) -> Room<'a> {
    let name = Language::new(language).expect("a language");
    let theme = if style == "own" { own() } else { Theme::default() };
    let site = Site {
        name: paper::name(language).into(),
        controller: "Société Gazette, 1 rue du Port, Nantes".into(),
        privacy: "/confidentialite".into(),
        languages: vec![name.clone()],
        texts: std::collections::BTreeMap::default(),
        theme: Theme { layout, ..theme },
    };
    let face = Face::new(policy.clone(), &site, &name);
    // The face alone knows which way its language runs.
    let dir = if face.element(&view(Standing::Undecided, false)).contains("dir=\"rtl\"") { "rtl" } else { "ltr" };
    Room { face, policy, tongue: (language, dir), style, layout }
}

/// What a publisher might give: colours, a font, round corners and a picture.
fn own() -> Theme {
    let mut theme = Theme {
        font: Some("\"DejaVu Serif\", Georgia, serif".into()),
        title: Some("\"DejaVu Sans\", sans-serif".into()),
        radius: Some("1.4em".into()),
        logo: Some("/logo.svg".into()),
        ..Theme::default()
    };
    let colours = [("paper", "#f3f7fb", "#0d1b2a"), ("button", "#0b4f8a", "#9fd0ff"), ("label", "#ffffff", "#0d1b2a")];
    for (colour, light, dark) in colours {
        *theme.light.entry(colour).expect("a colour") = Tint::parse(light);
        *theme.dark.entry(colour).expect("a colour") = Tint::parse(dark);
    }
    assert_eq!(theme.faults(), [], "the sample can be read");
    theme
}

fn view(standing: Standing, gpc: bool) -> View<'static> {
    View { standing, gpc, back: "/une", style: Inline::Plain, script: Inline::Plain }
}

impl Room<'_> {
    /// Where somebody stands who granted these purposes; `*` is all.
    fn stand(&self, granted: &[&str]) -> Standing {
        let answers = self.face.notice().asked.iter().map(|asked| {
            let yes = granted.contains(&asked.purpose.as_str()) || granted == ["*"];
            (asked.purpose.as_str(), if yes { Choice::Grant } else { Choice::Refuse })
        });
        let decision = Decision::new(self.face.notice(), answers, Source::Settings).expect("total");
        Standing::Decided(decision.grants(self.policy))
    }

    fn page(&self, face: &str, embeds: &str) -> String {
        paper::page(self.tongue, face, embeds)
    }
}

impl Out {
    /// What depends on the layout: the first layer.
    fn notice(&mut self, room: &Room<'_>) -> std::io::Result<()> {
        let undecided = room.face.element(&view(Standing::Undecided, false));
        self.put(room, "undecided", &room.page(&undecided, ""))?;
        if room.style != "ours" {
            return Ok(());
        }
        self.put(room, "small", &room.page(&room.face.small(&view(Standing::Undecided, false)), ""))?;
        self.put(room, "gpc", &room.page(&room.face.element(&view(Standing::Undecided, true)), ""))?;
        let said = room.face.say(&view(Standing::Undecided, false), &Message::StoreDown).replace('"', "&quot;");
        let say = SAY.replacen("<script", &format!("<script data-say=\"{said}\""), 1);
        self.put(room, "said", &room.page(&format!("{undecided}{say}"), ""))
    }

    /// The band where an answer stands, and the settings over a page.
    fn standings(&mut self, room: &Room<'_>) -> std::io::Result<()> {
        let face = &room.face;
        let stands = [
            ("green", view(room.stand(&["*"]), false)),
            ("amber", view(room.stand(&["social", "media"]), false)),
            ("red", view(room.stand(&[]), false)),
            ("red-gpc", view(room.stand(&[]), true)),
        ];
        for (state, view) in &stands {
            self.put(room, state, &room.page(&face.element(view), ""))?;
        }
        let layers = [("layer", stands[1].1), ("layer-gpc", view(Standing::Undecided, true))];
        for (state, view) in &layers {
            let html = format!("{}{}{OPEN}", face.element(view), face.layer(view));
            self.put(room, state, &room.page(&html, ""))?;
        }
        Ok(())
    }

    /// What stands on pages of their own, and in place of embeds.
    fn pages(&mut self, room: &Room<'_>) -> std::io::Result<()> {
        let (face, undecided) = (&room.face, view(Standing::Undecided, false));
        let red = view(room.stand(&[]), false);
        self.put(room, "settings", &face.settings(&view(room.stand(&["social"]), false)))?;
        self.put(room, "settings-gpc", &face.settings(&view(room.stand(&[]), true)))?;
        self.put(room, "placeholders", &room.page(&face.element(&red), &embeds(room, &red)))?;
        let draft = room.policy.draft();
        let purpose = draft.purposes.iter().find(|purpose| purpose.id.as_str() == "social").expect("social");
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
            Message::HeldForm,
            Message::Leave("video.test", "https://video.test/watch?v=1"),
        ];
        let write = |message: &Message<'_>| {
            self.put(room, &format!("message-{}", message.code()), &face.message(&undecided, message))
        };
        messages.iter().try_for_each(write)
    }

    /// Writes a page unless it stands there already: a picture is as new as its page.
    fn put(&mut self, room: &Room<'_>, state: &str, html: &str) -> std::io::Result<()> {
        let (language, dir) = room.tongue;
        let file = format!("pages/{language}-{}-{}-{state}.html", room.style, room.layout.as_str());
        let path = self.directory.join(&file);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        if std::fs::read_to_string(&path).ok().as_deref() != Some(html) {
            std::fs::write(&path, html)?;
        }
        self.list.push(format!(
            "{{\"file\":\"{file}\",\"language\":\"{language}\",\"dir\":\"{dir}\",\"style\":\"{}\",\"layout\":\"{}\",\"state\":\"{state}\"}}",
            room.style,
            room.layout.as_str(),
        ));
        Ok(())
    }
}

/// Embeds in every form: a video, a button, one as wide as its column, comments, one without a service.
fn embeds(room: &Room<'_>, view: &View<'_>) -> String {
    let draft = room.policy.draft();
    let purpose = |id: &str| draft.purposes.iter().find(|purpose| purpose.id.as_str() == id).expect("a purpose");
    let service = |id: &str| draft.services.iter().find(|service| service.id.as_str() == id);
    let frame = Frame { tag: "iframe", src: "https://video.test/watch", attributes: &[] };
    let video = Embed {
        purpose: purpose("media"),
        service: service("video"),
        feature: None,
        width: Some("560"),
        height: Some("315"),
        frame: Some(frame),
    };
    let comments = Embed {
        purpose: purpose("social"),
        service: service("forum"),
        feature: draft.features.first(),
        width: None,
        height: None,
        frame: None,
    };
    let button = Embed { width: Some("120"), height: Some("28"), feature: None, ..comments };
    let post = Embed { width: Some("320"), height: Some("400"), feature: None, frame: Some(frame), ..comments };
    let wide = Embed { width: Some("100%"), height: Some("200"), service: None, ..video };
    [video, button, wide, post, comments]
        .iter()
        .map(|embed| format!("<p>{}</p>", room.face.placeholder(view, embed)))
        .collect()
}
