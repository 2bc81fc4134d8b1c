//! The theme: layout, colours, fonts and logo a publisher gives the face, and whether what is written in those colours
//! can be read (WCAG 2.2 §1.4.3, §1.4.11). It does not know where a theme is configured.

use std::fmt::Write as _;

/// Where the first layer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// Along the foot of the window.
    #[default]
    Bar,
    /// In a lower corner.
    Card,
    /// In the middle of the window.
    Dialog,
}

impl Layout {
    /// All layouts.
    pub const ALL: [Self; 3] = [Self::Bar, Self::Card, Self::Dialog];

    /// Its name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bar => "bar",
            Self::Card => "card",
            Self::Dialog => "dialog",
        }
    }

    /// Reads a name.
    pub fn parse(read: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.as_str() == read)
    }
}

/// Which of the two schemes of colours is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// As the visitor's device asks (`prefers-color-scheme`).
    #[default]
    Auto,
    /// Always the light one.
    Light,
    /// Always the dark one.
    Dark,
}

/// An opaque colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tint(pub [u8; 3]);

impl Tint {
    /// Reads `#rgb` or `#rrggbb`.
    pub fn parse(read: &str) -> Option<Self> {
        let digits = read.strip_prefix('#').filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let wide: String = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 => digits.to_owned(),
            _ => return None,
        };
        let byte = |at: usize| u8::from_str_radix(&wide[at..at + 2], 16).ok();
        Some(Self([byte(0)?, byte(2)?, byte(4)?]))
    }

    /// Relative luminance, from 0 (black) to 1 (white), as WCAG 2.2 defines it.
    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// The contrast between two colours, from 1 to 21, as WCAG 2.2 defines it.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }
}

impl std::fmt::Display for Tint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

