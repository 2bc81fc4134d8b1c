//! The question, as it was put to the visitor.

use super::Picture;
use serde::{Deserialize, Serialize};

/// The notice of some tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Banner {
    /// The tool, where it is a known one.
    pub tool: Option<String>,
    /// How it was found.
    pub how: How,
    /// The address of the document it stands in.
    pub frame: String,
    /// Whether it stands in a shadow tree.
    pub shadow: bool,
    /// Milliseconds from the start of the page to its being seen.
    pub after: u64,
    /// Its text, cut at 4,096 characters.
    pub text: String,
    /// The language of its words, as far as the table of words tells (`fr`).
    pub language: Option<String>,
    /// Whether it covers the page so that nothing else can be clicked.
    pub wall: bool,
    /// Every layer that was looked at, the first first.
    pub layers: Vec<Layer>,
    /// Clicks to accept everything, where there is a way.
    pub accept: Option<u32>,
    /// Clicks to refuse everything, where there is a way.
    pub refuse: Option<u32>,
    /// How a choice can be changed afterwards, where a way was found.
    pub change: Option<Way>,
}

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// By what is known of the tool.
    Rule,
    /// By the words on its buttons.
    Words,
}

/// One layer of a notice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Clicks away from the first; 0 is the first.
    pub clicks: u32,
    /// Where it stands in the window.
    pub rect: Rect,
    /// What can be clicked, in the order of the document.
    pub controls: Vec<Control>,
    /// What it looked like.
    pub picture: Option<Picture>,
}

/// Something that can be clicked or switched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// What it does.
    pub role: Role,
    /// Its words, as a person reads or hears them.
    pub text: String,
    /// The name of the element: `button`, `a`, `input`…
    pub element: String,
    /// Where it stands in the window, in CSS pixels.
    pub rect: Rect,
    /// In CSS pixels.
    pub font: f64,
    /// 100 to 900.
    pub weight: u32,
    /// Of its words, as `#rrggbb`.
    pub colour: String,
    /// Behind its words, as `#rrggbb`, whatever lies behind it blended.
    pub background: String,
    /// Of its words against what is behind them (WCAG 2.2), 1 to 21.
    pub contrast: f64,
    /// Of its background against what surrounds it, 1 to 21: what makes a button stand out.
    pub relief: f64,
    /// For a switch: whether it is on.
    pub on: Option<bool>,
    /// Whether it can be used at all.
    pub enabled: bool,
}

/// What a control does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Accepts everything.
    Accept,
    /// Refuses everything.
    Refuse,
    /// Opens the choices.
    Settings,
    /// Keeps the choices as they stand.
    Save,
    /// Closes.
    Close,
    /// A switch for one purpose or service.
    Switch,
    /// Leads to a page about it.
    Policy,
    /// Wants money instead.
    Pay,
    /// Something else.
    Other,
}

/// A box in the window, in CSS pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rect {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Wide.
    pub width: f64,
    /// High.
    pub height: f64,
}

/// One click or switch on the way to a standing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When.
    pub at: u64,
    /// On what.
    pub role: Role,
    /// Its words.
    pub text: String,
    /// The page.
    pub url: String,
}

/// A way to change a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// Its words, where there is something to click.
    pub text: String,
    /// Clicks until everything is taken back.
    pub clicks: u32,
    /// Whether it is something on the page, and not only a call a script could make.
    pub visible: bool,
}
