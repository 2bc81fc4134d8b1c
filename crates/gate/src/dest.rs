//! What a request is for, as the browser says (`Sec-Fetch-Dest`, Fetch metadata §2.1), or as far as can
//! be told where it does not: plain HTTP and older browsers.

use http::HeaderMap;

/// What the answer will become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dest {
    /// A page of its own.
    Document,
    /// A document inside another: iframe, frame, embed, object.
    Frame,
    /// A worker, which has a policy of its own.
    Worker,
    /// Something a script asked for: may be HTML that it puts into the page.
    Script,
    /// A part of a page: image, style, script, font and so on.
    Part,
    /// Not said: treated as any of the above.
    Unsaid,
}

impl Dest {
    /// Reads what the browser says.
    pub fn read(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get("sec-fetch-dest") else {
            return Self::Unsaid;
        };
        match value.as_bytes() {
            b"document" => Self::Document,
            b"iframe" | b"frame" | b"embed" | b"object" | b"fencedframe" => Self::Frame,
            b"worker" | b"sharedworker" | b"serviceworker" => Self::Worker,
            b"empty" => Self::Script,
            b"audio" | b"audioworklet" | b"font" | b"image" | b"json" | b"manifest" | b"paintworklet" | b"report"
            | b"script" | b"style" | b"text" | b"track" | b"video" | b"xslt" | b"webidentity" => Self::Part,
            // A destination we do not know may become a document.
            _ => Self::Unsaid,
        }
    }

    /// Whether the answer gets a policy of its own whatever its type.
    pub fn locks(self) -> bool {
        matches!(self, Self::Document | Self::Frame | Self::Worker)
    }

    /// Whether an HTML answer becomes a document, so that its scripts run as it is read.
    pub fn runs(self) -> bool {
        matches!(self, Self::Document | Self::Frame | Self::Unsaid)
    }

    /// Whether an HTML answer gets the notice: a page of its own, not a frame or a fragment.
    pub fn shows(self) -> bool {
        matches!(self, Self::Document | Self::Unsaid)
    }
}