macro_rules! palette {
    ($($(#[$doc:meta])* $name:ident = $light:literal, $dark:literal;)+) => {
        /// The colours of one scheme; what is not given is ours.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Palette { $($(#[$doc])* pub $name: Option<Tint>,)+ }

        impl Palette {
            /// The names of the colours, as the configuration has them.
            pub const NAMES: &[&str] = &[$(stringify!($name)),+];

            /// The colour of a name, to be set.
            pub fn entry(&mut self, name: &str) -> Option<&mut Option<Tint>> {
                match name { $(stringify!($name) => Some(&mut self.$name),)+ _ => None }
            }

            fn given(&self) -> impl Iterator<Item = (&'static str, Tint)> {
                [$((stringify!($name), self.$name)),+].into_iter().filter_map(|(name, tint)| Some((name, tint?)))
            }

            fn whole(&self, dark: bool) -> Self {
                let ours = |light: &str, night: &str| Tint::parse(if dark { night } else { light });
                Self { $($name: self.$name.or_else(|| ours($light, $dark)),)+ }
            }
        }

        #[cfg(test)]
        const OURS: &[(&str, &str, &str)] = &[$((stringify!($name), $light, $dark)),+];
    };
}

palette! {
    /// What everything stands on.
    paper = "#fffdf9", "#1a1b1d";
    /// Text.
    ink = "#1d1c1a", "#f2eee6";
    /// Text of less weight, and the rim of a switch.
    muted = "#57534c", "#b7b1a7";
    /// Lines between things.
    line = "#d6d0c4", "#424347";
    /// The ground of boxes.
    wash = "#f5f1e9", "#25262a";
    /// The ring around what has the focus.
    focus = "#0b57d0", "#8ab4f8";
    /// A switch that is on.
    on = "#1a6b3f", "#7fd0a0";
    /// Buttons.
    button = "#1d1c1a", "#f2eee6";
    /// The words on buttons.
    label = "#fffdf9", "#1a1b1d";
}

/// Two colours that are too close.
#[derive(Debug, Clone, PartialEq)]
pub struct TooClose {
    /// Whether it is so in the dark scheme.
    pub dark: bool,
    /// The name of the colour in front.
    pub front: &'static str,
    /// The name of the colour behind it.
    pub back: &'static str,
    /// Their contrast, from 1 to 21.
    pub contrast: f64,
    /// What it must be at least.
    pub least: f64,
}

/// What a publisher gives the face.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Theme {
    /// Where the first layer stands.
    pub layout: Layout,
    /// Which scheme is shown.
    pub scheme: Scheme,
    /// The colours by day.
    pub light: Palette,
    /// The colours by night.
    pub dark: Palette,
    /// The font of texts, as a CSS `font-family`.
    pub font: Option<String>,
    /// The font of headings.
    pub title: Option<String>,
    /// How round corners are, as a CSS length.
    pub radius: Option<String>,
    /// A picture above the first layer: a path on the site itself.
    pub logo: Option<String>,
}

impl Theme {
    /// The colours that cannot be told apart well enough: 4.5 for text (§1.4.3), 3 for the ring of the focus and for
    /// switches (§1.4.11).
    pub fn faults(&self) -> Vec<TooClose> {
        let pairs = |palette: &Palette, dark: bool| {
            let of = palette.whole(dark);
            [
                ("ink", of.ink, "paper", of.paper, 4.5),
                ("ink", of.ink, "wash", of.wash, 4.5),
                ("muted", of.muted, "paper", of.paper, 4.5),
                ("muted", of.muted, "wash", of.wash, 4.5),
                ("label", of.label, "button", of.button, 4.5),
                ("focus", of.focus, "paper", of.paper, 3.0),
                ("on", of.on, "paper", of.paper, 3.0),
            ]
            .map(|(front, one, back, two, least)| {
                let contrast = one.zip(two).map_or(21.0, |(one, two)| one.contrast(two));
                TooClose { dark, front, back, contrast, least }
            })
        };
        let shown = |dark: bool| match self.scheme {
            Scheme::Auto => true,
            Scheme::Light => !dark,
            Scheme::Dark => dark,
        };
        [(&self.light, false), (&self.dark, true)]
            .into_iter()
            .filter(|(_, dark)| shown(*dark))
            .flat_map(|(palette, dark)| pairs(palette, dark))
            .filter(|pair| pair.contrast < pair.least)
            .collect()
    }

    /// What it changes of the style; nothing where it is ours.
    pub(crate) fn css(&self) -> String {
        let mut all = String::new();
        for (name, value) in [("font", &self.font), ("title", &self.title), ("radius", &self.radius)] {
            if let Some(value) = value {
                let _ = write!(all, "--bandeau-{name}:{value};");
            }
        }
        let colours = |palette: &Palette| {
            palette.given().fold(String::new(), |mut out, (name, tint)| {
                let _ = write!(out, "--bandeau-{name}:{tint};");
                out
            })
        };
        let rule = |inside: &str| if inside.is_empty() { String::new() } else { format!(":host,:root{{{inside}}}\n") };
        let night = |inside: String| match inside.as_str() {
            "" => inside,
            inside => format!("@media(prefers-color-scheme:dark){{{inside}}}\n"),
        };
        match self.scheme {
            Scheme::Auto => {
                all.push_str(&colours(&self.light));
                rule(&all) + &night(rule(&colours(&self.dark)).trim_end().to_owned())
            }
            Scheme::Light => rule(&(all + &colours(&self.light.whole(false)) + "color-scheme:light")),
            Scheme::Dark => rule(&(all + &colours(&self.dark.whole(true)) + "color-scheme:dark")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_as_wcag_has_it() {
        let tint = |read| Tint::parse(read).unwrap();
        assert!((tint("#000").contrast(tint("#fff")) - 21.0).abs() < 1e-9);
        assert!((tint("#777").contrast(tint("#ffffff")) - 4.478).abs() < 0.001);
        assert_eq!(tint("#0a5").to_string(), "#00aa55");
        for read in ["", "#", "#12", "#12345", "#1234567", "red", "123456", "#gggggg", "#\u{e9}\u{e9}\u{e9}"] {
            assert_eq!(Tint::parse(read), None, "{read}");
        }
    }

    #[test]
    fn our_own_colours_can_be_read() {
        assert_eq!(Theme::default().faults(), []);
        let base = concat!(include_str!("../face/vars.css"), include_str!("../face/more.css"));
        for (name, light, dark) in OURS {
            for tint in [light, dark] {
                assert!(base.contains(&format!("--bandeau-{name}:{tint}")), "{name} {tint}: the style says the same");
            }
        }
    }

    #[test]
    fn pale_words_are_found_in_the_scheme_that_has_them() {
        let mut theme = Theme::default();
        *theme.light.entry("button").unwrap() = Tint::parse("#9ad");
        let faults = theme.faults();
        assert_eq!(faults.len(), 1);
        assert_eq!((faults[0].front, faults[0].back, faults[0].dark), ("label", "button", false));
        theme.scheme = Scheme::Dark;
        assert_eq!(theme.faults(), [], "nobody sees the light scheme");
        assert!(theme.light.entry("glow").is_none() && !Palette::NAMES.contains(&"glow"));
    }

    #[test]
    fn only_what_is_given_is_said() {
        assert_eq!(Theme::default().css(), "");
        let mut theme = Theme { radius: Some("0".into()), ..Theme::default() };
        *theme.dark.entry("ink").unwrap() = Tint::parse("#fff");
        assert_eq!(
            theme.css(),
            ":host,:root{--bandeau-radius:0;}\n@media(prefers-color-scheme:dark){:host,:root{--bandeau-ink:#ffffff;}}\n"
        );
        theme.scheme = Scheme::Light;
        assert!(theme.css().contains("--bandeau-ink:#1d1c1a;") && theme.css().contains("color-scheme:light}"));
    }
}
