//! Medians, spreads and shares of what was measured.

use std::time::Duration;

/// The middle of the values.
pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The lowest and the highest.
pub fn spread(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, 0.0), |(low, high), value| (low.min(*value), high.max(*value)))
}

/// The time that this share of all did not exceed, in microseconds. Sorts.
pub fn within(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    let at = (times.len().saturating_sub(1) as f64 * share) as usize;
    times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
}
