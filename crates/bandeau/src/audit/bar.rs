//! How far an audit is: a bar for each standing on a terminal, a line for each page anywhere else. Knows nothing of what is
//! found.

use bandeau_audit::seen::{End, Standing};
use bandeau_audit::visit::Progress;
use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How wide a bar is.
const WIDTH: u32 = 20;

/// What is said meanwhile, on standard error.
pub(super) struct Bar {
    terminal: bool,
    state: Mutex<State>,
}

struct State {
    began: Instant,
    rows: Vec<Row>,
    /// Lines of the terminal that are ours.
    drawn: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    standing: Standing,
    done: u32,
    of: u32,
    requests: usize,
    doing: String,
    over: bool,
}

impl Bar {
    pub(super) fn new(standings: &[Standing]) -> Self {
        let row = |&standing: &Standing| Row {
            standing,
            done: 0,
            of: 0,
            requests: 0,
            doing: "waits".to_owned(),
            over: false,
        };
        let rows = Standing::ALL.iter().filter(|standing| standings.contains(standing)).map(row).collect();
        let state = State { began: Instant::now(), rows, drawn: 0 };
        Self { terminal: std::io::stderr().is_terminal(), state: Mutex::new(state) }
    }

    /// Says what came.
    pub(super) fn tell(&self, progress: &Progress) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.terminal {
            if let Some(line) = line(progress) {
                tracing::info!("{line}");
            }
            return;
        }
        state.learn(progress);
        state.draw();
    }

    /// Leaves the bars where they are: what is said next begins on a line of its own.
    pub(super) fn end(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).drawn = 0;
    }
}

impl State {
    fn learn(&mut self, progress: &Progress) {
        let of = match progress {
            Progress::Doing { standing, .. }
            | Progress::Visited { standing, .. }
            | Progress::Ended { standing, .. } => *standing,
        };
        let Some(row) = self.rows.iter_mut().find(|row| row.standing == of) else { return };
        match progress {
            Progress::Doing { what, .. } => row.doing = plain(what),
            Progress::Visited { done, of, requests, .. } => (row.done, row.of, row.requests) = (*done, *of, *requests),
            Progress::Ended { fault, .. } => {
                row.over = true;
                row.of = row.done;
                row.doing = fault.as_deref().map_or_else(|| "done".to_owned(), plain);
            }
        }
    }

    fn draw(&mut self) {
        let mut text = String::new();
        if self.drawn > 0 {
            let _ = write!(text, "\x1b[{}A", self.drawn);
        }
        for row in &self.rows {
            let _ = writeln!(text, "\r{}\x1b[K", row.line());
        }
        let _ = writeln!(text, "\r{}\x1b[K", self.sum());
        self.drawn = self.rows.len() + 1;
        eprint!("{text}");
    }

    /// Pages done and left, over all standings.
    fn sum(&self) -> String {
        let done: u32 = self.rows.iter().map(|row| row.done).sum();
        // Who has not begun will walk as far as the one who is furthest.
        let most = self.rows.iter().map(|row| row.of).max().unwrap_or_default();
        let left: u32 =
            self.rows.iter().filter(|row| !row.over).map(|row| row.of.max(most) - row.done.min(row.of.max(most))).sum();
        let seconds = self.began.elapsed().as_secs();
        format!("{done} pages visited, about {left} left, {seconds} s; Ctrl-C ends it and keeps what was seen")
    }
}

impl Row {
    fn line(&self) -> String {
        let full = (WIDTH * self.done).checked_div(self.of).unwrap_or_default().min(WIDTH);
        let full = if self.over && self.of == 0 { 0 } else { full };
        let bar: String = (0..WIDTH).map(|at| if at < full { '#' } else { '.' }).collect();
        let doing: String = self.doing.chars().take(60).collect();
        format!(
            "{:<10}[{bar}] {:>3} of {:<3} {:>5} requests  {doing}",
            self.standing.as_str(),
            self.done,
            self.of,
            self.requests
        )
    }
}

/// Foreign text, without what would steer a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

/// One line for a log.
fn line(progress: &Progress) -> Option<String> {
    Some(match progress {
        Progress::Doing { .. } => return None,
        Progress::Visited { standing, url, end, requests, done, of } => {
            let how = match end {
                End::Complete => String::new(),
                End::Slow => ", did not load in time".to_owned(),
                End::Download => ", is a file".to_owned(),
                End::Failed(why) => format!(", failed: {}", plain(why)),
                End::Broken(why) => format!(", broke: {}", plain(why)),
                End::Interrupted => ", interrupted".to_owned(),
            };
            let name = standing.as_str();
            format!("{name}: {done} of {of}, {} ({requests} requests so far{how})", plain(url))
        }
        Progress::Ended { standing, fault: None } => format!("{}: done", standing.as_str()),
        Progress::Ended { standing, fault: Some(why) } => format!("{}: {}", standing.as_str(), plain(why)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visited(done: u32, of: u32) -> Progress {
        let url = "https://gazette.example/\u{1b}[2Ja".to_owned();
        Progress::Visited { standing: Standing::Before, url, end: End::Slow, requests: 41, done, of }
    }

    #[test]
    fn a_bar_says_what_is_done_and_left() {
        let bar = Bar::new(&[Standing::Gpc, Standing::Before]);
        let mut state = bar.state.into_inner().unwrap();
        state.learn(&visited(3, 12));
        state.learn(&Progress::Doing { standing: Standing::Before, what: "https://gazette.example/b".to_owned() });
        let line = state.rows[0].line();
        assert_eq!(line, "before    [#####...............]   3 of 12     41 requests  https://gazette.example/b");
        assert!(state.rows[1].line().ends_with("waits"));
        assert!(state.sum().starts_with("3 pages visited, about 21 left"), "{}", state.sum());
        let fault = Some("no notice was found".to_owned());
        state.learn(&Progress::Ended { standing: Standing::Gpc, fault });
        assert!(state.sum().starts_with("3 pages visited, about 9 left"), "{}", state.sum());
        assert!(state.rows[1].line().ends_with("no notice was found"));
    }

    #[test]
    fn a_line_says_the_page_and_steers_no_terminal() {
        let said = line(&visited(3, 12)).unwrap();
        assert_eq!(said, "before: 3 of 12, https://gazette.example/[2Ja (41 requests so far, did not load in time)");
        assert_eq!(line(&Progress::Doing { standing: Standing::Gpc, what: String::new() }), None);
    }
}
