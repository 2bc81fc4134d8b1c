//! The page that checks receipts in a visitor's browser: static files that load nothing but each other and the site's
//! published keys. They are served as they were written, comments included, for whoever wants to read what checks. It
//! knows neither the book nor HTTP.

use crate::assets::Asset;
use std::sync::LazyLock;

static FILES: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    let script = include_str!("../verify/verify.js").to_owned();
    [Asset::new("verify", "js", script), Asset::new("verify", "css", include_str!("../verify/verify.css").to_owned())]
});

/// What it may do, as a `Content-Security-Policy`: run its own script and style, and ask this site for its keys.
pub const LOCK: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The page, to be served at `/.well-known/bandeau/verify`, beside its [`files`]. It asks for `log/keys` there.
pub fn page() -> &'static str {
    static PAGE: LazyLock<String> = LazyLock::new(|| {
        let named = |page: String, file: &Asset| page.replace(&file.plain(), &file.name());
        FILES.iter().fold(include_str!("../verify/verify.html").to_owned(), named)
    });
    &PAGE
}

/// Its script and its style.
pub fn files() -> &'static [Asset] {
    &*FILES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_loads_its_own_files_and_nothing_else() {
        let page = page();
        for file in files() {
            assert_eq!(page.matches(&file.name()).count(), 1, "{}", file.name());
            assert!(!page.contains(&format!("\"{}\"", file.plain())));
            assert!(file.text().is_ascii() && !file.text().contains("@import") && !file.text().contains("url("));
        }
        assert_eq!(page.matches("src=").count() + page.matches("rel=").count(), 2, "two files");
        assert!(page.is_ascii() && !page.contains("<style") && !page.contains(" style="));
        let script = files()[0].text();
        assert_eq!(script.matches("fetch(").count(), 1, "it asks for the keys and nothing else");
        for way in ["XMLHttpRequest", "sendBeacon", "WebSocket", "innerHTML", "localStorage", "cookie", "import("] {
            assert!(!script.contains(way), "{way}");
        }
    }
}
