//! The words round an article, in French and in English.
//!
//! This room does not know the articles themselves.

/// Key, French, English.
const WORDS: &[(&str, &str, &str)] = &[
    ("skip", "Aller à l’article", "Skip to the article"),
    ("date", "Dimanche 22 novembre 2026", "Sunday 22 November 2026"),
    ("edition", "Édition de Port-Alizan", "Port-Alizan edition"),
    ("theme", "Jour / nuit", "Day / night"),
    ("twin", "In English", "En français"),
    ("motto", "Le journal qui paraît quand la journée est finie", "The paper that comes out when the day is done"),
    ("sections", "Rubriques", "Sections"),
    ("nav1", "Le port", "Harbour"),
    ("nav2", "Au large", "Offshore"),
    ("nav3", "Le marché", "Market"),
    ("nav4", "Lire", "Reading"),
    ("nav5", "Vos droits", "Your rights"),
    ("ad", "Publicité", "Advertisement"),
    ("by", "Par", "By"),
    ("follow", "Suivre la Gazette", "Follow the Gazette"),
    ("mail", "Envoyer", "E-mail"),
    ("share", "Partager sur Parvis", "Share on Parvis"),
    ("film", "Le premier tour de roue, en images", "The first turn of the wheel, on film"),
    ("filmnote", "Une minute douze. Hébergé par Lucarne.", "One minute twelve. Hosted by Lucarne."),
    ("comments", "Vos commentaires", "Your comments"),
    ("name", "Votre nom", "Your name"),
    ("text", "Votre commentaire", "Your comment"),
    ("send", "Publier", "Publish"),
    ("foryou", "Pour vous", "For you"),
    ("unpersonal", "Le choix de la rédaction, le même pour tous", "The editors’ choice, the same for everyone"),
    ("house", "Biscuits Ormelune. Au beurre, à la marée.", "Ormelune biscuits. Butter and sea air."),
    ("promo", "La Gazette, chaque soir dans votre boîte", "The Gazette, every evening in your letterbox"),
    ("sold", "Espace vendu par la régie Enseigne", "Space sold by Enseigne"),
    ("readers", "Vos voisins la lisent", "Your neighbours read it"),
    ("readernote", "2 418 lecteurs du canton suivent la Gazette", "2,418 readers nearby follow the Gazette"),
    ("clip", "La digue, vue du ciel", "The sea wall from above"),
    ("related", "À lire aussi", "Read next"),
    ("infrench", "", "in French"),
    (
        "imprint",
        "Journal de démonstration : les lieux, les gens et les sociétés y sont inventés, les requêtes sont vraies.",
        "A demonstration paper: places, people and companies are invented, the requests are real.",
    ),
    ("privacy", "Confidentialité", "Privacy (in French)"),
    ("witness", "Ce que les tiers ont reçu (en anglais)", "What the third parties received"),
    ("missing", "Cette page n’existe pas", "There is no such page"),
];

/// A word in a language (French for any but `en`); nothing when nobody wrote it.
pub(super) fn word(lang: &str, key: &str) -> Option<&'static str> {
    let &(_, fr, en) = WORDS.iter().find(|(known, ..)| *known == key)?;
    Some(if lang == "en" { en } else { fr })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_said_in_english_and_once() {
        for (at, (key, _, en)) in WORDS.iter().enumerate() {
            assert!(!en.is_empty(), "{key}");
            assert!(WORDS[..at].iter().all(|(other, ..)| other != key), "{key} twice");
        }
        assert_eq!((word("fr", "by"), word("en", "by"), word("en", "by the way")), (Some("Par"), Some("By"), None));
    }
}
