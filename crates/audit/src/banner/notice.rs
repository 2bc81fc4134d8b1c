//! Which box of a page is the notice, and what its controls are. It sees through the script and clicks nothing.

use super::Hand;
use super::page::{Frame, Look, Raw};
use super::tools::tools;
use super::words::{Meaning, words};
use crate::browser::Fault;
use crate::seen::{Banner, Control, How, Layer, Picture, Rect, Role};
use serde::Deserialize;
use serde_json::json;

/// Controls whose surroundings are looked at, for each frame.
const ANCHORS: usize = 30;

/// More text than this is the page, not a notice in it.
const LONGEST: usize = 5900;

/// A notice as it stands in the page at one moment. Numbers in it are the script's and hold until the next look.
#[derive(Debug)]
pub(super) struct Notice {
    likely: Likely,
    pub(super) frame: Frame,
    pub(super) tool: Option<&'static str>,
    pub(super) url: String,
    pub(super) now: f64,
    language: String,
    rect: Rect,
    text: String,
    wall: bool,
    shadow: bool,
    /// Changes with anything in it.
    pub(super) mark: i64,
    pub(super) controls: Vec<Part>,
}

/// One control of a notice.
#[derive(Debug)]
pub(super) struct Part {
    /// The script's number.
    pub(super) index: usize,
    /// Whether its words say so by themselves.
    pub(super) sure: bool,
    /// See [`Meaning::weight`].
    pub(super) weight: usize,
    /// What it is and looks like.
    pub(super) control: Control,
}

/// What stands around a control.
#[derive(Debug, Deserialize)]
struct Ring {
    #[serde(rename = "box")]
    at: usize,
    text: String,
    fixed: bool,
    dialog: bool,
    hint: bool,
    form: bool,
}

#[derive(Debug, Deserialize)]
struct Measured {
    mark: i64,
    rect: Rect,
    text: String,
    wall: bool,
    shadow: bool,
    controls: Vec<Shape>,
}

#[derive(Debug, Deserialize)]
struct Shape {
    index: usize,
    element: String,
    rect: Rect,
    font: f64,
    weight: f64,
    colour: String,
    background: String,
    contrast: f64,
    relief: f64,
}

/// What a control does: by the rule of a tool, or by its words.
fn meaning(raw: &Raw) -> Meaning {
    let said = words().meaning(&raw.text).or_else(|| words().meaning(&raw.label));
    let weight = said.map_or(0, |said| said.weight);
    if raw.kind == "switch" {
        return Meaning { role: Role::Switch, sure: true, weight };
    }
    let ruled = raw.rule.as_ref().and_then(|(_, role)| match role.as_str() {
        "accept" => Some(Role::Accept),
        "refuse" => Some(Role::Refuse),
        "settings" => Some(Role::Settings),
        "save" => Some(Role::Save),
        "close" => Some(Role::Close),
        _ => None,
    });
    match (ruled, said) {
        // A close cross that says "continue without accepting" is a refusal, whoever made it.
        (Some(Role::Close), Some(said)) if said.role == Role::Refuse => said,
        (Some(role), _) => Meaning { role, sure: true, weight: 1000 },
        (None, Some(said)) if said.role == Role::Policy && !raw.link => Meaning { role: Role::Other, ..said },
        (None, Some(said)) => said,
        (None, None) => Meaning { role: Role::Other, sure: false, weight: 0 },
    }
}

/// A box that may be the notice: the greater, the likelier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Likely {
    ruled: bool,
    apart: bool,
    hinted: bool,
    earlier: std::cmp::Reverse<usize>,
}

/// How likely it is one, whose, and the script's number of it.
type Boxed = (Likely, Option<usize>, usize);

