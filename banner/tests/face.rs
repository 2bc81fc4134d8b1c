//! What the face must keep, seen from outside: nothing granted beforehand, both answers alike, every
//! purpose on both layers, total answers without a script, and no text of a policy becoming markup.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;
use bandeau_banner::{Embed, Face, First, Frame, Inline, Message, Site, View, purposes, script};
use bandeau_consent::{
    Basis, Choice, Decision, Draft, Kept, Language, NamePattern, Policy, PurposeId, Source, Standing, Unknown, Wording,
};
use std::sync::Arc;
use support::{attribute, decided, draft, face, layers, sent, site, tags, view};

#[test]
fn nothing_is_switched_on_beforehand() {
    let face = face(draft());
    for standing in [Standing::Undecided, Standing::Stale] {
        for html in [face.element(&view(standing)), face.layer(&view(standing)), face.settings(&view(standing))] {
            assert!(tags(&html, "input").iter().all(|tag| !tag.contains(" checked")));
        }
    }
    let standing = decided(&face, draft(), &["social"]);
    let html = face.layer(&view(standing));
    let checked: Vec<_> = tags(&html, "input").into_iter().filter(|tag| tag.contains(" checked")).collect();
    assert_eq!(checked.len(), 1);
    assert_eq!(attribute(checked[0], "name"), Some("choice.social"));
}

#[test]
fn every_purpose_is_on_both_layers() {
    let face = face(draft());
    let (first, settings) = layers(&face, &view(Standing::Undecided));
    assert_eq!(face.notice().asked.len(), 5);
    for asked in &face.notice().asked {
        for layer in [&first, &settings] {
            assert!(layer.contains(&asked.wording.title.replace('\'', "&#39;")), "{}", asked.purpose);
            assert!(layer.contains(&asked.wording.text.replace('\'', "&#39;")), "{}", asked.purpose);
        }
    }
    for purpose in purposes().iter().filter(|purpose| purpose.basis == Basis::Exempt) {
        assert!(!settings.contains(&format!("choice.{}\"", purpose.id)), "an exempt purpose is not asked");
    }
    for shown in ["Gazette Ltd", "The Evening Gazette", "href=\"/privacy\"", "3 services"] {
        assert!(first.contains(shown), "{shown}");
    }
    assert!(settings.contains("IP address, pages seen"));
    for name in ["forum", "player", "counter", "quay"] {
        assert!(settings.contains(&format!("The {name}")) && settings.contains(&format!("{name} Ltd")));
    }
}

#[test]
fn both_answers_are_of_one_kind() {
    let face = face(draft());
    let (first, settings) = layers(&face, &view(Standing::Undecided));
    for layer in [&first, &settings, &face.settings(&view(Standing::Undecided))] {
        let answers: Vec<_> = tags(layer, "button").into_iter().filter(|tag| tag.contains("name=\"answer\"")).collect();
        let find = |value: &str| *answers.iter().find(|tag| tag.contains(&format!("value=\"{value}\""))).unwrap();
        assert_eq!(find("accept").replace("accept", "refuse"), find("refuse"));
    }
    // The Enter key in a switch presses the first submit button: it must not accept.
    let first_submit = tags(&settings, "button").into_iter().find(|tag| !tag.contains("type=\"button\"")).unwrap();
    assert_eq!(attribute(first_submit, "value"), Some("choose"));
}

#[test]
fn who_has_answered_is_not_asked() {
    let face = face(draft());
    let all: Vec<String> = face.notice().asked.iter().map(|asked| asked.purpose.to_string()).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    for (granted, state) in [(&[][..], "red"), (&["media"][..], "amber"), (&all[..], "green")] {
        let element = face.element(&view(decided(&face, draft(), granted)));
        assert!(!element.contains("<section"), "{state}");
        assert_eq!(element.matches(&format!("data-state=\"{state}\"")).count(), 2, "{state}");
        assert!(!element.contains("<bandeau-label") && !element.contains("data-ask"), "{state}");
    }
    let element = face.element(&view(Standing::Undecided));
    assert!(element.contains("<section") && element.contains("data-state=\"neutral\""));
    let empty = Draft { purposes: purposes().into_iter().take(2).collect(), ..Draft::default() };
    let quiet = support::face(empty).element(&view(Standing::Undecided));
    assert!(!quiet.contains("<section"), "nothing to ask");
}

