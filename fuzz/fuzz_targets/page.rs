//! A page of any bytes in any encoding, cut anywhere: the chunks make no difference, and nothing panics.
#![no_main]

use bandeau_fuzz::{page_plan, run};
use libfuzzer_sys::fuzz_target;

const GRANTS: [Option<&[&str]>; 3] = [None, Some(&["social"]), Some(&["ads", "social", "media"])];
const TYPES: [&str; 4] =
    ["text/html", "text/html; charset=utf-8", "text/html; charset=shift_jis", "text/html; charset=iso-2022-jp"];

fuzz_target!(|data: (u8, u8, Vec<u8>, &[u8])| {
    let (granted, encoding, cuts, bytes) = data;
    let plan = page_plan(GRANTS[usize::from(granted) % GRANTS.len()]);
    let content_type = TYPES[usize::from(encoding) % TYPES.len()];
    let whole = run(&plan, content_type, bytes, std::iter::empty());
    let parts = run(&plan, content_type, bytes, cuts.iter().map(|&cut| usize::from(cut)));
    assert_eq!(whole, parts, "the chunks made a difference");
});
