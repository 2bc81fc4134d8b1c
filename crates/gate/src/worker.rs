//! Workers: how a script of ours gets in front of one of the site's, which runs where no page's script reaches.

/// What goes in front of a worker's script, whose first bytes are `first`, so that it means what it meant.
///
/// `ahead` is a statement on one line. A directive prologue counts only at the very beginning (ECMA-262 §11.2.1), so
/// one that is there is said once more before it.
pub fn lead(first: &[u8], ahead: &str) -> String {
    if strict(first) { format!("\"use strict\";{ahead}") } else { ahead.to_owned() }
}

/// Whether a script begins with `"use strict"`, white space and comments aside.
fn strict(script: &[u8]) -> bool {
    let mut rest = script.strip_prefix(b"\xef\xbb\xbf").unwrap_or(script);
    loop {
        rest = rest.trim_ascii_start();
        let end = match rest {
            [b'/', b'/', ..] => rest.iter().position(|&byte| byte == b'\n'),
            [b'/', b'*', ..] => rest.windows(2).skip(2).position(|two| two == b"*/").map(|at| at + 4),
            _ => return rest.starts_with(b"\"use strict\"") || rest.starts_with(b"'use strict'"),
        };
        match end {
            Some(end) => rest = rest.get(end..).unwrap_or_default(),
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strict_script_stays_strict() {
        for (script, is) in [
            ("'use strict'; x", true),
            ("\u{feff}  // a licence\n/* and\nmore */ \"use strict\"\nx", true),
            ("/**/'use strict'", true),
            ("x = 'use strict'", false),
            ("/* 'use strict'", false),
            ("// 'use strict'", false),
            ("", false),
        ] {
            assert_eq!(strict(script.as_bytes()), is, "{script}");
        }
        assert_eq!(lead(b"'use strict'", "a();"), "\"use strict\";a();");
        assert_eq!(lead(b"b()", "a();"), "a();");
    }
}
