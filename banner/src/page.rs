//! Pages of our own: the document around the settings and the messages. They load nothing but the face.

use crate::escape::Text;
use crate::face::{Face, View};

impl Face {
    /// A whole document with the site's name above.
    pub(crate) fn document(&self, view: &View<'_>, title: &str, class: &str, body: &str) -> String {
        format!(
            "<!doctype html><html{}><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"robots\" content=\"noindex\"><title>{} &#183; {site}</title>{}</head>\
             <body class=\"{class}\"><header>{site}</header><main>{body}</main></body></html>",
            self.tongue(),
            Text(title),
            view.style.style(&self.styles.page),
            site = Text(&self.notice.site),
        )
    }
}
