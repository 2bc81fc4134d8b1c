//! The notice: what it looked like, and its buttons measured side by side. The buttons are also drawn from their measures,
//! in their true size and colours, so that a reader sees the difference without a screenshot.

use super::{View, nothing, section};
use crate::report::markup::{Cut, Text, colour};
use crate::report::words;
use crate::seen::{Banner, Control, How, Layer, Role, Run};
use std::fmt::Write as _;

/// Controls of a layer that are listed.
const CONTROLS: usize = 60;

pub(super) fn notice(view: &View<'_>) -> String {
    let runs = &view.report.audit.runs;
    let Some((run, banner)) = runs.iter().find_map(|run| run.banner.as_ref().map(|banner| (run, banner))) else {
        let third = view.report.judgement.totals.iter().any(|total| total.third > 0);
        let says = match (runs.iter().any(|run| !run.visits.is_empty()), third) {
            (false, _) => "Nothing was visited, so no notice was looked for.",
            (true, true) => {
                "No notice was seen on the first page, though third parties are contacted: nobody is asked, and nobody can refuse."
            }
            (true, false) => "No notice was seen on the first page, and no third party is contacted.",
        };
        return section("notice", "The notice", &nothing(says));
    };
    let mut inner = facts(banner);
    inner += &ways(banner);
    for layer in &banner.layers {
        inner += &drawn(view, layer, banner);
    }
    inner += &others(runs, run);
    inner += &steps(runs);
    section("notice", "The notice", &inner)
}

fn facts(banner: &Banner) -> String {
    let mut rows = String::new();
    let mut row = |name: &str, value: String| {
        let _ = write!(rows, "<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>");
    };
    let tool = banner.tool.as_ref().map_or("not a known one".to_owned(), |tool| Cut(tool, 80).to_string());
    row("Tool", tool);
    row(
        "Found",
        format!(
            "{}, {} after the page began{}",
            match banner.how {
                How::Rule => "by what is known of the tool",
                How::Words => "by the words on its buttons",
            },
            words::span(banner.after),
            if banner.shadow { ", in a shadow tree" } else { "" }
        ),
    );
    if let Some(language) = &banner.language {
        row("Language", Cut(language, 20).to_string());
    }
    row(
        "Page behind it",
        if banner.wall { "covered: nothing else can be clicked" } else { "can be used while it is there" }.to_owned(),
    );
    let text = Text(&banner.text);
    row(
        "Its words",
        format!("<details><summary>{}</summary><div dir=\"auto\">{text}</div></details>", Cut(&banner.text, 90)),
    );
    format!(
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Facts\"><table class=\"facts\"><caption>What was met on the first page</caption><tbody>{rows}</tbody></table></div>"
    )
}

/// Clicks to accept, to refuse and to take back.
fn ways(banner: &Banner) -> String {
    let clicks = |count: Option<u32>| match count {
        None => "<b class=\"alarm\">no way found</b>".to_owned(),
        Some(count) => format!("<b>{}</b>", words::count(u64::from(count), "click")),
    };
    let harder = match (banner.accept, banner.refuse) {
        (Some(accept), Some(refuse)) if refuse > accept => " class=\"alarm\"",
        _ => "",
    };
    let change = match &banner.change {
        None => "<b class=\"alarm\">no way found</b>".to_owned(),
        Some(way) if !way.visible => "nothing visible: only a script could".to_owned(),
        Some(way) => {
            format!("<b>{}</b>, by “<bdi>{}</bdi>”", words::count(u64::from(way.clicks), "click"), Cut(&way.text, 60))
        }
    };
    format!(
        "<dl class=\"ways\"><div><dt>To accept everything</dt><dd>{}</dd></div><div><dt>To refuse everything</dt><dd{harder}>{}</dd></div>\
         <div><dt>To take it back later</dt><dd>{change}</dd></div></dl>",
        clicks(banner.accept),
        clicks(banner.refuse)
    )
}

fn drawn(view: &View<'_>, layer: &Layer, banner: &Banner) -> String {
    let title = match layer.clicks {
        0 => "The first layer".to_owned(),
        clicks => format!("The layer behind {}", words::count(u64::from(clicks), "click")),
    };
    let mut out = format!("<h3>{title}</h3>");
    if let Some(picture) = &layer.picture {
        out += &super::pages::picture(view, picture, &format!("{title} of the notice"), "shot");
    }
    let tongue = banner.language.as_deref().unwrap_or_default();
    let main: Vec<&Control> = layer
        .controls
        .iter()
        .filter(|control| matches!(control.role, Role::Accept | Role::Refuse | Role::Settings | Role::Save | Role::Pay))
        .take(6)
        .collect();
    if !main.is_empty() {
        let buttons: String = main.iter().map(|control| button(control, tongue)).collect();
        let _ = write!(out, "<p>Drawn from their measures:</p><div class=\"buttons\">{buttons}</div>");
    }
    if layer.controls.is_empty() {
        return out + &nothing("Nothing in it can be clicked.");
    }
    let rows: Vec<String> = layer.controls.iter().take(CONTROLS).map(control).collect();
    let heads = ["Does", "Words", "Element", "#Size, px", "Letters", "Colours", "#Contrast", "#Stands out", "State"];
    out += &super::table(&format!("{title}: what can be clicked"), &heads, &rows);
    if layer.controls.len() > CONTROLS {
        let _ = write!(out, "<p class=\"quiet\">{} in all.</p>", words::count(layer.controls.len() as u64, "control"));
    }
    out
}

