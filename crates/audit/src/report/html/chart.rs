//! The timeline: one lane for each standing, on the same scale of time and of height, so that lanes can be compared by eye.
//! Requests are counted in bins, so that ten and ten thousand of them make a picture of the same size. Colours come from the
//! style sheet; height tells what colour does not, as trackers stand at the foot of every bar.

use super::{View, nothing, section};
use crate::report::markup::Cut;
use crate::report::whose::{Whose, host};
use crate::report::words;
use crate::seen::Run;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Bins along the axis.
const BINS: usize = 180;
/// Where the axis begins, and how long it is.
const LEFT: f64 = 134.0;
const WIDE: f64 = 846.0;
/// Height of the bars of a lane, of what is above them, and of the lane.
const HIGH: f64 = 64.0;
const HEAD: f64 = 22.0;
const LANE: f64 = 112.0;

/// Requests of one bin: trackers, third parties, the site.
type Bin = [u64; 3];

pub(super) fn chart(view: &View<'_>) -> String {
    let runs = &view.report.audit.runs;
    let end = runs.iter().map(last).max().unwrap_or(0);
    if end == 0 {
        return section("timeline", "Timeline", &nothing("Nothing was walked through, so there is nothing to draw."));
    }
    let end = (end + end / 50).max(1_000);
    let lanes: Vec<(&Run, Vec<Bin>)> = runs.iter().map(|run| (run, bins(view, run, end))).collect();
    let top = lanes.iter().flat_map(|(_, bins)| bins).map(|bin| bin.iter().sum::<u64>()).max().unwrap_or(0).max(4);
    let height = LANE * lanes.len() as f64 + 34.0;
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 1000 {height}\" role=\"img\" aria-labelledby=\"chart-t chart-d\">\
         <title id=\"chart-t\">Requests over time in each standing</title><desc id=\"chart-d\">{}</desc>",
        told(&lanes)
    );
    for (at, (run, bins)) in lanes.iter().enumerate() {
        lane(&mut svg, LANE * at as f64, (run, bins), (end, top));
    }
    axis(&mut svg, height - 30.0, end);
    svg.push_str("</svg>");
    let legend = "<ul class=\"legend\"><li><i class=\"tracker\"></i>to trackers</li><li><i class=\"third\"></i>to other third parties</li>\
                  <li><i class=\"own\"></i>to the site</li><li><i class=\"page\"></i>a page is opened</li><li><i class=\"click\"></i>a click on the notice</li>\
                  <li><i class=\"chosen\"></i>the choice has taken effect</li></ul>";
    let figure = format!(
        "<figure>{legend}<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Timeline\">{svg}</div><figcaption>Requests \
         that left the browser, in steps of {}; the highest bar stands for {}. All lanes have the same scale.</figcaption></figure>",
        words::span(end / BINS as u64),
        words::count(top, "request"),
    );
    section("timeline", "Timeline", &figure)
}

/// The last moment of a run of which anything is known.
fn last(run: &Run) -> u64 {
    let requests = run.requests.iter().map(|request| request.at);
    let visits = run.visits.iter().map(|visit| visit.at.saturating_add(visit.loaded.unwrap_or(0)));
    let steps = run.steps.iter().map(|step| step.at);
    requests.chain(visits).chain(steps).chain([run.chosen]).max().unwrap_or(0)
}

fn bins(view: &View<'_>, run: &Run, end: u64) -> Vec<Bin> {
    let mut out = vec![Bin::default(); BINS];
    // An address is parsed once, however often it was asked for.
    let mut known: HashMap<&str, Whose> = HashMap::new();
    for request in run.requests.iter().filter(|request| request.outcome.left()) {
        let whose = *known.entry(&request.url).or_insert_with(|| view.directory.whose(&host(&request.url)));
        let at = usize::try_from(request.at.saturating_mul(BINS as u64) / end).unwrap_or(BINS).min(BINS - 1);
        out[at][whose as usize] += 1;
    }
    out
}

