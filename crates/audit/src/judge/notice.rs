//! The question itself: whether there is one, whether refusing is as easy as accepting and looks so, and whether one can change
//! one's mind. How a notice was found this room does not know.

use super::case::{Case, Walk};
use super::sheet::{Hit, Sheet};
use super::{Level, Place};
use crate::seen::{Banner, Control, Layer, Role, Standing};
use crate::who::Weight;

/// What looks more than this much larger is emphasised.
const LARGER: f64 = 1.3;

/// The least contrast of something that is to be seen beside what surrounds it (WCAG 2.2, 1.4.11).
const SEEN: f64 = 3.0;

/// Words for legitimate interest, lower-case, in the languages notices are mostly written in.
const INTEREST: &[&str] = &[
    "legitimate interest",
    "intérêt légitime",
    "intérêts légitimes",
    "berechtigtes interesse",
    "berechtigte interesse",
    "berechtigten interesse",
    "interés legítimo",
    "intereses legítimos",
    "interesse legittimo",
    "interessi legittimi",
    "interesse legítimo",
    "interesses legítimos",
    "gerechtvaardigd belang",
    "gerechtvaardigde belang",
    "uzasadniony interes",
    "uzasadnionego interesu",
    "prawnie uzasadnion",
    "berättigat intresse",
    "legitim interesse",
    "legitime interesser",
    "berettiget interesse",
    "oikeutettu etu",
    "oprávněný zájem",
    "oprávnený záujem",
    "interes legitim",
    "jogos érdek",
    "έννομο συμφέρον",
    "законен интерес",
    "legitimni interes",
    "zakoniti interes",
];

/// The notice that is judged, and the run it was met in: untouched before chosen.
pub(crate) fn met<'a, 'b>(case: &'b Case<'a>) -> Option<(&'b Walk<'a>, &'a Banner)> {
    Standing::ALL
        .iter()
        .filter_map(|standing| case.walk_of(*standing))
        .find_map(|walk| Some((walk, walk.run.banner.as_ref()?)))
}

pub(crate) fn look(case: &Case<'_>, sheet: &mut Sheet) {
    let Some((walk, banner)) = met(case) else {
        absent(case, sheet);
        return;
    };
    refusal(case, walk, banner, sheet);
    change(case, walk, banner, sheet);
    for layer in &banner.layers {
        buttons(walk, layer, sheet);
        faint(walk, layer, sheet);
        switches(walk, layer, sheet);
        if banner.refuse.is_some() {
            one_sided(walk, layer, sheet);
        }
    }
    content(walk, banner, sheet);
    language(walk, banner, sheet);
}

fn note(walk: &Walk<'_>, sheet: &mut Sheet, what: (&'static str, Level, Place, String), words: (&str, &str)) {
    let (rule, level, at, shows) = what;
    let hit = Hit { rule, about: "", level, party: None, visit: Some(0), at, shows };
    sheet.add(walk, hit, || (words.0.to_owned(), words.1.to_owned()));
}

/// Nothing asks: fine where nothing needs to.
fn absent(case: &Case<'_>, sheet: &mut Sheet) {
    let untouched = |walk: &&Walk<'_>| matches!(walk.run.standing, Standing::Before | Standing::Gpc);
    let walk = case.walks.iter().find(untouched).or(case.walks.first());
    let Some(walk) = walk.filter(|walk| walk.looked()) else { return };
    let sent = || walk.requests.iter().zip(&walk.run.requests).filter(|(_, request)| request.outcome.left());
    let tracked = sent().any(|(who, _)| who.tracker() && !who.exempt)
        || walk.cookies.iter().chain(&walk.entries).any(|who| who.tracker() && !who.exempt);
    let strange = sent().any(|(who, _)| who.weight >= Weight::Part);
    let (level, says) = match (tracked, strange) {
        (true, _) => (Level::Error, "The pages let trackers in, and nothing asks the visitor."),
        (false, true) => (Level::Warning, "The pages contact others, and nothing asks the visitor."),
        (false, false) => return,
    };
    let mend =
        "Ask before anything is loaded or kept that the site does not need, or load and keep nothing of the kind.";
    note(walk, sheet, ("no-banner", level, Place::Visit(0), "no notice was found".to_owned()), (says, mend));
}

