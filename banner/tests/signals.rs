//! What scripts of a page are told: who is told, by what code, and what of a visitor.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod support;

use bandeau_banner::{Inline, Signals, Vendor, Wish};
use bandeau_consent::{Basis, Draft, NamePattern, Policy, Standing};
use std::process::{Command, Stdio};
use support::{decided, draft, face, id, service};

fn policy(draft: Draft) -> Policy {
    Policy::new(draft).unwrap()
}

fn used(draft: &Draft) -> Vec<String> {
    draft.services.iter().map(|service| service.id.to_string()).collect()
}

fn wish(vendors: &[(Vendor, &str)]) -> Wish {
    let vendors = vendors.iter().map(|(vendor, with)| (*vendor, Some((*with).to_owned()))).collect();
    Wish { window: true, vendors, used: used(&draft()), ..Wish::default() }
}

fn element(wish: &Wish, standing: Standing) -> String {
    let policy = policy(draft());
    Signals::new(&policy, wish).unwrap().element(&policy, standing, Inline::Plain, false)
}

#[test]
fn nobody_is_told_of_who_is_not_named() {
    let element = element(&wish(&[]), Standing::Undecided);
    assert!(element.contains("window.bandeau="));
    for word in ["dataLayer", "uetq", "clarity", "fbq", "_paq", "wp_consent", "Shopify"] {
        assert!(!element.contains(word), "{word}");
    }
    let nothing = Wish { window: false, ..wish(&[]) };
    let policy = policy(draft());
    let silent = Signals::new(&policy, &nothing).unwrap();
    assert_eq!(silent.element(&policy, Standing::Undecided, Inline::Plain, false), "");
    assert!(silent.file().is_none());
    let one = Wish { window: false, ..wish(&[(Vendor::Meta, "")]) };
    let element = Signals::new(&policy, &one).unwrap().element(&policy, Standing::Undecided, Inline::Plain, false);
    assert!(element.contains("fbq") && !element.contains("window.bandeau"), "{element}");
}

#[test]
fn every_purpose_has_its_sign() {
    let draft = draft();
    let face = face(draft.clone());
    let signs = |standing| {
        let element = element(&wish(&[]), standing);
        element.split('"').nth(1).unwrap().to_owned()
    };
    assert_eq!(signs(Standing::Undecided), "=technical =audience ?audience-plus ?profile ?advertising ?social ?media");
    assert_eq!(signs(Standing::Stale), signs(Standing::Undecided));
    let some = decided(&face, draft.clone(), &["social", "media"]);
    assert_eq!(signs(some), "=technical =audience !audience-plus !profile !advertising +social +media");
    // The signal of the browser takes away what sells, and so it is said.
    let under = some.under_gpc(&policy(draft), bandeau_consent::Grants::NONE);
    assert_eq!(signs(under), "=technical =audience !audience-plus !profile !advertising !social +media");
}

#[test]
fn the_code_is_the_same_for_all_and_each_way_in_is_taken() {
    let (draft, policy) = (draft(), policy(draft()));
    let standing = decided(&face(draft.clone()), draft, &["social"]);
    let signals = Signals::new(&policy, &wish(&[(Vendor::Google, "dataLayer")])).unwrap();
    for standing in [Standing::Undecided, standing] {
        assert!(
            signals
                .element(&policy, standing, Inline::Plain, false)
                .ends_with(&format!(">{}</script>", signals.file().unwrap().text()))
        );
    }
    let nonce = signals.element(&policy, standing, Inline::Nonce("a\"b"), false);
    assert!(nonce.starts_with("<script nonce=\"a&quot;b\" data-bandeau=\""), "{nonce}");
    let file = signals.element(&policy, standing, Inline::File, false);
    assert!(file.starts_with("<script src=\"/.well-known/bandeau/signals.") && file.ends_with("\"></script>"));
    let apart = signals.element(&policy, standing, Inline::Nonce("a"), true);
    assert!(apart.contains(" src=\"/") && apart.contains(" nonce=\"a\"") && apart.ends_with("\"></script>"), "{apart}");
    let other = Signals::new(&policy, &wish(&[(Vendor::Google, "layer")])).unwrap();
    assert_ne!(other.element(&policy, standing, Inline::File, false), file, "other code has another address");
}