/// A number of pixels that can stand in an attribute.
fn pixels(value: f64, most: f64) -> f64 {
    if value.is_finite() { value.clamp(1.0, most) } else { 1.0 }
}

/// A button as it was measured.
fn button(control: &Control, tongue: &str) -> String {
    let (width, height) = (pixels(control.rect.width, 420.0), pixels(control.rect.height, 120.0));
    let (ink, paper) = (colour(&control.colour).unwrap_or("#000000"), colour(&control.background).unwrap_or("#ffffff"));
    let font = pixels(control.font, 40.0);
    format!(
        "<figure><svg width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-label=\"{label}\">\
         <rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/><text x=\"50%\" y=\"50%\" text-anchor=\"middle\" dominant-baseline=\"central\" \
         font-size=\"{font:.0}\" font-weight=\"{}\" fill=\"{ink}\" lang=\"{}\">{text}</text></svg><figcaption>{}<br>{}</figcaption></figure>",
        control.weight.clamp(100, 900),
        Cut(tongue, 12),
        words::role(control.role),
        measures(control),
        label = Cut(&control.text, 60),
        text = Cut(&control.text, 40),
    )
}

fn measures(control: &Control) -> String {
    format!(
        "{:.0} × {:.0}, contrast {:.1}",
        pixels(control.rect.width, 1e5),
        pixels(control.rect.height, 1e5),
        pixels(control.contrast, 21.0)
    )
}

fn swatch(text: &str) -> String {
    match colour(text) {
        Some(colour) => format!(
            "<svg class=\"swatch\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><rect width=\"12\" height=\"12\" fill=\"{colour}\"/></svg><code>{colour}</code>"
        ),
        None => "not measured".to_owned(),
    }
}

fn control(control: &Control) -> String {
    // WCAG 2.2, success criterion 1.4.3.
    let faint = if control.contrast < 4.5 { "n alarm" } else { "n" };
    let state = match (control.on, control.enabled) {
        (Some(true), true) => "<span class=\"alarm\">on</span>",
        (Some(true), false) => "on, fixed",
        (Some(false), true) => "off",
        (Some(false), false) => "off, fixed",
        (None, true) => "",
        (None, false) => "cannot be used",
    };
    format!(
        "<tr><th scope=\"row\">{}</th><td><bdi>{}</bdi></td><td><code>{}</code></td><td class=\"n\">{:.0} × {:.0}</td><td>{:.0} px, {}</td><td>{}<br>{}</td><td class=\"{faint}\">{:.1}</td><td class=\"n\">{:.1}</td><td>{state}</td></tr>",
        words::role(control.role),
        Cut(&control.text, 80),
        Cut(&control.element, 20),
        pixels(control.rect.width, 1e5),
        pixels(control.rect.height, 1e5),
        pixels(control.font, 999.0),
        control.weight,
        swatch(&control.colour),
        swatch(&control.background),
        pixels(control.contrast, 21.0),
        pixels(control.relief, 21.0),
    )
}

/// Standings in which the notice was another, or none.
fn others(runs: &[Run], shown: &Run) -> String {
    let mut out = String::new();
    for run in runs.iter().filter(|run| run.standing != shown.standing && !run.visits.is_empty()) {
        let same = match (&run.banner, &shown.banner) {
            (Some(one), Some(other)) => one.tool == other.tool && one.layers.len() == other.layers.len(),
            _ => false,
        };
        let says = match &run.banner {
            Some(_) if same => continue,
            Some(_) => "it was another one",
            None => "no notice was seen",
        };
        let _ = write!(out, "<li>{}: {says}.</li>", words::standing(run.standing));
    }
    if out.is_empty() { out } else { format!("<p>The first page met in other standings:</p><ul>{out}</ul>") }
}

/// What was clicked to get to each standing.
fn steps(runs: &[Run]) -> String {
    let mut rows = Vec::new();
    for run in runs {
        for step in run.steps.iter().take(40) {
            rows.push(format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td><bdi>{}</bdi></td></tr>",
                words::standing(run.standing),
                words::span(step.at),
                words::role(step.role),
                Cut(&step.text, 80)
            ));
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<h3>What was clicked</h3>{}",
        super::table("Clicks, in order", &["For", "When", "What it does", "Its words"], &rows)
    )
}