fn refusal(case: &Case<'_>, walk: &Walk<'_>, banner: &Banner, sheet: &mut Sheet) {
    let place = Place::Banner(Some(Role::Refuse));
    match (banner.accept, banner.refuse) {
        (Some(accept), Some(refuse)) if refuse > accept => {
            let shows = format!("{refuse} clicks to refuse, {accept} to accept");
            let says = format!("Refusing everything takes {refuse} clicks, accepting everything {accept}.");
            let mend = "Put a control that refuses everything on the first layer, beside the one that accepts.";
            note(walk, sheet, ("refusal-harder", Level::Error, place, shows), (&says, mend));
        }
        (Some(_), None) => {
            let words = (
                "The notice lets one accept everything; no way to refuse everything was found.",
                "Put a control that refuses everything on the first layer, beside the one that accepts.",
            );
            note(walk, sheet, ("no-refusal", Level::Error, place, "no way to refuse".to_owned()), words);
        }
        (None, None) => {
            let tracked = case.walks.iter().flat_map(|walk| &walk.requests).any(|who| who.tracker() && !who.exempt);
            let level = if tracked { Level::Error } else { Level::Warning };
            let words = (
                "The notice tells the visitor something; it can neither be accepted nor refused.",
                "Ask, with accepting and refusing side by side, or use nothing that needs consent.",
            );
            note(walk, sheet, ("no-refusal", level, place, "no way to choose".to_owned()), words);
        }
        _ => {}
    }
}

/// Only where somebody stood there who had something to take back.
fn change(case: &Case<'_>, walk: &Walk<'_>, banner: &Banner, sheet: &mut Sheet) {
    let chose = [Standing::Accepted, Standing::Withdrawn, Standing::Refused];
    let chosen: Vec<_> = chose.iter().filter_map(|one| case.walk_of(*one)).filter(|walk| walk.run.reached).collect();
    if chosen.is_empty() {
        return;
    }
    let ways = || case.walks.iter().filter_map(|walk| walk.run.banner.as_ref()?.change.as_ref());
    let way = ways().filter(|way| way.visible).min_by_key(|way| way.clicks);
    match (way, banner.accept) {
        (Some(way), Some(accept)) if way.clicks > accept => {
            let shows = format!("“{}”: {} clicks to take back, {accept} to give", way.text, way.clicks);
            let says = format!("Taking consent back takes {} clicks, giving it {accept}.", way.clicks);
            let mend = "Let one click on every page take everything back.";
            note(walk, sheet, ("withdrawal-harder", Level::Error, Place::Banner(None), shows), (&says, mend));
        }
        (Some(_), _) => {}
        (None, _) => {
            let shows = if ways().next().is_some() { "only a call that scripts can make" } else { "nothing was found" };
            let words = (
                "No visible way was found to change a choice once it is made.",
                "Put a link or button on every page that opens the choices and takes everything back.",
            );
            note(walk, sheet, ("no-change", Level::Warning, Place::Banner(None), shows.to_owned()), words);
        }
    }
}

fn find(layer: &Layer, role: Role) -> Option<&Control> {
    let size = |one: &Control| one.rect.width * one.rect.height;
    layer
        .controls
        .iter()
        .filter(|one| one.role == role && one.enabled && size(one) > 0.0)
        .max_by(|a, b| size(a).total_cmp(&size(b)))
}

