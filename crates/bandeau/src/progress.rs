//! How far a long command has come: a bar on a terminal, nothing anywhere else. Knows no command.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

/// How often the bar moves.
const PACE: Duration = Duration::from_millis(200);

/// How wide it is.
const WIDTH: u64 = 30;

/// A bar on standard error.
pub(crate) struct Progress {
    shows: bool,
    start: Instant,
    /// What was done before this run.
    before: Option<u64>,
    shown: Option<Instant>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { shows: std::io::stderr().is_terminal(), start: Instant::now(), before: None, shown: None }
    }

    /// Says that so many of so many are done.
    pub(crate) fn step(&mut self, done: u64, total: u64) {
        let before = *self.before.get_or_insert(done);
        let due = self.shown.is_none_or(|shown| shown.elapsed() >= PACE) || done >= total;
        if self.shows && due {
            self.shown = Some(Instant::now());
            eprint!("\r{}\x1b[K", line(before, done, total, self.start.elapsed()));
        }
    }

    /// Leaves the bar where it is: what is said next begins on a line of its own.
    pub(crate) fn end(&mut self) {
        if self.shown.take().is_some() {
            eprintln!();
        }
    }
}

/// The bar, how many are done, how many a second, and how long the rest takes at that pace.
fn line(before: u64, done: u64, total: u64, elapsed: Duration) -> String {
    let full = (WIDTH * done).checked_div(total).map_or(WIDTH, |full| full.min(WIDTH));
    let bar: String = (0..WIDTH).map(|at| if at < full { '#' } else { '.' }).collect();
    let pace = done.saturating_sub(before) as f64 / elapsed.as_secs_f64().max(0.001);
    let left = match pace {
        pace if pace > 0.0 && done < total => format!(", {} left", span(((total - done) as f64 / pace) as u64)),
        _ => String::new(),
    };
    format!("[{bar}] {done} of {total}, {pace:.0} a second{left}")
}

fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_the_pace_of_this_run() {
        let said = line(500, 1000, 4000, Duration::from_secs(10));
        assert_eq!(said, "[#######.......................] 1000 of 4000, 50 a second, 1 min 0 s left");
        assert!(line(0, 0, 0, Duration::ZERO).ends_with("0 of 0, 0 a second"));
        assert!(line(0, 5, 5, Duration::from_secs(1)).ends_with("5 of 5, 5 a second"));
        assert_eq!(span(7260), "2 h 1 min");
    }
}
