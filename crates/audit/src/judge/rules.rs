//! Every rule, in the order of a report: its name, what it looks for, which rows of the law table it stands against. The
//! rules themselves are in the files beside this one.

use super::{Level, Rule};

const fn rule(name: &'static str, law: &'static [&'static str], level: Level, says: &'static str) -> Rule {
    Rule { name, says, law, level }
}

use Level::{Error, Note, Warning};

/// Every rule, in the order of a report.
pub const RULES: &[Rule] = &[
    rule("request-before-choice", &["L1"], Error, "A request leaves for somebody else before the visitor has chosen."),
    rule("tag-manager-before-choice", &["L1", "L16"], Error, "A tag manager is loaded before the visitor has chosen."),
    rule("cookie-before-choice", &["L1"], Error, "A cookie that needs consent is set before the visitor has chosen."),
    rule("storage-before-choice", &["L1"], Error, "Something is kept in the browser before the visitor has chosen."),
    rule("connection-before-choice", &["L1"], Error, "The browser is made to connect to somebody else beforehand."),
    rule("request-after-refusal", &["L8"], Error, "A request leaves for somebody else after everything was refused."),
    rule("tag-manager-after-refusal", &["L8", "L16"], Error, "A tag manager is loaded after everything was refused."),
    rule("cookie-after-refusal", &["L8"], Error, "A cookie that needs consent is set after everything was refused."),
    rule("storage-after-refusal", &["L8"], Error, "Something is kept in the browser after everything was refused."),
    rule("connection-after-refusal", &["L8"], Error, "The browser is made to connect to a party that was refused."),
    rule("read-after-refusal", &["L8"], Error, "A tracker's cookie travels although everything was refused."),
    rule("kept-after-refusal", &["L8"], Warning, "What a tracker kept before the refusal is still there after it."),
    rule(
        "request-after-withdrawal",
        &["L8"],
        Error,
        "A request leaves for somebody else after consent was taken back.",
    ),
    rule(
        "tag-manager-after-withdrawal",
        &["L8", "L16"],
        Error,
        "A tag manager is loaded after consent was taken back.",
    ),
    rule("cookie-after-withdrawal", &["L8"], Error, "A cookie that needs consent is set after it was taken back."),
    rule("storage-after-withdrawal", &["L8"], Error, "Something is kept in the browser after consent was taken back."),
    rule("connection-after-withdrawal", &["L8"], Error, "The browser is made to connect after consent was taken back."),
    rule("read-after-withdrawal", &["L8"], Error, "A tracker's cookie travels although consent was taken back."),
    rule("kept-after-withdrawal", &["L8"], Warning, "What a tracker kept is still there after consent was taken back."),
    rule(
        "request-with-gpc",
        &["L17"],
        Error,
        "A service that sells or shares data is contacted although the browser said no.",
    ),
    rule(
        "cookie-with-gpc",
        &["L17"],
        Error,
        "A service that sells or shares data keeps something although the browser said no.",
    ),
    rule(
        "identifier-shared",
        &["L1", "L8"],
        Error,
        "A number that tells visitors apart goes from the site to somebody else.",
    ),
    rule("cloak-alias", &["L1", "L9"], Error, "A host of the site's is in truth a tracker's, by its entry in the DNS."),
    rule("cloak-redirect", &["L1", "L9"], Error, "An address of the site's leads on to a tracker."),
    rule("bounce", &["L1"], Error, "The whole page is led through somebody else and back."),
    rule("no-banner", &["L9", "L10"], Error, "Trackers are contacted, and nothing asks the visitor."),
    rule("no-refusal", &["L4", "L5", "L19"], Error, "The notice gives no way to refuse."),
    rule("refusal-harder", &["L5", "L19"], Error, "Refusing takes more clicks than accepting."),
    rule(
        "layer-no-refusal",
        &["L4"],
        Error,
        "A layer of the notice lets one accept everything but not refuse everything.",
    ),
    rule("buttons-differ", &["L4", "L19"], Error, "The way to refuse weighs less than the way to accept."),
    rule("preselected", &["L3", "L19"], Error, "A choice is switched on beforehand."),
    rule("wall", &["L11"], Error, "The notice closes the page to whoever does not accept."),
    rule("consent-or-pay", &["L11"], Warning, "Whoever does not accept is asked for money."),
    rule("no-change", &["L5"], Warning, "No visible way was found to change a choice."),
    rule("withdrawal-harder", &["L5"], Error, "Taking consent back takes more clicks than giving it."),
    rule("refusal-shorter", &["L7"], Error, "A refusal is kept for a shorter time than an acceptance."),
    rule("refusal-forgotten", &["L7"], Warning, "A refusal is kept only until the browser is closed."),
    rule("choice-long", &["L7"], Warning, "A choice is kept for more than thirteen months."),
    rule("lifetime-long", &["L15"], Error, "A tracker's cookie is kept for more than thirteen months."),
    rule("lifetime-renewed", &["L15"], Warning, "A tracker's cookie lives longer with every page."),
    rule("legitimate-interest", &["L13"], Warning, "The notice speaks of legitimate interest."),
    rule("no-policy", &["L10"], Warning, "The notice leads to no page that says more."),
    rule("language-differs", &["L18"], Error, "The notice does not speak the language of the page."),
    rule("contrast-low", &["L18"], Warning, "Words of the notice are too faint to be read by everybody."),
    rule("party-undeclared", &["L9"], Warning, "Somebody is contacted whom the configuration does not declare."),
    rule("name-undeclared", &["L9"], Warning, "Something is kept that the configuration does not declare."),
    rule("party-unknown", &["L9"], Note, "Somebody is contacted of whom nothing is known."),
    rule("referrer-leak", &[], Warning, "Others are told which page the visitor reads."),
    rule("request-insecure", &[], Warning, "Something travels without encryption."),
    rule("cookie-insecure", &[], Warning, "A cookie may travel without encryption."),
    rule("alias-elsewhere", &[], Note, "A host of the site's is an alias of a host elsewhere."),
];
