//! Stub.
use super::View;
pub(super) fn cookies(_view: &View<'_>) -> String {
    String::new()
}
pub(super) fn storage(_view: &View<'_>) -> String {
    String::new()
}
