//! The page that checks receipts: it says of every case of the vectors what the command says, in the browser's own
//! cryptography, and sends nothing anywhere.

use crate::driver::{Browser, present};
use crate::receipts::{KEYS, SECOND, cases};
use crate::site::{Site, empty, typed};
use crate::support::{CONFIG, Gateway, consent, get, notice, post};
use bandeau_banner::verify;
use http::StatusCode;
use serde_json::{Value, json};

/// Where the page stands.
const HOME: &str = "/.well-known/bandeau/";

/// A site that serves the page as the desk does, under its lock, with keys or without.
async fn site(keys: Option<&'static str>) -> Site {
    Site::start(move |seen| {
        let name = seen.path().strip_prefix(HOME).unwrap_or_default();
        let file = verify::files().iter().find(|file| file.name() == name);
        let (kind, text) = match (name, file, keys) {
            ("verify", ..) => ("text/html; charset=utf-8", verify::page()),
            ("log/keys", _, Some(keys)) => ("text/plain; charset=utf-8", keys),
            (_, Some(file), _) => (file.kind(), file.text()),
            _ => return empty(StatusCode::NOT_FOUND),
        };
        let mut answer = typed(kind, text);
        answer.headers_mut().insert("content-security-policy", verify::LOCK.parse().unwrap());
        answer
    })
    .await
}

/// Opens the page and notes what its lock forbids.
async fn open(browser: &Browser, site: &Site) {
    browser.goto(&format!("{}{HOME}verify", site.url)).await;
    browser.until("document.querySelector('[data-ready]') !== null").await;
    browser.run("window.broken = []; addEventListener('securitypolicyviolation', (e) => broken.push(e.violatedDirective + ' ' + e.blockedURI))").await;
}

