//! Files that are fetched and not opened: `robots.txt` and sitemaps. They come through a browser, so that names, certificates
//! and proxies are those of the pages; and through one of their own, so that no profile that is measured ever saw them.

use crate::browser::{Browser, Fault, Options, Session};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// How long one file may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Bytes that are read of one file.
const BYTES: usize = 8 << 20;

/// A browser that fetches.
#[derive(Debug)]
pub struct Fetch {
    page: Session,
    frame: String,
}

/// What came.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Nothing where there was no answer.
    pub(super) status: Option<u16>,
    /// Cut at the bound.
    pub(super) body: Vec<u8>,
}

impl Fetch {
    /// Starts a browser for it.
    ///
    /// # Errors
    /// When there is none, or it does not start.
    pub async fn start(options: &Options) -> Result<Self, Fault> {
        // What it says of itself is nothing anybody asked for: without a listener it is dropped.
        let (browser, _) = Browser::start(options).await?;
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" })).await?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &attach).await?;
        let page = browser.session(session["sessionId"].as_str().unwrap_or_default());
        let tree = page.call("Page.getFrameTree", &json!({})).await?;
        let frame = tree["frameTree"]["frame"]["id"].as_str().unwrap_or_default().to_owned();
        Ok(Self { page, frame })
    }

    /// What the browser calls itself.
    pub fn browser(&self) -> String {
        self.page.browser().name()
    }

    /// Fetches one file. What fails is no answer.
    pub(super) async fn file(&self, url: &Url) -> File {
        timeout(PATIENCE, self.load(url)).await.ok().and_then(Result::ok).unwrap_or_default()
    }

    async fn load(&self, url: &Url) -> Result<File, Fault> {
        let ask = json!({
            "frameId": self.frame,
            "url": url.as_str(),
            "options": { "disableCache": true, "includeCredentials": false },
        });
        let answer = self.page.within(PATIENCE, "Network.loadNetworkResource", &ask).await?;
        let resource = &answer["resource"];
        let status = resource["httpStatusCode"].as_f64().filter(|status| *status >= 100.0).map(|status| status as u16);
        let mut body = Vec::new();
        if let Some(stream) = resource["stream"].as_str() {
            self.read(stream, &mut body).await?;
        }
        Ok(File { status, body })
    }

    async fn read(&self, stream: &str, body: &mut Vec<u8>) -> Result<(), Fault> {
        let ask = json!({ "handle": stream, "size": 1 << 20 });
        loop {
            let part = self.page.call("IO.read", &ask).await?;
            let text = part["data"].as_str().unwrap_or_default();
            if part["base64Encoded"] == Value::Bool(true) {
                body.extend(STANDARD.decode(text).unwrap_or_default());
            } else {
                body.extend_from_slice(text.as_bytes());
            }
            if part["eof"] == Value::Bool(true) || body.len() >= BYTES {
                body.truncate(BYTES);
                return self.page.tell("IO.close", &json!({ "handle": stream }));
            }
        }
    }
}
