//! Names: short, lower-case, safe in a cookie, a form field, a CSS class and a file name.

use std::fmt;

/// A name that cannot be used, with what was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{read:?} is not a name: expected 1 to 48 characters of a-z, 0-9 and -, beginning with a letter")]
pub struct BadId {
    /// What was read.
    pub read: String,
}

fn parse(read: &str) -> Result<Box<str>, BadId> {
    let first = read.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let rest = read.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if first && rest && read.len() <= 48 { Ok(read.into()) } else { Err(BadId { read: read.to_owned() }) }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Reads a name.
            ///
            /// # Errors
            /// When it is not 1 to 48 characters of `a-z`, `0-9` and `-` beginning with a letter.
            pub fn new(read: &str) -> Result<Self, BadId> {
                parse(read).map(Self)
            }

            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// The name of a purpose, such as `social`.
    PurposeId,
    /// The name of a service, such as `matomo`.
    ServiceId,
    /// The name of a feature, such as `comments`.
    FeatureId,
    /// A language, as the primary subtag of BCP 47 in lower case, such as `fr`.
    Language,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in ["a", "audience-plus", "x9"] {
            assert_eq!(PurposeId::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "9x", "-a", "Social", "a b", "a.b", "é", &"a".repeat(49)] {
            assert!(PurposeId::new(bad).is_err(), "{bad:?}");
        }
    }
}
