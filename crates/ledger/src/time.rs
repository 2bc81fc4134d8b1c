//! Times as people write them: RFC 3339 in UTC. Knows no clock.

const DAY: u64 = 86_400_000;

/// A time in milliseconds since 1970-01-01T00:00:00Z as `YYYY-MM-DDThh:mm:ss.mmmZ` (RFC 3339 §5.6), by the proleptic
/// Gregorian calendar.
pub fn stamp(millis: u64) -> String {
    let (year, month, date) = civil(millis / DAY);
    let (seconds, rest) = (millis % DAY / 1000, millis % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}.{rest:03}Z")
}

/// Reads a day, which means its first moment in UTC, or `YYYY-MM-DDThh:mm:ssZ`; in milliseconds since 1970.
pub fn moment(read: &str) -> Option<u64> {
    let (day, clock) = match read.split_once('T') {
        Some((day, clock)) => (day, clock.strip_suffix('Z')?),
        None => (read, "00:00:00"),
    };
    let [year, month, date] = numbers(day, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    if !(1970..=9999).contains(&year) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days(year, month, date);
    // A date that is in no calendar comes back as another.
    (civil(days) == (year, month, date)).then_some(days * DAY + ((hour * 60 + minute) * 60 + second) * 1000)
}

/// Three numbers with so many digits each.
fn numbers(read: &str, between: char, digits: [usize; 3]) -> Option<[u64; 3]> {
    let mut parts = read.split(between);
    let mut found = [0; 3];
    for (number, digits) in found.iter_mut().zip(digits) {
        let part =
            parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// Year, month and day of a number of days since 1970. Years begin in March here, so that the odd day of February comes
/// last; 400 of them are 146,097 days.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + later, month, date)
}

/// The number of days since 1970 of a year from then on, a month and a day.
fn days(year: u64, month: u64, date: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year) = (year / 400, year % 400);
    (era * 146_097 + 365 * year + year / 4 - year / 100 + (153 * month + 2) / 5 + date).saturating_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_and_read() {
        for (said, millis) in [
            ("1970-01-01T00:00:00.000Z", 0),
            ("2000-02-29T23:59:59.999Z", 951_868_799_999),
            ("2026-11-18T11:06:40.123Z", 1_795_000_000_123),
            ("2100-03-01T00:00:00.000Z", 4_107_542_400_000),
        ] {
            assert_eq!(stamp(millis), said);
            assert_eq!(moment(&said.replace(&said[19..23], "")), Some(millis / 1000 * 1000));
            assert_eq!(moment(&said[..10]), Some(millis / DAY * DAY));
        }
        assert!(stamp(u64::MAX).ends_with('Z'));
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for wrong in [
            "",
            "2026",
            "2026-11",
            "2026-13-01",
            "2026-00-10",
            "2026-02-29",
            "2026-04-31",
            "2026-1-1",
            "1969-12-31",
            "2026-11-18T11:06:40",
            "2026-11-18T24:00:00Z",
            "2026-11-18T11:60:00Z",
            "+026-11-18",
            "2026-11-18-01",
        ] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_day_comes_back() {
        for day in (0..60_000).step_by(7) {
            let said = stamp(day * DAY);
            assert_eq!(moment(&said[..10]), Some(day * DAY), "{said}");
        }
    }
}
