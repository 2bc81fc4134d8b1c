//! Between the browser and the desk: carries every event to it and every order back. Knows flags, and nothing of what the
//! events say.

use super::Options;
use super::desk::{Desk, Order};
use super::target::all;
use super::text::{LONG, cut, text};
use crate::browser::{self, Browser, Fault};
use serde_json::json;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch as flag;
use tokio::task::JoinHandle;

/// What a watched browser does and does not, besides.
const FLAGS: [&str; 8] = [
    // Frames of other sites stay in the page's process, so that they are seen with it.
    "--disable-site-isolation-trials",
    "--window-size=1280,900",
    // A page that eats memory ends before the machine does.
    "--js-flags=--max-old-space-size=512",
    "--disable-hang-monitor",
    "--disable-prompt-on-repost",
    "--deny-permission-prompts",
    "--no-default-browser-check",
    // What the browser asks for itself: the time, its owner's account; and connections that it opens before it has asked for
    // a page, because earlier pages of the site went there.
    "--disable-features=NetworkTimeServiceQuerying,OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,\
     LoadingPredictorUseLocalPredictions",
];

/// How long a window that the page opened may go on.
const WINDOW: Duration = Duration::from_millis(1500);

/// Starts a browser whose words come to the desk; the last counts them.
pub(super) async fn start(
    options: &Options,
    log: &Path,
    desk: &Arc<Mutex<Desk>>,
) -> Result<(Browser, JoinHandle<()>, flag::Receiver<u64>), Fault> {
    let mut flags: Vec<String> = FLAGS.iter().map(ToString::to_string).collect();
    if options.gpc {
        flags.push("--enable-features=GlobalPrivacyControl,GlobalPrivacyControlForce".to_owned());
    }
    if options.insecure {
        flags.push("--ignore-certificate-errors".to_owned());
    }
    if !options.resolve.is_empty() {
        flags.push(format!("--host-resolver-rules={}", options.resolve.join(",")));
    }
    if options.netlog.is_some() {
        flags.push(format!("--log-net-log={}", log.display()));
        // Otherwise it leaves cookies out. It lies in a directory of ours that nobody else can read.
        flags.push("--net-log-capture-mode=IncludeSensitive".to_owned());
    }
    flags.extend(options.browser.flags.iter().cloned());
    let start = browser::Options { program: options.browser.program.clone(), flags };
    let (browser, mut events) = Browser::start(&start).await?;
    let (told, change) = flag::channel(0);
    let (held, kept) = (browser.clone(), Arc::clone(desk));
    let pump = tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let orders = kept.lock().unwrap_or_else(PoisonError::into_inner).hear(event);
            obey(&held, &kept, orders);
            told.send_modify(|count| *count += 1);
        }
        kept.lock().unwrap_or_else(PoisonError::into_inner).gone = true;
        told.send_modify(|count| *count += 1);
    });
    let deny = json!({ "behavior": "deny", "eventsEnabled": true });
    browser.call("Browser.setDownloadBehavior", &deny).await?;
    let mut everything = all();
    // Pages come from their tabs, so that one that is rendered ahead comes, too.
    everything["filter"] = json!([{ "type": "page", "exclude": true }, { "type": "browser_ui", "exclude": true },
        { "type": "browser", "exclude": true }, {}]);
    browser.call("Target.setAutoAttach", &everything).await?;
    Ok((browser, pump, change))
}

/// Does what the desk says, and waits for nothing.
pub(super) fn obey(browser: &Browser, desk: &Arc<Mutex<Desk>>, orders: Vec<Order>) {
    for order in orders {
        match order {
            Order::Tell(Some(session), method, params) => {
                let _ = browser.session(&session).tell(method, &params);
            }
            Order::Tell(None, method, params) => {
                let browser = browser.clone();
                tokio::spawn(async move { browser.call(method, &params).await });
            }
            Order::Close(target) => {
                let browser = browser.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(WINDOW).await;
                    browser.call("Target.closeTarget", &json!({ "targetId": target })).await
                });
            }
            Order::Body(session, id, hop) => {
                let (session, desk) = (browser.session(&session), Arc::clone(desk));
                let turns = desk.lock().unwrap_or_else(PoisonError::into_inner).turns;
                tokio::spawn(async move {
                    let ask = json!({ "requestId": id });
                    let body = session.within(Duration::from_secs(3), "Network.getRequestPostData", &ask).await;
                    let Ok(body) = body else { return };
                    let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
                    if desk.turns == turns
                        && let Some(hop) = desk.traffic.hops.get_mut(hop)
                    {
                        hop.request.body = Some(cut(text(&body, "postData"), LONG));
                    }
                });
            }
        }
    }
}
