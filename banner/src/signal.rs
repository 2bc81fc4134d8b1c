//! What is said of the browser's signal: that it is honoured, which purposes it keeps off, and that a visitor may
//! allow one of them all the same (11 CCR 7025). It decides nothing: the standing it is shown already considers it.

use crate::escape::{Text, fill};
use crate::face::{Face, View};
use bandeau_consent::Purpose;

impl Face {
    /// The purposes that the signal is about, on and off.
    fn sold(&self, view: &View<'_>) -> (Vec<&Purpose>, Vec<&Purpose>) {
        self.policy
            .asked()
            .filter(|purpose| purpose.sale)
            .partition(|purpose| self.policy.open(view.standing, &purpose.id))
    }

    /// In short, for the band; nothing where there is no signal.
    pub(crate) fn signal(&self, view: &View<'_>) -> Option<String> {
        let words = &self.phrases.band;
        let (despite, _) = self.sold(view);
        let allowed = || fill(&words.despite, &[("purposes", &self.titles(&despite))]);
        view.gpc.then(|| if despite.is_empty() { words.gpc.clone() } else { allowed() })
    }

    /// In full, above the buttons of a layer: what is off, what was allowed despite the signal, and what accepting
    /// everything would do.
    pub(crate) fn told(&self, view: &View<'_>) -> String {
        if !view.gpc {
            return String::new();
        }
        let words = &self.phrases.gpc;
        let (despite, off) = self.sold(view);
        let mut said = vec![words.text.clone()];
        if despite.is_empty() && off.is_empty() {
            said.push(words.none.clone());
        }
        if !off.is_empty() {
            let accept = self.notice().labels.accept.as_str();
            said.push(fill(&words.off, &[("purposes", &self.titles(&off)), ("accept", accept)]));
        }
        if !despite.is_empty() {
            said.push(fill(&words.despite, &[("purposes", &self.titles(&despite))]));
        }
        format!("<p class=\"k\">{}</p>", Text(&said.join(" ")))
    }

    /// Beside the switch of one purpose.
    pub(crate) fn about(&self, view: &View<'_>, purpose: &Purpose, granted: bool) -> String {
        let words = &self.phrases.gpc;
        match (view.gpc && purpose.sale, granted) {
            (false, _) => String::new(),
            (true, true) => format!("<p class=\"k\">{}</p>", Text(&words.allowed)),
            (true, false) => format!("<p class=\"k\">{}</p>", Text(&words.purpose)),
        }
    }
}