impl Hand {
    /// The notice that is to be seen, if there is one; `deep` looks into closed shadow trees too.
    pub(super) async fn sight(&self, deep: bool) -> Result<Option<Notice>, Fault> {
        let frames = self.frames().await?;
        if deep {
            self.reveal(&frames).await?;
        }
        let mut best: Option<(Likely, Notice)> = None;
        for frame in frames {
            let Some(look) = self.ask::<Look>(frame.world, "hand.look()").await? else { continue };
            let Some(boxed) = self.boxed(&frame, &look).await? else { continue };
            let likely = boxed.0;
            if best.as_ref().is_some_and(|(other, _)| *other >= likely) {
                continue;
            }
            if let Some(notice) = self.measure(frame, look, boxed).await? {
                best = Some((likely, notice));
            }
        }
        Ok(best.map(|(_, notice)| notice))
    }

    /// Which box of a frame is a notice.
    async fn boxed(&self, frame: &Frame, look: &Look) -> Result<Option<Boxed>, Fault> {
        let said: Vec<Meaning> = look.controls.iter().map(meaning).collect();
        let mut found: Vec<_> = look.found.iter().collect();
        found.sort_by_key(|found| (found.tool, found.rank));
        for found in found {
            let inside: Vec<usize> =
                self.ask(frame.world, &format!("hand.inside({})", found.at)).await?.unwrap_or_default();
            let refuses = inside.iter().any(|&index| said.get(index).is_some_and(|said| said.role == Role::Refuse));
            if refuses || asks(look, &said, &inside) {
                let likely = Likely { ruled: true, apart: true, hinted: true, earlier: std::cmp::Reverse(0) };
                return Ok(Some((likely, Some(found.tool), found.at)));
            }
        }
        let saves = said.iter().any(|said| said.role == Role::Switch);
        let anchor = |said: &Meaning| said.role == Role::Accept || (saves && said.role == Role::Save);
        let mut best = None;
        for (index, _) in said.iter().enumerate().filter(|(_, said)| anchor(said)).take(ANCHORS) {
            let rings: Vec<Ring> = self.ask(frame.world, &format!("hand.chain({index})")).await?.unwrap_or_default();
            let Some((mut likely, at)) = choose(&rings) else { continue };
            let inside: Vec<usize> = self.ask(frame.world, &format!("hand.inside({at})")).await?.unwrap_or_default();
            if !asks(look, &said, &inside) || doubtful(&rings, at, &inside, &said, likely) {
                continue;
            }
            likely.earlier = std::cmp::Reverse(index);
            if best.is_none_or(|(other, _, _)| likely > other) {
                best = Some((likely, None, at));
            }
        }
        Ok(best)
    }

    async fn measure(&self, frame: Frame, look: Look, (likely, tool, at): Boxed) -> Result<Option<Notice>, Fault> {
        let Some(seen) = self.ask::<Measured>(frame.world, &format!("hand.notice({at})")).await? else {
            return Ok(None);
        };
        let wall = match frame.owner {
            Some((world, owner)) => self.ask(world, &format!("hand.blocks({owner})")).await?.unwrap_or(false),
            None => seen.wall,
        };
        let place = |rect: Rect| Rect { x: round(rect.x + frame.x), y: round(rect.y + frame.y), ..rect };
        let part = |shape: Shape| {
            let raw = look.controls.get(shape.index)?;
            let meaning = meaning(raw);
            let control = Control {
                role: meaning.role,
                text: raw.words().to_owned(),
                element: shape.element,
                rect: place(shape.rect),
                font: shape.font,
                // A weight is 1 to 1000, and most are hundreds.
                weight: format!("{:.0}", shape.weight).parse().unwrap_or(400),
                colour: shape.colour,
                background: shape.background,
                contrast: shape.contrast,
                relief: shape.relief,
                on: raw.on,
                enabled: raw.enabled,
            };
            Some(Part { index: shape.index, sure: meaning.sure, weight: meaning.weight, control })
        };
        let controls = seen.controls.into_iter().filter_map(part).collect();
        Ok(Some(Notice {
            likely,
            rect: place(seen.rect),
            tool: tool.and_then(|tool| tools().get(tool)).map(|tool| tool.name.as_str()),
            url: look.url,
            now: look.now,
            language: look.language,
            text: seen.text,
            wall,
            shadow: seen.shadow,
            mark: seen.mark,
            controls,
            frame,
        }))
    }

