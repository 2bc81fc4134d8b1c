//! What an audit says it saw: read from the file it wrote, as anybody would read it. It knows no log and no site.

use serde_json::Value;
use std::path::Path;

/// One audit's file.
pub(crate) struct Claim {
    audit: Value,
    judgement: Value,
}

/// One standing of it.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a>(&'a Value);

impl From<Value> for Claim {
    fn from(mut whole: Value) -> Self {
        let judgement = whole["judgement"].take();
        let audit = if whole["audit"].is_object() { whole["audit"].take() } else { whole };
        Self { audit, judgement }
    }
}

impl Claim {
    /// Reads the file of an audit.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let whole: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(whole.into())
    }

    pub(crate) fn runs(&self) -> Vec<Run<'_>> {
        list(&self.audit["runs"]).iter().map(Run).collect()
    }

    pub(crate) fn run(&self, standing: &str) -> Option<Run<'_>> {
        self.runs().into_iter().find(|run| run.standing() == standing)
    }

    /// When it began, in milliseconds since 1970.
    pub(crate) fn started(&self) -> u64 {
        self.audit["started"].as_u64().unwrap_or_default()
    }

    pub(crate) fn took(&self) -> u64 {
        self.audit["took"].as_u64().unwrap_or_default()
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        list(&self.audit["notes"]).iter().map(text).collect()
    }

    /// How a row of the law table came out.
    pub(crate) fn row(&self, id: &str) -> Option<String> {
        let rows = list(&self.judgement["rows"]);
        rows.iter().find(|row| row["id"] == id).map(|row| text(&row["outcome"]))
    }

    /// Ids of the findings against a row.
    pub(crate) fn against(&self, id: &str) -> Vec<String> {
        let rows = list(&self.judgement["rows"]);
        rows.iter()
            .find(|row| row["id"] == id)
            .map(|row| list(&row["findings"]).iter().map(text).collect())
            .unwrap_or_default()
    }
}

impl Run<'_> {
    pub(crate) fn standing(self) -> String {
        text(&self.0["standing"])
    }

    pub(crate) fn began(self) -> u64 {
        self.0["began"].as_u64().unwrap_or_default()
    }

    /// When the choice of this standing had taken effect.
    pub(crate) fn chosen(self) -> u64 {
        self.0["chosen"].as_u64().unwrap_or_default()
    }

    pub(crate) fn reached(self) -> bool {
        self.0["reached"] == true
    }

    pub(crate) fn fault(self) -> String {
        text(&self.0["fault"])
    }

    /// The tool whose notice was found; none where none was, an empty name where its maker is not known.
    pub(crate) fn tool(self) -> Option<String> {
        self.0["banner"].is_object().then(|| text(&self.0["banner"]["tool"]))
    }

    /// Clicks to accept and to refuse everything, where there is a way.
    pub(crate) fn clicks(self) -> [Option<u64>; 2] {
        ["accept", "refuse"].map(|key| self.0["banner"][key].as_u64())
    }

    pub(crate) fn language(self) -> String {
        text(&self.0["banner"]["language"])
    }

    pub(crate) fn pages(self) -> Vec<String> {
        list(&self.0["visits"]).iter().map(|visit| text(&visit["url"])).collect()
    }
}

/// One request of a run that left.
pub(crate) struct Sent {
    pub(crate) at: u64,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) referrer: Option<String>,
    pub(crate) body: String,
    /// What became of it, in the words of the file.
    pub(crate) outcome: String,
}

/// One cookie of a run that the browser kept.
pub(crate) struct Cookie {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) lifetime: Option<u64>,
    pub(crate) refused: bool,
    /// Scripts that set it, and those on the way to them.
    pub(crate) scripts: Vec<String>,
}

impl Run<'_> {
    pub(crate) fn sent(self) -> Vec<Sent> {
        let left = |outcome: &Value| outcome != "local" && outcome["blocked"].is_null();
        let pairs = |cookies: &Value| {
            list(cookies).iter().map(|cookie| (text(&cookie["name"]), text(&cookie["value"]))).collect()
        };
        let one = |request: &Value| Sent {
            at: request["at"].as_u64().unwrap_or_default(),
            method: text(&request["method"]),
            url: text(&request["url"]),
            cookies: pairs(&request["cookies"]),
            referrer: request["referrer"].as_str().map(str::to_owned),
            body: text(&request["body"]),
            outcome: format!("{} {}", text(&request["kind"]), request["outcome"]),
        };
        list(&self.0["requests"]).iter().filter(|request| left(&request["outcome"])).map(one).collect()
    }

    pub(crate) fn cookies(self) -> Vec<Cookie> {
        let scripts = |setters: &Value| {
            let stacks = list(setters).iter().flat_map(|setter| list(&setter["script"]["stack"]));
            stacks.map(text).collect()
        };
        let one = |cookie: &Value| Cookie {
            name: text(&cookie["name"]),
            host: text(&cookie["domain"]).trim_start_matches('.').to_owned(),
            lifetime: cookie["lifetime"].as_u64(),
            refused: !cookie["refused"].is_null(),
            scripts: scripts(&cookie["setters"]),
        };
        list(&self.0["cookies"]).iter().map(one).collect()
    }

    /// Kind, origin and key of every other thing that was kept.
    pub(crate) fn storage(self) -> Vec<(String, String, String)> {
        let one = |entry: &Value| (text(&entry["kind"]), text(&entry["origin"]), text(&entry["key"]));
        list(&self.0["storage"]).iter().map(one).collect()
    }

    /// Host, port, and whether a request was seen, of everybody who was connected to.
    pub(crate) fn connections(self) -> Vec<(String, u64, bool)> {
        let one = |one: &Value| (text(&one["host"]), one["port"].as_u64().unwrap_or_default(), one["request"] == true);
        list(&self.0["connections"]).iter().map(one).filter(|(_, port, _)| *port != 0).collect()
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
