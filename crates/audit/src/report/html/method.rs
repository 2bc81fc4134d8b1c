//! Stub.
use super::View;
pub(super) fn method(_view: &View<'_>) -> String {
    String::new()
}
pub(super) fn glossary() -> &'static str {
    ""
}
