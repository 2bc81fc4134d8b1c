//! The articles of the newsroom: their words and what stands above them.
//!
//! This room does not know who else is on the page.

/// One article, in one language. All fields are our own HTML, ready to print.
#[derive(Debug)]
pub(super) struct Article {
    /// Its name in addresses of comments and third parties.
    pub(super) id: &'static str,
    /// Where it is on the site.
    pub(super) path: &'static str,
    /// `fr` or `en`.
    pub(super) lang: &'static str,
    pub(super) kicker: &'static str,
    pub(super) headline: &'static str,
    pub(super) standfirst: &'static str,
    pub(super) byline: &'static str,
    pub(super) when: &'static str,
    /// The name of its picture.
    pub(super) photo: &'static str,
    pub(super) alt: &'static str,
    pub(super) caption: &'static str,
    pub(super) credit: &'static str,
    pub(super) body: &'static str,
}

/// All articles; the first is the front page.
pub(super) const ARTICLES: &[Article] = &[
    Article {
        id: "moulin",
        path: "/",
        lang: "fr",
        kicker: "Le port",
        headline: "À Port-Alizan, le vieux moulin à marée se remet à tourner",
        standfirst: "Après cinquante-huit ans de silence, la roue a fait samedi soir son premier tour. Elle éclairera les quais et chauffera l’école, au rythme du jusant.",
        byline: "Odile Ferrandière",
        when: "22 novembre 2026, 18 h 40",
        photo: "moulin",
        alt: "Le port au crépuscule : un moulin à marée et sa roue, des maisons éclairées sur le quai, trois bateaux et un phare au loin.",
        caption: "Samedi, à l’ouverture de la vanne.",
        credit: "Bastien Lorguec / La Gazette du soir",
        body: include_str!("../../demo/articles/moulin.html"),
    },
    Article {
        id: "mill",
        path: "/en/",
        lang: "en",
        kicker: "Harbour",
        headline: "In Port-Alizan, the old tide mill turns again",
        standfirst: "After fifty-eight silent years the wheel made its first full turn on Saturday evening. It will light the quays and heat the school, to the rhythm of the ebb.",
        byline: "Odile Ferrandière",
        when: "22 November 2026, 6.40 pm",
        photo: "moulin",
        alt: "The harbour at dusk: a tide mill and its wheel, lit houses on the quay, three boats and a distant lighthouse.",
        caption: "Saturday, as the gate was opened.",
        credit: "Bastien Lorguec / La Gazette du soir",
        body: include_str!("../../demo/articles/mill.html"),
    },
    Article {
        id: "phare",
        path: "/phare",
        lang: "fr",
        kicker: "Au large",
        headline: "Trois gardiens pour un phare qui n’en a plus besoin",
        standfirst: "Le feu de la Hague-Morte s’allume seul depuis longtemps. Une équipe s’y relaie pourtant tout l’hiver, pour regarder.",
        byline: "Malo Quéverdo",
        when: "21 novembre 2026, 19 h 05",
        photo: "phare",
        alt: "Un phare rayé sur un rocher, la nuit, ses deux faisceaux sur la mer.",
        caption: "Le feu de la Hague-Morte, vu du canot.",
        credit: "Atelier de la Gazette",
        body: include_str!("../../demo/articles/phare.html"),
    },
    Article {
        id: "marche",
        path: "/marche",
        lang: "fr",
        kicker: "Le marché",
        headline: "L’étal où l’on paie en heures de couture",
        standfirst: "Place du Vieux-Cordage, une table d’échanges ouverte pour un mois en est à son septième.",
        byline: "Nolwenn Astier",
        when: "21 novembre 2026, 12 h 20",
        photo: "marche",
        alt: "Deux étals sous des auvents rouge et bleu, des légumes et une ardoise, deux clients entre les deux.",
        caption: "L’ardoise du samedi, à gauche de la fontaine.",
        credit: "Atelier de la Gazette",
        body: include_str!("../../demo/articles/marche.html"),
    },
    Article {
        id: "bibliotheque",
        path: "/bibliotheque",
        lang: "fr",
        kicker: "Lire",
        headline: "La bibliothèque donne ses clés, et ne perd rien",
        standfirst: "Ouverte jusqu’à minuit sans personnel, la salle de lecture de l’ancienne criée a trouvé trois cent quarante gardiens.",
        byline: "Odile Ferrandière",
        when: "20 novembre 2026, 21 h 10",
        photo: "bibliotheque",
        alt: "Une table de lecture sous une lampe verte, entre deux murs de livres et une fenêtre sur le port.",
        caption: "La salle de lecture, un peu avant minuit.",
        credit: "Atelier de la Gazette",
        body: include_str!("../../demo/articles/bibliotheque.html"),
    },
];

/// The article at a path.
pub(super) fn at(path: &str) -> Option<&'static Article> {
    let path = if path == "/en" { "/en/" } else { path };
    ARTICLES.iter().find(|article| article.path == path)
}

/// The pictures of the site, by name.
pub(super) fn picture(name: &str) -> Option<&'static str> {
    Some(match name {
        "moulin.svg" => include_str!("../../demo/site/moulin.svg"),
        "phare.svg" => include_str!("../../demo/site/phare.svg"),
        "marche.svg" => include_str!("../../demo/site/marche.svg"),
        "bibliotheque.svg" => include_str!("../../demo/site/bibliotheque.svg"),
        "mark.svg" => include_str!("../../demo/site/mark.svg"),
        "face.svg" => include_str!("../../demo/site/face.svg"),
        "promo.svg" => include_str!("../../demo/site/promo.svg"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_whole() {
        for article in ARTICLES {
            assert!(picture(&format!("{}.svg", article.photo)).is_some(), "{}", article.id);
            assert!(article.body.contains("<blockquote>"), "{}", article.id);
            assert_eq!(at(article.path).map(|found| found.id), Some(article.id));
        }
        assert!(at("/elsewhere").is_none());
    }
}
