//! Notices answered: the page says what reached it, and by which means.

use crate::stage::{SOON, Stage, value};
use bandeau_audit::banner::{Done, Wish};
use bandeau_audit::seen::Role;

/// A notice of two layers, the second with switches, and no refusal in one click. What is chosen is kept in `chosen`; whether
/// it was a person's click in `trusted`.
const LAYERS: &str = "<footer style='margin-top:3000px'><a href='#' onclick='show(second);return false'>Cookie settings</a></footer>\
    <div id=first style='position:fixed;bottom:0;width:100%;background:#fff'><p>We use cookies.</p>\
    <button onclick='decide(event,[1,1])'>Accept all</button><button onclick='show(second)'>Settings</button></div>\
    <div id=second role=dialog hidden style='position:fixed;top:0;height:200px;overflow:auto;background:#fff'><p>Cookies of ours</p>\
    <label><input type=checkbox checked disabled>Needed</label><div style='height:400px'></div>\
    <label><input id=a type=checkbox checked>Audience</label><label><input id=b type=checkbox>Advertising</label>\
    <button onclick='decide(event,[+a.checked,+b.checked])'>Save my choices</button></div>\
    <script>function show(x) { first.hidden = true; x.hidden = false }\
    function decide(e, x) { window.chosen = x.join(); window.trusted = e.isTrusted; first.hidden = second.hidden = true }</script>";

#[tokio::test]
async fn a_second_layer_is_explored_and_refused_in() {
    let Some(stage) = Stage::open().await else { return };
    let hand = stage.show(LAYERS).await;
    let mut banner = hand.find(SOON).await.unwrap().unwrap();
    assert_eq!((banner.accept, banner.refuse), (Some(1), None));
    hand.explore(&mut banner).await.unwrap();
    // One to the settings, one for the switch that is on, one to keep it.
    assert_eq!((banner.accept, banner.refuse, banner.layers.len()), (Some(1), Some(3), 2));
    let switches: Vec<_> = banner.layers[1].controls.iter().filter(|control| control.role == Role::Switch).collect();
    let states: Vec<_> = switches.iter().map(|switch| (switch.text.as_str(), switch.on, switch.enabled)).collect();
    assert_eq!(
        states,
        [("Needed", Some(true), false), ("Audience", Some(true), true), ("Advertising", Some(false), true)]
    );
    assert_eq!(value(&hand, "typeof chosen").await, "undefined");

    let hand = stage.show(LAYERS).await;
    let mut steps = Vec::new();
    assert_eq!(hand.choose(Wish::Refuse, &mut steps).await.unwrap(), Done::Did);
    assert_eq!(value(&hand, "chosen").await, "0,0");
    assert_eq!(value(&hand, "trusted").await, true);
    let roles: Vec<_> = steps.iter().map(|step| step.role).collect();
    assert_eq!(roles, [Role::Settings, Role::Switch, Role::Save]);
    assert!(steps.windows(2).all(|two| two[0].at <= two[1].at) && steps[0].url.contains("newsroom.localhost"));
}

#[tokio::test]
async fn what_was_accepted_is_taken_back_by_a_link_below() {
    let Some(stage) = Stage::open().await else { return };
    let hand = stage.show(LAYERS).await;
    let mut steps = Vec::new();
    assert_eq!(hand.choose(Wish::Accept, &mut steps).await.unwrap(), Done::Did);
    assert_eq!(value(&hand, "chosen").await, "1,1");
    let (done, way) = hand.change(&mut steps).await.unwrap();
    let way = way.unwrap();
    assert_eq!((done, way.text.as_str(), way.clicks, way.visible), (Done::Did, "Cookie settings", 3, true));
    assert_eq!(value(&hand, "chosen").await, "0,0");
    assert_eq!(steps.len(), 4);
}

