//! Everything that was attached to: pages, frames, workers, windows. Each is held before it runs until it is told to tell
//! us everything, and then let go; whatever it opens comes here the same way. Knows what is said to whom, not what comes
//! back.

use super::desk::Order;
use super::text::{address, text};
use crate::seen::Target;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Frames known at once: of a page that makes more, the rest is watched but not looked into.
const FRAMES: usize = 2_000;

/// One that is attached to.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) kind: Target,
    pub(super) url: String,
    /// The visit it belongs to, where it goes with a page.
    pub(super) visit: Option<usize>,
}

/// A document in a page.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) parent: String,
    pub(super) url: String,
    pub(super) visit: usize,
    pub(super) session: String,
    pub(super) origin: String,
}

#[derive(Debug, Default)]
pub(super) struct Sessions {
    held: HashMap<String, Held>,
    frames: HashMap<String, Frame>,
    /// The script that runs before all others, and the name of its way out.
    script: String,
    pub(super) name: String,
    /// Whether `Sec-GPC` has to be put on by us.
    gpc: bool,
}

impl Sessions {
    pub(super) fn new(name: &str, gpc: bool) -> Self {
        // A browser that knows the signal says it by itself.
        let signal = "if (!('globalPrivacyControl' in navigator)) defineProperty(Navigator.prototype, \
                      'globalPrivacyControl', { get: () => true, configurable: true, enumerable: true });";
        let script = include_str!("hook.js").replace("NAME", name).replace("SIGNAL", if gpc { signal } else { "" });
        Self { script, name: name.to_owned(), gpc: false, ..Self::default() }
    }

    /// The browser does not know the signal: every target puts it on as a header of its own.
    pub(super) fn sign(&mut self) -> Vec<Order> {
        self.gpc = true;
        self.held
            .keys()
            .map(|session| Order::Tell(Some(session.clone()), "Network.setExtraHTTPHeaders", sign()))
            .collect()
    }

    pub(super) fn know(&self, session: &str) -> bool {
        self.held.contains_key(session)
    }

    pub(super) fn get(&self, session: &str) -> Option<&Held> {
        self.held.get(session)
    }

    pub(super) fn frame(&self, id: &str) -> Option<&Frame> {
        self.frames.get(id)
    }

    pub(super) fn framed(&mut self, id: &str, frame: Frame) {
        if self.frames.len() < FRAMES || self.frames.contains_key(id) {
            self.frames.insert(id.to_owned(), frame);
        }
    }

    pub(super) fn unframe(&mut self, id: &str) {
        self.frames.remove(id);
    }

    /// A page has given way to another: its frames are gone.
    pub(super) fn clear(&mut self, session: &str) {
        self.frames.retain(|_, frame| frame.session != session);
    }

    /// One frame of each origin: where storage is looked for.
    pub(super) fn origins(&self) -> Vec<(String, String)> {
        let mut found: HashMap<&str, (&String, &Frame)> = HashMap::new();
        for (id, frame) in self.frames.iter().filter(|(_, frame)| frame.origin.starts_with("http")) {
            // The page itself, where it is of that origin, is the likeliest to answer.
            let known = found.entry(&frame.origin).or_insert((id, frame));
            if frame.parent.is_empty() {
                *known = (id, frame);
            }
        }
        found.into_values().map(|(id, frame)| (frame.session.clone(), id.clone())).collect()
    }

    pub(super) fn window(&mut self, session: &str) {
        if let Some(held) = self.held.get_mut(session) {
            held.kind = Target::Window;
        }
    }

    pub(super) fn visit(&mut self, session: &str, visit: usize) {
        if let Some(held) = self.held.get_mut(session) {
            held.visit = Some(visit);
        }
    }

    /// A run has ended: what goes with a page is of it.
    pub(super) fn leave(&mut self) {
        for held in self.held.values_mut() {
            held.visit = held.visit.map(|_| usize::MAX);
        }
    }

    /// What came or went, and what it is told; nothing where the event is about something else.
    pub(super) fn hear(&mut self, session: &str, method: &str, params: &Value) -> Option<Vec<Order>> {
        match method {
            "Target.attachedToTarget" => Some(self.attach(session, params)),
            "Target.detachedFromTarget" => {
                let gone = text(params, "sessionId");
                self.held.remove(gone);
                self.clear(gone);
                Some(Vec::new())
            }
            "Target.targetInfoChanged" => Some(Vec::new()),
            _ => None,
        }
    }

    fn attach(&mut self, parent: &str, params: &Value) -> Vec<Order> {
        let (info, id) = (&params["targetInfo"], text(params, "sessionId").to_owned());
        let tell = |method, params| Order::Tell(Some(id.clone()), method, params);
        let go = || tell("Runtime.runIfWaitingForDebugger", json!({}));
        let kind = match text(info, "type") {
            "tab" => return vec![tell("Target.setAutoAttach", all()), go()],
            // These come from the browser, too, and outlive the page that began them: one of the two is enough.
            "service_worker" | "shared_worker" if !parent.is_empty() => {
                let leave = Order::Tell(Some(parent.to_owned()), "Target.detachFromTarget", json!({ "sessionId": id }));
                return vec![go(), leave];
            }
            "page" if info["subtype"] == "prerender" => Target::Other,
            "page" => Target::Page,
            "iframe" => Target::Frame,
            "service_worker" => Target::ServiceWorker,
            "worker" | "shared_worker" | "worklet" | "shared_storage_worklet" | "auction_worklet" => Target::Worker,
            _ => return vec![go()],
        };
        let visit = match (kind, text(info, "type")) {
            (Target::Worker, "worker" | "worklet") => self.held.get(parent).and_then(|parent| parent.visit),
            _ => None,
        };
        self.held.insert(id.clone(), Held { kind, url: address(text(info, "url")), visit });
        let mut orders = vec![
            tell("Network.enable", json!({ "maxPostDataSize": 65_536 })),
            tell("Runtime.enable", json!({})),
            tell("Runtime.setAsyncCallStackDepth", json!({ "maxDepth": 8 })),
            tell("Target.setAutoAttach", all()),
        ];
        if self.gpc {
            orders.push(tell("Network.setExtraHTTPHeaders", sign()));
        }
        if !matches!(kind, Target::Worker | Target::ServiceWorker) {
            let script = json!({ "source": self.script, "runImmediately": true });
            // Nothing has this address: only what asks for a password comes to us.
            let never = json!({ "handleAuthRequests": true, "patterns": [{ "urlPattern": "nothing://never" }] });
            orders.extend([
                tell("Page.enable", json!({})),
                tell("Inspector.enable", json!({})),
                tell("Fetch.enable", never),
                tell("Runtime.addBinding", json!({ "name": self.name })),
                tell("Page.addScriptToEvaluateOnNewDocument", script),
                tell("Page.setInterceptFileChooserDialog", json!({ "enabled": true })),
                tell("Storage.setSharedStorageTracking", json!({ "enable": true })),
                tell("Storage.setInterestGroupTracking", json!({ "enable": true })),
            ]);
        }
        if kind == Target::Page {
            // The window as a visitor has it, without what the browser draws around it.
            let window = json!({ "width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": false });
            orders.push(tell("Emulation.setDeviceMetricsOverride", window));
        }
        orders.push(go());
        orders
    }
}

/// Attach to everything, before it runs.
pub(super) fn all() -> Value {
    json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true })
}

fn sign() -> Value {
    json!({ "headers": { "Sec-GPC": "1" } })
}
