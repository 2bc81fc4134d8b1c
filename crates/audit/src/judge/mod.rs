//! What the law makes of what was seen. A judgement is data too, made from an [`Audit`](crate::seen::Audit) and from who is
//! [`who`](crate::who); it knows no browser and no report, and it does not guess: what a machine cannot decide it says so.

mod case;
mod cloaks;
mod flags;
mod kept;
mod law;
mod lives;
mod marks;
mod notice;
mod parties;
mod rules;
mod sent;
mod shared;
mod sheet;
#[cfg(test)]
mod tests;
mod weigh;
mod words;

pub(crate) use lives::LONG;
pub use rules::RULES;

use case::Case;
use sheet::Sheet;

use crate::seen::{Audit, Role, Standing};
use crate::who::{Directory, Party};
use serde::{Deserialize, Serialize};

/// The version of the format of a judgement.
pub const FORMAT: u32 = 1;

/// What came of an audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// [`FORMAT`] of whoever wrote it.
    pub format: u32,
    /// One row of the law table each, in its order.
    pub rows: Vec<Row>,
    /// What was found, the gravest first.
    pub findings: Vec<Finding>,
    /// Everybody who was contacted or who keeps something in the browser, the site itself first, then by weight.
    pub parties: Vec<Party>,
    /// Numbers of each standing that was walked through.
    pub totals: Vec<Total>,
    /// What lies under a name of the site's and is somebody else's.
    #[serde(default)]
    pub lent: Vec<Loan>,
}

/// A cookie or an entry under a name of the site's that is somebody else's, by its own name or by who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Loan {
    /// In which standing.
    pub standing: Standing,
    /// Which it is.
    pub at: Place,
    /// Whose: the service's name, else the domain.
    pub whose: String,
    /// Whether that follows people.
    pub tracker: bool,
}

/// A sentence of the law that a test can check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// `L1` and so on.
    pub id: String,
    /// What must hold, in a sentence.
    pub must: String,
    /// Where it says so.
    pub authority: String,
    /// Whether it does.
    pub outcome: Outcome,
    /// What was looked at, or why a machine cannot tell, or what a person must look at.
    pub why: String,
    /// The findings against it, by [`Finding::id`].
    pub findings: Vec<String>,
}

/// Whether a sentence holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was looked at, and holds on the pages that were visited.
    Passed,
    /// It does not hold.
    Failed,
    /// A machine cannot decide it, or could not here.
    Undecidable,
}

/// How grave something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Worth knowing; breaks nothing by itself.
    Note,
    /// A person must look: it breaks a rule unless there is a reason the machine cannot see.
    Warning,
    /// It breaks a rule.
    Error,
}

/// Something that was found, once for all pages where it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The same in every run of the same site: a rule and what it is about, `request-before-choice/ads.test`.
    pub id: String,
    /// The rule, in kebab case: one of [`RULES`].
    pub rule: String,
    /// Rows of the law table it stands against.
    pub law: Vec<String>,
    /// How grave.
    pub level: Level,
    /// What it is, in one sentence a director understands.
    pub says: String,
    /// What to do about it, in one sentence an engineer understands.
    pub mend: String,
    /// The registrable domain of the party, where it is about one.
    pub party: Option<String>,
    /// In which standings.
    pub standings: Vec<Standing>,
    /// Pages on which it was seen, each once.
    pub pages: Vec<String>,
    /// How often it was seen.
    pub count: u64,
    /// Where to look it up in the audit, the first first; at most 20.
    pub evidence: Vec<Evidence>,
}

/// A place in the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Evidence {
    /// In which standing.
    pub standing: Standing,
    /// What is there.
    pub at: Place,
    /// What to see there, in a few words: an address, a cookie's name and lifetime, two colours.
    pub shows: String,
}

/// What a piece of evidence points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// An index of [`Run::requests`](crate::seen::Run::requests).
    Request(usize),
    /// An index of [`Run::cookies`](crate::seen::Run::cookies).
    Cookie(usize),
    /// An index of [`Run::storage`](crate::seen::Run::storage).
    Entry(usize),
    /// An index of [`Run::connections`](crate::seen::Run::connections).
    Connection(usize),
    /// An index of [`Run::visits`](crate::seen::Run::visits).
    Visit(usize),
    /// The notice, and the control of that role.
    Banner(Option<Role>),
}

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// What it looks for, in a sentence.
    pub says: &'static str,
    /// Rows of the law table it stands against.
    pub law: &'static [&'static str],
    /// How grave a finding of it is at most.
    pub level: Level,
}

/// Numbers of one standing. Where its choice was made only what came since counts, as
/// [`Run::chosen`](crate::seen::Run::chosen) says; where it could not be made everything does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Total {
    /// Which.
    pub standing: Standing,
    /// Whether it was reached.
    pub reached: bool,
    /// Pages that were asked for.
    pub pages: u64,
    /// Requests that left the machine.
    pub requests: u64,
    /// Of these, to third parties.
    pub third: u64,
    /// Of these, to trackers.
    pub trackers: u64,
    /// Registrable domains of third parties that were contacted.
    pub parties: u64,
    /// Cookies that were kept, or had been kept before and stayed.
    pub cookies: u64,
    /// Entries of other storages that were kept, or had been kept before and stayed.
    pub storage: u64,
}

/// What the law makes of an audit. The same audit and the same directory give the same judgement.
pub fn judge(audit: &Audit, known: &Directory) -> Judgement {
    let case = Case::new(audit, known);
    let mut sheet = Sheet::default();
    sent::look(&case, &mut sheet);
    kept::look(&case, &mut sheet);
    lives::look(&case, &mut sheet);
    shared::look(&case, &mut sheet);
    let cloaks = cloaks::look(&case, &mut sheet);
    notice::look(&case, &mut sheet);
    flags::look(&case, &mut sheet);
    let findings = sheet.finish();
    Judgement {
        format: FORMAT,
        rows: law::rows(&case, &findings),
        parties: parties::parties(&case, &cloaks),
        totals: parties::totals(&case),
        lent: parties::lent(&case),
        findings,
    }
}