    /// A layer as it stands, with a picture of it.
    pub(super) async fn layer(&self, notice: &Notice, clicks: u32) -> Result<Layer, Fault> {
        let controls = notice.controls.iter().map(|part| part.control.clone()).collect();
        Ok(Layer { clicks, rect: notice.rect, controls, picture: self.picture(notice.rect).await? })
    }

    /// A picture of a place in the window.
    async fn picture(&self, rect: Rect) -> Result<Option<Picture>, Fault> {
        let Some(metrics) = self.command("Page.getLayoutMetrics", &json!({})).await? else { return Ok(None) };
        let view = &metrics["cssVisualViewport"];
        let number = |name: &str| view[name].as_f64().unwrap_or_default();
        let (left, top) = (rect.x.max(0.0), rect.y.max(0.0));
        let width = (rect.x + rect.width).min(number("clientWidth")) - left;
        let height = (rect.y + rect.height).min(number("clientHeight")) - top;
        if width < 1.0 || height < 1.0 {
            return Ok(None);
        }
        let clip = json!({
            "x": left + number("pageX"), "y": top + number("pageY"), "width": width, "height": height, "scale": 1,
        });
        let params = json!({ "format": "jpeg", "quality": 70, "clip": clip });
        let Some(mut taken) = self.command("Page.captureScreenshot", &params).await? else { return Ok(None) };
        let serde_json::Value::String(data) = taken["data"].take() else { return Ok(None) };
        let whole = |size: f64| format!("{size:.0}").parse().unwrap_or(0);
        Ok(Some(Picture { kind: "image/jpeg".to_owned(), width: whole(width), height: whole(height), data }))
    }
}

impl Notice {
    /// As it is written down.
    pub(super) fn banner(&self, layer: Layer) -> Banner {
        let texts = self.controls.iter().map(|part| part.control.text.as_str());
        let language = words().language(&self.text, texts);
        let page = || self.language.split(['-', '_']).next().map(str::to_lowercase).filter(|code| !code.is_empty());
        Banner {
            tool: self.tool.map(str::to_owned),
            how: if self.tool.is_some() { How::Rule } else { How::Words },
            frame: self.url.clone(),
            shadow: self.shadow,
            // Never negative, and below what a page lives.
            after: format!("{:.0}", self.now.max(0.0)).parse().unwrap_or(0),
            text: self.text.clone(),
            language: language.or_else(page),
            wall: self.wall,
            accept: self.accepts(),
            refuse: self.refuses(),
            change: None,
            layers: vec![layer],
        }
    }

    /// Clicks to accept everything on this layer.
    pub(super) fn accepts(&self) -> Option<u32> {
        self.best(Role::Accept).map(|_| 1)
    }