#[test]
fn answers_are_total_without_a_script() {
    let face = face(draft());
    for granted in [&[][..], &["social", "media"][..]] {
        let standing = decided(&face, draft(), granted);
        let page = face.settings(&view(standing));
        let fields = sent(&page);
        let field = |name: &str| fields.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(field("notice"), Some(face.notice().hash().to_string().as_str()));
        assert_eq!((field("source"), field("back")), (Some("settings"), Some("/story")));
        // The last of two fields of one name is the switch.
        let answers: Vec<(PurposeId, Choice)> = face
            .notice()
            .asked
            .iter()
            .map(|asked| {
                let value = field(&format!("choice.{}", asked.purpose)).unwrap();
                (asked.purpose.clone(), Choice::parse(value).unwrap())
            })
            .collect();
        let answers = answers.iter().map(|(purpose, choice)| (purpose.as_str(), *choice));
        let decision = Decision::new(face.notice(), answers, Source::Settings).unwrap();
        assert_eq!(Standing::Decided(decision.grants(&Policy::new(draft()).unwrap())), standing);
    }
}

#[test]
fn hostile_texts_stay_texts() {
    const EVIL: &str = "</template></style><script>alert('x')</script>\"'&{site}";
    let mut draft = draft();
    for purpose in &mut draft.purposes {
        let words = Wording { title: EVIL.into(), text: EVIL.into(), cost: EVIL.into() };
        purpose.wording = [(Language::new("en").unwrap(), words)].into();
    }
    for service in &mut draft.services {
        service.name = EVIL.into();
        service.controller = EVIL.into();
        service.retention = EVIL.into();
        service.privacy = "javascript:alert(1)".into();
        service.storage = vec![NamePattern::new("\"><script>").unwrap()];
        service.kept = vec![Kept { name: NamePattern::new("\"><script>").unwrap(), span: EVIL.into() }];
    }
    let site = Site { name: EVIL.into(), controller: EVIL.into(), privacy: "javascript:alert(1)".into(), ..site() };
    let policy = Arc::new(Policy::new(draft).unwrap());
    let face = Face::new(policy.clone(), &site, &Language::new("en").unwrap());
    let view = View { back: "//evil.test\"><script>", ..view(Standing::Undecided) };
    let embed = Embed {
        purpose: &policy.draft().purposes[5],
        service: policy.draft().services.first(),
        feature: None,
        width: Some("1\"><script>"),
        height: Some(EVIL),
        frame: Some(Frame { tag: "iframe", src: "javascript:alert(1)", attributes: &[] }),
    };
    for html in [
        face.element(&view),
        face.layer(&view),
        face.settings(&view),
        face.placeholder(&view, &embed),
        face.message(&view, &Message::BadAnswer(EVIL)),
        face.message(&view, &Message::Closed { feature: None, purpose: embed.purpose }),
    ] {
        let scripts = tags(&html, "script").len();
        assert_eq!(html.matches("<script").count(), scripts, "only ours, with its src");
        assert!(tags(&html, "script").iter().all(|tag| tag.contains("src=\"/.well-known/bandeau/seed.")));
        assert_eq!(html.matches("<template").count(), html.matches("</template>").count());
        assert_eq!(html.matches("<style").count(), html.matches("</style>").count());
        assert!(!html.contains("javascript:") && !html.contains("evil.test"));
        assert!(html.contains("&lt;script&gt;"), "it is shown all the same");
    }
}

