//! How whoever receives a pack checks it: in plain words, with our own command, and without anything of ours.

use super::Dossier;
use crate::clock::moment;

/// The same check for whoever has Python and openssl and nothing of ours.
pub(super) const CHECK: &str = include_str!("check.py");

/// `HOW-TO-VERIFY.md`.
pub(super) fn page(dossier: &Dossier<'_>) -> String {
    let case = dossier.case;
    let host = case.origin.split('/').next().unwrap_or_default();
    let record = match &case.record {
        None => String::new(),
        Some(record) => RECORD
            .replace("LANGUAGE", &record.row.language)
            .replace("NOTICE", &record.row.notice.to_string())
            .replace("POLICY", &record.row.policy.to_string()),
    };
    let manifest = case.mechanism.as_ref().map_or_else(String::new, |mechanism| {
        MANIFEST.replace("NAME", &mechanism.name.to_string()).replace("AT", &moment(mechanism.manifest.at))
    });
    let one = usize::from(case.record.is_none());
    let when = |text: &'static str| if case.record.is_some() { text } else { "" };
    TEXT.replace("@WHAT@", WHAT[one])
        .replace("@RECEIPT@", when(RECEIPT))
        .replace("@SHOWS@", SHOWS[one])
        .replace("@PERSONAL@", when(PERSONAL))
        .replace("@RECORD@", &record)
        .replace("@MANIFEST@", &manifest)
        .replace("HOST", host)
        .replace("ORIGIN", &case.origin)
}

const TEXT: &str = "# How to check this pack

Nothing here has to be believed because it says so. @WHAT@
All of it works without a network and without the gateway that made the pack.

## 1. Get the public keys from the publisher

The pack holds the keys in `keys.txt`, but a pack that was made up would hold made-up keys. Take them from the site itself:

    curl -o published.txt https://HOST/.well-known/bandeau/log/keys

and compare: `diff published.txt keys.txt` prints nothing. Better still, compare with a copy somebody else kept earlier.
@RECEIPT@
## Without the program

    python3 check.py published.txt

`check.py` is about two hundred lines that use Python's own library and the `openssl` command, and nothing of the program
that made the pack. Read it: it is the specification in another form. It ends with 0 when all holds.

## By hand

Every file against its hash:

    sha256sum --quiet -c SHA256SUMS
@RECORD@@MANIFEST@
## What it shows, and what not

@SHOWS@ The log can only grow: whoever kept an earlier checkpoint can ask for a proof that this one extends it. The time
is that of the gateway's clock.

The pictures were taken when this pack was made, by a browser of that day, from the archived files; the page behind the
notice is a blank stand-in, and the site's own logo is not in the archive.
@PERSONAL@";

const WHAT: [&str; 2] = [
    "Three things are checked: that the record was
not changed, that it was in the log at the latest when the checkpoint was signed, and that the words and pages in this pack
are those that were live.",
    "What is checked is that the words and pages in this
pack are those whose hash stands in the log.",
];

const RECEIPT: &str = "
## With the program

    bandeau verify receipt.json --keys published.txt
    bandeau verify records/*.json --keys published.txt

It says in words what was recorded and what that proves. It looks at receipts; the files of the version are checked below.
";

const SHOWS: [&str; 2] = [
    "It shows that the holder of the key attested this record; that the record was in the log
`ORIGIN` when the checkpoint in `checkpoint.txt` was signed; and which words,
pages, styles, scripts and settings were archived and logged as live. It does not show who the visitor is: the record holds
a random pseudonym, no name and no address. It does not show that no other record was ever left out.",
    "It shows which words, pages, styles, scripts and settings were archived, and that their hash was in
the log `ORIGIN` when the checkpoint in `checkpoint.txt` was signed.",
];

const PERSONAL: &str = "
The pack holds personal data, and the code of a receipt takes the consent back for whoever types it. Keep it accordingly.
";

const RECORD: &str = "
The words of the notice and the policy, against the two hashes in the record. These files are the very bytes the hashes
are made of (each field behind its length), so plain SHA-256 is enough:

    sha256sum mechanism/LANGUAGE/notice.fields   # NOTICE
    sha256sum mechanism/policy.fields   # POLICY
    strings -n 3 mechanism/LANGUAGE/notice.fields
";

const MANIFEST: &str = "
The version that was live from AT on. Its name is the SHA-256 of `manifest.json`, which lists
every file under `mechanism/` with its own; entry `02` and that name stand in the log, as `manifest.proof` shows:

    sha256sum manifest.json   # NAME
";
