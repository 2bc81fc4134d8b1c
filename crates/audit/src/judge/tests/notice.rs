//! The question itself.

use super::{found, judged, of};
use crate::fixture::{Walk, control, fair};
use crate::judge::{Judgement, Level};
use crate::seen::{Banner, Control, Role, Standing, Way};

fn with(change: impl FnOnce(&mut Banner)) -> Judgement {
    let mut banner = fair();
    change(&mut banner);
    judged([Walk::new(Standing::Before).banner(banner), Walk::new(Standing::Withdrawn)])
}

fn refuse(banner: &mut Banner) -> &mut Control {
    banner.layers[0].controls.iter_mut().find(|one| one.role == Role::Refuse).unwrap()
}

#[test]
fn a_fair_notice_is_fair() {
    assert_eq!(found(&with(|_| {})), []);
}

#[test]
fn a_site_that_tracks_asks() {
    let silent = |url: &str| of(&judged([Walk::new(Standing::Before).request(url)]), "no-banner");
    assert_eq!(silent("https://ads.test/a.js"), [(String::new(), Level::Error)]);
    assert_eq!(silent("https://nobody.test/a.js"), [(String::new(), Level::Warning)]);
    assert_eq!(silent("https://www.site.test/a.js"), []);
    let asked = judged([Walk::new(Standing::Before).request("https://ads.test/a.js").banner(fair())]);
    assert_eq!(of(&asked, "no-banner"), []);
    let kept = judged([Walk::new(Standing::Before).cookie("site.test", "_count", "x")]);
    assert_eq!(of(&kept, "no-banner").len(), 1, "a tracker's cookie is enough");
}

#[test]
fn refusing_is_as_easy_as_accepting() {
    let clicks = |accept, refuse| {
        let judgement = with(|banner| (banner.accept, banner.refuse) = (accept, refuse));
        (of(&judgement, "refusal-harder").len(), of(&judgement, "no-refusal").len())
    };
    assert_eq!(clicks(Some(1), Some(2)), (1, 0));
    assert_eq!(clicks(Some(1), Some(1)), (0, 0));
    assert_eq!(clicks(Some(2), Some(1)), (0, 0));
    assert_eq!(clicks(Some(1), None), (0, 1));
    assert_eq!(clicks(None, None), (0, 1), "it only informs");
    assert_eq!(clicks(None, Some(1)), (0, 0));
}

#[test]
fn every_layer_offers_both() {
    let layers = |add: &[Role]| {
        let judgement = with(|banner| {
            banner.layers[1].controls.extend(add.iter().map(|role| control(*role, "x")));
        });
        of(&judgement, "layer-no-refusal").len()
    };
    assert_eq!(layers(&[Role::Accept]), 1);
    assert_eq!(layers(&[Role::Accept, Role::Refuse]), 0);
    assert_eq!(layers(&[]), 0);
}

#[test]
fn both_controls_look_alike() {
    type Change = fn(&mut Control);
    let differs: &[(&str, Change)] = &[
        ("smaller", |one| one.rect.width = 100.0),
        ("lower", |one| one.rect.height = 30.0),
        ("small letters", |one| one.font = 13.0),
        ("thin letters", |one| one.weight = 200),
        ("a link", |one| {
            one.element = "a".into();
            one.relief = 1.0;
        }),
        ("flat", |one| one.relief = 1.1),
        ("pale", |one| one.contrast = 4.6),
    ];
    for (what, change) in differs {
        let judgement = with(|banner| change(refuse(banner)));
        assert_eq!(of(&judgement, "buttons-differ"), [(String::new(), Level::Error)], "{what}");
    }
    let alike: &[(&str, Change)] = &[
        ("a little narrower", |one| one.rect.width = 130.0),
        ("a link that looks like the button", |one| one.element = "a".into()),
        ("stronger", |one| {
            one.rect.width = 400.0;
            one.font = 20.0;
            one.weight = 700;
        }),
        ("longer words on both", |one| one.text = "Continue without accepting anything".into()),
    ];
    for (what, change) in alike {
        let judgement = with(|banner| change(refuse(banner)));
        assert_eq!(of(&judgement, "buttons-differ"), [], "{what}");
    }
    let words = with(|banner| {
        let accept = banner.layers[0].controls.iter_mut().find(|one| one.role == Role::Accept).unwrap();
        accept.text = "Accept everything and close".into();
        accept.rect.width = 300.0;
    });
    assert_eq!(of(&words, "buttons-differ"), [], "longer words make a wider button");
}

