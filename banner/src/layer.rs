//! The first layer: who asks, for what, and three buttons of one kind. Accepting and refusing are one
//! click each, from the same element with the same look.

use crate::assets::Inline;
use crate::escape::{Text, fill, link};
use crate::face::{Face, View};
use crate::phrases::Phrases;
use crate::theme::Layout;
use bandeau_consent::{Labels, Notice, Source};

/// The first layer.
pub(crate) fn render(face: &Face, view: &View<'_>) -> String {
    let notice = &face.notice;
    let purposes: String = notice
        .asked
        .iter()
        .map(|asked| format!("<li><b>{}</b> {}</li>", Text(&asked.wording.title), Text(&asked.wording.text)))
        .collect();
    // The site's name is in the first sentence: the picture adds nothing to be read out.
    let logo = face.logo.as_ref().map(|src| format!("<p><img src=\"{}\" height=\"32\" alt=\"\"></p>", Text(src)));
    format!(
        "<section class=\"n\" aria-labelledby=\"n\">{}<div class=\"s\" tabindex=\"0\" role=\"group\" aria-labelledby=\"n\">\
         {}<h2 id=\"n\">{}</h2><p><slot name=\"text\"></slot></p>{}<ul class=\"p\">{purposes}</ul>{}</div><p role=\"status\"></p>\
         <div class=\"a\">{}{}</div></form></section>",
        face.form(view, Source::Banner),
        logo.unwrap_or_default(),
        Text(&notice.title),
        face.told(view),
        face.foot,
        buttons(["<slot name=\"accept\"></slot>", "<slot name=\"refuse\"></slot>"]),
        format_args!("<a class=\"b c\" href=\"{}\">{}</a>", face.settings_link(), Text(&notice.labels.choose)),
    )
}

/// The words of the first layer that stand outside the shadow.
pub(crate) fn words(face: &Face, view: &View<'_>) -> String {
    let (notice, labels) = (&face.notice, &face.notice.labels);
    let word = |slot: &str, text: &str| {
        format!("<bandeau-label slot=\"{slot}\" class=\"button\">{}</bandeau-label>", Text(text))
    };
    format!(
        "<bandeau-label slot=\"text\">{}</bandeau-label>{}{}{}",
        Text(&notice.text),
        word("accept", &labels.accept),
        word("refuse", &labels.refuse),
        // A file would be the whole style, and the page is not ours to style.
        if view.style == Inline::File { String::new() } else { view.style.style(&apart(face.layout)) },
    )
}

/// For the page, on a screen: what gets the focus by the keyboard is scrolled clear of the notice, down to the last line.
/// Meanwhile the notice takes half the window at most, and one in the middle goes to the foot (WCAG 2.2 §2.4.11).
fn apart(layout: Layout) -> String {
    let aside = if layout == Layout::Dialog { "--bandeau-at:flex-end;" } else { "" };
    format!(
        "@media screen{{html:has(bandeau-notice[data-ask]){{scroll-padding-block-end:max(56vh,240px);\
         padding-block-end:max(56vh,240px)}}html:has(:focus-visible:not(bandeau-notice)) bandeau-notice{{{aside}\
         --bandeau-most:max(48vh,200px)}}}}"
    )
}

/// The two answers: the same element, the same class, side by side.
pub(crate) fn answers(labels: &Labels) -> String {
    buttons([Text(&labels.accept), Text(&labels.refuse)])
}

fn buttons<T: std::fmt::Display>([accept, refuse]: [T; 2]) -> String {
    format!(
        "<button class=\"b\" name=\"answer\" value=\"accept\">{accept}</button>\
         <button class=\"b\" name=\"answer\" value=\"refuse\">{refuse}</button>"
    )
}

/// What is the same for everyone: what is always on, how to change one's mind, the privacy page.
pub(crate) fn foot(phrases: &Phrases, notice: &Notice) -> String {
    let words = &phrases.notice;
    let fixed: Vec<&str> = notice.fixed.iter().map(|asked| asked.wording.title.as_str()).collect();
    let mut said = Vec::new();
    if !fixed.is_empty() {
        said.push(fill(&words.fixed, &[("list", &phrases.list(&fixed))]));
    }
    said.push(words.change.clone());
    let privacy = link(&notice.privacy)
        .map(|href| format!(" <a href=\"{}\">{}</a>", Text(href), Text(&words.privacy)))
        .unwrap_or_default();
    format!("<p class=\"m\">{}{privacy}</p>", Text(&said.join(" ")))
}
