//! The witness: a page that shows what each third party received, and nothing it did not.
//!
//! This room does not know what anyone was allowed to receive; it only tells.

use super::host::Host;
use super::log::{Entry, Log, Seen};
use super::origins::Origins;
use super::reply::{self, Reply};
use super::text::{self, escape};
use http::{Request, StatusCode, header};
use hyper::body::Incoming;
use std::fmt::Write;
use std::sync::Arc;

const PAGE: &str = include_str!("../../demo/witness.html");
/// Requests listed on a card; the log has more.
const LISTED: usize = 40;

/// The witness's server.
pub(super) struct Witness {
    /// What it remembers.
    pub(super) log: Arc<Log>,
    /// Where everyone is.
    pub(super) origins: Arc<Origins>,
}

impl Host for Witness {
    type Link = ();

    fn connected(&self) {}

    async fn answer(&self, (): &(), request: Request<Incoming>) -> Reply {
        self.route(&request)
    }
}

impl Witness {
    fn route<B>(&self, request: &Request<B>) -> Reply {
        let agent = text::short(&text::line(request.headers(), header::USER_AGENT), 2048);
        let asks = |name: &str| text::query(request.uri(), name).is_some();
        let own = (!asks("all")).then_some(agent.as_str());
        match (request.method().as_str(), request.uri().path()) {
            ("GET" | "HEAD", "/") => reply::html(self.page(own)),
            ("GET" | "HEAD", "/cards") => reply::html(self.cards(own)),
            ("GET" | "HEAD", "/log.json") => reply::json(&self.log.json(asks("mine").then_some(agent.as_str()))),
            ("POST", "/reset") => {
                self.log.reset();
                reply::see(if asks("all") { "/?all" } else { "/" })
            }
            _ => reply::status(StatusCode::NOT_FOUND, "Nothing here."),
        }
    }

    fn page(&self, agent: Option<&str>) -> String {
        let (all, other, label, whose) = match agent {
            Some(_) => ("", "/?all", "Show every browser", "from this browser"),
            None => ("?all", "/", "Show only this browser", "from every browser"),
        };
        text::fill(PAGE, |key| {
            let own = match key {
                "all" => all,
                "other" => other,
                "label" => label,
                "whose" => whose,
                "cards" => return Some(self.cards(agent)),
                _ => return self.origins.find(key),
            };
            Some(own.to_owned())
        })
    }

    fn cards(&self, agent: Option<&str>) -> String {
        let parties = self.log.read(agent);
        let told = parties.iter().filter(|entry| entry.count.connections + entry.count.requests > 0).count();
        let requests: u64 = parties.iter().map(|entry| entry.count.requests).sum();
        let sum = match (told, requests) {
            (0, _) => "<b>Nobody</b> was contacted.".to_owned(),
            (told, requests) => {
                format!("<b>{told} of {}</b> third parties contacted, {}.", parties.len(), count(requests, "request"))
            }
        };
        let mut out =
            format!("<p class=\"sum\" role=\"status\">{sum}</p>{}<div class=\"cards\">", self.newsroom(agent));
        parties.iter().for_each(|entry| card(&mut out, entry));
        out.push_str("</div>");
        out
    }

    fn newsroom(&self, agent: Option<&str>) -> String {
        let (cookies, pages) = self.log.upstream(agent);
        let list = match (pages, cookies.is_empty()) {
            (0, _) => "<p class=\"none\">No page was asked for yet.</p>".to_owned(),
            (_, true) => "<p class=\"none\">The last page request carried no cookies.</p>".to_owned(),
            _ => {
                let items = cookies.split("; ").map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    format!("<li><b>{}</b> <span>{}</span></li>", escape(name), escape(&text::short(value, 24)))
                });
                format!("<ul>{}</ul>", items.collect::<String>())
            }
        };
        let pages = count(pages, "page");
        format!(
            "<section class=\"news\"><h2>The newsroom behind the gateway</h2><p class=\"host\">{pages} served. \
             Cookies on the last page request, as they arrived:</p>{list}</section>"
        )
    }
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What a third party is, in a few words.
fn trade(name: &str) -> (&'static str, &'static str) {
    match name {
        "tags" => ("Aiguillage", "tag manager"),
        "metrics" => ("Jauge", "detailed audience measurement"),
        "profile" => ("Taste", "personal recommendations"),
        "ads" => ("Enseigne", "advertising"),
        "social" => ("Parvis", "social network and comments"),
        "video" => ("Lucarne", "video"),
        _ => ("", ""),
    }
}

