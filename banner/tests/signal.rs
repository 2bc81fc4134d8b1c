//! What the face says of a browser's signal, and that an explicit choice stays possible under it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;
use bandeau_banner::{View, purposes};
use bandeau_consent::{Draft, Grants, Policy, Standing};
use support::{attribute, decided, draft, face, layers, tags, view};

/// The switches of the settings, each with whether it is on.
fn switches(html: &str) -> Vec<(String, bool)> {
    let all = tags(html, "input").into_iter().filter(|tag| tag.contains("role=\"switch\""));
    all.map(|tag| (attribute(tag, "name").unwrap().to_owned(), tag.contains(" checked"))).collect()
}

#[test]
fn the_signal_is_shown_and_honoured() {
    let face = face(draft());
    let policy = Policy::new(draft()).unwrap();
    let granted = decided(&face, draft(), &["social", "media"]);
    let seen = View { gpc: true, ..view(granted.under_gpc(&policy, Grants::NONE)) };
    let off = face.element(&seen) + &face.layer(&seen);
    assert_eq!(switches(&off).len(), 5);
    for (name, on) in switches(&off) {
        assert_eq!(on, name == "choice.media", "{name}");
    }
    assert!(off.contains("Global Privacy Control signal honoured") && off.contains("data-state=\"amber\""));
    assert!(
        off.contains("It is honoured where your data may be sold or shared: Profile and personalisation, Targeted")
    );
    assert_eq!(off.matches("Off, as your browser").count(), 3);
    assert!(!tags(&off, "input").iter().any(|tag| tag.contains(" disabled")), "an explicit choice stays possible");
    assert!(!face.element(&view(granted)).contains("Global Privacy Control"));
}

#[test]
fn what_was_allowed_despite_the_signal_is_said() {
    let face = face(draft());
    let policy = Policy::new(draft()).unwrap();
    let granted = decided(&face, draft(), &["social", "media"]);
    let seen = View { gpc: true, ..view(granted.under_gpc(&policy, policy.sale_grants())) };
    let html = face.element(&seen) + &face.layer(&seen);
    for (name, on) in switches(&html) {
        assert_eq!(on, ["choice.media", "choice.social"].contains(&name.as_str()), "{name}");
    }
    assert!(!html.contains("signal honoured"), "the band must not say what is not so");
    assert!(html.contains("you allowed all the same: Social networks."));
    assert!(html.contains("You allowed despite it: Social networks."));
    assert_eq!(
        (html.matches("You allowed this despite").count(), html.matches("Off, as your browser").count()),
        (1, 2)
    );
}

#[test]
fn under_the_signal_every_form_says_that_it_told_so() {
    let face = face(draft());
    for standing in [Standing::Undecided, decided(&face, draft(), &["media"])] {
        for gpc in [true, false] {
            let view = View { gpc, ..view(standing) };
            for html in [face.element(&view), face.layer(&view), face.settings(&view)] {
                let forms = html.matches("<form").count();
                assert_eq!(html.matches("name=\"told\" value=\"gpc\"").count(), if gpc { forms } else { 0 });
            }
        }
    }
    let (first, _) = layers(&face, &View { gpc: true, ..view(Standing::Undecided) });
    assert!(
        first.contains("\u{201c}Accept all\u{201d} would allow it too, despite the signal"),
        "what the button does: {first}"
    );
    let plain =
        Draft { purposes: purposes().into_iter().filter(|purpose| !purpose.sale).collect(), ..Draft::default() };
    let quiet = support::face(plain).element(&View { gpc: true, ..view(Standing::Undecided) });
    assert!(quiet.contains("nothing asked here sells or shares your data"));
}
