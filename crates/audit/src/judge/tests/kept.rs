//! Cookies and storage: when they come, whether they stay, how long they live.

use super::{judged, of, one};
use crate::fixture::{CHOSEN, Walk, audit};
use crate::judge::{Level, judge};
use crate::seen::{Kind, SameSite, Setter, Standing};

const BEFORE: Standing = Standing::Before;
const MARK: &str = "a1b2c3d4e5f6";

#[test]
fn cookies_weigh_by_whose_they_are() {
    let kept = |domain: &str, name: &str, value: &str, lifetime: Option<u64>| {
        let walk = Walk::new(BEFORE).cookie_as(domain, name, value, |cookie| cookie.lifetime = lifetime);
        of(&judged([walk]), "cookie-before-choice").first().map(|(_, level)| *level)
    };
    let year = Some(365 * 86_400);
    for (domain, name, value, lifetime, level) in [
        ("site.test", "_count", "x", year, Some(Level::Error)),
        ("site.test", "_count", "x", None, Some(Level::Error)),
        (".ads.test", "uid", "x", None, Some(Level::Error)),
        ("nobody.test", "uid", "x", year, Some(Level::Error)),
        ("nobody.test", "lang", "en", None, Some(Level::Warning)),
        ("nobody.test", "uid", MARK, None, Some(Level::Error)),
        ("site.test", "_pk_id.1", "x", year, Some(Level::Warning)),
        ("site.test", "theme", "dark", None, Some(Level::Note)),
        ("site.test", "theme", "dark", year, Some(Level::Warning)),
        ("site.test", "sid", MARK, None, Some(Level::Warning)),
        ("site.test", "PHPSESSID", MARK, None, None),
        ("site.test", "klaro", MARK, year, None),
    ] {
        assert_eq!(kept(domain, name, value, lifetime), level, "{name} of {domain}, {lifetime:?}");
    }
}

#[test]
fn a_cookie_belongs_to_who_wrote_it() {
    let by = |setter: Setter| {
        let walk = Walk::new(BEFORE)
            .request("https://ads.test/a.js")
            .request("https://www.site.test/own.js")
            .cookie_as("site.test", "odd", "x", |cookie| cookie.setters = vec![setter]);
        of(&judged([walk]), "cookie-before-choice")[0].clone()
    };
    let script = |stack: &[&str]| Setter::Script {
        stack: stack.iter().map(|&url| url.to_owned()).collect(),
        frame: "https://www.site.test/".into(),
    };
    let (ads, own) = (("ads.test".to_owned(), Level::Error), ("site.test".to_owned(), Level::Warning));
    assert_eq!(by(script(&["https://ads.test/a.js", "https://www.site.test/own.js"])), ads);
    assert_eq!(by(script(&["https://www.site.test/own.js", "https://ads.test/a.js"])), ads, "a tracker is behind it");
    assert_eq!(by(script(&["https://www.site.test/own.js", "https://nobody.test/a.js"])), own);
    assert_eq!(by(script(&[])), own);
    assert_eq!(by(Setter::Answer(0)), ads);
    assert_eq!(by(Setter::Answer(1)), own);
    assert_eq!(by(Setter::Unseen), own);
}

#[test]
fn the_database_is_believed_last() {
    let mut directory = super::directory();
    let text = r#"{"Shop": [{"cookie": "cart", "category": "Functional", "domain": ""}],
        "Beacon": [{"cookie": "beacon", "category": "Marketing", "domain": ""}]}"#;
    directory.cookies(text).unwrap();
    let kept = |name: &str, lifetime: Option<u64>, setter: Setter| {
        let walk = Walk::new(BEFORE).request("https://ads.test/a.js").cookie_as("site.test", name, "x", |cookie| {
            cookie.lifetime = lifetime;
            cookie.setters = vec![setter];
        });
        of(&judge(&audit([walk]), &directory), "cookie-before-choice").pop().unwrap()
    };
    let year = Some(365 * 86_400);
    assert_eq!(kept("cart", year, Setter::Unseen), ("shop".to_owned(), Level::Warning));
    assert_eq!(kept("beacon", year, Setter::Unseen), ("beacon".to_owned(), Level::Error));
    assert_eq!(kept("beacon", None, Setter::Unseen), ("beacon".to_owned(), Level::Warning));
    assert_eq!(kept("cart", year, Setter::Answer(0)), ("ads.test".to_owned(), Level::Error), "who wrote it is surer");
}

