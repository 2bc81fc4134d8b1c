//! What makes a policy the same: digests of a draft. They know every field and judge none.

use crate::{Basis, Digest, Draft, Fields, Hasher, NamePattern, PurposeId};

/// Everything a policy says, as the bytes whose SHA-256 is its identity.
pub(crate) fn canonical(draft: &Draft) -> Vec<u8> {
    let mut fields = Fields::new("bandeau policy v1")
        .list(draft.hosts.iter().map(ToString::to_string))
        .field(format!("{:?}", draft.unknown));
    for purpose in &draft.purposes {
        fields = fields.list([purpose.id.as_str(), &format!("{:?} {}", purpose.basis, purpose.sale)]);
        fields = fields.list(purpose.wording.iter().flat_map(|(lang, w)| [lang.as_str(), &w.title, &w.text, &w.cost]));
    }
    for service in &draft.services {
        fields = fields
            .list([service.id.as_str(), &service.name, &service.controller, &service.privacy, &service.retention])
            .list(service.purposes.iter().map(PurposeId::as_str))
            .list(service.data.iter().map(|category| category.as_str()))
            .list(service.hosts.iter().map(ToString::to_string))
            .list(service.cookies.iter().map(NamePattern::as_str))
            .list(service.storage.iter().map(NamePattern::as_str))
            .list(service.routes.iter().map(ToString::to_string))
            .field([u8::from(service.webrtc)])
            .list(service.kept.iter().flat_map(|kept| [kept.name.as_str(), &kept.span]));
    }
    for feature in &draft.features {
        fields = fields
            .field(feature.id.as_str())
            .list(feature.needs.iter().map(PurposeId::as_str))
            .list(feature.routes.iter().map(ToString::to_string))
            .list(&feature.embeds);
    }
    fields.finish()
}

/// What is asked, and who is behind it: an answer to this stands while it does not change, whatever the words.
pub(crate) fn asks(draft: &Draft) -> Digest {
    draft
        .purposes
        .iter()
        .filter(|purpose| purpose.basis == Basis::Consent)
        .fold(Hasher::new("bandeau asks v1"), |hasher, purpose| {
            let mut behind: Vec<&str> = draft
                .services
                .iter()
                .filter(|service| service.purposes.contains(&purpose.id))
                .map(|service| service.id.as_str())
                .collect();
            behind.sort_unstable();
            hasher.field(purpose.id.as_str()).list(behind)
        })
        .finish()
}
