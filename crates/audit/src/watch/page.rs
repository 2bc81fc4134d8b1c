//! What is done with the page tab: it is opened, looked at and swept, each within a time that a page cannot stretch. Knows
//! commands and their answers; what happens meanwhile comes to the [`desk`](super::desk).

use super::desk::Desk;
use super::text::{address, cut, text};
use super::{Arrival, Look};
use crate::browser::{Fault, Session};
use crate::seen::{End, Picture};
use base64::Engine as _;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long a page may take to answer a question.
pub(super) const ANSWER: Duration = Duration::from_secs(4);
/// A picture's bytes in Base64, at most, before it is taken anew with less care.
const PICTURE: usize = 84_000;

/// Title, language and links, each cut in the page.
const LOOK: &str = include_str!("look.js");

/// What a command came to.
pub(super) fn arrival(desk: &Desk, url: &str, end: End, began: u64) -> Arrival {
    let page = &desk.page;
    let landed = if page.document.is_empty() { address(url) } else { page.url.clone() };
    let status = page.statuses.get(&page.document).copied();
    let loaded = page.loaded.map(|loaded| loaded.saturating_sub(began));
    Arrival { end, landed, status, loaded }
}

/// How a navigation ended that did not bring a document, where it did not.
pub(super) fn refused(answer: Result<&Value, &Fault>, download: bool) -> Option<End> {
    match answer {
        Ok(answer) if answer["isDownload"] == true => Some(End::Download),
        Ok(answer) => {
            let error = answer["errorText"].as_str().filter(|error| !error.is_empty())?;
            Some(if download { End::Download } else { End::Failed(error.to_owned()) })
        }
        Err(Fault::Silent { .. }) => None,
        Err(Fault::Refused { why, .. }) => Some(End::Failed(why.clone())),
        Err(fault) => Some(End::Broken(fault.to_string())),
    }
}

/// Whether the page answers at all.
pub(super) async fn alive(page: &Session) -> bool {
    let ask = json!({ "expression": "1", "returnByValue": true });
    !matches!(page.within(Duration::from_secs(2), "Runtime.evaluate", &ask).await, Err(Fault::Silent { .. }))
}

/// Evaluates in a world of our own in a frame: the page cannot reach what is used there.
pub(super) async fn ask(page: &Session, frame: &str, expression: &str) -> Result<Value, Fault> {
    let world = json!({ "frameId": frame, "worldName": "" });
    let world = page.within(ANSWER, "Page.createIsolatedWorld", &world).await?;
    let ask = json!({ "expression": expression, "contextId": world["executionContextId"], "awaitPromise": true,
        "returnByValue": true, "silent": true });
    let mut answer = page.within(ANSWER, "Runtime.evaluate", &ask).await?;
    Ok(answer["result"]["value"].take())
}

/// What a frame's origin keeps; asked twice where some of it was late the first time, as it is on a machine under load.
pub(super) async fn sweep(page: &Session, frame: &str) -> Result<Value, Fault> {
    let start = Instant::now();
    let found = ask(page, frame, include_str!("sweep.js")).await?;
    let late = found["late"].as_array().is_some_and(|late| !late.is_empty());
    if late && start.elapsed() < ANSWER { ask(page, frame, include_str!("sweep.js")).await } else { Ok(found) }
}

/// What the page looks like.
pub(super) async fn look(page: &Session, frame: &str) -> Look {
    let mut look = Look::default();
    match ask(page, frame, LOOK).await {
        Ok(said) => {
            look.address = address(text(&said, "address"));
            look.title = cut(text(&said, "title"), 512);
            look.language = cut(text(&said, "language"), 64);
            let links = said["links"].as_array().into_iter().flatten().filter_map(Value::as_str);
            look.links = links.map(str::to_owned).collect();
        }
        Err(fault) => look.hung = matches!(fault, Fault::Silent { .. } | Fault::Gone),
    }
    if !look.hung {
        look.picture = picture(page).await;
    }
    look
}

async fn picture(page: &Session) -> Option<Picture> {
    let mut shot = String::new();
    for quality in [50, 20] {
        let how = json!({ "format": "jpeg", "quality": quality, "optimizeForSpeed": true });
        let answer = page.within(ANSWER, "Page.captureScreenshot", &how).await.ok()?;
        text(&answer, "data").clone_into(&mut shot);
        if shot.len() <= PICTURE {
            break;
        }
    }
    let (width, height) = size(&shot)?;
    Some(Picture { kind: "image/jpeg".to_owned(), width, height, data: shot })
}

/// Width and height from the frame header of a JPEG (ITU T.81, B.2.2).
fn size(base64: &str) -> Option<(u32, u32)> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(base64).ok()?;
    let mut at = 2;
    while let [0xff, kind, high, low, ..] = bytes.get(at..)? {
        if matches!(kind, 0xc0..=0xc2) {
            let number = |at: usize| Some(u32::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])));
            return Some((number(at + 7)?, number(at + 5)?));
        }
        at += 2 + usize::from(u16::from_be_bytes([*high, *low]));
    }
    None
}
