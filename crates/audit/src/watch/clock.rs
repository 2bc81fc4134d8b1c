//! One clock for everything: the browser's own ticks, those of its network log, and ours, in milliseconds since the run
//! began. All three count from the same monotonic clock of the machine; what lies between them is found by the event that
//! came to us soonest. Knows no wall clock but the one the browser tells of.

use std::time::Instant;

#[derive(Debug)]
pub(super) struct Clock {
    began: Instant,
    /// Milliseconds from `began` to the beginning of the run.
    from: u64,
    /// What is added to the browser's ticks, in milliseconds, to reach ours.
    skew: Option<f64>,
    /// What is added to the browser's ticks, in seconds, to reach its wall clock.
    wall: f64,
}

impl Clock {
    pub(super) fn new(began: Instant) -> Self {
        let from = Self::since(began);
        Self { began, from, skew: None, wall: 0.0 }
    }

    fn since(began: Instant) -> u64 {
        u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// When the run began, since the beginning of everything.
    pub(super) fn from(&self) -> u64 {
        self.from
    }

    /// Begins another run.
    pub(super) fn turn(&mut self) {
        self.from = Self::since(self.began);
    }

    pub(super) fn now(&self) -> u64 {
        Self::since(self.began).saturating_sub(self.from)
    }

    /// When something happened of which the browser says its ticks, in seconds; where it does not, now.
    pub(super) fn at(&mut self, ticks: Option<f64>) -> u64 {
        let Some(ticks) = ticks else { return self.now() };
        let skew = (self.began.elapsed().as_secs_f64() - ticks) * 1000.0;
        self.skew = Some(self.skew.map_or(skew, |known| known.min(skew)));
        u64::try_from(self.ticks(ticks * 1000.0)).unwrap_or(0)
    }

    /// Ticks in milliseconds as time of the run: negative where they are older than it.
    pub(super) fn ticks(&self, ticks: f64) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a run")]
        let all = (ticks + self.skew.unwrap_or_default()).round() as i64;
        all - i64::try_from(self.from).unwrap_or(i64::MAX)
    }

    /// The browser says what its ticks are on its wall clock, both in seconds.
    pub(super) fn wall(&mut self, ticks: Option<f64>, wall: Option<f64>) {
        if let (Some(ticks), Some(wall)) = (ticks, wall) {
            self.wall = wall - ticks;
        }
    }

    /// Seconds since 1970 as the browser counts them; 0 where it has not said.
    pub(super) fn date(&self) -> f64 {
        match self.skew {
            Some(skew) if self.wall > 0.0 => self.began.elapsed().as_secs_f64() - skew / 1000.0 + self.wall,
            _ => 0.0,
        }
    }
}
