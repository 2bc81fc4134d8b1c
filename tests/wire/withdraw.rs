//! Taking back: every form of every cookie goes, also of more than one answer can carry; nothing of them reaches the
//! site meanwhile, exempt ones stay, and what browsers are told to clear.

use crate::raw::{DECISION, PAGE, accept, set, shown, until};
use crate::site::Site;
use crate::support::{BANDEAU, CONFIG, Gateway, consent, get, post};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// A browser's cookies of one host: name and path. The host is an address, so none is of a domain.
struct Jar(Mutex<BTreeSet<(String, String)>>);

impl Jar {
    /// What is sent to a page.
    fn sent(&self, page: &str) -> String {
        let reaches = |path: &str| page == path || path.ends_with('/') || page.starts_with(&format!("{path}/"));
        let all = self.0.lock().unwrap();
        let sent = all.iter().filter(|(_, path)| page.starts_with(path.as_str()) && reaches(path));
        sent.map(|(name, _)| format!("{name}=1")).collect::<Vec<_>>().join("; ")
    }

    fn take(&self, lines: &[String]) {
        for line in lines.iter().filter(|line| line.contains("Max-Age=0")) {
            let path = line.split("; ").find_map(|part| part.strip_prefix("Path=")).unwrap();
            self.0.lock().unwrap().remove(&(line.split('=').next().unwrap().to_owned(), path.to_owned()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_one_answer_can_carry_goes_in_the_end_and_never_travels() {
    const DEEP: &str = "/2026/11/22/city/harbour/story";
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let granted = accept(&gateway).await;
    let mut all = BTreeSet::from([("session".to_owned(), "/".to_owned())]);
    for at in 0..90 {
        all.insert((format!("forum_{at:02}"), "/".to_owned()));
    }
    for at in 0..40 {
        // Where a script that names no path puts them, deeper than most sites go.
        all.insert((format!("_ad_{at:02}"), "/2026/11/22/city/harbour".to_owned()));
        all.insert((format!("forum_{at:02}"), "/2026/11".to_owned()));
    }
    let jar = Jar(Mutex::new(all));
    let form = format!("notice={}&answer=refuse&source=withdrawal", shown(&gateway).await);
    let cookie = format!("{}; {granted}", jar.sent(DECISION));
    let (head, _) = post(&gateway.url(DECISION), &form, &[PAGE, ("cookie", &cookie)]).await;
    let refused = consent(&head).unwrap();
    let lines = set(&head);
    assert!(lines.len() <= 61, "one answer stays small: {}", lines.len());
    jar.take(&lines);
    let before = site.seen().len();
    until("every cookie is gone", || async {
        let cookie = format!("{}; {refused}", jar.sent(DEEP));
        let (head, _) = get(&gateway.url(DEEP), &[PAGE, ("cookie", &cookie)]).await;
        assert!(set(&head).len() <= 60);
        jar.take(&set(&head));
        jar.0.lock().unwrap().len() == 1
    })
    .await;
    assert_eq!(jar.sent(DEEP), "session=1", "what is exempt stays");
    for seen in &site.seen()[before..] {
        assert_eq!(seen.header("cookie").as_deref(), Some("session=1"), "nothing else travels meanwhile");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_clear_when_something_is_taken_back_and_only_then() {
    let site = Site::page("<!doctype html><title>t</title><p>x").await;
    let gateway = Gateway::start(&site.url, &format!("[policy]\nclear = [\"cache\", \"storage\"]\n{CONFIG}"));
    let notice = shown(&gateway).await;
    let answer = async |form: &str, cookie: &str| {
        let form = format!("notice={notice}&{form}");
        let (head, _) = post(&gateway.url(DECISION), &form, &[PAGE, ("cookie", cookie)]).await;
        assert_eq!(head.status, 303);
        let cleared = head.headers.get("clear-site-data").map(|value| value.to_str().unwrap().to_owned());
        (consent(&head).unwrap(), cleared)
    };
    let both = Some("\"cache\", \"storage\"".to_owned());
    let (all, cleared) = answer("answer=accept", "").await;
    assert_eq!(cleared, None, "who gives keeps what is there");
    assert_eq!(answer("answer=accept", &all).await.1, None);
    assert_eq!(answer("answer=choose&choice.social=grant&choice.advertising=refuse", &all).await.1, both);
    let (refused, cleared) = answer("answer=refuse", &all).await;
    assert_eq!(cleared, both);
    assert!(refused.len() > 20, "and the refusal is set in the same answer");
    assert_eq!(answer("answer=refuse", "").await.1, both);
    let (head, _) = get(&gateway.url("/"), &[PAGE, ("cookie", &refused)]).await;
    assert!(!head.headers.contains_key("clear-site-data"), "pages clear nothing");

    let quiet = Gateway::start(&site.url, CONFIG);
    let form = format!("notice={}&answer=refuse", shown(&quiet).await);
    let (head, _) = post(&quiet.url(DECISION), &form, &[PAGE]).await;
    assert!(!head.headers.contains_key("clear-site-data"), "nobody asked for it");
}

#[test]
fn cookies_are_never_cleared_all_at_once() {
    let dir = tempfile::tempdir().unwrap();
    for (read, word) in
        [("cookies", "the refusal that is set in the same answer"), ("*", "the refusal"), ("x", "expected")]
    {
        let text = format!("upstream = \"http://127.0.0.1:1\"\n[policy]\nclear = [\"cache\", \"{read}\"]\n{CONFIG}");
        std::fs::write(dir.path().join("bandeau.toml"), text).unwrap();
        let check = std::process::Command::new(BANDEAU).arg("check").current_dir(dir.path()).output().unwrap();
        let said = String::from_utf8_lossy(&check.stdout).into_owned();
        assert_eq!(check.status.code(), Some(1));
        assert!(said.contains("bandeau.toml:3:19: policy.clear") && said.contains(word), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn features_without_a_host_are_refused_until_all_is_granted() {
    let site = Site::start(|_| {
        let mut response = crate::site::page("<!doctype html><title>t</title><p>x");
        let own = http::HeaderValue::from_static("camera=(), browsing-topics=*");
        response.headers_mut().insert("permissions-policy", own);
        response
    })
    .await;
    let gateway = Gateway::start(&site.url, CONFIG);
    let said = async |cookie: &str| {
        let (head, _) = get(&gateway.url("/"), &[PAGE, ("cookie", cookie)]).await;
        let all = head.headers.get_all("permissions-policy").iter();
        all.map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(said("").await, "camera=(), browsing-topics=*, browsing-topics=()");
    assert_eq!(said(&accept(&gateway).await).await, "camera=(), browsing-topics=*", "then the site's own counts");
    let (head, _) = get(&gateway.url("/a.png"), &[("sec-fetch-dest", "image")]).await;
    assert_eq!(head.headers["permissions-policy"], "camera=(), browsing-topics=*", "parts of a page have none");
}
