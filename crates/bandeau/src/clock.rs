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

/// The day of a time in UTC, as `YYYY-MM-DD` (RFC 3339 §5.6), by the proleptic Gregorian calendar.
pub(crate) fn day(seconds: u64) -> String {
    // Years begin in March here, so that the odd day of February comes last; 400 of them are 146,097 days.
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{date:02}", era * 400 + year + later)
}

/// A time in milliseconds since 1970-01-01T00:00:00Z, as `YYYY-MM-DD hh:mm:ss.mmm UTC`.
pub(crate) fn moment(millis: u64) -> String {
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{} {hour:02}:{minute:02}:{second:02}.{millis:03} UTC", day(seconds))
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
