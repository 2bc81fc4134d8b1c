//! What is counted: numbers and fixed words only, never a host, a path, a name or a person.

use metrics::{counter, gauge};

/// A request came in.
pub(crate) fn request(route: &'static str) {
    counter!("bandeau_requests_total", "route" => route).increment(1);
}

/// Something was held: `cookie-in`, `cookie-out`, `header`, `load`, `route`.
pub(crate) fn held(kind: &'static str, count: u64) {
    if count > 0 {
        counter!("bandeau_held_total", "kind" => kind).increment(count);
    }
}

/// A page was cut or kept back.
pub(crate) fn withheld(reason: &'static str) {
    counter!("bandeau_withheld_total", "reason" => reason).increment(1);
}

/// Bad input: of a visitor, of the site.
pub(crate) fn bad(who: &'static str, kind: &'static str, count: u64) {
    if count > 0 {
        counter!("bandeau_bad_input_total", "from" => who, "kind" => kind).increment(count);
    }
}

/// The site did not answer as it should.
pub(crate) fn upstream(kind: &'static str) {
    counter!("bandeau_upstream_errors_total", "kind" => kind).increment(1);
}

/// A decision took effect.
pub(crate) fn decision(event: &'static str, source: &'static str) {
    counter!("bandeau_decisions_total", "event" => event, "source" => source).increment(1);
}

/// A witness signed the log, or did not.
pub(crate) fn witness(outcome: &'static str) {
    counter!("bandeau_log_witness_total", "outcome" => outcome).increment(1);
}

/// A notice or settings page was shown.
pub(crate) fn shown(asks: bool) {
    counter!("bandeau_pages_total", "notice" => if asks { "asking" } else { "band" }).increment(1);
}

/// What is live was archived and logged, was there before, or could not be: `published`, `same`, `failed`.
pub(crate) fn mechanism(outcome: &'static str) {
    counter!("bandeau_mechanism_total", "outcome" => outcome).increment(1);
}

/// Something was learnt: sightings from reports `noted`, the notebook's file `kept`, or `unkept`.
pub(crate) fn learnt(what: &'static str, count: u64) {
    if count > 0 {
        counter!("bandeau_learnt_total", "what" => what).increment(count);
    }
}

/// The state of the book.
pub(crate) fn book(state: &bandeau_ledger::State) {
    gauge!("bandeau_book_open").set(f64::from(u8::from(state.is_open())));
    gauge!("bandeau_book_backlog").set(state.backlog as f64);
    gauge!("bandeau_book_dropped").set(state.dropped as f64);
    gauge!("bandeau_book_written").set(state.written as f64);
    gauge!("bandeau_book_expired").set(state.expired as f64);
    gauge!("bandeau_book_erased").set(state.erased as f64);
    gauge!("bandeau_log_size").set(state.log.unwrap_or(0) as f64);
    gauge!("bandeau_clock_jumps").set(state.jumps as f64);
}