#[test]
fn storage_rules_agree_with_the_policy() {
    for unknown in [Unknown::Hold, Unknown::Pass] {
        let draft = Draft { unknown, ..draft() };
        let face = face(draft.clone());
        let policy = Policy::new(draft.clone()).unwrap();
        for granted in [&[][..], &["social"][..], &["media"][..], &["social", "media", "advertising"][..]] {
            let standing = decided(&face, draft.clone(), granted);
            let first = First::new(&policy, standing, None).element(Inline::Plain, false);
            let rules = attribute(&first, "data-storage").unwrap_or_default();
            for key in
                ["forum_1", "forum_player_2", "player", "players", "count_1", "count_ads1", "openads", "open", "own"]
            {
                let kept = rules
                    .split(' ')
                    .find(|rule| {
                        !rule.is_empty() && NamePattern::new(&rule[1..]).map_or(rule == &"-*", |p| p.matches(key))
                    })
                    .is_none_or(|rule| rule.starts_with('+'));
                assert_eq!(kept, policy.storage(standing, key).passes(), "{unknown:?} {granted:?} {key}: {rules}");
            }
        }
    }
}

#[test]
fn placeholders_allow_just_what_they_need() {
    let policy = Policy::new(draft()).unwrap();
    let face = face(draft());
    let social = &policy.draft().purposes[5];
    let embed = Embed {
        purpose: social,
        service: policy.draft().services.first(),
        feature: policy.draft().features.first(),
        width: Some("560"),
        height: Some("50%"),
        frame: Some(Frame { tag: "iframe", src: "https://forum.test/thread?a=1&b=2", attributes: &[] }),
    };
    let html = face.placeholder(&view(Standing::Undecided), &embed);
    let fields = sent(&html);
    let asked: Vec<_> = fields.iter().filter(|(name, _)| name == "purpose").map(|(_, value)| value.as_str()).collect();
    assert_eq!(asked, ["social"], "once, though purpose, service and feature all name it");
    assert!(fields.contains(&("source".into(), "embed".into())));
    for shown in [
        " width=\"560\" height=\"50%\"",
        "Always allow: Social networks",
        "a=1&amp;b=2",
        "IP address",
        "comments stay closed",
    ] {
        assert!(html.contains(shown), "{shown}");
    }
    let pixel = Embed { width: Some("1"), height: Some("1"), ..embed };
    assert!(!face.placeholder(&view(Standing::Undecided), &pixel).contains("<form"));
    let signal = View { gpc: true, ..view(Standing::Undecided) };
    let told = face.placeholder(&signal, &embed);
    assert!(told.contains("value=\"allow\"") && told.contains("that holds despite the signal"), "{told}");
    let film = Embed { purpose: &policy.draft().purposes[6], service: None, feature: None, ..embed };
    assert!(!face.placeholder(&signal, &film).contains("despite the signal"), "the signal is not about films");
    let mixed = Embed { service: policy.draft().services.get(1), ..embed };
    let both = face.placeholder(&view(Standing::Undecided), &mixed);
    assert!(both.contains("value=\"social\"") && both.contains("value=\"media\""));
    let half = face.placeholder(&view(decided(&face, draft(), &["social"])), &mixed);
    assert!(
        !half.contains("value=\"social\"") && half.contains("value=\"media\""),
        "what is granted is not asked again"
    );
}

#[test]
fn messages_say_what_they_are() {
    let policy = Policy::new(draft()).unwrap();
    let face = face(draft());
    let closed = Message::Closed { feature: policy.draft().features.first(), purpose: &policy.draft().purposes[5] };
    let all = [
        (closed, 403),
        (Message::StoreDown, 503),
        (Message::BadAnswer("no answer for x"), 400),
        (Message::NoticeChanged, 409),
        (Message::CrossSite, 403),
        (Message::UpstreamDown, 502),
        (Message::UpstreamSlow, 504),
        (Message::Withheld("unknown encoding"), 502),
        (Message::TooLarge, 431),
        (Message::NotFound, 404),
    ];
    for (message, status) in &all {
        let view = view(Standing::Undecided);
        let html = face.message(&view, message);
        assert_eq!(message.status(), *status);
        assert!(
            html.starts_with("<!doctype html><html lang=\"en\" dir=\"ltr\">") && html.contains("name=\"viewport\"")
        );
        assert!(html.contains(message.code()) && html.contains("<h1>"));
        assert!(!face.say(&view, message).contains(['{', '<']), "{}", message.code());
        assert_eq!(html.contains("value=\"allow\""), message.code() == "closed");
    }
    assert_eq!(all.iter().filter(|(m, _)| all.iter().filter(|(n, _)| n.code() == m.code()).count() > 1).count(), 0);
}

