//! The first layer: who asks, for what, and three buttons of one kind. Accepting and refusing are one
//! click each, from the same element with the same look.

use crate::escape::{Text, fill, link};
use crate::face::{Face, View};
use crate::phrases::Phrases;
use bandeau_consent::{Labels, Notice, Source};

/// The first layer.
pub(crate) fn render(face: &Face, view: &View<'_>) -> String {
    let notice = &face.notice;
    let purposes: String = notice
        .asked
        .iter()
        .map(|asked| format!("<li><b>{}</b> {}</li>", Text(&asked.wording.title), Text(&asked.wording.text)))
        .collect();
    format!(
        "<section class=\"n\" aria-labelledby=\"n\">{}<div class=\"s\" tabindex=\"0\" role=\"group\" aria-labelledby=\"n\">\
         <h2 id=\"n\">{}</h2><p>{}</p>{}<ul class=\"p\">{purposes}</ul>{}</div><p role=\"status\"></p>\
         <div class=\"a\">{}{}</div></form></section>",
        face.form(view, Source::Banner),
        Text(&notice.title),
        Text(&notice.text),
        face.told(view),
        face.foot,
        answers(&notice.labels),
        choose(&notice.labels),
    )
}

/// The two answers: the same element, the same class, side by side.
pub(crate) fn answers(labels: &Labels) -> String {
    format!(
        "<button class=\"b\" name=\"answer\" value=\"accept\">{}</button>\
         <button class=\"b\" name=\"answer\" value=\"refuse\">{}</button>",
        Text(&labels.accept),
        Text(&labels.refuse)
    )
}

/// Opens the settings. A submit button inside a form would send it instead, so this one is none; browsers
/// without popovers show the link.
fn choose(labels: &Labels) -> String {
    format!(
        "<button type=\"button\" class=\"b c new\" popovertarget=\"settings\">{0}</button>\
         <a class=\"b c old\" href=\"/.well-known/bandeau/settings\">{0}</a>",
        Text(&labels.choose)
    )
}

/// What is the same for everyone: what is always on, which data, how to change one's mind, the privacy page.
pub(crate) fn foot(phrases: &Phrases, notice: &Notice) -> String {
    let words = &phrases.notice;
    let fixed: Vec<&str> = notice.fixed.iter().map(|asked| asked.wording.title.as_str()).collect();
    let data: Vec<&str> = notice.data.iter().map(|(_, name)| name.as_str()).collect();
    let mut said = Vec::new();
    if !fixed.is_empty() {
        said.push(fill(&words.fixed, &[("list", &phrases.list(&fixed))]));
    }
    if !data.is_empty() {
        said.push(fill(&words.data, &[("list", &phrases.list(&data))]));
    }
    said.push(fill(&words.full, &[("choose", &words.choose)]));
    said.push(words.change.clone());
    let privacy = link(&notice.privacy)
        .map(|href| format!(" <a href=\"{}\">{}</a>", Text(href), Text(&words.privacy)))
        .unwrap_or_default();
    format!("<p class=\"m\">{}{privacy}</p>", Text(&said.join(" ")))
}