#[test]
fn the_seeds_of_the_fuzzer_are_audits() {
    for text in [
        include_str!("../../../../../fuzz/seeds/judge/audit.json"),
        include_str!("../../../../../fuzz/seeds/judge/refused.json"),
    ] {
        let audit = serde_json::from_str(text).unwrap();
        assert!(judge(&audit, &super::directory()).findings.len() > 5);
    }
}

#[test]
fn what_the_browser_refused_was_not_kept() {
    let walk = Walk::new(BEFORE).cookie_as("ads.test", "uid", MARK, |cookie| cookie.refused = Some("blocked".into()));
    let judgement = judged([walk]);
    assert_eq!(of(&judgement, "cookie-before-choice"), []);
    assert_eq!(judgement.totals[0].cookies, 0);
}

#[test]
fn storage_is_kept_too() {
    let kept = |origin: &str, key: &str, value: &str, kind| {
        let mut walk = Walk::new(BEFORE).entry(origin, key, value);
        walk.0.storage[0].kind = kind;
        of(&judged([walk]), "storage-before-choice").first().map(|(_, level)| *level)
    };
    let site = "https://www.site.test";
    for (origin, key, value, kind, level) in [
        (site, "_count.id", "x", Kind::Local, Some(Level::Error)),
        ("https://ads.test", "k", "v", Kind::Local, Some(Level::Error)),
        ("https://nobody.test", "k", "v", Kind::Indexed, Some(Level::Error)),
        ("https://nobody.test", "k", "v", Kind::Session, Some(Level::Warning)),
        (site, "theme", "dark", Kind::Local, Some(Level::Note)),
        (site, "visitor", MARK, Kind::Local, Some(Level::Warning)),
        (site, "https://www.site.test/sw.js", MARK, Kind::ServiceWorker, Some(Level::Note)),
        (site, "klaro", "x", Kind::Local, None),
    ] {
        assert_eq!(kept(origin, key, value, kind), level, "{key} of {origin}");
    }
}

#[test]
fn after_a_choice_it_is_another_rule() {
    for (standing, cookie, storage) in [
        (Standing::Refused, "cookie-after-refusal", "storage-after-refusal"),
        (Standing::Withdrawn, "cookie-after-withdrawal", "storage-after-withdrawal"),
    ] {
        let run = |at: u64| {
            let mut walk = Walk::new(standing).cookie_as("site.test", "_count", "x", |cookie| cookie.at = at);
            walk = walk.entry("https://www.site.test", "_count", "x");
            walk.0.storage[0].at = at;
            judged([Walk::new(BEFORE), walk])
        };
        let late = run(CHOSEN);
        assert_eq!((of(&late, cookie).len(), of(&late, storage).len()), (1, 1), "{standing:?}");
        assert_eq!(one(&late, &format!("{cookie}/count.test")).law, ["L8"]);
        let early = run(CHOSEN - 1);
        assert_eq!((of(&early, cookie).len(), of(&early, storage).len()), (0, 0), "{standing:?}");
    }
}

#[test]
fn what_stays_is_named() {
    for (standing, rule) in [(Standing::Refused, "kept-after-refusal"), (Standing::Withdrawn, "kept-after-withdrawal")]
    {
        let run = |name: &str, stays: bool| {
            let walk = Walk::new(standing).cookie_as("site.test", name, "x", |cookie| {
                cookie.at = 10;
                cookie.stays = stays;
            });
            of(&judged([Walk::new(BEFORE), walk]), rule)
        };
        assert_eq!(run("_count", true), [("count.test".to_owned(), Level::Warning)]);
        assert_eq!(run("_count", false), []);
        assert_eq!(run("theme", true), []);
    }
}

#[test]
fn nothing_is_kept_for_sale_against_the_signal() {
    let kept = |standing, name: &str| {
        of(&judged([Walk::new(standing).cookie("site.test", name, "x")]), "cookie-with-gpc").len()
    };
    assert_eq!(kept(Standing::Gpc, "_ads"), 1);
    assert_eq!(kept(Standing::Gpc, "_count"), 0);
    assert_eq!(kept(BEFORE, "_ads"), 0);
}