#[test]
fn languages_fall_back() {
    let policy = Arc::new(Policy::new(draft()).unwrap());
    let name = |read: &str| Language::new(read).unwrap();
    let speaks = |first: &str, wanted: &str| {
        let site = Site { languages: vec![name(first)], ..site() };
        Face::new(policy.clone(), &site, &name(wanted)).notice().language.to_string()
    };
    assert_eq!(speaks("en", "fr"), "fr");
    assert_eq!(speaks("fr", "xx"), "fr");
    assert_eq!(speaks("xx", "yy"), "en");
}

#[test]
fn the_notice_changes_with_its_words() {
    let one = face(draft()).notice().hash();
    assert_eq!(one, face(draft()).notice().hash());
    let mut other = draft();
    other.services[0].controller = "Somebody else".into();
    assert_ne!(one, face(other).notice().hash());
}

#[test]
fn the_face_stays_small() {
    let face = face(draft());
    let plain = View { script: Inline::Plain, ..view(Standing::Undecided) };
    let file = View { style: Inline::File, ..view(Standing::Undecided) };
    let (inline, linked) = (face.element(&plain), face.element(&file));
    println!(
        "inline {} B, linked {} B, style {} B, script {} B",
        inline.len(),
        linked.len(),
        face.style().text().len(),
        script().text().len()
    );
    assert!(inline.len() < 24_000);
    assert!(!linked.contains("<style") && linked.contains(" hidden>"), "no inline style, and hidden until it comes");
    assert!(!linked.contains(" style=\""));
    assert!(face.style().text().is_ascii() && script().text().is_ascii(), "where references are not read");
    let nonce = face.element(&View { style: Inline::Nonce("abc"), script: Inline::Nonce("abc"), ..plain });
    assert_eq!(nonce.matches(" nonce=\"abc\"").count(), 3);
}

#[test]
fn settings_say_how_long_each_name_is_kept() {
    let mut draft = draft();
    let kept = |name: &str, span: &str| Kept { name: NamePattern::new(name).unwrap(), span: span.into() };
    draft.services[0].kept =
        vec![kept("forum_*", "1 day"), kept("forum", "lasting"), kept("f", ""), kept("g", "a while")];
    let policy = Arc::new(Policy::new(draft.clone()).unwrap());
    let said = |language: &str| {
        let site = Site { languages: vec![Language::new(language).unwrap()], ..site() };
        Face::new(policy.clone(), &site, &Language::new(language).unwrap()).settings(&view(Standing::Undecided))
    };
    let (english, french) = (said("en"), said("fr"));
    let expected = "<dd><bdi>forum_*</bdi> (1 day), <bdi>forum</bdi> (until you delete it), <bdi>f</bdi>, <bdi>g</bdi> (a while)</dd>";
    assert!(english.contains(expected), "{english}");
    assert!(french.contains("<bdi>forum_*</bdi> (1 jour)"), "{french}");
    // What is said is part of what was put to the person.
    let notice = |draft| {
        Face::new(Arc::new(Policy::new(draft).unwrap()), &site(), &Language::new("en").unwrap()).notice().hash()
    };
    let before = notice(draft.clone());
    draft.services[0].kept[0].span = "2 days".into();
    assert_ne!(before, notice(draft));
}