#[test]
fn nothing_is_chosen_beforehand() {
    let switch = |on, enabled| {
        let judgement = with(|banner| {
            banner.layers[1].controls.push(Control { on: Some(on), enabled, ..control(Role::Switch, "Ads") });
        });
        of(&judgement, "preselected").len()
    };
    assert_eq!((switch(true, true), switch(true, false), switch(false, true)), (1, 0, 0));
}

#[test]
fn the_page_can_be_read() {
    let wall = |wall, refuse| of(&with(|banner| (banner.wall, banner.refuse) = (wall, refuse)), "wall").len();
    assert_eq!((wall(true, None), wall(true, Some(1)), wall(false, None)), (1, 0, 0));
    let pay = with(|banner| banner.layers[0].controls.push(control(Role::Pay, "Subscribe")));
    assert_eq!(of(&pay, "consent-or-pay").len(), 1);
}

#[test]
fn minds_can_be_changed() {
    let way = |way: Option<Way>| {
        let judgement = with(|banner| banner.change = way);
        (of(&judgement, "no-change").len(), of(&judgement, "withdrawal-harder").len())
    };
    let to = |clicks, visible| Some(Way { text: "Cookies".into(), clicks, visible });
    assert_eq!(way(None), (1, 0));
    assert_eq!(way(to(1, false)), (1, 0), "scripts are no visitors");
    assert_eq!(way(to(1, true)), (0, 0));
    assert_eq!(way(to(2, true)), (0, 1));
    let untouched = Banner { change: None, ..fair() };
    let judgement = judged([Walk::new(Standing::Before).banner(untouched)]);
    assert_eq!(of(&judgement, "no-change"), [], "nobody had chosen anything");
}

#[test]
fn it_speaks_as_the_page_does() {
    let said = |language: Option<&str>| {
        of(&with(|banner| banner.language = language.map(str::to_owned)), "language-differs").len()
    };
    assert_eq!((said(Some("fr")), said(Some("en-GB")), said(None)), (1, 0, 0));
}

#[test]
fn its_words_can_be_read() {
    let faint = |contrast, font, weight| {
        let judgement = with(|banner| {
            let one = Control { contrast, font, weight, ..control(Role::Other, "More") };
            banner.layers[0].controls.push(one);
        });
        of(&judgement, "contrast-low").len()
    };
    assert_eq!(faint(4.4, 16.0, 400), 1);
    assert_eq!(faint(4.5, 16.0, 400), 0);
    assert_eq!(faint(3.1, 24.0, 400), 0, "large letters");
    assert_eq!(faint(3.1, 19.0, 700), 0, "large bold letters");
    assert_eq!(faint(2.9, 24.0, 400), 1);
}

#[test]
fn it_says_more_and_nothing_wrong() {
    let bare = with(|banner| banner.layers[0].controls.retain(|one| one.role != Role::Policy));
    assert_eq!(of(&bare, "no-policy").len(), 1);
    let interest = with(|banner| banner.text = "Unsere Partner haben ein berechtigtes Interesse.".into());
    assert_eq!(of(&interest, "legitimate-interest").len(), 1);
    let switch = with(|banner| banner.layers[1].controls.push(control(Role::Other, "Legitimate interests")));
    assert_eq!(of(&switch, "legitimate-interest").len(), 1);
}
