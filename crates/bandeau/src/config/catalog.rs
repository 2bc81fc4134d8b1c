//! The catalogue of well-known services, built in: one TOML file each, facts only.

use super::raw;

macro_rules! entries {
    ($($name:literal),+ $(,)?) => {
        const ENTRIES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../../../catalog/", $name, ".toml")))),+];
    };
}

entries! { "django", "isso", "matomo", "php", "rails", "vimeo", "wordpress", "youtube" }

/// The names that `use` takes.
pub(crate) fn names() -> Vec<&'static str> {
    ENTRIES.iter().map(|(name, _)| *name).collect()
}

/// One entry.
pub(crate) fn find(name: &str) -> Option<raw::Service> {
    let (_, text) = ENTRIES.iter().find(|(entry, _)| *entry == name)?;
    toml::from_str(text).ok()
}

/// The entries whose name, hosts or cookies contain a word, a line each.
pub(crate) fn search(word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let fits = |entry: &raw::Service, name: &str| {
        let lists = [&entry.hosts, &entry.cookies].into_iter().flatten().flatten().map(|text| text.get_ref().as_str());
        let mut texts = lists.chain(entry.name.as_deref()).chain([name]);
        texts.any(|text| text.to_lowercase().contains(&word))
    };
    names()
        .into_iter()
        .filter_map(|name| find(name).map(|entry| (name, entry)))
        .filter(|(name, entry)| fits(entry, name))
        .map(|(name, entry)| {
            let purpose = entry.purpose.as_ref().map_or("", |text| text.get_ref());
            format!("{name:<12} {:<16} {}", purpose, entry.name.unwrap_or_default())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_whole() {
        for name in names() {
            let entry = find(name).unwrap_or_else(|| panic!("{name} cannot be read"));
            assert!(entry.name.is_some() && entry.purpose.is_some(), "{name}");
            assert!(entry.source.is_some() && entry.checked.is_some(), "{name}");
        }
    }
}
