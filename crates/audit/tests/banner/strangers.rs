//! What looks like a notice and is none.

use crate::stage::{SOON, Stage};

const STRANGERS: [(&str, &str); 12] = [
    (
        "a newsletter",
        "<div style='position:fixed;bottom:0;background:#fff'><h2>Never miss a story</h2><p>Get our newsletter. By \
         subscribing you agree to our privacy policy and to the storage of your personal data.</p><input type=email>\
         <button>Subscribe</button><button>No thanks</button><button>×</button></div>",
    ),
    (
        "a newsletter that asks for agreement",
        "<div role=dialog style='position:fixed;top:10px;background:#fff'><p>We use cookies to know who subscribed. Leave us your \
         address.</p><input type=email><button>I agree</button><button>No thanks</button></div>",
    ),
    (
        "an age gate",
        "<div role=dialog style='position:fixed;inset:0;background:#fff'><h2>Are you over 18?</h2><p>By entering you accept our \
         cookie policy.</p><button>Yes</button><button>No</button></div>",
    ),
    (
        "an age gate that speaks of nothing else",
        "<div role=dialog style='position:fixed;inset:0;background:#fff'><h2>Are you of age?</h2><button>I accept</button>\
         <button>Leave</button></div>",
    ),
    (
        "a login",
        "<div role=dialog style='position:fixed;top:0;background:#fff'><p>By continuing you accept our cookie policy and our privacy \
         policy.</p><input type=text><input type=password><button>Continue</button><button>Accept and continue</button></div>",
    ),
    (
        "a push prompt",
        "<div style='position:fixed;top:0;background:#fff'><p>May we send you notifications about breaking news?</p>\
         <button>Allow</button><button>No thanks</button></div>",
    ),
    (
        "a language chooser",
        "<div role=dialog style='position:fixed;top:0;background:#fff'><p>You seem to be in France.</p><button>Continue</button>\
         <button>Change settings</button><select><option>English<option>Français</select></div>",
    ),
    (
        "an article about cookies",
        "<article><h1>Why cookies follow you</h1><p>Cookies are everywhere, and consent is rare.</p><a href=/x>Accept or refuse? \
         What the law says about the settings of every site that wants your data</a><a href=/y>Read more</a></article>",
    ),
    (
        "a recipe",
        "<article><h1>Butter cookies</h1><p>These cookies need an hour.</p><button>Save</button><button>Print</button>\
         <a href=/x>More recipes</a></article>",
    ),
    (
        "a placeholder for a video",
        "<div class=player><p>This video is shown by a service that stores cookies. Do you want to see it?</p><button>Allow</button>\
         </div>",
    ),
    (
        "a notice that is not shown",
        "<div style='position:fixed;bottom:0;display:none'><p>We use cookies.</p><button>Accept all</button><button>Reject all\
         </button></div><div style='position:fixed;bottom:0;opacity:0'><p>We use cookies.</p><button>Accept all</button></div>\
         <div style='position:fixed;top:-300px;height:100px'><p>We use cookies.</p><button>Accept all</button></div>",
    ),
    (
        "a notice below something else",
        "<div style='position:fixed;bottom:0;width:100%'><p>We use cookies.</p><button>Accept all</button></div>\
         <div style='position:fixed;inset:0;background:#fff;z-index:9'>Loading</div>",
    ),
];

#[tokio::test]
async fn what_asks_for_something_else_is_no_notice() {
    let Some(stage) = Stage::open().await else { return };
    for (name, page) in STRANGERS {
        let hand = stage.show(page).await;
        let found = hand.find(SOON / 3).await.unwrap();
        assert!(found.is_none(), "{name} was taken for one: {:?}", found.map(|found| found.text));
    }
}
