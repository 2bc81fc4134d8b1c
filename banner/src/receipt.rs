//! The page of the receipt: its code and file, where to check it, and taking everything back with one, from any
//! browser. It works without a script, and does not know the book.

use crate::escape::{Text, path};
use crate::face::{Face, View};
use bandeau_consent::Source;

/// Where the page is.
const RECEIPT: &str = "/.well-known/bandeau/receipt";

impl Face {
    /// The page. `code` is the short code of the visitor's receipt, if there is one to show; `named` that it came with
    /// the address and not with the visitor.
    pub fn receipt(&self, view: &View<'_>, code: Option<&str>, named: bool) -> String {
        let words = &self.phrases.receipt;
        let shown = match code {
            Some(code) => self.coded(code, named),
            None => self.unknown(view),
        };
        let body = format!(
            "<h1>{}</h1>{shown}<h2>{}</h2><p>{}</p>\
             <form method=\"post\" action=\"{RECEIPT}\"><label>{} <input class=\"e\" name=\"code\" required maxlength=\"64\" \
             autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\"></label>\
             <button class=\"b\">{}</button></form><p><a href=\"{}\">{}</a></p>",
            Text(&words.title),
            Text(&words.undo),
            Text(&words.undo_text),
            Text(&words.code),
            Text(&words.undo_do),
            Text(path(view.back)),
            Text(&self.phrases.message.back),
        );
        self.document(view, &words.title, "r y", &body)
    }

    /// A receipt that is there.
    fn coded(&self, code: &str, named: bool) -> String {
        let words = &self.phrases.receipt;
        let query = if named { format!("?code={}", Text(code)) } else { String::new() };
        format!(
            "<p>{}</p><p class=\"x\">{} <b dir=\"ltr\">{}</b></p><div class=\"w\">\
             <a class=\"b\" href=\"{RECEIPT}.json{query}\" download=\"receipt.json\">{}</a>\
             <a class=\"b\" href=\"/.well-known/bandeau/verify\">{}</a></div>",
            Text(&words.text),
            Text(&words.code),
            Text(code),
            Text(&words.download),
            Text(&words.check),
        )
    }

    /// Whoever refused is nobody we know. Refusing again gives a receipt of that.
    fn unknown(&self, view: &View<'_>) -> String {
        let here = View { back: RECEIPT, ..*view };
        format!(
            "<p>{}</p>{}<button class=\"b\" name=\"answer\" value=\"refuse\">{}</button></form>",
            Text(&self.phrases.receipt.none),
            self.form(&here, Source::Settings),
            Text(&self.notice.labels.refuse),
        )
    }

    /// Where the page is, in this language.
    pub(crate) fn receipt_link(&self) -> String {
        format!("{RECEIPT}?lang={}", self.notice.language)
    }
}
