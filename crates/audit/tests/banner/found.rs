//! Notices nobody knows, found by their words, wherever they stand; and what is measured of them.

use crate::stage::{SOON, Stage};
use bandeau_audit::seen::{Banner, How, Role};

/// A notice in a style, of these buttons.
fn bar(style: &str, text: &str, buttons: &[&str]) -> String {
    let buttons: String = buttons.iter().map(|text| format!("<button>{text}</button>")).collect();
    format!("<div style='{style}'><p>{text}</p>{buttons}</div>")
}

const BOTTOM: &str = "position:fixed;bottom:0;left:0;right:0;background:#fff";

fn role(banner: &Banner, role: Role) -> Vec<&str> {
    let controls = banner.layers[0].controls.iter();
    controls.filter(|control| control.role == role).map(|control| control.text.as_str()).collect()
}

#[tokio::test]
async fn a_notice_is_found_by_its_words_in_many_languages() {
    let Some(stage) = Stage::open().await else { return };
    let cases = [
        ("en", "We and our partners use cookies.", "Accept all cookies", "Reject all", "Cookie settings"),
        ("fr", "Nous utilisons des traceurs.", "J’accepte", "Continuer sans accepter", "Paramétrer"),
        ("de", "Wir verwenden Cookies.", "Alle akzeptieren", "Nur notwendige Cookies", "Einstellungen"),
        ("cs", "Používáme soubory cookie.", "Přijmout vše", "Odmítnout vše", "Nastavení"),
        ("el", "Χρησιμοποιούμε cookies.", "ΑΠΟΔΟΧΗ ΟΛΩΝ", "Απόρριψη όλων", "Ρυθμίσεις"),
        ("bg", "Използваме бисквитки.", "Приемам всички", "Отхвърли всички", "Настройки"),
        ("fi", "Käytämme evästeitä.", "Hyväksy kaikki", "Vain välttämättömät", "Muokkaa asetuksia"),
        ("tr", "Çerezleri kullanıyoruz.", "TÜMÜNÜ KABUL ET", "Tümünü reddet", "Çerez ayarları"),
        ("lv", "Mēs izmantojam sīkdatnes.", "Piekrītu visām", "Noraidīt visas", "Iestatījumi"),
    ];
    for (code, text, accept, refuse, settings) in cases {
        let hand = stage.show(&bar(BOTTOM, text, &[accept, refuse, settings])).await;
        let banner = hand.find(SOON).await.unwrap().unwrap_or_else(|| panic!("{code}: not found"));
        assert_eq!((banner.tool.as_deref(), banner.how), (None, How::Words), "{code}");
        assert_eq!(role(&banner, Role::Accept), [accept], "{code}");
        assert_eq!(role(&banner, Role::Refuse), [refuse], "{code}");
        assert_eq!(role(&banner, Role::Settings), [settings], "{code}");
        assert_eq!((banner.accept, banner.refuse, banner.wall), (Some(1), Some(1), false), "{code}");
        assert_eq!(banner.language.as_deref(), Some(code));
        assert!(banner.layers[0].picture.as_ref().is_some_and(|picture| picture.data.len() > 500), "{code}");
    }
}

#[tokio::test]
async fn a_notice_is_found_wherever_it_stands() {
    let Some(stage) = Stage::open().await else { return };
    let notice = bar(BOTTOM, "We use cookies.", &["Accept all", "Reject all"]);
    let open = format!("<div id=host><template shadowrootmode=open>{notice}</template></div>");
    let closed = format!("<div id=host><template shadowrootmode=closed>{notice}</template></div>");
    let twice = format!(
        "<div><template shadowrootmode=closed><div><template shadowrootmode=closed>{notice}</template></div></template></div>"
    );
    let script = "<p>Text</p><script>const root = document.body.appendChild(document.createElement('cmp-root')).attachShadow({mode:'closed'}); \
                  root.innerHTML = NOTICE;</script>"
        .replace("NOTICE", &format!("{notice:?}"));
    let within = bar("background:#fff", "We use cookies.", &["Accept all", "Reject all"]);
    stage.put("ads", "/notice", &within);
    stage.put(
        "cmp",
        "/around",
        "<iframe src='//ads.localhost:PORT/notice' style='border:0;width:100%;height:150px'></iframe>",
    );
    let frame = "<h1>Site</h1><iframe src='//ads.localhost:PORT/notice' style='position:fixed;bottom:0;width:400px;height:150px'></iframe>";
    let frames = frame.replace("ads.localhost:PORT/notice", "cmp.localhost:PORT/around");
    let dialog = "<dialog id=d><p>We use cookies.</p><button>Accept all</button><button>Reject all</button></dialog>\
                  <script>d.showModal()</script>";
    let flow = bar("background:#eee", "We use cookies.", &["Accept all", "Reject all"]);
    let late =
        format!("<script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', {notice:?}), 600)</script>");
    let cases = [
        ("page", notice.clone(), false),
        ("open tree", open, true),
        ("closed tree", closed, true),
        ("closed tree in a closed tree", twice, true),
        ("closed tree made by a script", script, true),
        ("frame of another site", frame.to_owned(), false),
        ("frame in a frame", frames, false),
        ("modal dialog", dialog.to_owned(), false),
        ("page, not above it", format!("{flow}<p>Text</p>"), false),
        ("page, late", late, false),
    ];
    for (name, page, shadow) in cases {
        let hand = stage.show(&page).await;
        let banner = hand.find(SOON * 2).await.unwrap().unwrap_or_else(|| panic!("{name}: not found"));
        assert_eq!(role(&banner, Role::Accept), ["Accept all"], "{name}");
        assert_eq!(role(&banner, Role::Refuse), ["Reject all"], "{name}");
        assert_eq!(banner.shadow, shadow, "{name}");
        assert_eq!(banner.frame.contains("ads.localhost"), name.contains("frame"), "{name}: {}", banner.frame);
        assert_eq!(banner.wall, name == "modal dialog", "{name}");
        let control = &banner.layers[0].controls[0].rect;
        if name.contains("frame") {
            // The frame begins below the middle of the window: places are those of the window.
            assert!(control.y > 200.0, "{name}: {control:?}");
        }
    }
}

