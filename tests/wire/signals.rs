//! What scripts are told of the answer: where it stands in a page, for whom, and by which way in.

use crate::raw::{PAGE, until};
use crate::site::{Site, page, typed};
use crate::support::{BANDEAU, CONFIG, Gateway, consent, get, notice, post};
use http::HeaderValue;
use std::process::Command;

const SIGNALS: &str = "[signals]\ngoogle = \"basic\"\nmeta = true\n";

async fn given(gateway: &Gateway, answer: &str) -> String {
    let (_, html) = get(&gateway.url("/"), &[PAGE]).await;
    let form = format!("notice={}&answer={answer}", notice(&html));
    let (decided, _) = post(&gateway.url("/.well-known/bandeau/decision"), &form, &[]).await;
    consent(&decided).unwrap()
}

/// The signs a page gives the purposes.
fn signs(html: &str) -> &str {
    html.split("data-bandeau=\"").nth(1).expect("the page says something").split('"').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stands_after_the_first_script_and_before_all_of_the_sites() {
    let site = Site::page("<!doctype html><html><head><script>own()</script></head><p>x").await;
    for (more, first) in [("", true), ("[policy]\nscript = \"off\"\n", false)] {
        let gateway = Gateway::start(&site.url, &format!("{more}{SIGNALS}{CONFIG}"));
        let (_, html) = get(&gateway.url("/"), &[PAGE]).await;
        let at = |text: &str| html.find(text);
        assert_eq!(at("data-bandeau-first").is_some(), first);
        assert!(at("data-bandeau-first") < at("data-bandeau=\""), "{html}");
        assert!(at("data-bandeau=\"") < at("own()") && at("uetq").is_none(), "{html}");
        assert_eq!(html.matches("data-bandeau=\"").count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_where_its_visitor_stands_and_the_signal_counts() {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let gateway = Gateway::start(&site.url, &format!("{SIGNALS}{CONFIG}"));
    let read = async |headers: &[(&str, &str)]| {
        let headers: Vec<_> = [("accept", "text/html")].iter().chain(headers).copied().collect();
        get(&gateway.url("/"), &headers).await.1
    };
    assert_eq!(signs(&read(&[]).await), "=technical ?advertising ?social");
    assert_eq!(signs(&read(&[("sec-gpc", "1")]).await), "=technical ?advertising ?social");
    let accepted = given(&gateway, "accept").await;
    assert_eq!(signs(&read(&[("cookie", &accepted)]).await), "=technical +advertising +social");
    let under = read(&[("cookie", &accepted), ("sec-gpc", "1")]).await;
    assert_eq!(signs(&under), "=technical !advertising !social");
    let refused = given(&gateway, "refuse").await;
    assert_eq!(signs(&read(&[("cookie", &refused)]).await), "=technical !advertising !social");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_policy_of_the_sites_is_met() {
    let site = Site::start(|seen| {
        let mut answer = page("<!doctype html><html><head><script src=/own.js></script></head><p>x");
        let policy = if seen.path() == "/nonce" { "script-src 'nonce-abc'" } else { "script-src 'self'" };
        answer.headers_mut().insert("content-security-policy", HeaderValue::from_static(policy));
        answer
    })
    .await;
    let gateway = Gateway::start(&site.url, &format!("{SIGNALS}{CONFIG}"));
    let (_, html) = get(&gateway.url("/nonce"), &[PAGE]).await;
    assert!(html.contains("<script nonce=\"abc\" data-bandeau=\""), "{html}");
    let (_, html) = get(&gateway.url("/file"), &[PAGE]).await;
    let src = html
        .split("<script src=\"")
        .find(|rest| rest.contains("/bandeau/signals."))
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(html.find(src) < html.find("/own.js"), "{html}");
    let (head, code) = get(&gateway.url(src), &[]).await;
    assert_eq!(
        (head.status.as_u16(), head.headers["content-type"].to_str().unwrap()),
        (200, "text/javascript; charset=utf-8")
    );
    assert!(code.contains("window.bandeau=") && code.contains("\"ad_user_data\""), "{code}");
    assert!(!code.contains("data-bandeau=") && !html.contains("ad_user_data"), "one file for everyone");
    let (head, _) = post(&gateway.url("/.well-known/bandeau/signals.js"), "", &[]).await;
    assert_eq!(head.status.as_u16(), 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_xml_have_both_scripts_and_stay_well_formed() {
    let site = Site::start(|_| {
        typed(
            "application/xhtml+xml",
            "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>t</title></head><body><p>x</p></body></html>",
        )
    })
    .await;
    let gateway = Gateway::start(&site.url, &format!("{SIGNALS}{CONFIG}"));
    let (_, xml) = get(&gateway.url("/"), &[("accept", "application/xhtml+xml")]).await;
    assert_eq!(xml.matches("<script xmlns=").count(), xml.matches("</script>").count(), "{xml}");
    assert_eq!(xml.matches("<![CDATA[").count(), xml.matches("]]>").count());
    assert!(xml.contains("data-bandeau-first") && xml.contains("data-bandeau=\""), "{xml}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_where_a_site_wants_nothing_said() {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let gateway = Gateway::start(&site.url, &format!("[signals]\nwindow = false\n{CONFIG}"));
    let (_, html) = get(&gateway.url("/"), &[PAGE]).await;
    assert!(html.contains("data-bandeau-first") && !html.contains("window.bandeau"), "{html}");
}

#[test]
fn what_cannot_be_said_is_refused_with_what_can() {
    let dir = tempfile::tempdir().unwrap();
    let wrong = "[signals]\ngoogle = \"advanced\"\nbing = true\n";
    let more = "[signals]\ngoogle = \"advanced\"\nmatomo = \"always\"\ndatalayer = \"data-layer\"\nwordpress = \"cookies\"\n\
        [signals.map.google]\nad_storage = [\"No\"]\n[signals.map.meta]\ngranted = [\"social\"]\n";
    let check = |text: &str| {
        let text = format!("upstream = \"http://127.0.0.1:1/\"\n{text}{CONFIG}");
        std::fs::write(dir.path().join("bandeau.toml"), text).unwrap();
        let output = Command::new(BANDEAU).args(["check", "--no-dns"]).current_dir(dir.path()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = check(wrong);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("unknown field `bing`, expected one of `window`, `google`"), "{said}");
    let (code, said) = check(more);
    assert_eq!(code, Some(1), "{said}");
    for line in [
        ":3:10: signals.google: \"advanced\" loads Google's tags",
        "expected \"basic\", \"off\", true or false",
        ":4:10: signals.matomo: \"always\" is no way to tell it: expected \"consent\", \"cookies\"",
        ":5:13: signals.datalayer: \"data-layer\" is no way to tell it",
        ":8:15: signals.map.google: \"No\" is not a name",
        "signals.map.meta: \"granted\" is none of its categories: expected one of consent",
        "signals.wordpress: \"cookies\" writes wp_consent_*",
    ] {
        assert!(said.contains(line), "{line} in\n{said}");
    }
    let (code, said) = check(SIGNALS);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("signals   meta: consent by advertising"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_says_what_the_file_says_now() {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let gateway = Gateway::start(&site.url, &format!("[signals]\nclarity = true\n{CONFIG}"));
    let (_, html) = get(&gateway.url("/"), &[PAGE]).await;
    assert!(html.contains("consentv2"), "{html}");
    let file = gateway.dir.path().join("bandeau.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace("clarity = true", "clarity = false");
    std::fs::write(&file, text).unwrap();
    Command::new("kill").args(["-HUP", &gateway.process.0.id().to_string()]).status().unwrap();
    until("the new file is in force", || async {
        let (_, html) = get(&gateway.url("/"), &[PAGE]).await;
        !html.contains("consentv2") && html.contains("window.bandeau=")
    })
    .await;
}
