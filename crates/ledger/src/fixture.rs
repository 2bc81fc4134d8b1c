//! Records to test with.

use bandeau_consent::{
    Asked, Choice, Decision, Digest, Event, Labels, Language, Notice, Pseudonym, PurposeId, Record, RecordId, Source,
    Wording,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

pub(crate) fn notice(language: &str, purposes: &[String]) -> Notice {
    let asked =
        |id: &String| Asked { purpose: PurposeId::new(id).unwrap(), wording: Wording::default(), services: Vec::new() };
    Notice {
        language: Language::new(language).unwrap(),
        site: "La Gazette".to_owned(),
        controller: String::new(),
        privacy: String::new(),
        title: String::new(),
        text: String::new(),
        labels: Labels { accept: "oui".to_owned(), refuse: "non".to_owned(), choose: "choisir".to_owned() },
        asked: purposes.iter().map(asked).collect(),
        fixed: Vec::new(),
        data: Vec::new(),
    }
}

/// The record of a number, for the visitor of another number.
pub(crate) fn record(number: u32, visitor: u32) -> Record {
    let notice = notice("fr", &["social".to_owned(), "audience".to_owned()]);
    let answers = [("audience", Choice::Refuse), ("social", Choice::Grant)];
    Record {
        id: RecordId((0x0199_u128 << 112 | u128::from(number)).to_be_bytes()),
        pseudonym: Pseudonym(u128::from(visitor).to_be_bytes()),
        at: 1_795_000_000_000 + u64::from(number),
        decision: Decision::new(&notice, answers, Source::Banner).unwrap(),
        event: Event::Given,
        policy: Digest([5; 32]),
        keep: 180 * 86_400,
    }
}

prop_compose! {
    pub(crate) fn any_record()(
        id: [u8; 16], pseudonym: [u8; 16], at: u64, policy: [u8; 32], keep: u64,
        language in "[a-z]{2,3}",
        purposes in prop::collection::vec("[a-z][a-z0-9-]{0,47}", 0..9),
        grants in any::<u16>(),
        source in prop::sample::select(Source::ALL),
        event in prop::sample::select(&[Event::Given, Event::Refused, Event::Withdrawn, Event::Renewed][..]),
    ) -> Record {
        let mut seen = BTreeSet::new();
        let purposes: Vec<String> = purposes.into_iter().filter(|id| seen.insert(id.clone())).collect();
        let answers = purposes.iter().enumerate().map(|(at, id)| {
            (id.as_str(), if grants >> at & 1 == 1 { Choice::Grant } else { Choice::Refuse })
        });
        Record {
            id: RecordId(id),
            pseudonym: Pseudonym(pseudonym),
            at,
            decision: Decision::new(&notice(&language, &purposes), answers, source).unwrap(),
            event,
            policy: Digest(policy),
            keep,
        }
    }
}