fn one_sided(walk: &Walk<'_>, layer: &Layer, sheet: &mut Sheet) {
    if find(layer, Role::Accept).is_none() || find(layer, Role::Refuse).is_some() {
        return;
    }
    let words = (
        "A layer of the notice lets one accept everything, and offers no control to refuse everything.",
        "Put a control that refuses everything beside every control that accepts everything.",
    );
    let shows = format!("layer {} clicks deep", layer.clicks);
    note(walk, sheet, ("layer-no-refusal", Level::Error, Place::Banner(Some(Role::Accept)), shows), words);
}

fn buttons(walk: &Walk<'_>, layer: &Layer, sheet: &mut Sheet) {
    let (Some(accept), Some(refuse)) = (find(layer, Role::Accept), find(layer, Role::Refuse)) else { return };
    let differences = differences(accept, refuse);
    if differences.is_empty() {
        return;
    }
    let says = format!("The way to refuse weighs less than the way to accept: {}.", differences.join("; "));
    let shows = format!("“{}” beside “{}”: {}", refuse.text, accept.text, differences.join("; "));
    let mend = "Give both controls the same element, size, font, weight, colours and place.";
    note(walk, sheet, ("buttons-differ", Level::Error, Place::Banner(Some(Role::Refuse)), shows), (&says, mend));
}

/// In what the way to refuse is weaker, in words; nothing where it is as strong or stronger.
pub(crate) fn differences(accept: &Control, refuse: &Control) -> Vec<String> {
    let mut all = Vec::new();
    let ratio = |of: fn(&Control) -> f64| of(accept) / of(refuse).max(0.01);
    let letters = accept.text.chars().count().max(1) as f64 / refuse.text.chars().count().max(1) as f64;
    let (wide, high) = (ratio(|one| one.rect.width), ratio(|one| one.rect.height));
    // Longer words make a wider button, which emphasises nothing.
    if high > LARGER || wide > LARGER.max(letters * 1.1) {
        let size = |one: &Control| format!("{:.0} × {:.0}", one.rect.width, one.rect.height);
        all.push(format!("its size is {}, that of the other {}", size(refuse), size(accept)));
    }
    if ratio(|one| one.font) > 1.1 {
        all.push(format!("its letters are {:.0} px high, those of the other {:.0} px", refuse.font, accept.font));
    }
    if accept.weight >= refuse.weight.saturating_add(200) {
        all.push(format!("its weight is {}, that of the other {}", refuse.weight, accept.weight));
    }
    let stands = accept.relief >= SEEN && refuse.relief < SEEN && ratio(|one| one.relief) > 1.5;
    let link = refuse.element == "a" && accept.element != "a" && refuse.relief < 1.2;
    match (link, stands) {
        (true, _) => all.push("it is a link in the text, and the other a button".to_owned()),
        (false, true) => all.push(format!(
            "it does not stand out from its background ({:.1} : 1), and the other does ({:.1} : 1)",
            refuse.relief, accept.relief
        )),
        (false, false) => {}
    }
    if refuse.contrast < 7.0 && ratio(|one| one.contrast) > 1.5 {
        let pair = (refuse.contrast, accept.contrast);
        all.push(format!("its words have a contrast of {:.1} : 1, those of the other {:.1} : 1", pair.0, pair.1));
    }
    all
}

/// WCAG 2.2, 1.4.3: 4.5 to 1, or 3 to 1 for large letters.
fn faint(walk: &Walk<'_>, layer: &Layer, sheet: &mut Sheet) {
    for control in layer.controls.iter().filter(|one| one.enabled && !one.text.trim().is_empty()) {
        let large = control.font >= 24.0 || (control.font >= 18.66 && control.weight >= 700);
        // Nothing was measured below 1, and 1 is a word in the colour of what is behind it, as on a picture.
        if control.contrast <= 1.0 || control.contrast >= if large { 3.0 } else { 4.5 } {
            continue;
        }
        let shows =
            format!("“{}”: {:.1} : 1, {} on {}", control.text, control.contrast, control.colour, control.background);
        let words = (
            "Words on controls of the notice are too faint to be read by everybody.",
            "Give words a contrast of at least 4.5 to 1 against what is behind them, large ones 3 to 1.",
        );
        note(walk, sheet, ("contrast-low", Level::Warning, Place::Banner(Some(control.role)), shows), words);
    }
}

