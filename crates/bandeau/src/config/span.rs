//! Small readers of single values: durations, addresses, lists, each with its place.

use super::fault::Fault;
use super::raw::Text;
use std::time::Duration;

/// Reads `90s`, `15m`, `6h`, `180d`, `4w` or `5y` (a year is 365 days).
pub(crate) fn duration(read: &str) -> Result<Duration, String> {
    let bad = || format!("{read:?} is not a duration: expected a whole number and s, m, h, d, w or y, such as 180d");
    let unit = read.chars().last().ok_or_else(bad)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        'y' => 365 * 86_400,
        _ => return Err(bad()),
    };
    let count: u64 = read[..read.len() - 1].trim().parse().map_err(|_| bad())?;
    let total = count.checked_mul(seconds).filter(|total| *total > 0 && *total <= 100 * 365 * 86_400);
    total.map(Duration::from_secs).ok_or_else(|| format!("{read:?} is out of range: expected 1s to 100y"))
}

/// Collects faults while values are read.
#[derive(Debug, Default)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, at: std::ops::Range<usize>, key: &str, says: impl ToString) {
        self.0.push(Fault::new(at, key, says));
    }

    /// The value, or a fault at its place.
    pub(crate) fn take<T, E: ToString>(
        &mut self,
        text: &Text,
        key: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match read(text.get_ref()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(text.span(), key, error.to_string());
                None
            }
        }
    }

    /// All values of a list that can be read; a fault for each that cannot.
    pub(crate) fn all<T, E: ToString>(
        &mut self,
        list: &[Text],
        key: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        list.iter().filter_map(|text| self.take(text, key, &read)).collect()
    }

    /// The value where there is one, else the default.
    pub(crate) fn or<T, E: ToString>(
        &mut self,
        text: Option<&Text>,
        key: &str,
        default: T,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> T {
        match text {
            Some(text) => self.take(text, key, read).unwrap_or(default),
            None => default,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_and_bounded() {
        assert_eq!(duration("180d").unwrap().as_secs(), 180 * 86_400);
        assert_eq!(duration("5y").unwrap().as_secs(), 5 * 365 * 86_400);
        for bad in ["", "d", "1.5d", "-1d", "0s", "180", "1x", "101y", "99999999999999999999y", "1é"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
