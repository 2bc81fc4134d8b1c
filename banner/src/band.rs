//! The band: the coloured tab on every page that shows where the visitor stands and opens the settings.
//! A text and a shape always say the same as the colour.

use crate::escape::Text;
use crate::phrases::Phrases;
use bandeau_consent::Colour;

/// The name of a colour in attributes.
pub(crate) fn state(colour: Colour) -> &'static str {
    match colour {
        Colour::Neutral => "neutral",
        Colour::Green => "green",
        Colour::Amber => "amber",
        Colour::Red => "red",
    }
}

fn words(phrases: &Phrases, colour: Colour) -> &str {
    match colour {
        Colour::Neutral => &phrases.band.neutral,
        Colour::Green => &phrases.band.green,
        Colour::Amber => &phrases.band.amber,
        Colour::Red => &phrases.band.red,
    }
}

/// A question mark, a check, a half circle, a cross. The first is on every page that asks, so it is only a letter.
fn icon(colour: Colour) -> String {
    let drawn = match colour {
        Colour::Neutral => return "<b aria-hidden=\"true\">?</b>".to_owned(),
        Colour::Green => "<path d=\"M2.5 8.5l3.7 3.7 7.3-8\"/>",
        Colour::Amber => "<circle cx=\"8\" cy=\"8\" r=\"6\"/><path d=\"M8 2a6 6 0 0 1 0 12z\" fill=\"currentColor\"/>",
        Colour::Red => "<path d=\"M3.5 3.5l9 9M12.5 3.5l-9 9\"/>",
    };
    format!(
        "<svg viewBox=\"0 0 16 16\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" stroke-linecap=\"round\" \
         stroke-linejoin=\"round\" aria-hidden=\"true\">{drawn}</svg>"
    )
}

/// The band: a link to the settings, which a script opens as a layer.
/// `signal` is what is said of the browser's signal.
pub(crate) fn render(phrases: &Phrases, colour: Colour, signal: Option<&str>, settings: &str) -> String {
    let signal = signal.map(|said| format!("<i>GPC</i><span class=\"h\"> {}</span>", Text(said))).unwrap_or_default();
    format!(
        "<a class=\"t\" data-state=\"{}\" href=\"{settings}\" rel=\"nofollow\">{}<span>{}<span class=\"h\">. {}</span></span>{signal}</a>",
        state(colour),
        icon(colour),
        Text(words(phrases, colour)),
        Text(&phrases.band.open),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_text_and_shape_say_the_same() {
        let phrases = Phrases::builtin("en").unwrap();
        let all = [Colour::Neutral, Colour::Green, Colour::Amber, Colour::Red];
        let said = ["Tracking: not decided yet", "Tracking: allowed", "Tracking: partly allowed", "Tracking: refused"];
        for (colour, text) in all.into_iter().zip(said) {
            let band = render(phrases, colour, None, "/settings");
            assert!(band.contains(&format!(">{text}<")) && band.contains(&format!("data-state=\"{}\"", state(colour))));
            assert!(band.contains("Open the settings.") && band.contains("href=\"/settings\""));
            assert!(band.contains(&icon(colour)));
            assert_eq!(all.iter().filter(|&&other| icon(other) == icon(colour)).count(), 1);
        }
        assert!(render(phrases, Colour::Red, Some("Signal honoured."), "/settings").contains("Signal honoured."));
    }
}
