//! The clock: the only place that asks what time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn since_epoch() -> Duration {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Seconds since 1970-01-01T00:00:00Z.
pub(crate) fn seconds() -> u64 {
    since_epoch().as_secs()
}

/// Milliseconds since 1970-01-01T00:00:00Z.
pub(crate) fn millis() -> u64 {
    u64::try_from(since_epoch().as_millis()).unwrap_or(u64::MAX)
}
