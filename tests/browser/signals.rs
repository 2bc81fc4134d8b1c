//! What vendors' tools hear, in a real browser, while the visitor goes from no answer to accepting, to part of it, and back
//! to nothing: denied first, one update for each answer, denied once it is taken back. And what scripts can read.

use crate::driver::present;
use crate::shop::{ALL, Answer, EVERY, NONE, Shop, When, expected, same};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_hears_denied_first_and_one_update_for_each_answer() {
    if !present() {
        return;
    }
    let shop = Shop::open(EVERY, None).await;
    shop.visit("neutral").await;
    same(shop.heard(1).await, &expected(When::Loaded, &[]));
    assert_eq!(shop.read("uetq[0]").await, "consent", "before the tag's own call");

    shop.answer("answer=accept", "green").await;
    same(shop.heard(2).await, &expected(When::Loaded, &[("accepted", ALL)]));

    shop.answer("answer=choose&choice.advertising=refuse&choice.audience-plus=grant&choice.profile=refuse", "amber")
        .await;
    same(shop.heard(2).await, &expected(When::Loaded, &[("partial", (false, true, false))]));

    shop.answer("answer=refuse&source=withdrawal", "red").await;
    same(shop.heard(2).await, &expected(When::Loaded, &[("refused", NONE)]));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_a_reload_is_told_once() {
    if !present() {
        return;
    }
    let shop = Shop::open(EVERY, None).await;
    shop.visit("neutral").await;
    shop.heard(1).await;
    let mut told: Vec<Answer> = Vec::new();
    for (granted, state, values) in [
        ("['audience-plus']", "partial", (false, true, false)),
        ("['audience-plus', 'advertising', 'profile']", "accepted", ALL),
        ("[]", "refused", NONE),
    ] {
        shop.decide(granted).await;
        // The same once more is nothing new.
        shop.decide(granted).await;
        told.push((state, values));
        shop.browser.until(&format!("heard().shopify.length === {}", told.len() * 2)).await;
        same(shop.heard(1 + told.len()).await, &expected(When::Since, &told));
    }
    // What has no answer in it is none.
    shop.browser.run("document.dispatchEvent(new CustomEvent('bandeau:decision'))").await;
    assert_eq!(shop.read("bandeau.state").await, "refused");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shopify_is_told_only_what_it_does_not_know() {
    if !present() {
        return;
    }
    let shop = Shop::open(EVERY, None).await;
    shop.visit("neutral").await;
    shop.answer("answer=accept", "green").await;
    assert_eq!(shop.heard(2).await["shopify"].as_array().unwrap().len(), 2);
    // The first script would not keep an undeclared key, so the shop's memory stands in the page.
    shop.browser
        .run(
            "const known = { marketing: 'yes', analytics: 'yes', preferences: 'yes', sale_of_data: 'yes' }; \
             Shopify.loadFeatures = (features, done) => { Shopify.customerPrivacy.currentVisitorConsent = () => known; done(); }; \
             window.before = heard().shopify.length",
        )
        .await;
    shop.decide("['audience-plus']").await;
    shop.browser.until("heard().shopify.length === before + 1").await;
    shop.decide("['audience-plus', 'advertising', 'profile']").await;
    shop.browser.linger().await;
    assert_eq!(shop.read("heard().shopify.length - before").await, json!(1), "what it knows is not told again");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_keeps_no_other_from_hearing() {
    if !present() {
        return;
    }
    let shop = Shop::open(EVERY, None).await;
    shop.visit("neutral").await;
    shop.heard(1).await;
    shop.browser
        .run(
            "const fail = () => { throw new Error('mine') }; dataLayer.push = fail; uetq.push = fail; clarity = Object.assign(() => fail(), { q: [] }); \
             fbq.callMethod = fail; Shopify.loadFeatures = fail; \
             document.addEventListener('wp_listen_for_consent_change', fail); \
             window.calls = []; bandeau.subscribe(fail); bandeau.subscribe((state) => calls.push(state)); \
             window.errors = 0; addEventListener('unhandledrejection', () => { window.errors += 1; })",
        )
        .await;
    shop.decide("['advertising', 'audience-plus', 'profile']").await;
    shop.browser.until("heard().wordpress.length === 2").await;
    assert_eq!(
        shop.read("[calls, _paq.at(-1), errors]").await,
        json!([["undecided", "accepted"], ["setConsentGiven"], 0])
    );
    // A pixel that failed hears in the end what it missed.
    shop.browser.run("fbq.callMethod = undefined; fbq('track', 'Later')").await;
    let meta =
        json!([["consent", "revoke"], ["init", "1"], ["track", "PageView"], ["consent", "grant"], ["track", "Later"]]);
    assert_eq!(shop.read("heard().meta").await, meta);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_can_read_the_answer_open_the_settings_and_hear_of_changes() {
    if !present() {
        return;
    }
    let shop = Shop::open("[signals]\ngoogle = false\n", None).await;
    shop.visit("neutral").await;
    // Nothing is said to who was not named: the arrays hold what the page's own snippets put there.
    let heard = shop.read("heard()").await;
    for (vendor, own) in
        [("google", 2), ("microsoft", 1), ("clarity", 1), ("meta", 2), ("matomo", 1), ("layer", 0), ("wordpress", 0)]
    {
        assert_eq!(heard[vendor].as_array().unwrap().len(), own, "{vendor}");
    }
    assert_eq!(shop.read("'wp_consent_type' in window").await, json!(false));

    let undecided = json!({ "technical": true, "audience-plus": false, "profile": false, "advertising": false });
    assert_eq!(shop.read("[bandeau.state, bandeau.purposes]").await, json!(["undecided", undecided]));
    shop.browser
        .run(
            "window.calls = []; window.end = bandeau.subscribe((state, purposes) => calls.push([state, purposes.profile])); \
             window.opened = 0; document.addEventListener('bandeau:open', () => { window.opened += 1; }); bandeau.open()",
        )
        .await;
    assert_eq!(shop.read("[calls, opened]").await, json!([[["undecided", false]], 1]));
    shop.decide("['profile']").await;
    shop.decide("['profile']").await;
    assert_eq!(shop.read("calls").await, json!([["undecided", false], ["partial", true]]));
    shop.browser.run("end()").await;
    shop.decide("[]").await;
    assert_eq!(shop.read("[calls.length, bandeau.state]").await, json!([2, "refused"]));
    let read = "[bandeau.granted('technical'), bandeau.granted('profile'), bandeau.granted('constructor'), bandeau.granted('x')]";
    assert_eq!(shop.read(read).await, json!([true, false, false, false]));
    // Frozen, and what it gives out is a copy.
    shop.browser.run("bandeau.purposes.profile = true; try { bandeau.granted = () => true } catch {}").await;
    let frozen =
        "[Object.isFrozen(bandeau), bandeau.granted('profile'), document.querySelectorAll('[data-bandeau]').length]";
    assert_eq!(shop.read(frozen).await, json!([true, false, 0]));
    shop.answer("answer=accept", "green").await;
    assert_eq!(shop.read("[bandeau.state, bandeau.granted('advertising')]").await, json!(["accepted", true]));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_policies_of_the_site_let_it_be_said() {
    if !present() {
        return;
    }
    for policy in [
        "default-src 'none'; script-src 'nonce-abc'; connect-src 'self'; require-trusted-types-for 'script'",
        "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; connect-src 'self'",
        "default-src 'self'; script-src 'self'",
    ] {
        let shop = Shop::open(EVERY, Some(policy)).await;
        shop.visit("neutral").await;
        same(shop.heard(1).await, &expected(When::Loaded, &[]));
        shop.answer("answer=accept", "green").await;
        same(shop.heard(2).await, &expected(When::Loaded, &[("accepted", ALL)]));
        shop.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_written_where_the_site_asks_for_them() {
    if !present() {
        return;
    }
    let shop = Shop::open("[signals]\ngoogle = false\nwordpress = \"cookies\"\n", None).await;
    let kept = "document.cookie.split('; ').filter((one) => one.startsWith('wp_consent')).sort()";
    shop.visit("neutral").await;
    assert_eq!(shop.read(kept).await, json!([]));
    shop.answer("answer=choose&choice.advertising=grant&choice.audience-plus=refuse&choice.profile=refuse", "amber")
        .await;
    let some = json!([
        "wp_consent_functional=allow",
        "wp_consent_marketing=allow",
        "wp_consent_preferences=deny",
        "wp_consent_statistics-anonymous=deny",
        "wp_consent_statistics=deny"
    ]);
    assert_eq!(shop.read(kept).await, some);
    shop.answer("answer=refuse&source=withdrawal", "red").await;
    assert!(shop.read(kept).await.as_array().unwrap().iter().any(|one| one == "wp_consent_marketing=deny"));
    // The plugin on the server reads them too.
    let last = shop.site.seen().into_iter().rfind(|seen| seen.path() == "/").unwrap();
    assert!(
        last.header("cookie").unwrap().contains("wp_consent_marketing=allow"),
        "as they were when the page was asked for"
    );
    shop.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_required_of_a_tool_that_is_exempt() {
    if !present() {
        return;
    }
    let signals = "[signals]\ngoogle = false\nmatomo = \"cookies\"\n[signals.map.matomo]\nconsent = [\"technical\"]\n";
    let shop = Shop::open(signals, None).await;
    shop.visit("neutral").await;
    assert_eq!(shop.read("heard().matomo").await, json!([["trackPageView"]]));
    shop.answer("answer=refuse", "red").await;
    assert_eq!(shop.read("heard().matomo").await, json!([["setCookieConsentGiven"], ["trackPageView"]]));
    shop.close().await;
}