#[test]
fn thirteen_months_are_enough() {
    let stood = |standing, name: &str, days: u64| {
        let walk =
            Walk::new(standing).cookie_as("site.test", name, "x", |cookie| cookie.lifetime = Some(days * 86_400));
        let judgement = judged([Walk::new(BEFORE), walk]);
        (of(&judgement, "lifetime-long").first().map(|(_, level)| *level), of(&judgement, "choice-long").len())
    };
    let lives = |name: &str, days: u64| stood(Standing::Accepted, name, days);
    assert_eq!(lives("_count", 396), (Some(Level::Warning), 0), "with consent");
    assert_eq!(lives("_pk_id", 396), (Some(Level::Error), 0), "exempt under this condition");
    for standing in [BEFORE, Standing::Refused, Standing::Withdrawn, Standing::Gpc] {
        assert_eq!(stood(standing, "_count", 396), (Some(Level::Error), 0), "{standing:?}");
    }
    assert_eq!(lives("_count", 395), (None, 0));
    assert_eq!(lives("theme", 396), (Some(Level::Note), 0));
    assert_eq!(lives("klaro", 396), (None, 1));
    assert_eq!(lives("klaro", 180), (None, 0));
}

#[test]
fn no_page_prolongs_a_life() {
    let set = |name: &str, pages: [usize; 2], lifetime: Option<u64>| {
        let walk = Walk::new(Standing::Accepted)
            .page("https://www.site.test/two")
            .request_as("https://www.site.test/one", |request| request.visit = pages[0])
            .request_as("https://www.site.test/two", |request| request.visit = pages[1])
            .cookie_as("site.test", name, "x", |cookie| {
                cookie.lifetime = lifetime;
                cookie.setters = vec![Setter::Answer(0), Setter::Answer(1)];
            });
        of(&judged([Walk::new(BEFORE), walk]), "lifetime-renewed").first().map(|(_, level)| *level)
    };
    assert_eq!(set("_count", [0, 1], Some(86_400)), Some(Level::Note), "with consent");
    assert_eq!(set("_pk_id", [0, 1], Some(86_400)), Some(Level::Warning), "exempt under this condition");
    assert_eq!(set("_count", [1, 1], Some(86_400)), None, "twice on one page");
    assert_eq!(set("_count", [0, 1], None), None);
    assert_eq!(set("theme", [0, 1], Some(86_400)), None);
}

#[test]
fn an_answer_is_kept_alike() {
    let kept = |refused: Option<u64>, accepted: Option<u64>| {
        let run = |standing, life| {
            Walk::new(standing).cookie_as("www.site.test", "cc_cookie", "x", |cookie| cookie.lifetime = life)
        };
        let judgement = judged([run(Standing::Refused, refused), run(Standing::Accepted, accepted)]);
        (of(&judgement, "refusal-forgotten").len(), of(&judgement, "refusal-shorter").len())
    };
    let day = 86_400;
    assert_eq!(kept(None, Some(180 * day)), (1, 0));
    assert_eq!(kept(Some(day), Some(180 * day)), (0, 1));
    assert_eq!(kept(Some(180 * day), Some(180 * day)), (0, 0));
    assert_eq!(kept(Some(180 * day - 60), Some(180 * day)), (0, 0), "a minute apart");
    assert_eq!(kept(Some(180 * day), Some(day)), (0, 0));
}

#[test]
fn cookies_travel_sealed() {
    let flagged = |secure: bool, same_site, value: &str| {
        let walk = Walk::new(Standing::Accepted).cookie_as("site.test", "theme", value, |cookie| {
            cookie.secure = secure;
            cookie.same_site = same_site;
        });
        of(&judged([walk]), "cookie-insecure").first().map(|(_, level)| *level)
    };
    assert_eq!(flagged(false, SameSite::Lax, "dark"), Some(Level::Note));
    assert_eq!(flagged(false, SameSite::None, "dark"), Some(Level::Warning));
    assert_eq!(flagged(false, SameSite::Lax, MARK), Some(Level::Warning));
    assert_eq!(flagged(true, SameSite::None, MARK), None);
}