/// The picture in words, for who does not see it.
fn told(lanes: &[(&Run, Vec<Bin>)]) -> String {
    let mut out = String::new();
    for (run, bins) in lanes {
        let sum = |which: usize| words::number(bins.iter().map(|bin| bin[which]).sum());
        let _ = write!(
            out,
            "{}: {} to trackers, {} to other third parties, {} to the site. ",
            words::standing(run.standing),
            sum(0),
            sum(1),
            sum(2)
        );
    }
    out
}

fn lane(svg: &mut String, y: f64, (run, bins): (&Run, &[Bin]), (end, top): (u64, u64)) {
    let foot = y + HEAD + HIGH;
    let across = |at: u64| LEFT + WIDE * (at.min(end) as f64 / end as f64);
    let total: u64 = bins.iter().flatten().sum();
    let _ = write!(
        svg,
        "<text class=\"name\" x=\"0\" y=\"{:.0}\">{}</text><text class=\"small\" x=\"0\" y=\"{:.0}\">{}</text>",
        y + HEAD + 18.0,
        words::standing(run.standing),
        y + HEAD + 35.0,
        words::count(total, "request")
    );
    if !run.reached {
        let _ = write!(svg, "<text class=\"small warn\" x=\"0\" y=\"{:.0}\">not reached</text>", y + HEAD + 51.0);
    }
    let _ = write!(svg, "<path class=\"base\" d=\"M{LEFT} {foot:.1}h{WIDE}\"/>");
    bars(svg, foot, bins, top);
    // Each page is a tick under the line; beyond some hundred they would be a bar of their own.
    for visit in run.visits.iter().take(200) {
        let _ = write!(
            svg,
            "<path class=\"page\" d=\"M{:.1} {:.1}v7\"><title>{}</title></path>",
            across(visit.at),
            foot + 2.0,
            Cut(&visit.url, 120)
        );
    }
    if run.chosen > 0 {
        let x = across(run.chosen);
        let _ = write!(svg, "<path class=\"chosen\" d=\"M{x:.1} {:.1}V{foot:.1}\"/>", y + HEAD - 8.0);
    }
    for step in run.steps.iter().take(50) {
        let x = across(step.at);
        let _ = write!(
            svg,
            "<path class=\"click\" d=\"M{x:.1} {:.1}l-5 -9h10z\"><title>{}: {}</title></path>",
            y + HEAD - 8.0,
            words::role(step.role),
            Cut(&step.text, 60)
        );
    }
}

fn bars(svg: &mut String, foot: f64, bins: &[Bin], top: u64) {
    let width = WIDE / bins.len() as f64;
    // One path for each kind keeps the page small: three paths a lane, not three elements a bin.
    let mut paths = [String::new(), String::new(), String::new()];
    for (at, bin) in bins.iter().enumerate() {
        let (x, mut y) = (LEFT + width * at as f64, foot);
        for (which, count) in bin.iter().enumerate().filter(|(_, count)| **count > 0) {
            // A single request among thousands is still seen.
            let high = (HIGH * *count as f64 / top as f64).max(1.6);
            y -= high;
            let _ = write!(paths[which], "M{x:.1} {y:.1}h{:.1}v{high:.1}h-{:.1}z", width - 0.7, width - 0.7);
        }
    }
    for (path, class) in paths.iter().zip(["tracker", "third", "own"]) {
        if !path.is_empty() {
            let _ = write!(svg, "<path class=\"{class}\" d=\"{path}\"/>");
        }
    }
}

fn axis(svg: &mut String, y: f64, end: u64) {
    let step =
        [500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000]
            .into_iter()
            .find(|step| end / step <= 10)
            .unwrap_or((end / 10).max(1));
    let mut at = 0;
    while at <= end {
        let x = LEFT + WIDE * (at as f64 / end as f64);
        let anchor = if at == 0 { "start" } else { "middle" };
        let says = match at {
            0 => "0 s".to_owned(),
            _ if step % 60_000 == 0 => format!("{} min", at / 60_000),
            _ if step < 1_000 => format!("{}.{} s", at / 1_000, at / 100 % 10),
            _ => format!("{} s", at / 1_000),
        };
        let _ = write!(
            svg,
            "<path class=\"base\" d=\"M{x:.1} {y:.1}v5\"/><text class=\"small\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{:.1}\">{says}</text>",
            y + 19.0
        );
        at += step;
    }
}
