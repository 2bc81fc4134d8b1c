//! The second layer: one switch per purpose, who is behind each, and the same two answers as the first.
//! Without a script the answers are total all the same: a hidden refusal stands before every switch.

use crate::escape::{Text, fill, link};
use crate::face::{Face, View};
use crate::layer::answers;
use crate::phrases::Phrases;
use bandeau_consent::{Asked, Kept, Purpose, Shown, Source};

/// Where the settings stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the popover, over a page of the site.
    Layer,
    /// On their own page.
    Page,
}

/// The settings, as a form.
pub(crate) fn render(face: &Face, view: &View<'_>, place: Place) -> String {
    let words = &face.phrases.settings;
    let asked: String = face
        .policy
        .asked()
        .zip(&face.notice.asked)
        .zip(&face.behind)
        .map(|((purpose, asked), behind)| switch(face, view, (purpose, asked), behind))
        .collect();
    let fixed: String = face
        .notice
        .fixed
        .iter()
        .zip(face.behind.iter().skip(face.notice.asked.len()))
        .map(|(asked, behind)| always(&face.phrases, asked, behind))
        .collect();
    let heading = match place {
        Place::Layer => format!("<h2 id=\"o\" tabindex=\"-1\" autofocus>{}</h2>", Text(&words.title)),
        Place::Page => format!("<h1 id=\"o\">{}</h1>", Text(&words.title)),
    };
    let close = match place {
        Place::Layer => cross(&words.close),
        Place::Page => String::new(),
    };
    // Saving comes first in the document: the Enter key presses the first button of a form, and must not
    // accept everything.
    format!(
        "{}<div class=\"s\">{heading}<p>{}{}</p>{}<ul class=\"u\">{asked}{fixed}</ul>{}</div><p role=\"status\"></p>\
         <div class=\"a\"><button class=\"b f\" name=\"answer\" value=\"choose\">{}</button>{}</div>{close}</form>",
        face.form(view, Source::Settings),
        Text(&words.text),
        Text(&data(face)),
        face.told(view),
        privacy(face),
        Text(&words.save),
        answers(&face.notice.labels),
    )
}

/// The categories of data of all services together.
fn data(face: &Face) -> String {
    let names: Vec<&str> = face.notice.data.iter().map(|(_, name)| name.as_str()).collect();
    match names.as_slice() {
        [] => String::new(),
        names => format!(" {}", fill(&face.phrases.notice.data, &[("list", &face.phrases.list(names))])),
    }
}

/// Closes the layer and changes nothing.
fn cross(label: &str) -> String {
    format!(
        "<button type=\"button\" class=\"z\" popovertarget=\"settings\" popovertargetaction=\"hide\" aria-label=\"{}\">\
         <svg viewBox=\"0 0 16 16\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" aria-hidden=\"true\">\
         <path d=\"M2 2l12 12M14 2L2 14\"/></svg></button>",
        Text(label)
    )
}

fn privacy(face: &Face) -> String {
    let policy = link(&face.notice.privacy)
        .map(|href| format!("<a href=\"{}\">{}</a> &#183; ", Text(href), Text(&face.phrases.notice.privacy)))
        .unwrap_or_default();
    format!("<p>{policy}<a href=\"{}\">{}</a></p>", face.receipt_link(), Text(&face.phrases.receipt.link))
}

/// One purpose that is asked, on where it is granted. What the browser's signal keeps off says so beside the switch.
fn switch(face: &Face, view: &View<'_>, (purpose, asked): (&Purpose, &Asked), behind: &str) -> String {
    let words = &asked.wording;
    let granted = face.policy.open(view.standing, &purpose.id);
    let cost = match words.cost.as_str() {
        "" => String::new(),
        cost => format!("<p class=\"m\">{}</p>", Text(&fill(&face.phrases.settings.cost, &[("cost", cost)]))),
    };
    format!(
        "<li><input type=\"hidden\" name=\"choice.{id}\" value=\"refuse\"><label class=\"v\"><span>{}</span>\
         <input type=\"checkbox\" role=\"switch\" name=\"choice.{id}\" value=\"grant\" aria-describedby=\"p-{id}\"{}>\
         </label>{}<p id=\"p-{id}\">{}</p>{cost}{behind}</li>",
        Text(&words.title),
        if granted { " checked" } else { "" },
        face.about(view, purpose, granted),
        Text(&words.text),
        id = purpose.id,
    )
}

/// One purpose that is exempt: shown as fixed, and no switch to press.
fn always(phrases: &Phrases, asked: &Asked, behind: &str) -> String {
    format!(
        "<li><div class=\"v\"><span>{}</span><span class=\"m\">{}</span></div><p>{}</p>{behind}</li>",
        Text(&asked.wording.title),
        Text(&phrases.settings.fixed),
        Text(&asked.wording.text),
    )
}

/// The services behind one purpose.
pub(crate) fn behind(phrases: &Phrases, asked: &Asked) -> String {
    let words = &phrases.settings;
    let summary = match asked.services.len() {
        0 => return format!("<p class=\"m\">{}</p>", Text(&words.none)),
        count => phrases.count(&words.services, count),
    };
    let services: String = asked.services.iter().map(|shown| service(phrases, shown)).collect();
    format!("<details><summary>{}</summary><ul>{services}</ul></details>", Text(&summary))
}

fn service(phrases: &Phrases, shown: &Shown) -> String {
    let words = &phrases.settings;
    let row = |term: &str, value: &str| match value {
        "" => String::new(),
        value => format!("<dt>{}</dt><dd><bdi>{}</bdi></dd>", Text(term), Text(value)),
    };
    let privacy = link(&shown.privacy)
        .map(|href| {
            let text = fill(&words.privacy, &[("service", &shown.name)]);
            format!("<a href=\"{}\" rel=\"noopener noreferrer nofollow\">{}</a>", Text(href), Text(&text))
        })
        .unwrap_or_default();
    let names = match shown.kept.as_slice() {
        [] => String::new(),
        kept => format!("<dt>{}</dt><dd>{}</dd>", Text(&words.names), names(phrases, kept)),
    };
    format!(
        "<li><b>{}</b><dl>{}{}{}{names}</dl>{privacy}</li>",
        Text(&shown.name),
        row(&words.controller, &shown.controller),
        row(&words.data, &phrases.categories(&shown.data)),
        row(&words.retention, &phrases.span(&shown.retention)),
    )
}

/// Names with how long each is kept, as a list in a sentence. A name is the same in every language and keeps its own
/// direction; it may break anywhere, so that a long one does not widen the page.
fn names(phrases: &Phrases, kept: &[Kept]) -> String {
    let one = |kept: &Kept| {
        let name = format!("<bdi>{}</bdi>", Text(kept.name.as_str()));
        match kept.span.as_str() {
            "" => name,
            span => format!("{name} ({})", Text(&phrases.span(span))),
        }
    };
    let all: Vec<String> = kept.iter().map(one).collect();
    phrases.list(&all.iter().map(String::as_str).collect::<Vec<_>>())
}
