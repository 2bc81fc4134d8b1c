//! The face of one policy in one language: holds the notice and the phrases, and puts the layers together.

use crate::assets::{Asset, Inline, Styles};
use crate::band;
use crate::escape::{Text, fill, path};
use crate::notice::{Site, compose};
use crate::phrases::Phrases;
use crate::theme::Layout;
use crate::{layer, settings};
use bandeau_consent::{Asked, Basis, Colour, Digest, Language, Notice, Policy, Purpose, PurposeId, Source, Standing};
use std::sync::Arc;

/// Where answers go.
const DECISION: &str = "/.well-known/bandeau/decision";

/// One view of the face: who looks, and what the page around it allows.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Where the visitor stands, a signal of the browser considered.
    pub standing: Standing,
    /// Whether the browser sent `Sec-GPC: 1`.
    pub gpc: bool,
    /// The path to return to after an answer.
    pub back: &'a str,
    /// How style gets in.
    pub style: Inline<'a>,
    /// How the script gets in.
    pub script: Inline<'a>,
}

/// The face, in one language. Made once per policy and language; rendering reads it and nothing else.
#[derive(Debug)]
pub struct Face {
    pub(crate) policy: Arc<Policy>,
    pub(crate) notice: Notice,
    pub(crate) phrases: Arc<Phrases>,
    // The notice's hash, and the same in hexadecimal.
    digest: Digest,
    pub(crate) hash: String,
    // The services behind each asked purpose and each exempt one, in the notice's order, as HTML.
    pub(crate) behind: Vec<String>,
    // The end of the first layer, the same for everyone.
    pub(crate) foot: String,
    pub(crate) logo: Option<String>,
    pub(crate) layout: Layout,
    pub(crate) styles: Arc<Styles>,
}

impl Face {
    /// Makes the face of a policy. A language without phrases gives way to the site's first, then to the
    /// last resort of [`Phrases`].
    pub fn new(policy: Arc<Policy>, site: &Site, language: &Language) -> Self {
        Self::styled(policy, site, language, Arc::new(Styles::new(&site.theme)))
    }

    /// The faces of a policy in every language there is, the site's own first.
    pub fn every(policy: &Arc<Policy>, site: &Site) -> Vec<Self> {
        let styles = Arc::new(Styles::new(&site.theme));
        let all = Phrases::languages().iter().filter_map(|language| Language::new(language).ok());
        let others = all.filter(|language| !site.languages.contains(language));
        let languages: Vec<Language> = site.languages.iter().cloned().chain(others).collect();
        languages.iter().map(|language| Self::styled(policy.clone(), site, language, styles.clone())).collect()
    }

    fn styled(policy: Arc<Policy>, site: &Site, language: &Language, styles: Arc<Styles>) -> Self {
        let spoken = [Some(language), site.languages.first()]
            .into_iter()
            .flatten()
            .find_map(|language| Some((language.clone(), site.phrases(language)?)));
        let (language, phrases) = spoken.unwrap_or_else(|| {
            let (name, phrases) = Phrases::fallback();
            (Language::new(name).unwrap_or_else(|_| language.clone()), phrases.clone())
        });
        let notice = compose(&policy, site, &language, &phrases);
        let behind = notice.asked.iter().chain(&notice.fixed).map(|asked| settings::behind(&phrases, asked)).collect();
        let foot = layer::foot(&phrases, &notice);
        let digest = notice.hash();
        Self {
            hash: digest.to_string(),
            digest,
            policy,
            notice,
            phrases,
            behind,
            foot,
            logo: site.theme.logo.clone(),
            layout: site.theme.layout,
            styles,
        }
    }

    /// The identity of what is put to the visitor: [`Notice::hash`].
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What is put to the visitor.
    pub fn notice(&self) -> &Notice {
        &self.notice
    }

    /// Every word of ours in this language, with what the site says otherwise.
    pub fn phrases(&self) -> &Phrases {
        &self.phrases
    }

    /// `<bandeau-notice>` with its declarative shadow root: the first layer for who has to be asked, the band for
    /// everyone else. The settings are a page of their own, which a script may bring here as a layer.
    ///
    /// The words of the answers stand outside the shadow, in slots: programs that refuse for people look there.
    pub fn element(&self, view: &View<'_>) -> String {
        self.put(view, view.standing.asks() && !self.notice.asked.is_empty())
    }

    /// The notice made small, for the script: the band alone, which has the question come back.
    pub fn small(&self, view: &View<'_>) -> String {
        self.put(view, false)
    }

    fn put(&self, view: &View<'_>, asks: bool) -> String {
        let colour = view.standing.colour(&self.policy);
        // A style from a file comes late: until then nothing shows, and nothing moves.
        let late = if view.style == Inline::File { " hidden" } else { "" };
        let (style, class, ask) = match asks {
            true => (&self.styles.notice, " q", " data-ask"),
            false => (&self.styles.band, "", ""),
        };
        format!(
            "<bandeau-notice{} data-state=\"{}\" data-notice=\"{}\"{ask}>\
             <template shadowrootmode=\"open\">{}<div class=\"r d{class}\"{late}>{}{}</div></template>{}</bandeau-notice>",
            self.tongue(),
            band::state(colour),
            self.hash,
            view.style.style(style),
            // Whoever is asked sees the question instead.
            if asks { String::new() } else { self.band(view, colour) },
            if asks { layer::render(self, view) } else { String::new() },
            if asks { layer::words(self, view) } else { String::new() },
        )
    }

