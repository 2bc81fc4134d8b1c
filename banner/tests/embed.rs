//! Placeholders, seen from outside: the room they take, what they offer, and what a further one costs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;
use bandeau_banner::{Embed, Face, Frame, Inline, View};
use bandeau_consent::{Policy, Standing};
use support::{attribute, draft, face, sent, tags, view};

fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The placeholder of a film with these attributes.
fn film(face: &Face, view: &View<'_>, attributes: &[(&str, &str)]) -> String {
    let (policy, attributes) = (Policy::new(draft()).unwrap(), of(attributes));
    let value = |name: &str| attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let embed = Embed {
        purpose: &policy.draft().purposes[6],
        service: policy.draft().services.get(1),
        feature: None,
        width: value("width"),
        height: value("height"),
        frame: Some(Frame { tag: "iframe", src: "https://player.test/film?a=1&b=2", attributes: &attributes }),
    };
    face.placeholder(view, &embed)
}

#[test]
fn what_has_an_address_can_be_opened_this_once() {
    let (face, view) = (face(draft()), view(Standing::Undecided));
    let html = film(&face, &view, &[("width", "560"), ("height", "315")]);
    let answers: Vec<_> = tags(&html, "button").into_iter().collect();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0].replace("once", "allow"), answers[1], "both weigh the same");
    let fields = sent(&html);
    let frame = fields.iter().find(|(name, _)| name == "frame").unwrap();
    assert!(frame.1.starts_with("src=https%3A%2F%2Fplayer.test%2Ffilm%3Fa%3D1%26b%3D2&amp;tag=iframe"), "{}", frame.1);
    for shown in ["<h2>The player</h2>", "IP address", "Open at its source", "<svg class=\"i\"", "e v\""] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    // Comments have no single address: there is nothing to open but the purpose.
    let policy = Policy::new(draft()).unwrap();
    let comments = Embed {
        purpose: &policy.draft().purposes[5],
        service: policy.draft().services.first(),
        feature: policy.draft().features.first(),
        width: None,
        height: None,
        frame: None,
    };
    let html = face.placeholder(&view, &comments);
    assert_eq!(tags(&html, "button").len(), 1);
    assert!(!html.contains("once") && html.contains("<h2>Comments</h2>"), "{html}");
}

#[test]
fn the_room_of_an_embed_is_kept() {
    let (face, plain) = (face(draft()), view(Standing::Undecided));
    let room = |attributes: &[(&str, &str)], view: &View<'_>| {
        let html = film(&face, view, attributes);
        let host = tags(&html, "bandeau-embed")[0].to_owned();
        let strut = tags(&html, "svg").into_iter().find(|tag| tag.contains("\"z")).map(str::to_owned);
        (host, strut.unwrap_or_default())
    };
    let (host, strut) = room(&[("width", "560"), ("height", "315")], &plain);
    assert!(host.contains(" data-size") && strut.contains(" width=\"560\" height=\"315\""), "{host} {strut}");
    let (host, strut) = room(&[("width", "100%"), ("height", "400")], &plain);
    assert!(!host.contains(" data-size") && strut.contains(" height=\"400\""), "{host} {strut}");
    // The style of the element has the last word, as it has on the element itself; nothing in it names an address.
    let styled = [
        ("width", "560"),
        ("height", "315"),
        ("style", "border:0; aspect-ratio: 16/9; background:url(https://player.test/x)"),
        ("class", "wide film"),
    ];
    let (host, strut) = room(&styled, &plain);
    assert_eq!(attribute(&host, "style"), Some("aspect-ratio:16/9;"));
    assert_eq!(attribute(&host, "class"), Some("bandeau-embed wide film"));
    assert!(strut.contains("height=\"1\""), "{strut}");
    // Where the site's policy refuses style attributes it refuses those of the embed too, and ours are not written.
    let (host, _) = room(&styled, &View { style: Inline::Nonce("abc"), ..plain });
    assert_eq!(attribute(&host, "style"), None);
    assert_eq!(room(&[], &plain).1, "", "nobody says how large it is");
}

#[test]
fn a_sign_is_small_and_hidden_from_who_listens() {
    let (face, view) = (face(draft()), view(Standing::Undecided));
    let html = film(&face, &view, &[("width", "560"), ("height", "315")]);
    let from = html.find("<svg class=\"i\"").unwrap();
    let sign = &html[from..from + html[from..].find("</svg>").unwrap() + 6];
    assert!(sign.len() <= 300 && sign.contains("aria-hidden=\"true\""), "{} {sign}", sign.len());
    let group = tags(&html, "div").into_iter().find(|tag| tag.contains("role=\"group\"")).unwrap();
    assert_eq!(attribute(group, "aria-label"), Some("The player: waiting for your consent"));
}

#[test]
fn a_page_of_its_own_has_the_embed_and_a_way_back() {
    let attributes = of(&[("title", "The <tide>"), ("onload", "x")]);
    let frame = Frame { tag: "iframe", src: "https://player.test/film", attributes: &attributes };
    let face = face(draft());
    let html = face.alone(&View { back: "/story?a=b", ..view(Standing::Undecided) }, &frame).unwrap();
    for shown in [
        "<title>The &lt;tide&gt;</title>",
        "<a href=\"/story?a=b\">",
        "<h1>The &lt;tide&gt;</h1>",
        "<iframe src=\"https://player.test/film\" title=\"The &lt;tide&gt;\"></iframe>",
    ] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    assert!(!html.contains("<script") && !html.contains("onload") && !html.contains("bandeau-notice"));
    assert!(face.alone(&view(Standing::Undecided), &Frame { src: "javascript:x", ..frame }).is_none());
}