/// Pastes a receipt, and keys if any are given, and reads what the page says of it.
async fn ask(browser: &Browser, receipt: &str, keys: &str) -> Value {
    let expression = format!(
        "(async () => {{ const by = (id) => document.getElementById(id), result = by('result'); \
         by('paste').value = {}; by('paste-keys').value = {}; by('paste').dispatchEvent(new Event('input')); \
         for (let left = 2000; !result.dataset.verdict; left--) {{ if (!left) throw Error('nothing was said'); await new Promise((done) => setTimeout(done, 5)); }} \
         const checks = [...result.querySelectorAll('[data-check]')].map((e) => [e.dataset.check, e.dataset.finding]); \
         return {{ verdict: result.dataset.verdict, checks: Object.fromEntries(checks), text: result.innerText, said: by('said').textContent }}; }})()",
        json!(receipt),
        json!(keys)
    );
    browser.settle(&expression).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_of_every_case_what_the_command_says() {
    if !present() {
        return;
    }
    let (own, bare) = (site(Some(KEYS)).await, site(None).await);
    let browser = Browser::start().await;
    for (at, given) in [(&own, true), (&bare, false)] {
        open(&browser, at).await;
        let before = at.seen().len();
        // Nothing pasted is nothing to say anything of.
        for case in cases().iter().filter(|case| case.keys.is_some() == given && !case.receipt.is_empty()) {
            let keys = case.keys.as_deref().filter(|keys| *keys != KEYS).unwrap_or_default();
            let said = ask(&browser, &case.receipt, keys).await;
            assert_eq!(said["verdict"], case.verdict.as_str(), "{}: {said}", case.name);
            assert_eq!(said["checks"], json!(case.checks), "{}: {said}", case.name);
            assert_ne!(said["said"], "", "{}: it is said aloud too", case.name);
        }
        assert_eq!(at.seen().len(), before, "nothing of a receipt leaves the browser");
        assert_eq!(browser.run("return window.broken").await, json!([]));
    }
    assert!(own.seen().iter().any(|seen| seen.path().ends_with("log/keys")), "the keys came from the site");
    browser.close().await;
}

/// As a visitor does it: the receipt of an answer, on the page of the site that gave it, with the keys it publishes.
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_of_this_site_holds_on_its_own_page() {
    if !present() {
        return;
    }
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let page = [("accept", "text/html"), ("sec-fetch-dest", "document")];
    let (_, html) = get(&gateway.url("/"), &page).await;
    let form = format!("notice={}&answer=accept&source=banner", notice(&html));
    let (head, _) = post(&gateway.url(&format!("{HOME}decision")), &form, &page).await;
    let cookie = consent(&head).unwrap();
    let start = std::time::Instant::now();
    let receipt = loop {
        let (_, text) = get(&gateway.url(&format!("{HOME}receipt.json")), &[("cookie", &cookie)]).await;
        if serde_json::from_str::<Value>(&text).unwrap()["proof"].is_string() {
            break text;
        }
        assert!(start.elapsed().as_secs() < 20, "the log never placed it: {text}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    let browser = Browser::start().await;
    browser.goto(&gateway.url(&format!("{HOME}verify"))).await;
    browser.until("document.querySelector('[data-ready]') !== null").await;
    let said = ask(&browser, &receipt, "").await;
    assert_eq!(said["verdict"], "holds", "{said}");
    let refused = receipt.replace("\"grant\"", "\"refuse\"");
    assert_eq!(ask(&browser, &refused, "").await["verdict"], "fails");
    browser.shot("receipt").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_member_of_a_receipt_can_be_another() {
    if !present() {
        return;
    }
    let site = site(Some(KEYS)).await;
    let browser = Browser::start().await;
    open(&browser, &site).await;
    let whole: Value = serde_json::from_str(SECOND).unwrap();
    assert_eq!(ask(&browser, SECOND, "").await["verdict"], "holds");
    let mut tried = 0;
    for (name, value) in whole.as_object().unwrap() {
        let others: Vec<Value> = match value {
            Value::Null => vec![json!("00000000000000000000000000000000")],
            Value::Number(number) => vec![json!(number.as_u64().unwrap() + 1), json!(9_007_199_254_740_993_u64)],
            Value::Array(_) => vec![json!([]), json!([["social", "grant"], ["audience-plus", "grant"]])],
            Value::String(text) => {
                // Somewhere at the beginning, in the middle and near the end, before any padding.
                let letters: Vec<char> = text.trim_end_matches('=').chars().collect();
                let change = |at: usize| {
                    let mut letters = letters.clone();
                    letters[at] = if letters[at] == 'b' { 'c' } else { 'b' };
                    json!(letters.into_iter().collect::<String>() + &text[text.trim_end_matches('=').len()..])
                };
                vec![change(0), change(letters.len() / 2), change(letters.len() - 2)]
            }
            _ => unreachable!(),
        };
        for other in others {
            let mut changed = whole.clone();
            changed[name] = other;
            let said = ask(&browser, &changed.to_string(), "").await;
            assert!(matches!(said["verdict"].as_str(), Some("fails" | "unread")), "{changed}: {said}");
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_chosen_and_dropped_and_exports_are_counted() {
    if !present() {
        return;
    }
    let site = site(Some(KEYS)).await;
    let browser = Browser::start().await;
    open(&browser, &site).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("receipt.json");
    std::fs::write(&file, SECOND).unwrap();
    let input = browser.client.find(fantoccini::Locator::Css("#file")).await.unwrap();
    input.send_keys(file.to_str().unwrap()).await.unwrap();
    browser.until("document.getElementById('result').dataset.verdict === 'holds'").await;
    browser.until("document.activeElement.closest('#result') !== null").await;
    let text = browser.run("return document.getElementById('result').innerText").await.to_string();
    for words in ["2026-11-18 11:06:40.123 UTC", "audience-plus", "180 days", "entry 6", "What it does not show"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let lines = format!("{}{SECOND}{{}}\n", SECOND.replace("\"fr\"", "\"en\"").repeat(3));
    let drop = format!(
        "const carried = new DataTransfer(); carried.items.add(new File([{}], 'export.jsonl')); \
         document.body.dispatchEvent(new DragEvent('drop', {{ dataTransfer: carried, bubbles: true, cancelable: true }}))",
        json!(lines)
    );
    browser.run(&drop).await;
    browser.until("document.getElementById('result').dataset.verdict === 'fails'").await;
    let text = browser.run("return document.getElementById('result').innerText").await.to_string();
    assert!(text.contains("Of 5 receipts 1 hold, 3 do not hold, 1 cannot be read"), "{text}");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_cannot_says_so_and_names_the_command() {
    if !present() {
        return;
    }
    let site = site(Some(KEYS)).await;
    let browser = Browser::start().await;
    // As browsers without Ed25519 answer (Web Cryptography, "importKey").
    let without = "const own = SubtleCrypto.prototype.importKey; SubtleCrypto.prototype.importKey = function (kind, key, algorithm, ...rest) { \
        return algorithm.name === 'Ed25519' ? Promise.reject(new DOMException('', 'NotSupportedError')) : own.call(this, kind, key, algorithm, ...rest); }";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": without })).await;
    browser.goto(&format!("{}{HOME}verify", site.url)).await;
    browser.until("!document.getElementById('unable').hidden && document.getElementById('given').hidden").await;
    let text = browser.run("return document.body.innerText").await.to_string();
    assert!(
        text.contains("cannot check Ed25519") && text.contains("bandeau verify receipt.json --keys keys"),
        "{text}"
    );
    browser.close().await;
}
