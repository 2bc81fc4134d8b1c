//! What the door asks of whoever draws: it hands over what is held and gets HTML back.

use bandeau_consent::{Feature, Purpose, Service};

/// An embed that gives way to a placeholder.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// The purpose that holds it.
    pub purpose: &'a Purpose,
    /// The service it belongs to, where one is declared for its address.
    pub service: Option<&'a Service>,
    /// The feature it belongs to, where one is.
    pub feature: Option<&'a Feature>,
    /// The element's `width` attribute, decoded.
    pub width: Option<&'a str>,
    /// The element's `height` attribute, decoded.
    pub height: Option<&'a str>,
    /// Where the embed's content is.
    pub link: Option<&'a str>,
    /// The element's name, lower-case.
    pub tag: &'a str,
    /// The element's attributes, decoded.
    pub attributes: &'a [(String, String)],
}

/// Draws what visitors see. Implemented outside this room.
pub trait Face: Send + Sync {
    /// The notice and band for a page whose `<html lang>` is `language`, as HTML in ASCII or UTF-8.
    fn notice(&self, language: Option<&str>) -> String;
    /// The scripts that run before every other of a document, as elements that hold or name one script each; empty where
    /// none is used.
    fn first(&self) -> String {
        String::new()
    }
    /// The same for a worker, as the beginning of its script.
    fn worker(&self) -> String {
        String::new()
    }
    /// The page sets a policy of its own (`<meta http-equiv="content-security-policy">`), which what comes later must
    /// fit too.
    fn meet(&self, policy: &str) {
        let _ = policy;
    }
    /// What stands in an embed's place.
    fn placeholder(&self, language: Option<&str>, held: &Held<'_>) -> String;
}
