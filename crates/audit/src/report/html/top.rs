//! Stub.
use super::View;
use crate::report::Comparison;
pub(super) fn top(_view: &View<'_>, _comparison: Option<&Comparison>) -> String {
    String::new()
}
