//! A made-up policy with a bit of everything: many services, one, none; long lists of data; a feature.

use bandeau_banner::purposes;
use bandeau_consent::{
    DataCategory, Draft, Feature, FeatureId, Kept, NamePattern, Policy, PurposeId, Service, ServiceId,
};

pub(crate) fn policy() -> Policy {
    use DataCategory::{Browsing, Comments, Device, Identity, IpAddress, Location, SocialInteractions, Usage};
    let service = |id: &str, name: &str, purposes: &[&str], data: &[DataCategory], storage: &[&str]| Service {
        id: ServiceId::new(id).expect("a name"),
        name: name.to_owned(),
        purposes: purposes.iter().map(|id| PurposeId::new(id).expect("a name")).collect(),
        controller: format!("{name} SA, Lyon"),
        privacy: format!("https://{id}.test/privacy"),
        data: data.to_vec(),
        retention: "13 months".to_owned(),
        hosts: Vec::new(),
        cookies: Vec::new(),
        storage: storage.iter().map(|key| NamePattern::new(key).expect("a pattern")).collect(),
        routes: Vec::new(),
        webrtc: false,
        kept: storage
            .iter()
            .map(|key| Kept { name: NamePattern::new(key).expect("a pattern"), span: "13 months".to_owned() })
            .collect(),
    };
    let social = PurposeId::new("social").expect("a name");
    Policy::new(Draft {
        purposes: purposes(),
        services: vec![
            service(
                "forum",
                "Forum social",
                &["social"],
                &[IpAddress, Browsing, SocialInteractions, Comments],
                &["forum:*"],
            ),
            service("share", "Partage", &["social"], &[IpAddress, Browsing], &[]),
            service("video", "Vid\u{e9}o-Port", &["media"], &[IpAddress, Device, Usage], &["vp_*"]),
            service(
                "regie",
                "R\u{e9}gie du Quai",
                &["advertising", "profile"],
                &[IpAddress, Identity, Browsing, Location],
                &["rq"],
            ),
            service("mesure", "Mesure Plus", &["audience-plus"], &[IpAddress, Usage, Device], &["mp.*"]),
        ],
        features: vec![Feature {
            id: FeatureId::new("comments").expect("a name"),
            needs: vec![social],
            routes: Vec::new(),
            embeds: Vec::new(),
        }],
        ..Draft::default()
    })
    .expect("a sound policy")
}
