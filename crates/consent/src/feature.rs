//! Features: what a visitor gains with a purpose, and the routes and places of the page that need it.

use crate::{FeatureId, PurposeId, RoutePattern};

/// Something the site offers that works only once its purposes are granted: comments, a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// Its name, unique in a policy.
    pub id: FeatureId,
    /// The purposes it needs; all must be granted. At least one.
    pub needs: Vec<PurposeId>,
    /// Routes of the site answered by the gateway while it is closed.
    pub routes: Vec<RoutePattern>,
    /// CSS selectors of elements whose content gives way to a placeholder while it is closed.
    pub embeds: Vec<String>,
}
