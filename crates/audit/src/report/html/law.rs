//! Stub.
use super::View;
pub(super) fn law(_view: &View<'_>) -> String {
    String::new()
}
