//! The pages that were visited, with what they looked like. A picture is shown only where it is one of three known kinds
//! and its bytes are Base64, and only while there is room.

use super::{NUMBERS, View, nothing, section};
use crate::report::markup::{Cut, Link};
use crate::report::words;
use crate::seen::{Picture, Standing, Visit};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Pages with a picture of their own.
const SHOTS: usize = 24;

/// One page in all standings.
struct Page<'r> {
    first: &'r Visit,
    picture: Option<(&'r Picture, Standing)>,
    requests: [Option<u64>; 5],
    ends: Vec<(Standing, String)>,
    odd: &'r [String],
    more: u64,
}

pub(super) fn pages(view: &View<'_>) -> String {
    let pages = gather(view);
    if pages.is_empty() {
        return section("pages", "Pages", &nothing("No page was visited."));
    }
    let mut heads = vec!["Page", "Found by", "#Loaded"];
    heads.extend(NUMBERS);
    heads.push("Remarks");
    let rows: Vec<String> = pages.iter().map(row).collect();
    let mut inner = super::table("Pages, and requests that left the browser in each standing", &heads, &rows);
    let shots: Vec<String> = pages
        .iter()
        .filter_map(|page| {
            let (shown, standing) = page.picture?;
            let drawn = picture(view, shown, &format!("{} in a browser", page.first.landed), "thumb");
            let caption = format!("{}<br>{}", Cut(&page.first.title, 80), words::standing(standing));
            Some(format!("<li>{drawn}<p class=\"quiet\">{caption}</p></li>"))
        })
        .take(SHOTS)
        .collect();
    if !shots.is_empty() {
        let _ = write!(inner, "<h3>What they looked like</h3><ul class=\"shots\">{}</ul>", shots.concat());
    }
    section("pages", "Pages", &inner)
}

fn gather<'r>(view: &View<'r>) -> Vec<Page<'r>> {
    let mut out: Vec<Page<'r>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for run in &view.report.audit.runs {
        let mut counts = vec![0_u64; run.visits.len()];
        for request in run.requests.iter().filter(|request| request.outcome.left()) {
            if let Some(count) = counts.get_mut(request.visit) {
                *count += 1;
            }
        }
        for (visit, count) in run.visits.iter().zip(counts) {
            let at = *places.entry(&visit.url).or_insert_with(|| {
                out.push(Page {
                    first: visit,
                    picture: None,
                    requests: [None; 5],
                    ends: Vec::new(),
                    odd: &[],
                    more: 0,
                });
                out.len() - 1
            });
            let page = &mut out[at];
            let slot = &mut page.requests[run.standing as usize];
            *slot = Some(slot.unwrap_or(0) + count + visit.more);
            page.more += visit.more;
            if let (None, Some(picture)) = (page.picture, &visit.picture) {
                page.picture = Some((picture, run.standing));
            }
            if let Some(says) = words::end(&visit.end) {
                page.ends.push((run.standing, says));
            }
            if page.odd.is_empty() {
                page.odd = &visit.odd;
            }
        }
    }
    out
}

fn row(page: &Page<'_>) -> String {
    let visit = page.first;
    let mut out = format!(
        "<tr><th scope=\"row\"><bdi>{}</bdi><br><small>{}</small>{}</th><td>{}</td><td class=\"n\">{}</td>",
        Cut(&visit.title, 90),
        Link(&visit.url),
        if visit.landed == visit.url {
            String::new()
        } else {
            format!("<br><small>→ {}</small>", Link(&visit.landed))
        },
        words::from(visit.from),
        visit.loaded.map_or("–".to_owned(), words::span)
    );
    for count in page.requests {
        let _ = write!(out, "<td class=\"n\">{}</td>", count.map_or("–".to_owned(), words::number));
    }
    let mut remarks: Vec<String> =
        page.ends.iter().map(|(standing, says)| format!("{}: {}", words::short(*standing), Cut(says, 120))).collect();
    if let Some(status) = visit.status.filter(|status| *status >= 400) {
        remarks.push(format!("answered with {status}"));
    }
    if page.more > 0 {
        remarks.push(format!("{} only counted", words::count(page.more, "request")));
    }
    remarks.extend(page.odd.iter().take(11).map(|odd| Cut(odd, 120).to_string()));
    let _ = write!(out, "<td>{}</td></tr>", remarks.join("<br>"));
    out
}

/// A picture, where it is one and there is room for it.
pub(super) fn picture(view: &View<'_>, picture: &Picture, says: &str, class: &str) -> String {
    let known = matches!(picture.kind.as_str(), "image/png" | "image/jpeg" | "image/webp");
    let plain = picture.data.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    if !known || !plain || picture.data.is_empty() {
        return nothing("The picture cannot be shown.");
    }
    let Some(left) = view.room.get().checked_sub(picture.data.len()) else {
        return nothing("There was no more room for pictures in this page; this one is in <code>audit.json</code>.");
    };
    view.room.set(left);
    format!(
        "<img class=\"{class}\" loading=\"lazy\" decoding=\"async\" width=\"{}\" height=\"{}\" alt=\"{}\" src=\"data:{};base64,{}\">",
        picture.width.clamp(1, 20_000),
        picture.height.clamp(1, 60_000),
        Cut(says, 140),
        picture.kind,
        picture.data
    )
}