#[tokio::test]
async fn controls_are_measured_as_they_look() {
    let Some(stage) = Stage::open().await else { return };
    let page = "<div style='position:fixed;bottom:0;left:0;width:600px;height:120px;background:rgb(255 255 255 / 50%);color:#000'>\
        <p>We use cookies.</p>\
        <button style='all:unset;position:absolute;left:10px;top:60px;width:200px;height:40px;font:700 20px sans-serif;\
        background:#000;color:#fff'>Accept all</button>\
        <a href='#' style='position:absolute;left:300px;top:60px;font:400 10px sans-serif;color:#777'>Reject all</a>\
        <button disabled style='position:absolute;left:400px;top:60px'>Settings</button>\
        <button aria-label='Close' style='position:absolute;left:500px;top:60px;background:linear-gradient(#fff,#000)'>×</button></div>\
        <style>body{background:#000}</style>";
    let hand = stage.show(page).await;
    let banner = hand.find(SOON).await.unwrap().unwrap();
    let get = |role: Role| banner.layers[0].controls.iter().find(|control| control.role == role).unwrap();
    let accept = get(Role::Accept);
    assert_eq!((accept.font, accept.weight, accept.element.as_str()), (20.0, 700, "button"));
    assert_eq!((accept.colour.as_str(), accept.background.as_str(), accept.contrast), ("#ffffff", "#000000", 21.0));
    assert_eq!((accept.rect.x, accept.rect.width, accept.rect.height), (10.0, 200.0, 40.0));
    // Half of white above black.
    let refuse = get(Role::Refuse);
    assert_eq!((refuse.font, refuse.weight, refuse.element.as_str()), (10.0, 400, "a"));
    assert!(["#808080", "#7f7f7f"].contains(&refuse.background.as_str()), "{}", refuse.background);
    assert!(refuse.contrast < 1.3 && (refuse.relief - 1.0).abs() < 0.01, "{refuse:?}");
    assert!((accept.relief - 5.3).abs() < 0.2, "{}", accept.relief);
    assert!(!get(Role::Settings).enabled && accept.enabled);
    // The mean of both ends of the gradient.
    assert_eq!(get(Role::Close).background, "#808080");
    assert_eq!((banner.accept, banner.refuse), (Some(1), Some(1)));
}

#[tokio::test]
async fn what_cannot_be_refused_is_said() {
    let Some(stage) = Stage::open().await else { return };
    let hand = stage.show(&bar(BOTTOM, "This site uses cookies.", &["OK"])).await;
    let banner = hand.find(SOON).await.unwrap().unwrap();
    assert_eq!((banner.accept, banner.refuse), (Some(1), None));
    let wall = bar(
        "position:fixed;inset:0;background:#fff",
        "Nous utilisons des cookies.",
        &["Accepter", "S’abonner pour 2 €"],
    );
    let hand = stage.show(&format!("<p>Text</p>{wall}")).await;
    let mut banner = hand.find(SOON).await.unwrap().unwrap();
    assert!(banner.wall);
    assert_eq!(role(&banner, Role::Pay), ["S’abonner pour 2 €"]);
    hand.explore(&mut banner).await.unwrap();
    assert_eq!((banner.accept, banner.refuse, banner.layers.len()), (Some(1), None, 1));
}
