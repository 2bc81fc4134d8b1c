//! A page as the script sees it: its frames, a world of our own in each, and questions to it. A page that moves on while it is
//! asked answers nothing, which is no fault.

use super::Hand;
use super::tools::tools;
use super::words::words;
use crate::browser::Fault;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

/// Runs in every frame.
const SCRIPT: &str = include_str!("find.js");

/// How long a document may take to answer. One that computes for longer is looked at by nobody.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked whether something stands still, 50 ms apart.
const STILL: usize = 20;

/// Nodes of closed shadow trees that are asked for their tree.
const TREES: usize = 400;

/// Frames looked at in one page; a notice is in none beyond.
const FRAMES: usize = 40;

/// One document of the page that can be seen.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// The browser's name of our world in it.
    pub(super) world: i64,
    /// The browser's name of it.
    id: String,
    /// Where it begins in the window.
    pub(super) x: f64,
    /// Likewise.
    pub(super) y: f64,
    /// The world of the frame around it, and its box there.
    pub(super) owner: Option<(i64, usize)>,
}

/// What a document shows.
#[derive(Debug, Deserialize)]
pub(super) struct Look {
    /// Milliseconds since its beginning.
    pub(super) now: f64,
    /// Its address.
    pub(super) url: String,
    /// Its `lang`.
    pub(super) language: String,
    /// Boxes of known tools.
    pub(super) found: Vec<Found>,
    /// What can be clicked.
    pub(super) controls: Vec<Raw>,
}

/// A box of a known tool.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    /// Which of the table.
    pub(super) tool: usize,
    /// The script's number of it.
    #[serde(rename = "box")]
    pub(super) at: usize,
    /// Which of the tool's boxes.
    pub(super) rank: usize,
}

/// Something that can be clicked.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Raw {
    /// What it shows.
    pub(super) text: String,
    /// What it is called where it shows no words.
    pub(super) label: String,
    /// `switch` or `button`.
    pub(super) kind: String,
    /// The tool and what it does there.
    pub(super) rule: Option<(usize, String)>,
    /// For a switch.
    pub(super) on: Option<bool>,
    /// Whether it can be used.
    pub(super) enabled: bool,
    /// Whether it leads to an address.
    pub(super) link: bool,
}

impl Raw {
    /// Its words as a person reads them, or hears them where there are none.
    pub(super) fn words(&self) -> &str {
        if self.text.is_empty() { &self.label } else { &self.text }
    }
}

/// An answer, or nothing where the page has moved on.
pub(super) fn unless_gone<T>(answer: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Fault::Refused { .. }) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Nodes in closed shadow trees, one or more of each tree: of brothers the first is enough, and most often that is the style.
fn inside(nodes: &Value, closed: impl Fn(&Value) -> bool) -> Vec<i64> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (parents, names) = (list(&nodes["parentIndex"]), list(&nodes["backendNodeId"]));
    let kinds = &nodes["shadowRootType"];
    let (mut last, mut found) = (std::collections::HashSet::new(), Vec::new());
    for (index, kind) in list(&kinds["index"]).iter().zip(&list(&kinds["value"])) {
        let Some(index) = index.as_u64().and_then(|index| usize::try_from(index).ok()).filter(|_| closed(kind)) else {
            continue;
        };
        if found.len() < TREES && parents.get(index).and_then(Value::as_i64).is_none_or(|parent| last.insert(parent)) {
            found.extend(names.get(index).and_then(Value::as_i64));
        }
    }
    found
}

impl Hand {
    /// A command to the page.
    pub(super) async fn command(&self, method: &str, params: &Value) -> Result<Option<Value>, Fault> {
        unless_gone(self.page.within(PATIENCE, method, params).await)
    }

    /// What an expression comes to in a world, as an object of the browser's.
    async fn object(&self, world: i64, expression: &str) -> Result<Option<String>, Fault> {
        let params = json!({ "expression": expression, "contextId": world });
        let answer = self.command("Runtime.evaluate", &params).await?;
        Ok(answer.and_then(|answer| answer["result"]["objectId"].as_str().map(str::to_owned)))
    }

    /// What an expression comes to in a world.
    pub(super) async fn ask<T: DeserializeOwned>(&self, world: i64, expression: &str) -> Result<Option<T>, Fault> {
        let params = json!({ "expression": expression, "contextId": world, "returnByValue": true });
        let Some(mut answer) = self.command("Runtime.evaluate", &params).await? else { return Ok(None) };
        if answer.get("exceptionDetails").is_some() {
            return Ok(None);
        }
        Ok(serde_json::from_value(answer["result"]["value"].take()).ok())
    }

    /// What a script of the page itself would get.
    pub(super) async fn within(&self, expression: &str) -> Result<Option<Value>, Fault> {
        let params = json!({ "expression": expression, "returnByValue": true, "userGesture": true });
        Ok(self.command("Runtime.evaluate", &params).await?.map(|mut answer| answer["result"]["value"].take()))
    }

    /// Our world in a frame, with our script in it.
    async fn enter(&self, frame: &str) -> Result<Option<i64>, Fault> {
        let params = json!({ "frameId": frame, "worldName": "bandeau" });
        let world = self.command("Page.createIsolatedWorld", &params).await?;
        let Some(world) = world.and_then(|world| world["executionContextId"].as_i64()) else { return Ok(None) };
        if self.ask::<bool>(world, "typeof hand === 'object'").await? != Some(true) {
            let tools = json!(tools());
            let keys = json!(words().keys());
            let install = format!("globalThis.hand = ({})({tools}, {keys}); true", SCRIPT.trim().trim_end_matches(';'));
            self.ask::<bool>(world, &install).await?;
        }
        Ok(Some(world))
    }

