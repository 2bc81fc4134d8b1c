//! Services: who processes data, and how each shows on the wire.

use crate::{HostPattern, NamePattern, PurposeId, RoutePattern, ServiceId};

macro_rules! categories {
    ($($(#[$doc:meta])* $variant:ident = $id:literal),+ $(,)?) => {
        /// What kind of personal data a service receives: a closed list with localised names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DataCategory { $($(#[$doc])* $variant),+ }

        impl DataCategory {
            /// All categories, in the order they are shown.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name used in configuration and records.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// Reads a name.
            pub fn parse(read: &str) -> Option<Self> {
                match read { $($id => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

categories! {
    /// The IP address.
    IpAddress = "ip-address",
    /// Pages seen and links followed.
    Browsing = "browsing",
    /// How the site is used: clicks, scrolling, time.
    Usage = "usage",
    /// Where the visitor is.
    Location = "location",
    /// Likes, shares, follows and the account behind them.
    SocialInteractions = "social-interactions",
    /// What commenting needs: name, address, text.
    Comments = "comments",
    /// Device and browser.
    Device = "device",
    /// An identifier or account.
    Identity = "identity",
    /// Means of payment and orders.
    Payment = "payment",
}

/// Who processes data, for which purposes, and its trackers: how it shows on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name in configuration, unique in a policy.
    pub id: ServiceId,
    /// Its name for people.
    pub name: String,
    /// The purposes it serves; all must be granted. At least one.
    pub purposes: Vec<PurposeId>,
    /// Who is responsible, for people.
    pub controller: String,
    /// Where its privacy page is; empty when the site's own applies.
    pub privacy: String,
    /// What it receives.
    pub data: Vec<DataCategory>,
    /// How long it keeps identifiers on the device, for people, such as "13 months"; may be empty.
    pub retention: String,
    /// Hosts (and paths on them) it is reached at.
    pub hosts: Vec<HostPattern>,
    /// Names of cookies it sets or reads on the site.
    pub cookies: Vec<NamePattern>,
    /// Keys of Web Storage and names of databases, caches and files it uses on the site; `sw:` and a path for a
    /// service worker, `window.name` for that.
    pub storage: Vec<NamePattern>,
    /// Routes of the site itself that serve only this service, answered 403 while it is held.
    pub routes: Vec<RoutePattern>,
    /// Whether it connects visitors with peers (WebRTC), whose addresses no list can name.
    pub webrtc: bool,
    /// Its names on the site, cookies first, each with how long it is kept: for people, in the order shown.
    pub kept: Vec<Kept>,
}

/// A name a service uses on the device, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The name of a cookie or storage key, with `*` for any run of characters.
    pub name: NamePattern,
    /// A span such as "13 months", "session" or "lasting"; empty where nobody said.
    pub span: String,
}
