//! The newspaper around the face: a page with a style of its own, some of it hostile, in the scripts the face is
//! read in. It knows nothing of consent.

/// Name, headline and a paragraph for one script; the last is for all the others.
const STORIES: &[(&[&str], [&str; 3])] = &[
    (
        &["ar"],
        [
            "جريدة المساء",
            "المجلس البلدي يقر ميزانية الميناء الجديد",
            "صوّت المجلس البلدي مساء أمس على ميزانية الميناء الجديد بعد نقاش استمر ست ساعات. ستبدأ الأشغال في الربيع وتستغرق ثلاث سنوات.",
        ],
    ),
    (
        &["el"],
        [
            "Η Εσπερινή",
            "Το συμβούλιο ενέκρινε τον προϋπολογισμό του λιμανιού",
            "Το δημοτικό συμβούλιο ψήφισε χθες το βράδυ τον προϋπολογισμό του νέου λιμανιού, ύστερα από έξι ώρες συζήτησης. Τα έργα αρχίζουν την άνοιξη.",
        ],
    ),
    (
        &["bg", "ru", "uk"],
        [
            "Вечерняя газета",
            "Совет утвердил бюджет нового порта",
            "Городской совет вчера вечером проголосовал за бюджет нового порта после шести часов споров. Работы начнутся весной и продлятся три года.",
        ],
    ),
    (
        &[],
        [
            "La Gazette du soir",
            "Le conseil adopte le budget du nouveau port",
            "Le conseil municipal a voté hier soir le budget du nouveau port, après six heures de débat. Les travaux commenceront au printemps et dureront trois ans.",
        ],
    ),
];

/// What a site's own style may do to what stands in it: nothing of this must reach the face.
const HOSTILE: &str = "html{font-size:62.5%}*{margin:0;letter-spacing:.02em}button{background:hotpink!important;\
    transform:rotate(3deg)}a{color:#7a1f1f}section,form,table{border:3px dotted hotpink}[hidden]{display:block}\
    h2{text-transform:uppercase}";

const STYLE: &str = "body{font:1.7rem/1.5 Georgia,serif;background:#fffef9;color:#222;max-width:1040px;margin:0 auto;padding:0 16px 4rem}\
    .mast{text-align:center;border-bottom:4px double;padding:1.4rem 0;font-size:3.6rem;line-height:1.1}\
    nav{display:flex;flex-wrap:wrap;gap:2rem;justify-content:center;font:1.4rem sans-serif;border-bottom:1px solid;padding:.8rem}\
    h1{font-size:3rem;line-height:1.2;margin:2rem 0 1rem}p{margin:1.2rem 0}\
    .photo{height:260px;background:linear-gradient(160deg,#9db9c9,#dfe8ea 45%,#6f7f78 46%,#3f5a62)}\
    .columns{columns:18em;column-gap:2.4rem;column-rule:1px solid #bbb}\
    @media(prefers-color-scheme:dark){body{background:#121212;color:#ddd}a{color:#e0a0a0}.photo{filter:brightness(.6)}}";

/// The name of the paper in a language.
pub(crate) fn name(language: &str) -> &'static str {
    story(language)[0]
}

fn story(language: &str) -> [&'static str; 3] {
    let found = STORIES.iter().find(|(languages, _)| languages.contains(&language) || languages.is_empty());
    found.map_or([""; 3], |(_, story)| *story)
}

/// A page with something of the face where the gateway puts it, and embeds in the text.
pub(crate) fn page((language, dir): (&str, &str), face: &str, embeds: &str) -> String {
    let [paper, title, text] = story(language);
    let text = format!("<p>{text}</p>");
    format!(
        "<!doctype html><html lang=\"{language}\" dir=\"{dir}\"><head><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width\"><title>{paper}</title><style>{STYLE}{HOSTILE}</style></head>\
         <body>{face}<div class=mast>{paper}</div><nav><a href=\"#\">1</a><a href=\"#\">2</a><a href=\"#\">3</a></nav>\
         <h1>{title}</h1><div class=photo></div>{text}{embeds}<div class=columns>{}</div></body></html>",
        text.repeat(14),
    )
}