    /// The settings as a layer over a page of the site, for the script to put into the notice.
    pub fn layer(&self, view: &View<'_>) -> String {
        format!(
            "<bandeau-layer{}><template shadowrootmode=\"open\">{}\
             <div class=\"r o\" popover id=\"settings\" role=\"dialog\" aria-labelledby=\"o\">{}</div></template></bandeau-layer>",
            self.tongue(),
            view.style.style(&self.styles.layer),
            settings::render(self, view, settings::Place::Layer),
        )
    }

    /// The whole style, as served at `/.well-known/bandeau/face.css`.
    pub fn style(&self) -> &Asset {
        &self.styles.whole
    }

    /// The band, and beside it, where something is granted, a button that takes it back: withdrawing costs no
    /// more clicks than giving (GDPR art. 7(3)).
    fn band(&self, view: &View<'_>, colour: Colour) -> String {
        let band = band::render(&self.phrases, colour, self.signal(view).as_deref(), &self.settings_link());
        if !matches!(colour, Colour::Green | Colour::Amber) {
            return band;
        }
        format!(
            "<div class=\"y\">{band}{}<button class=\"t x\" name=\"answer\" value=\"refuse\">{}</button>\
             <span class=\"h\" role=\"status\"></span></form></div>",
            self.form(view, Source::Withdrawal),
            Text(&self.phrases.band.withdraw),
        )
    }

    /// The whole settings page, for browsers without popovers and as the target of a link.
    pub fn settings(&self, view: &View<'_>) -> String {
        let body = settings::render(self, view, settings::Place::Page);
        let back = format!("<p><a href=\"{}\">{}</a></p>", Text(path(view.back)), Text(&self.phrases.settings.back));
        self.document(view, &self.phrases.settings.title, "r y g o", &format!("{body}{back}{}", view.script.own()))
    }

    /// What is said once an answer is kept.
    pub fn saved(&self) -> &str {
        &self.phrases.settings.saved
    }

    /// Where the settings are, in this language.
    pub(crate) fn settings_link(&self) -> String {
        format!("/.well-known/bandeau/settings?lang={}", self.notice.language)
    }

    /// The attributes that say language and direction.
    pub(crate) fn tongue(&self) -> String {
        format!(" lang=\"{}\" dir=\"{}\"", self.notice.language, Text(&self.phrases.dir))
    }

    /// The beginning of every form: where the answer goes, what it answers, where it was given and where to
    /// return to.
    pub(crate) fn form(&self, view: &View<'_>, source: Source) -> String {
        format!(
            "<form method=\"post\" action=\"{DECISION}\"><input type=\"hidden\" name=\"notice\" value=\"{}\">\
             <input type=\"hidden\" name=\"source\" value=\"{}\"><input type=\"hidden\" name=\"back\" value=\"{}\">{}",
            self.hash,
            source.as_str(),
            Text(path(view.back)),
            // Every form that is shown under the signal says beside it that the signal is honoured.
            if view.gpc { "<input type=\"hidden\" name=\"told\" value=\"gpc\">" } else { "" },
        )
    }

    /// A form that allows just these purposes. Where the browser's signal is about one of them it says so: allowing
    /// is then a choice despite the signal.
    ///
    /// An embed with an address can be opened this once as well, with a button of the same kind.
    pub(crate) fn allow(&self, view: &View<'_>, needed: &[&Purpose], query: Option<&str>) -> String {
        if needed.is_empty() {
            return String::new();
        }
        let told = if view.gpc && needed.iter().any(|purpose| purpose.sale) {
            format!("<p class=\"k\">{}</p>", Text(&self.phrases.gpc.embed))
        } else {
            String::new()
        };
        let fields: String = needed
            .iter()
            .map(|purpose| format!("<input type=\"hidden\" name=\"purpose\" value=\"{}\">", purpose.id))
            .collect();
        let label = fill(&self.phrases.embed.allow, &[("purposes", &self.titles(needed))]);
        let once = query.map_or(String::new(), |query| {
            format!(
                "<input type=\"hidden\" name=\"frame\" value=\"{}\"><button class=\"b\" name=\"answer\" value=\"once\">{}</button>",
                Text(query),
                Text(&self.phrases.embed.once),
            )
        });
        format!(
            "{told}{}{fields}<p role=\"status\"></p>{once}<button class=\"b\" name=\"answer\" value=\"allow\">{}</button></form>",
            self.form(view, Source::Embed),
            Text(&label),
        )
    }

    /// Which of some purposes are still to be granted, each once.
    pub(crate) fn needed<'s>(&'s self, view: &View<'_>, ids: impl Iterator<Item = &'s PurposeId>) -> Vec<&'s Purpose> {
        let standing = view.standing;
        let mut needed: Vec<&Purpose> = Vec::new();
        for id in ids {
            let found = self.policy.draft().purposes.iter().find(|purpose| purpose.id == *id);
            let new = |purpose: &&Purpose| {
                purpose.basis == Basis::Consent
                    && !self.policy.open(standing, &purpose.id)
                    && !needed.iter().any(|known| known.id == purpose.id)
            };
            if let Some(purpose) = found.filter(new) {
                needed.push(purpose);
            }
        }
        needed
    }

    /// The titles of purposes, as the notice words them.
    pub(crate) fn titles(&self, purposes: &[&Purpose]) -> String {
        fn title<'a>(asked: &'a [Asked], purpose: &'a Purpose) -> &'a str {
            let found = asked.iter().find(|asked| asked.purpose == purpose.id);
            found.map_or(purpose.id.as_str(), |asked| asked.wording.title.as_str())
        }
        let titles: Vec<&str> = purposes.iter().map(|purpose| title(&self.notice.asked, purpose)).collect();
        self.phrases.list(&titles)
    }
}
