//! Stub.
use super::View;
pub(super) fn notice(_view: &View<'_>) -> String {
    String::new()
}