    /// Every frame that can be seen, the page itself first.
    pub(super) async fn frames(&self) -> Result<Vec<Frame>, Fault> {
        let Some(tree) = self.command("Page.getFrameTree", &json!({})).await? else { return Ok(Vec::new()) };
        let mut frames: Vec<Frame> = Vec::new();
        let mut open: Vec<(Option<usize>, &Value)> = vec![(None, &tree["frameTree"])];
        while let Some((around, at)) = open.pop() {
            let id = at["frame"]["id"].as_str().unwrap_or_default();
            let Some(frame) = self.frame(id, around.map(|around| frames[around].clone())).await? else { continue };
            frames.push(frame);
            if frames.len() >= FRAMES {
                break;
            }
            let index = frames.len() - 1;
            open.extend(at["childFrames"].as_array().into_iter().flatten().map(|child| (Some(index), child)).rev());
        }
        Ok(frames)
    }

    async fn frame(&self, id: &str, around: Option<Frame>) -> Result<Option<Frame>, Fault> {
        let mut frame = Frame { world: 0, id: id.to_owned(), x: 0.0, y: 0.0, owner: None };
        if let Some(around) = around {
            #[derive(Deserialize)]
            struct Place {
                x: f64,
                y: f64,
                #[serde(rename = "box")]
                at: usize,
            }
            let Some(owner) = self.command("DOM.getFrameOwner", &json!({ "frameId": id })).await? else {
                return Ok(None);
            };
            let resolve = json!({ "backendNodeId": owner["backendNodeId"], "executionContextId": around.world });
            let Some(place) = self.method(&resolve, "function () { return hand.frame(this); }").await? else {
                return Ok(None);
            };
            let Ok(place) = serde_json::from_value::<Place>(place) else { return Ok(None) };
            (frame.x, frame.y) = (around.x + place.x, around.y + place.y);
            frame.owner = Some((around.world, place.at));
        }
        let Some(world) = self.enter(id).await? else { return Ok(None) };
        Ok(Some(Frame { world, ..frame }))
    }

    /// What a function makes of a node.
    async fn method(&self, node: &Value, function: &str) -> Result<Option<Value>, Fault> {
        let Some(node) = self.command("DOM.resolveNode", node).await? else { return Ok(None) };
        let params = json!({
            "objectId": node["object"]["objectId"], "functionDeclaration": function, "returnByValue": true,
        });
        let answer = self.command("Runtime.callFunctionOn", &params).await?;
        Ok(answer
            .filter(|answer| answer.get("exceptionDetails").is_none())
            .map(|mut answer| answer["result"]["value"].take()))
    }

    /// Shows closed shadow trees to our script: no script of the page can, but the browser's own view of it names them.
    pub(super) async fn reveal(&self, frames: &[Frame]) -> Result<(), Fault> {
        let view = self.command("DOMSnapshot.captureSnapshot", &json!({ "computedStyles": [] })).await?;
        let Some(view) = view else { return Ok(()) };
        let word = |index: &Value| {
            index.as_u64().and_then(|index| view["strings"].get(usize::try_from(index).ok()?)?.as_str())
        };
        for document in view["documents"].as_array().into_iter().flatten() {
            let id = word(&document["frameId"]);
            let Some(frame) = frames.iter().find(|frame| Some(frame.id.as_str()) == id) else { continue };
            for node in inside(&document["nodes"], |kind| word(kind) == Some("closed")) {
                let resolve = json!({ "backendNodeId": node, "executionContextId": frame.world });
                self.method(&resolve, "function () { return hand.reveal(this.getRootNode()); }").await?;
            }
        }
        Ok(())
    }

    /// The middle of what is to be clicked, in the window, once it is scrolled into it and stands still; nothing where it
    /// cannot be reached.
    pub(super) async fn aim(&self, frame: &Frame, index: usize) -> Result<Option<(f64, f64)>, Fault> {
        let Some(object) = self.object(frame.world, &format!("hand.target({index})")).await? else { return Ok(None) };
        let node = json!({ "objectId": object });
        let mut before = None;
        // A notice that slides in is hit where it will be, not where it was.
        for _ in 0..STILL {
            self.command("DOM.scrollIntoViewIfNeeded", &node).await?;
            let middle = self.middle(&node).await?;
            if middle.is_some() && middle == before {
                let reached = self.ask::<bool>(frame.world, &format!("hand.reached({index})")).await?;
                if reached == Some(true) {
                    return Ok(middle);
                }
            }
            before = middle;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(None)
    }

    /// The middle of what the window shows of a node.
    async fn middle(&self, node: &Value) -> Result<Option<(f64, f64)>, Fault> {
        let Some(metrics) = self.command("Page.getLayoutMetrics", &json!({})).await? else { return Ok(None) };
        let size = |name: &str| metrics["cssLayoutViewport"][name].as_f64().unwrap_or_default();
        let Some(quads) = self.command("DOM.getContentQuads", node).await? else { return Ok(None) };
        let quad: Vec<f64> = quads["quads"][0].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        let [left, top, _, _, right, bottom, ..] = quad[..] else { return Ok(None) };
        let within = |from: f64, to: f64, end: f64| f64::midpoint(from.max(0.0), to.min(end));
        let middle = (within(left, right, size("clientWidth")), within(top, bottom, size("clientHeight")));
        let inside = |at: f64, end: f64| (0.0..end).contains(&at);
        Ok(Some(middle).filter(|&(x, y)| inside(x, size("clientWidth")) && inside(y, size("clientHeight"))))
    }

    /// A click of the mouse.
    pub(super) async fn mouse(&self, (x, y): (f64, f64)) -> Result<(), Fault> {
        for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let params = json!({ "type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1 });
            self.command("Input.dispatchMouseEvent", &params).await?;
        }
        Ok(())
    }
}
