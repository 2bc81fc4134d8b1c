//! The demo's site, learnt from traffic alone: a gateway without a single service watches a browser, the draft is answered
//! where only a person can, and the gateway that runs with it holds and lets through what the hand-written one does.

use crate::driver::{Browser, present};
use crate::scene::{PARTIES, Scene};
use crate::support::{BANDEAU, Demo, Gateway};
use std::path::Path;
use std::process::Command;

const PAGES: [&str; 6] = ["/", "/en/", "/phare", "/marche", "/bibliotheque", "/confidentialite"];

/// A site and nothing else: no service, no purpose, no feature.
const EMPTY: &str = "
[site]
name = \"La Gazette du soir\"
hosts = [\"newsroom.localhost\"]
controller = \"Société Gazette\"
privacy = \"/confidentialite\"
languages = [\"fr\", \"en\"]

[policy]
unknown = \"learn\"
";

/// What only a person can say: these two the site needs to work. All else of the draft stays as it was written.
const EXEMPT: [&str; 2] = ["session", "theme"];

/// Runs `bandeau` in a directory; what it printed.
pub fn bandeau(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(BANDEAU).args(arguments).current_dir(dir).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap_or(-1), text)
}

/// Answers the draft: takes these names from those nobody has claimed, and says that the site needs them.
fn answer(draft: &str) -> String {
    let mut text = draft.to_owned();
    for name in EXEMPT {
        let line = format!("    \"{name}\",\n");
        assert_eq!(text.matches(&line).count(), 1, "{name} is asked about once in\n{draft}");
        text = text.replace(&line, "");
    }
    let names = EXEMPT.map(|name| format!("\"{name}\"")).join(", ");
    text + &format!(
        "\n[[service]]\nid = \"gazette\"\nname = \"Gazette\"\npurpose = \"technical\"\ncookies = [{names}]\n"
    )
}

/// A browser walks over the site as somebody who has not answered, and gives every page the time to tell.
async fn walk(scene: &Scene) {
    for page in PAGES {
        scene.visit(page, "neutral").await;
        tokio::time::sleep(std::time::Duration::from_millis(3500)).await;
    }
    // Somebody likes it dark: a cookie that comes of being used.
    scene.visit("/", "neutral").await;
    scene.browser.run("document.querySelector('form[action=\"/theme\"] button').click()").await;
    scene.browser.until("document.documentElement.dataset.theme === 'dark'").await;
    scene.browser.goto("about:blank").await;
    scene.browser.linger().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_learnt_from_traffic_enforces_as_a_hand_written_one() {
    if !present() {
        return;
    }
    let mut demo = Demo::start();
    let mut gateway = Gateway::start(&demo.upstream, EMPTY);
    demo.site = format!("http://newsroom.localhost:{}", gateway.port);
    let mut scene = Scene { demo, browser: Browser::start().await };
    walk(&scene).await;
    for (name, _, requests) in scene.received().await {
        assert!(requests > 0, "{name} passes while it is learnt");
    }
    gateway.process.stop();
    let (dir, port) = (std::mem::replace(&mut gateway.dir, tempfile::tempdir().unwrap()), gateway.port);
    drop(gateway);
    let seen = std::fs::read_to_string(dir.path().join("learned.json")).unwrap();
    let (code, said) = bandeau(dir.path(), &["learn"]);
    assert_eq!(code, 0, "{said}");
    println!("{said}");
    let file = dir.path().join("bandeau.toml");
    let draft = std::fs::read_to_string(&file).unwrap();
    println!("{draft}");
    for party in PARTIES {
        assert!(draft.contains(&format!("\"{party}.localhost\"")), "{party} in\n{draft}\n{seen}");
    }
    // Whose a name is, is known from the script that wrote it.
    let of =
        |id: &str| draft.split("\n[[service]]\n").find(|table| table.starts_with(&format!("id = \"{id}\""))).unwrap();
    for (id, name) in [
        ("metrics-localhost", "_mx_id"),
        ("ads-localhost", "_ad_id"),
        ("profile-localhost", "taste:profile"),
        ("social-localhost", "social_id"),
    ] {
        assert!(of(id).contains(&format!("\"{name}\"")), "{name} of {id}\n{draft}\n{seen}");
    }
    let (code, said) = bandeau(dir.path(), &["learn"]);
    assert!(code == 0 && said.contains("nothing new"), "{said}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), draft, "the same once more changes no byte");
    std::fs::write(&file, answer(&draft)).unwrap();
    let (code, said) = bandeau(dir.path(), &["check", "--no-dns"]);
    assert_eq!(code, 0, "{said}");
    let _gateway = Gateway::restart(dir, port);
    scene.browser.close().await;
    scene.browser = Browser::start().await;
    enforces(&scene).await;
    scene.close().await;
}

/// Nothing leaves or is kept before a choice, after refusing and after withdrawing; everything works after accepting.
async fn enforces(scene: &Scene) {
    scene.forget().await;
    for page in PAGES {
        scene.visit(page, "neutral").await;
        scene.nothing_left_but_for(&[]).await;
    }
    clean(scene).await;
    scene.visit("/", "neutral").await;
    scene.answer("refuse", "red").await;
    for page in PAGES {
        scene.visit(page, "red").await;
        scene.nothing_left_but_for(&[]).await;
    }
    clean(scene).await;
    scene.browser.devtools("Network.clearBrowserCookies", serde_json::json!({})).await;
    scene.visit("/", "neutral").await;
    scene.answer("accept", "green").await;
    for name in PARTIES.iter().chain(&["stats", "comments"]) {
        scene.works(name).await;
    }
    for (name, _, requests) in scene.received().await {
        assert!(requests > 0, "{name} received nothing after accepting");
    }
    scene.withdraw().await;
    scene.browser.linger().await;
    scene.forget().await;
    for page in PAGES {
        scene.visit(page, "red").await;
        scene.nothing_left_but_for(&[]).await;
    }
    clean(scene).await;
}

/// The browser keeps what is exempt and nothing else. `stats_id` is not among it: nobody said that it is.
async fn clean(scene: &Scene) {
    let found = scene.browser.cookies().await;
    let strange: Vec<_> =
        found.iter().filter(|(_, name)| !["session", "theme", "bandeau"].contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?}");
    scene.storage_is_empty().await;
}
