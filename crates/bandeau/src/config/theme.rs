//! The `[theme]` and `[texts]` tables: how the face looks and what it says otherwise. Colours that cannot be read are no fault here: `bandeau check` finds them.

use super::raw;
use super::span::Faults;
use bandeau_banner::{Layout, Palette, Phrases, Scheme, Theme, Tint};
use bandeau_consent::Language;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn read(raw: &raw::Theme, faults: &mut Faults) -> Theme {
    let layout = faults.or(raw.layout.as_ref(), "theme.layout", Layout::default(), |read| {
        Layout::parse(read).ok_or_else(|| format!("{read:?} is not a layout: expected \"bar\", \"card\" or \"dialog\""))
    });
    let scheme = faults.or(raw.scheme.as_ref(), "theme.scheme", Scheme::default(), |read| match read {
        "auto" => Ok(Scheme::Auto),
        "light" => Ok(Scheme::Light),
        "dark" => Ok(Scheme::Dark),
        _ => Err(format!("{read:?} is not a scheme of colours: expected \"auto\", \"light\" or \"dark\"")),
    });
    let mut text = |text: &Option<raw::Text>, key, read: fn(&str) -> Result<String, String>| {
        text.as_ref().and_then(|text| faults.take(text, key, read))
    };
    let (font, title) = (text(&raw.font, "theme.font", font), text(&raw.title, "theme.title", font));
    let (radius, logo) = (text(&raw.radius, "theme.radius", length), text(&raw.logo, "theme.logo", logo));
    let light = palette(&raw.light, "theme.light", faults);
    let dark = palette(&raw.dark, "theme.dark", faults);
    Theme { layout, scheme, light, dark, font, title, radius, logo }
}

/// What a site says in words of its own. Languages and keys that do not exist, and names nobody fills in, are faults.
pub(super) fn texts(raw: &raw::Texts, faults: &mut Faults) -> BTreeMap<Language, Arc<Phrases>> {
    let mut all = BTreeMap::new();
    for (language, words) in raw {
        let name = language.get_ref();
        match (Phrases::reworded(name, words), Language::new(name)) {
            (Ok(phrases), Ok(language)) => drop(all.insert(language, phrases)),
            (Err(found), _) => {
                for (key, says) in found {
                    let key = format!("texts.{name}{}{key}", if key.is_empty() { "" } else { "." });
                    faults.add(language.span(), &key, says);
                }
            }
            (_, Err(error)) => faults.add(language.span(), "texts", error),
        }
    }
    all
}

fn palette(raw: &BTreeMap<String, raw::Text>, table: &str, faults: &mut Faults) -> Palette {
    let mut palette = Palette::default();
    for (name, text) in raw {
        let key = format!("{table}.{name}");
        let Some(place) = palette.entry(name) else {
            faults.add(text.span(), &key, format!("is not a colour of ours: expected {}", Palette::NAMES.join(", ")));
            continue;
        };
        *place = faults.take(text, &key, |read| {
            Tint::parse(read)
                .ok_or_else(|| format!("{read:?} is not a colour: expected #rgb or #rrggbb, such as #1a6b3f"))
        });
    }
    palette
}

/// A `font-family`: names and quoted names, so that nothing else of CSS gets in.
fn font(read: &str) -> Result<String, String> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, ' ' | ',' | '-' | '_' | '"' | '\'');
    let quotes = |quote: char| read.matches(quote).count().is_multiple_of(2);
    let good = !read.trim().is_empty() && read.chars().all(fits) && quotes('"') && quotes('\'');
    good.then(|| read.to_owned())
        .ok_or_else(|| format!("{read:?} is not a list of fonts: expected one such as \"Inter, sans-serif\""))
}

fn length(read: &str) -> Result<String, String> {
    let number = ["px", "rem", "em"].iter().find_map(|unit| read.strip_suffix(unit)).unwrap_or(read);
    let fits = number.parse::<f32>().is_ok_and(|number| (0.0..=64.0).contains(&number));
    let good =
        fits && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && (number != read || read == "0");
    good.then(|| read.to_owned())
        .ok_or_else(|| format!("{read:?} is not a length: expected one such as 4px, 0.5em or 0"))
}

/// A picture of the site's own: any other host would be contacted before a choice.
fn logo(read: &str) -> Result<String, String> {
    let good = read.starts_with('/') && !read.starts_with("//") && !read.contains(['\\', ' ']);
    good.then(|| read.to_owned())
        .ok_or_else(|| format!("{read:?} is not a path on the site: expected one such as /logo.svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_it_is_gets_into_the_style() {
        for good in ["Inter, sans-serif", "\"Source Serif 4\", Georgia"] {
            assert_eq!(font(good).as_deref(), Ok(good));
        }
        for bad in ["", "a;b", "a}b", "url(x)", "\"Inter", "</style>"] {
            assert!(font(bad).is_err(), "{bad}");
        }
        for good in ["0", "4px", "0.5em", "1rem"] {
            assert_eq!(length(good).as_deref(), Ok(good));
        }
        for bad in ["", "4", "-1px", "calc(1px)", "1e1px", "NaNpx", "100px", "4px;"] {
            assert!(length(bad).is_err(), "{bad}");
        }
        for bad in ["logo.svg", "//cdn.test/logo.svg", "https://cdn.test/logo.svg", "/a b.svg"] {
            assert!(logo(bad).is_err(), "{bad}");
        }
        assert!(logo("/brand/logo.svg?v=2").is_ok());
    }
}
