//! Stub.
use super::View;
pub(super) fn pages(_view: &View<'_>) -> String {
    String::new()
}
