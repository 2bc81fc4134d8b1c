//! What is done with the page tab: it is opened, looked at and swept, each within a time that a page cannot stretch. Knows
//! commands and their answers; what happens meanwhile comes to the [`desk`](super::desk).

use super::desk::Desk;
use super::text::{address, cut, text};
use super::{Arrival, Look, Watch};
use crate::browser::{Fault, Session};
use crate::seen::{End, Moment, Picture};
use base64::Engine as _;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a page may take to answer a question.
pub(super) const ANSWER: Duration = Duration::from_secs(4);
/// A picture's bytes in Base64, at most, before it is taken anew with less care.
const PICTURE: usize = 84_000;

/// Title, language and links, each cut in the page.
const LOOK: &str = include_str!("look.js");

impl Watch {
    /// Opens an address in the page tab and waits until it has loaded, failed, become a download, broken, or until
    /// `patience` is over; never longer than that and 3 s more.
    pub async fn open(&self, url: &str, patience: Duration) -> Arrival {
        let began = {
            let mut desk = self.desk();
            let page = &mut desk.page;
            (page.document, page.loaded) = (String::new(), None);
            page.statuses.clear();
            let visit = desk.place.0;
            desk.walk.came.remove(&visit);
            desk.step(visit, Moment::Loading);
            desk.clock.now()
        };
        let (start, page) = (Instant::now(), self.page());
        let command = json!({ "url": url });
        let answer = tokio::select! {
            answer = page.within(patience, "Page.navigate", &command) => Some(answer),
            () = self.until(patience, |desk| desk.page.broken.is_some()) => None,
        };
        let answer = match answer {
            Some(answer) => answer,
            None => Err(Fault::Silent { method: "Page.navigate".to_owned(), limit: patience }),
        };
        let mut end = refused(answer.as_ref());
        let inner = answer.as_ref().is_ok_and(|answer| answer["loaderId"].is_null());
        if end.is_none() && answer.is_ok() && !inner {
            let rest = patience.saturating_sub(start.elapsed());
            self.until(rest, |desk| desk.page.loaded.is_some() || desk.page.broken.is_some()).await;
        }
        if end == Some(End::Download) {
            // The word of it comes by another way than the answer, and belongs to this visit.
            self.until(Duration::from_secs(1), |desk| !desk.odd(desk.place.0).is_empty()).await;
        }
        if end.is_none() {
            end = Some(self.ending(&page, inner).await);
        }
        arrival(&self.desk(), url, end.unwrap_or(End::Slow), began)
    }

    /// Whether the last navigation was answered and the page before it did not give way: it computes while it is left.
    /// [`Watch::renew`] gives another.
    pub fn barred(&self) -> bool {
        let desk = self.desk();
        desk.page.document.is_empty() && desk.page.broken.is_none() && !desk.gone && !desk.page.statuses.is_empty()
    }

    /// How a navigation stands after its time; `inner` says that it led to another place of the same document.
    async fn ending(&self, page: &Session, inner: bool) -> End {
        let (broken, loaded, gone, came) = {
            let desk = self.desk();
            let page = &desk.page;
            (page.broken.clone(), inner || page.loaded.is_some(), desk.gone, !page.document.is_empty())
        };
        match broken {
            Some(why) => End::Broken(why),
            None if gone => End::Broken("the browser ended".to_owned()),
            None if loaded => End::Complete,
            // Where no document came, it is the server that does not answer. While it is awaited the browser lets nobody
            // speak to the document before it.
            None if !came => {
                let _ = page.tell("Page.stopLoading", &json!({}));
                End::Slow
            }
            None if alive(page).await => End::Slow,
            None => End::Broken("the page does not answer".to_owned()),
        }
    }

    /// Looks at the page: address, title, language, links and picture. A page that does not answer takes 4 s, one that
    /// answers slowly 16 s at most.
    pub async fn look(&self) -> Look {
        look(&self.page(), &self.frame()).await
    }

    /// Gathers what the browser keeps: cookies, and every storage of every origin that has a frame in the page. To be
    /// called at the end of each visit, before the page is left. Takes 16 s at most.
    pub async fn sweep(&self) {
        let cookies = timeout(ANSWER, self.browser.call("Storage.getCookies", &json!({}))).await;
        if let Ok(Ok(kept)) = &cookies {
            let mut desk = self.desk();
            let (place, now) = (desk.here(None), desk.clock.date());
            desk.jar.sweep(kept["cookies"].as_array().map_or(&[], Vec::as_slice), place, now);
        }
        let origins = self.desk().sessions.origins();
        let mut asked = JoinSet::new();
        for (session, frame) in origins.into_iter().take(60) {
            let session = self.browser.session(&session);
            asked.spawn(async move { keeps(&session, &frame).await });
        }
        while let Some(found) = asked.join_next().await {
            if let Ok(Ok(found)) = found {
                let mut desk = self.desk();
                let place = desk.here(None);
                desk.store.sweep(&found, place);
                if let Some(late) = found["late"].as_array().filter(|late| !late.is_empty()) {
                    let kinds: Vec<&str> = late.iter().filter_map(|kind| kind.as_str()).collect();
                    let origin = found["origin"].as_str().unwrap_or_default();
                    desk.notes.insert(format!("storage of {origin} did not answer in time: {}", kinds.join(", ")));
                }
            }
        }
    }
}

/// What a command came to.
fn arrival(desk: &Desk, url: &str, end: End, began: u64) -> Arrival {
    let page = &desk.page;
    let landed = if page.document.is_empty() { address(url) } else { page.url.clone() };
    let status = page.statuses.get(&page.document).copied();
    let loaded = page.loaded.map(|loaded| loaded.saturating_sub(began));
    Arrival { end, landed, status, loaded }
}

/// How a navigation ended that did not bring a document, where it did not.
fn refused(answer: Result<&Value, &Fault>) -> Option<End> {
    match answer {
        Ok(answer) if answer["isDownload"] == true => Some(End::Download),
        Ok(answer) => {
            let error = answer["errorText"].as_str().filter(|error| !error.is_empty())?;
            Some(End::Failed(error.to_owned()))
        }
        Err(Fault::Silent { .. }) => None,
        Err(Fault::Refused { why, .. }) => Some(End::Failed(why.clone())),
        Err(fault) => Some(End::Broken(fault.to_string())),
    }
}

/// Whether the page answers at all.
async fn alive(page: &Session) -> bool {
    let ask = json!({ "expression": "1", "returnByValue": true });
    !matches!(page.within(Duration::from_secs(3), "Runtime.evaluate", &ask).await, Err(Fault::Silent { .. }))
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
async fn keeps(page: &Session, frame: &str) -> Result<Value, Fault> {
    let start = Instant::now();
    let found = ask(page, frame, include_str!("sweep.js")).await?;
    let late = found["late"].as_array().is_some_and(|late| !late.is_empty());
    if late && start.elapsed() < ANSWER { ask(page, frame, include_str!("sweep.js")).await } else { Ok(found) }
}

/// What the page looks like.
async fn look(page: &Session, frame: &str) -> Look {
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
