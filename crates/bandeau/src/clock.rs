//! The clock: the only place that asks what time it is.

use bandeau_consent::RecordId;
use std::path::Path;
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

/// A name for a record: a UUID of version 7 (RFC 9562 §5.7) by this clock.
pub(crate) fn name() -> RecordId {
    RecordId(uuid::Uuid::now_v7().into_bytes())
}

/// When a file last changed, in seconds since 1970-01-01T00:00:00Z.
pub(crate) fn changed(file: &Path) -> Option<u64> {
    let modified = std::fs::metadata(file).ok()?.modified().ok()?;
    modified.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// The day of a time in UTC, as `YYYY-MM-DD` (RFC 3339 §5.6).
pub(crate) fn day(seconds: u64) -> String {
    let mut day = bandeau_ledger::stamp(seconds.saturating_mul(1000));
    day.truncate("YYYY-MM-DD".len());
    day
}

/// A time in milliseconds since 1970-01-01T00:00:00Z, as `YYYY-MM-DD hh:mm:ss.mmm UTC`.
pub(crate) fn moment(millis: u64) -> String {
    bandeau_ledger::stamp(millis).replace('T', " ").replace('Z', " UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, date) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_819, "2027-01-01"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(day(days * 86_400), date);
            assert_eq!(day(days * 86_400 + 86_399), date);
        }
    }

    #[test]
    fn moments_are_said_whole() {
        assert_eq!(moment(0), "1970-01-01 00:00:00.000 UTC");
        assert_eq!(moment(1_795_000_000_123), "2026-11-18 11:06:40.123 UTC");
        assert!(moment(u64::MAX).ends_with(" UTC"));
    }
}
