//! Whether this node's clock can be believed, before anything is ended or erased because it is old. A clock that jumps
//! years ahead by mistake must not erase the whole book; what is erased never comes back.
//!
//! The wall clock is held against time that only runs on: a step between two looks puts it on probation for a day, and
//! so does a gap since the last run. In that day somebody sets it right, or it is right. When it was last believed is
//! kept in a file of this node, so that a restart neither hides a jump nor begins a probation. Knows no store.

use crate::disk;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// What a clock that is being set right may step at once.
const STEP: u64 = 5 * 60_000;

/// How far a clock may be from what is known of the time at the start of a run, and how long it must then run evenly.
const PROBATION: Duration = Duration::from_secs(86_400);

/// How often it is written down that the clock is believed.
const NOTE: Duration = Duration::from_secs(3600);

const HEADER: &str = "bandeau clock v1 ";

pub(crate) struct Watch {
    path: PathBuf,
    /// The last look: the wall clock, and the time that runs on.
    last: Option<(u64, Duration)>,
    /// Since when the clock runs evenly without being believed.
    probation: Option<Duration>,
    noted: Option<Duration>,
    /// How often it was not believed.
    pub(crate) jumps: u64,
}

impl Watch {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, last: None, probation: None, noted: None, jumps: 0 }
    }

    /// Looks at the clock: `now` in milliseconds since 1970, `steady` a time that only runs on. `known` is a time that
    /// has been, asked for where this node has noted none; nothing where nothing could be lost. Returns whether the
    /// clock is believed.
    pub(crate) fn look<E>(
        &mut self,
        now: u64,
        steady: Duration,
        known: impl FnOnce() -> Result<Option<u64>, E>,
    ) -> Result<bool, E> {
        let (before, may) = match self.last {
            Some((wall, then)) => (Some(wall.saturating_add(millis(steady.saturating_sub(then)))), STEP),
            None => match self.read() {
                Some(noted) => (Some(noted), millis(PROBATION)),
                None => (known()?, millis(PROBATION)),
            },
        };
        self.last = Some((now, steady));
        if let Some(before) = before.filter(|before| now.abs_diff(*before) > may) {
            self.probation = Some(steady);
            self.jumps += 1;
            let (off, ahead) = (now.abs_diff(before) / 1000, now > before);
            tracing::warn!(
                seconds = off,
                ahead,
                "the clock is far from where it should be: nothing is ended or erased by age until it has run evenly for a day"
            );
        }
        if self.probation.is_some_and(|since| steady.saturating_sub(since) < PROBATION) {
            return Ok(false);
        }
        self.probation = None;
        if self.noted.is_none_or(|noted| steady.saturating_sub(noted) >= NOTE) {
            self.noted = Some(steady);
            self.note(now);
        }
        Ok(true)
    }

    /// When the clock was last believed, as an earlier run noted it.
    fn read(&self) -> Option<u64> {
        fs::read_to_string(&self.path).ok()?.strip_prefix(HEADER)?.trim().parse().ok()
    }

    fn note(&self, now: u64) {
        if let Err(error) = disk::replace(&self.path, &format!("{HEADER}{now}\n")) {
            tracing::warn!(%error, "{} cannot be written: after a restart the clock may wait a day to be believed", self.path.display());
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    const NOW: u64 = 1_795_000_000_000;
    const HOUR: u64 = 3_600_000;
    const YEAR: u64 = 365 * 24 * HOUR;

    /// Looks at a clock so many hours after the start that is so many milliseconds off.
    fn look(watch: &mut Watch, hours: u64, off: i64, known: Option<u64>) -> bool {
        let now = (NOW + hours * HOUR).saturating_add_signed(off);
        watch.look(now, Duration::from_millis(hours * HOUR), || Ok::<_, Infallible>(known)).unwrap()
    }

    fn watch(dir: &tempfile::TempDir) -> Watch {
        Watch::new(dir.path().join("book.clock"))
    }

    #[test]
    fn an_even_clock_is_believed_and_one_that_jumps_waits_a_day() {
        for off in [YEAR.cast_signed(), -YEAR.cast_signed(), HOUR.cast_signed()] {
            let dir = tempfile::tempdir().unwrap();
            let mut watch = watch(&dir);
            assert!(look(&mut watch, 0, 0, Some(NOW - HOUR)));
            assert!(look(&mut watch, 1, 60_000, None), "a step of a minute is a clock being set");
            assert!(!look(&mut watch, 2, off, None));
            assert!(!look(&mut watch, 25, off, None));
            assert_eq!(watch.jumps, 1);
            assert!(look(&mut watch, 26, off, None), "nobody corrected it for a day");
        }
    }

    #[test]
    fn a_clock_that_is_set_right_lost_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut watch = watch(&dir);
        assert!(look(&mut watch, 0, 0, Some(NOW)));
        assert!(!look(&mut watch, 1, YEAR.cast_signed(), None));
        assert!(!look(&mut watch, 2, 0, None), "stepping back is a jump too");
        assert!(!look(&mut watch, 25, 0, None));
        assert!(look(&mut watch, 26, 0, None));
    }

    #[test]
    fn a_restart_neither_hides_a_jump_nor_begins_a_probation() {
        let dir = tempfile::tempdir().unwrap();
        assert!(look(&mut watch(&dir), 0, 0, Some(NOW)));
        assert!(look(&mut watch(&dir), 5, 0, None), "a restart within a day");
        // What is known of the time was written by the clock that is wrong.
        assert!(!look(&mut watch(&dir), 5, YEAR.cast_signed(), Some(NOW + YEAR)));
        assert!(!look(&mut watch(&dir), 5, YEAR.cast_signed(), Some(NOW + YEAR)), "nor the second time");
        assert!(look(&mut watch(&dir), 6, 0, None));
    }

    #[test]
    fn a_first_run_asks_the_book() {
        for (known, believed) in [(None, true), (Some(NOW), true), (Some(NOW - YEAR), false), (Some(NOW + YEAR), false)]
        {
            let dir = tempfile::tempdir().unwrap();
            assert_eq!(look(&mut watch(&dir), 0, 0, known), believed, "{known:?}");
        }
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("book.clock"), "nonsense").unwrap();
        assert!(!look(&mut watch(&dir), 0, 0, Some(NOW - YEAR)), "a file that says nothing is none");
    }
}
