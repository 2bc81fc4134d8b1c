//! Which language the notice speaks: the page's, else what the browser asks for of the site's languages, else the site's
//! first. It knows the notice by its attributes only.

use crate::site::{Site, page};
use crate::support::{Gateway, get};

const PAPER: &str = r#"
[site]
name = "Test"
hosts = ["127.0.0.1"]
controller = "Tests"
privacy = "/privacy"
languages = ["fr", "en"]

[texts.de.notice]
title = "Ihre Daten, Ihre Wahl"

[[service]]
id = "films"
purpose = "media"
hosts = ["video.test"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_heard_before_the_browser_and_the_browser_before_the_site() {
    let site = Site::start(|seen| {
        let lang = seen.path().trim_start_matches('/');
        let lang = if lang.is_empty() { String::new() } else { format!(" lang=\"{lang}\"") };
        page(format!("<!doctype html><html{lang}><body><p>x"))
    })
    .await;
    let gateway = Gateway::start(&site.url, PAPER);
    for (page, asked, spoken) in [
        // The page's language counts, listed or not, and by its first part.
        ("/de-AT", "en", "lang=\"de\" dir=\"ltr\""),
        ("/ar", "en", "lang=\"ar\" dir=\"rtl\""),
        ("/no", "", "lang=\"nb\" dir=\"ltr\""),
        ("/EN", "fr", "lang=\"en\" dir=\"ltr\""),
        // Without one the browser is heard, among the site's languages.
        ("/", "de, en;q=0.4, fr;q=0.1", "lang=\"en\" dir=\"ltr\""),
        ("/", "en;q=0, fr-CA;q=0.2", "lang=\"fr\" dir=\"ltr\""),
        // A language nobody here speaks is none.
        ("/tlh", "en", "lang=\"en\" dir=\"ltr\""),
        ("/", "de", "lang=\"fr\" dir=\"ltr\""),
        ("/", "", "lang=\"fr\" dir=\"ltr\""),
    ] {
        let (_, html) = get(&gateway.url(page), &[("accept-language", asked), ("sec-fetch-dest", "document")]).await;
        assert!(html.contains(&format!("<bandeau-notice {spoken}")), "{page} {asked:?} {spoken}: {html}");
    }
    let (_, html) = get(&gateway.url("/de"), &[("sec-fetch-dest", "document")]).await;
    assert!(html.contains("<h2 id=\"n\">Ihre Daten, Ihre Wahl</h2>"), "the site's own words: {html}");
    // The settings speak the language of the page they were opened from.
    let (_, html) = get(
        &gateway.url("/.well-known/bandeau/settings?lang=de"),
        &[("accept-language", "en"), ("sec-fetch-dest", "document")],
    )
    .await;
    assert!(html.starts_with("<!doctype html><html lang=\"de\""), "{html}");
}