#[tokio::test]
async fn a_choice_is_made_wherever_the_notice_stands() {
    let Some(stage) = Stage::open().await else { return };
    let buttons = "<p>We use cookies.</p><button onclick='parent.postMessage(`yes ${event.isTrusted}`,`*`);box.remove()'>Accept all</button>\
                   <button onclick='parent.postMessage(`no ${event.isTrusted}`,`*`);box.remove()'>Reject all</button>";
    let listen = "<script>addEventListener('message', (event) => window.chosen = event.data)</script>";
    stage.put("ads", "/notice", &format!("<div style='height:150px'></div><div id=box>{buttons}</div>"));
    let frame =
        "<iframe src='//ads.localhost:PORT/notice' style='position:fixed;left:300px;top:150px;height:120px'></iframe>";
    let inner = buttons.replace("box.remove()", "this.parentNode.remove()");
    let closed = format!(
        "<div><template shadowrootmode=closed><div style='position:fixed;bottom:0'>{inner}</div></template></div>"
    );
    for (name, page) in [("frame", frame.to_owned()), ("closed", closed)] {
        for (wish, said) in [(Wish::Accept, "yes true"), (Wish::Refuse, "no true")] {
            let hand = stage.show(&format!("{listen}{page}")).await;
            let mut steps = Vec::new();
            assert_eq!(hand.choose(wish, &mut steps).await.unwrap(), Done::Did, "{name}");
            assert_eq!(value(&hand, "chosen").await, said, "{name}");
            assert_eq!(steps.len(), 1, "{name}: {steps:?}");
        }
    }
}

#[tokio::test]
async fn a_page_that_comes_anew_has_answered() {
    let Some(stage) = Stage::open().await else { return };
    let page = "<div id=box style='position:fixed;bottom:0'><p>We use cookies.</p>\
                <button onclick='sessionStorage.chosen=1;location.reload()'>Accept all</button><button>Reject all</button></div>\
                <script>if (sessionStorage.chosen) box.remove()</script>";
    let hand = stage.show(page).await;
    let mut steps = Vec::new();
    assert_eq!(hand.choose(Wish::Accept, &mut steps).await.unwrap(), Done::Did);
    assert_eq!(value(&hand, "sessionStorage.chosen").await, "1");
}

#[tokio::test]
async fn what_does_not_work_is_said() {
    let Some(stage) = Stage::open().await else { return };
    let mut steps = Vec::new();
    let hand = stage.show("<p>Nothing here</p>").await;
    assert_eq!(hand.choose(Wish::Refuse, &mut steps).await.unwrap(), Done::NoBanner);
    let only = "<div style='position:fixed;bottom:0'><p>This site uses cookies.</p><button>OK</button></div>";
    let hand = stage.show(only).await;
    let done = hand.choose(Wish::Refuse, &mut steps).await.unwrap();
    assert_eq!(done, Done::NoWay("nothing was found that refuses everything".to_owned()));
    assert!(steps.is_empty());
    // A button that does nothing, whoever presses it.
    let done = hand.choose(Wish::Accept, &mut steps).await.unwrap();
    assert_eq!(done, Done::NoWay("it was clicked, and the notice stayed".to_owned()));
    let (done, way) = stage.show("<p>Nothing here</p>").await.change(&mut steps).await.unwrap();
    assert_eq!((done, way), (Done::NoWay("nothing on the page leads back to the choice".to_owned()), None));
}

#[tokio::test]
async fn a_script_is_the_last_resort_and_is_called_so() {
    let Some(stage) = Stage::open().await else { return };
    let page = "<div id=klaro class=klaro></div><script>klaro = { show() {\
        document.querySelector('#klaro').innerHTML = `<div class=cookie-modal><div class=cm-modal>x\
        <button class=cm-btn-decline onclick='chosen=0;this.closest(\".cookie-modal\").remove()'>Off</button></div></div>` } }</script>";
    let hand = stage.show(page).await;
    let mut steps = Vec::new();
    let (done, way) = hand.change(&mut steps).await.unwrap();
    let way = way.unwrap();
    assert_eq!((done, way.clicks, way.visible), (Done::Did, 1, false));
    assert!(way.text.contains("klaro.show"), "{}", way.text);
    assert_eq!(value(&hand, "chosen").await, 0);
}

#[tokio::test]
async fn a_page_about_cookies_may_hold_the_way_back() {
    let Some(stage) = Stage::open().await else { return };
    let cookies = "<h1>Cookies</h1><button onclick='sessionStorage.back=1'>Withdraw my consent</button>";
    stage.put("newsroom", "/cookies", cookies);
    let hand = stage.show("<p>Text</p><footer><a href=/cookies>Manage cookies</a></footer>").await;
    let mut steps = Vec::new();
    let (done, way) = hand.change(&mut steps).await.unwrap();
    let way = way.unwrap();
    assert_eq!((done, way.text.as_str(), way.clicks), (Done::Did, "Manage cookies", 2));
    assert_eq!(value(&hand, "sessionStorage.back").await, "1");
}
