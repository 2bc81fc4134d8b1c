//! The first bytes of a page decide its encoding. The same bytes decide the same in any chunks; what is said is
//! an encoding browsers know; and a page that is said to be in it is read in it again.
#![no_main]

use bandeau_fuzz::{page_plan, run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (Vec<u8>, &[u8])| {
    let (cuts, bytes) = data;
    let plan = page_plan(None);
    let whole = run(&plan, "text/html", bytes, std::iter::empty());
    let parts = run(&plan, "text/html", bytes, cuts.iter().map(|&cut| usize::from(cut)));
    assert_eq!(whole, parts);
    let Ok((out, _, said)) = whole else { return };
    let said = said.to_str().unwrap();
    let mark = [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff"].iter().any(|mark| out.starts_with(mark));
    if let Ok((_, _, again)) = run(&plan, said, &out, std::iter::empty()) {
        assert!(mark || said == again, "said {said}, then {again:?}");
    }
});