fn card(out: &mut String, entry: &Entry) {
    let (brand, what) = trade(entry.name);
    let (connections, requests) = (entry.count.connections, entry.count.requests);
    let quiet = connections + requests == 0;
    let state = if quiet { "quiet" } else { "heard" };
    let origin = escape(entry.origin.trim_start_matches("http://"));
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<section class=\"card {state}\" data-name=\"{}\" data-count=\"{connections}/{requests}\">\
         <h2>{brand} <small>{what}</small></h2><p class=\"host\">{origin}</p>",
        entry.name
    );
    if quiet {
        out.push_str("<p class=\"none\">Has received nothing.</p></section>");
        return;
    }
    let _ = write!(out, "<p class=\"count\">{}, {}</p>", count(connections, "connection"), count(requests, "request"));
    if entry.seen.is_empty() {
        out.push_str("<p class=\"none\">A connection was opened and nothing was said on it.</p></section>");
        return;
    }
    out.push_str("<ol reversed>");
    entry.seen.iter().rev().take(LISTED).for_each(|seen| item(out, seen));
    out.push_str("</ol></section>");
}

fn item(out: &mut String, seen: &Seen) {
    let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
    let seconds = std::time::Duration::from_millis(seen.at).as_secs_f64();
    let _ = write!(
        out,
        "<li><p><time>{seconds:.1} s</time> <code>{} {}</code></p><dl>",
        escape(&seen.method),
        escape(path)
    );
    let sent = url::form_urlencoded::parse(query.as_bytes()).map(|(key, value)| format!("{key} = {value}"));
    let sent = sent.collect::<Vec<_>>().join(", ");
    for (term, said) in [("Told", sent.as_str()), ("Cookies", &seen.cookie), ("From", &seen.referer)] {
        if !said.is_empty() {
            let _ = write!(out, "<dt>{term}</dt><dd>{}</dd>", escape(said));
        }
    }
    out.push_str("</dl></li>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    fn witness() -> Witness {
        let origins = Arc::new(Origins::sample());
        Witness { log: Arc::new(Log::new(origins.parties().to_vec())), origins }
    }

    fn request(path: &str, agent: &str) -> Request<()> {
        Request::get(path).header("user-agent", agent).body(()).unwrap()
    }

    async fn body(reply: Reply) -> String {
        String::from_utf8(reply.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn an_untouched_witness_has_seen_nothing() {
        let page = body(witness().route(&request("/", "fox"))).await;
        assert_eq!(page.matches("Has received nothing.").count(), 6);
        assert!(page.contains("<b>Nobody</b>") && !page.contains("{{"));
    }

    #[tokio::test]
    async fn what_was_received_is_shown_escaped_and_to_its_own_browser() {
        let witness = witness();
        let link = witness.log.connected(1);
        witness.log.heard(1, &link, &request("/p.gif?id=%3Cscript%3E7", "fox"));
        witness.log.page(
            Request::get("/").header("user-agent", "fox").header("cookie", "a=<1>; b=2").body(()).unwrap().headers(),
        );
        let own = body(witness.route(&request("/", "fox"))).await;
        assert!(
            own.contains("id = &lt;script&gt;7") && own.contains("1 of 6") && own.contains("<b>a</b> <span>&lt;1&gt;")
        );
        let other = body(witness.route(&request("/cards", "owl"))).await;
        assert!(!other.contains("p.gif"));
        assert!(body(witness.route(&request("/?all", "owl"))).await.contains("p.gif"));
        let json = body(witness.route(&request("/log.json", "owl"))).await;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["parties"][1]["connections"], 1);
        assert_eq!(json["upstream"]["cookies"], "a=<1>; b=2");
        let mine = body(witness.route(&request("/log.json?mine", "owl"))).await;
        assert!(!mine.contains("p.gif"));
    }

    #[tokio::test]
    async fn a_reset_empties_it_and_nobody_else_may_read() {
        let witness = witness();
        witness.log.connected(0);
        let reset = Request::post("/reset?all").body(()).unwrap();
        let reply = witness.route(&reset);
        assert_eq!((reply.status(), &reply.headers()["location"]), (StatusCode::SEE_OTHER, &"/?all".parse().unwrap()));
        let reply = witness.route(&request("/log.json", "fox"));
        assert!(!reply.headers().contains_key("access-control-allow-origin"));
        assert!(body(reply).await.contains("\"connections\":0"));
    }
}