#[test]
fn the_script_fits_any_page() {
    let every: Vec<(Vendor, &str)> = Vendor::ALL.into_iter().map(|vendor| (vendor, vendor.usual())).collect();
    let policy = policy(draft());
    let signals = Signals::new(&policy, &wish(&every)).unwrap();
    let text = signals.file().unwrap().text();
    assert!(text.is_ascii() && !text.contains("// "));
    // Nothing of it ends a script, a CDATA section or a line, and it names no address.
    for end in ["</script", "<!--", "]]>", "//"] {
        assert!(!text.contains(end), "{end}");
    }
    // Where there is a JavaScript engine, it can read it.
    let mut node = match Command::new("node").args(["--check", "-"]).stdin(Stdio::piped()).spawn() {
        Ok(node) => node,
        Err(_) => return eprintln!("SKIPPED: node is not installed"),
    };
    std::io::Write::write_all(&mut node.stdin.take().unwrap(), text.as_bytes()).unwrap();
    assert!(node.wait().unwrap().success());
}

#[test]
fn using_a_tool_switches_its_signal_on_unless_the_site_says_otherwise() {
    let mut draft = draft();
    draft.services.push(service("google-analytics", "audience-plus", &[]));
    draft.services.push(service("measure", "media", &[]));
    let policy = policy(draft.clone());
    let mut used = used(&draft);
    // One that the site has given a name of its own.
    *used.last_mut().unwrap() = "matomo".into();
    let wish = Wish { window: true, used, ..Wish::default() };
    let outline = |wish: &Wish| Signals::new(&policy, wish).unwrap().outline();
    assert_eq!(
        outline(&wish),
        [
            "google: ad_storage by advertising, ad_user_data by advertising, ad_personalization by advertising, \
             analytics_storage by audience-plus, functionality_storage by technical, personalization_storage by profile, \
             security_storage by technical",
            "matomo: consent by media",
        ]
    );
    let off = Wish { vendors: [(Vendor::Google, None)].into(), ..wish.clone() };
    assert_eq!(outline(&off), ["matomo: consent by media"]);
    // The tag manager's layer is the one Google's tags read.
    let named = Wish { vendors: [(Vendor::DataLayer, Some("layer".to_owned()))].into(), ..wish };
    let script = Signals::new(&policy, &named).unwrap().file().unwrap().text().to_owned();
    assert!(script.contains("\"layer\"") && !script.contains("\"dataLayer\""), "{script}");
}

#[test]
fn what_no_purpose_stands_for_is_never_granted() {
    let mut draft = draft();
    draft.purposes.retain(|purpose| purpose.id != id("profile"));
    for purpose in draft.purposes.iter_mut().filter(|purpose| purpose.id == id("audience")) {
        purpose.basis = Basis::Consent;
    }
    let signals = Signals::new(&policy(draft), &wish(&[(Vendor::Shopify, ""), (Vendor::WordPress, "")])).unwrap();
    assert_eq!(
        signals.outline(),
        [
            "wordpress: functional by technical, preferences never granted, statistics-anonymous by audience, \
             statistics by audience-plus, marketing by advertising",
            "shopify: analytics by audience-plus, marketing by advertising, preferences never granted, \
             sale_of_data by advertising and social",
        ]
    );
}

#[test]
fn a_site_can_map_and_is_told_what_it_cannot() {
    let mut wish = wish(&[(Vendor::Microsoft, "")]);
    let mut map = |vendor: &str, category: &str, purpose: &str| {
        wish.map.insert((vendor.into(), category.into()), vec![id("advertising"), id(purpose)]);
        Signals::new(&policy(draft()), &wish)
    };
    let mapped = map("microsoft", "ad_storage", "profile").unwrap();
    assert_eq!(mapped.outline(), ["microsoft: ad_storage by advertising and profile"]);
    let faults = map("microsoft", "ad_Storage", "profile").unwrap_err();
    assert_eq!(faults.len(), 1);
    assert!(faults[0].0 == "signals.map.microsoft" && faults[0].1.contains("expected one of ad_storage"), "{faults:?}");
    let faults = map("bing", "ad_storage", "nothing").unwrap_err();
    assert!(faults[0].1.contains("expected one of google, microsoft"), "{faults:?}");
    let faults = map("microsoft", "ad_storage", "nothing").unwrap_err();
    assert!(faults.iter().any(|(_, says)| says.starts_with("\"nothing\" is no purpose here")), "{faults:?}");
}

#[test]
fn cookies_are_written_only_where_they_are_declared_exempt() {
    let wish = wish(&[(Vendor::WordPress, "cookies")]);
    let faults = Signals::new(&policy(draft()), &wish).unwrap_err();
    assert!(faults[0].0 == "signals.wordpress" && faults[0].1.contains("wp_consent_*"), "{faults:?}");
    let mut draft = draft();
    let mut site = service("site", "technical", &[]);
    site.cookies = vec![NamePattern::new("wp_consent_*").unwrap()];
    draft.services.push(site);
    Signals::new(&policy(draft), &wish).unwrap();
}