    /// Clicks to refuse everything on this layer: one, or one for every switch that is on and one to keep it.
    pub(super) fn refuses(&self) -> Option<u32> {
        if self.best(Role::Refuse).is_some() {
            return Some(1);
        }
        let switches = self.switches(true).count();
        let any = self.controls.iter().any(|part| part.control.role == Role::Switch);
        (any && self.best(Role::Save).is_some()).then(|| u32::try_from(switches).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// The control that does it best: that which says so with most words.
    pub(super) fn best(&self, role: Role) -> Option<&Part> {
        let fits = |part: &&Part| part.control.role == role && part.control.enabled;
        // Of equals the first: `max_by_key` would give the last.
        self.controls.iter().rev().filter(fits).max_by_key(|part| (part.sure, part.weight))
    }

    /// Switches that can be used and are on, or off. One of several that shut each other out is not switched off by itself.
    pub(super) fn switches(&self, on: bool) -> impl Iterator<Item = &Part> {
        let fits = move |part: &&Part| {
            part.control.role == Role::Switch && part.control.enabled && part.control.on == Some(on)
        };
        self.controls.iter().filter(fits)
    }

    /// Whether this may be what is left of another, or its next layer: what stands in the page takes no place of what stood
    /// before it.
    pub(super) fn follows(&self, other: &Self) -> bool {
        self.likely.apart || !other.likely.apart
    }

    /// Where everything of it stands.
    pub(super) fn places(&self) -> Vec<Rect> {
        let parts = self.controls.iter().map(|part| part.control.rect);
        std::iter::once(self.rect).chain(parts).collect()
    }

    /// What of it changes when something is clicked.
    pub(super) fn face(&self) -> String {
        let mut face = format!("{}{}", self.url, self.text);
        for Part { control, .. } in &self.controls {
            face += &format!("|{:?} {} {:?} {}", control.role, control.text, control.on, control.enabled);
        }
        face
    }
}

/// Whether these controls ask for a choice.
fn asks(look: &Look, said: &[Meaning], inside: &[usize]) -> bool {
    let has = |role: Role| inside.iter().any(|&index| said.get(index).is_some_and(|said| said.role == role));
    let usable = inside.iter().any(|&index| look.controls.get(index).is_some_and(|raw| raw.enabled));
    usable
        && (has(Role::Accept) || (has(Role::Save) && has(Role::Switch)) || (has(Role::Refuse) && has(Role::Settings)))
}

/// The box of a notice among what stands around a control: the smallest that says what it is about, and from there the
/// largest that stands apart from the page.
fn choose(rings: &[Ring]) -> Option<(Likely, usize)> {
    let fits = |ring: &Ring| ring.text.chars().count() <= LONGEST && !ring.form;
    let first = rings.iter().position(|ring| words().about(&ring.text))?;
    let smallest = rings.get(first).filter(|ring| fits(ring))?;
    let apart = |ring: &&Ring| fits(ring) && (ring.fixed || ring.dialog);
    let earlier = std::cmp::Reverse(0);
    if let Some(ring) = rings[first..].iter().rev().find(apart) {
        let hinted = rings[first..].iter().any(|ring| ring.hint);
        return Some((Likely { ruled: false, apart: true, hinted, earlier }, ring.at));
    }
    // What stands apart and holds more than a notice may be the whole page.
    if let Some(ring) = rings[first..].iter().rev().find(|ring| fits(ring) && ring.hint) {
        return Some((Likely { ruled: false, apart: false, hinted: true, earlier }, ring.at));
    }
    (smallest.text.chars().count() <= 1500)
        .then_some((Likely { ruled: false, apart: false, hinted: false, earlier }, smallest.at))
}

/// Whether it asks for something else, though it speaks of cookies: its yes is only an OK and nothing else is there to be
/// chosen, and it asks for an age; or it neither stands apart nor has a second thing to choose.
fn doubtful(rings: &[Ring], at: usize, inside: &[usize], said: &[Meaning], likely: Likely) -> bool {
    let has = |role: Role| inside.iter().any(|&index| said.get(index).is_some_and(|said| said.role == role));
    let sure = inside.iter().any(|&index| said.get(index).is_some_and(|said| said.role == Role::Accept && said.sure));
    let choice = has(Role::Refuse) || has(Role::Settings) || has(Role::Save);
    let text = rings.iter().find(|ring| ring.at == at).map(|ring| ring.text.as_str()).unwrap_or_default();
    let age = text.split(|letter: char| !letter.is_alphanumeric()).any(|word| ["16", "18", "21"].contains(&word));
    if age && !sure && !has(Role::Settings) && !has(Role::Save) {
        return true;
    }
    // A placeholder for a video stands in the page too, and has a yes but nothing else; a bar stands right below the body.
    let bar = rings.iter().position(|ring| ring.at == at).is_some_and(|at| at + 2 >= rings.len());
    !likely.apart && !(sure && (choice || (bar && has(Role::Policy))))
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