fn switches(walk: &Walk<'_>, layer: &Layer, sheet: &mut Sheet) {
    for switch in layer.controls.iter().filter(|one| one.role == Role::Switch && one.on == Some(true) && one.enabled) {
        let words = (
            "Choices of the notice are switched on before the visitor has touched them.",
            "Let every choice begin switched off; show what is exempt as fixed, so that it cannot be switched.",
        );
        let shows = format!("“{}” is on", switch.text);
        note(walk, sheet, ("preselected", Level::Error, Place::Banner(Some(Role::Switch)), shows), words);
    }
}

fn content(walk: &Walk<'_>, banner: &Banner, sheet: &mut Sheet) {
    let has = |role| banner.layers.iter().any(|layer| layer.controls.iter().any(|one| one.role == role));
    if banner.wall && banner.refuse.is_none() {
        let words = (
            "The notice covers the page, and only who accepts can read it.",
            "Let the page be read without consent: offer to refuse, or let the notice stand beside the content.",
        );
        note(walk, sheet, ("wall", Level::Error, Place::Banner(None), "the page is covered".to_owned()), words);
    }
    if has(Role::Pay) {
        let words = (
            "Whoever does not accept is asked for money.",
            "Have it examined: the offer must be free to refuse, at a fair price, and with a third way that neither pays nor follows.",
        );
        note(
            walk,
            sheet,
            ("consent-or-pay", Level::Warning, Place::Banner(Some(Role::Pay)), "a way to pay".to_owned()),
            words,
        );
    }
    let first = banner.layers.iter().find(|layer| layer.clicks == 0);
    if first.is_some_and(|layer| !layer.controls.iter().any(|one| one.role == Role::Policy)) {
        let words = (
            "The first layer of the notice leads to no page that says more.",
            "Link the page that says who processes what, for how long, and who else receives it.",
        );
        note(
            walk,
            sheet,
            ("no-policy", Level::Warning, Place::Banner(None), "no such link was found".to_owned()),
            words,
        );
    }
    let controls = banner.layers.iter().flat_map(|layer| &layer.controls).map(|one| one.text.as_str());
    let said = |text: &str| {
        let text = text.to_lowercase();
        INTEREST.iter().copied().find(|words| text.contains(words))
    };
    if let Some(found) = std::iter::once(banner.text.as_str()).chain(controls).find_map(said) {
        let words = (
            "The notice speaks of legitimate interest, which is no ground to keep or read anything in a browser.",
            "Ask for consent to everything that is not exempt, and take legitimate interest out of the notice.",
        );
        note(walk, sheet, ("legitimate-interest", Level::Warning, Place::Banner(None), format!("“{found}”")), words);
    }
}

/// Primary subtags only: a notice in English on a page in British English speaks its language.
fn language(walk: &Walk<'_>, banner: &Banner, sheet: &mut Sheet) {
    let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().trim().to_lowercase();
    let page = walk.run.visits.first().map(|visit| primary(&visit.language)).unwrap_or_default();
    let said = banner.language.as_deref().map(primary).unwrap_or_default();
    // Norwegian is written in two ways and tagged in three.
    let one = |tag: &str| if matches!(tag, "nb" | "nn") { "no".to_owned() } else { tag.to_owned() };
    if page.is_empty() || said.is_empty() || one(&page) == one(&said) {
        return;
    }
    let says = format!("The notice speaks “{said}”, and the page “{page}”.");
    let mend = "Show the notice in the language of the page; where the page says a wrong lang, correct it.";
    let shows = format!("lang is {page}, the words are {said}");
    note(walk, sheet, ("language-differs", Level::Error, Place::Banner(None), shows), (&says, mend));
}
