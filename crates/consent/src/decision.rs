//! Decisions: total answers to one notice.

use crate::{Digest, Language, Notice, Policy, PurposeId, ServiceId};
use std::borrow::Cow;

/// One answer. Absence is not a value: who has not answered has no `Choice`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Choice {
    /// Yes.
    Grant,
    /// No.
    Refuse,
}

impl Choice {
    /// The word used in forms and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Refuse => "refuse",
        }
    }

    /// Reads the word used in forms and records.
    pub fn parse(read: &str) -> Option<Self> {
        match read {
            "grant" => Some(Self::Grant),
            "refuse" => Some(Self::Refuse),
            _ => None,
        }
    }
}

/// Where an answer was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The first layer of the notice.
    Banner,
    /// The settings, reached from the band or their own page.
    Settings,
    /// A placeholder in the page that offers to allow just what it needs.
    Embed,
    /// The same placeholder, for this one time: what it opens is closed again with the page, and the visitor stands
    /// where they stood.
    Once,
    /// A signal of the browser.
    Signal,
    /// The visitor took everything back.
    Withdrawal,
}

impl Source {
    /// All sources.
    pub const ALL: &[Self] = &[Self::Banner, Self::Settings, Self::Embed, Self::Once, Self::Signal, Self::Withdrawal];

    /// The word used in forms and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Banner => "banner",
            Self::Settings => "settings",
            Self::Embed => "embed",
            Self::Once => "once",
            Self::Signal => "signal",
            Self::Withdrawal => "withdrawal",
        }
    }

    /// Reads the word used in forms and records.
    pub fn parse(read: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|source| source.as_str() == read)
    }
}

/// Why a set of answers is not a decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTotal {
    /// The notice asked about a purpose and the answers do not.
    #[error("no answer for {0}: every purpose asked needs one")]
    Missing(PurposeId),
    /// The answers name something the notice did not ask.
    #[error("an answer for {0:?}, which was not asked")]
    NotAsked(String),
    /// The same purpose was answered twice, differently.
    #[error("two different answers for {0}")]
    Contradiction(PurposeId),
}

/// A total answer to one notice: exactly the purposes asked, in the order asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    // Invariant: one entry per purpose of the notice, in its order. `new` and `uniform` keep it.
    choices: Vec<(PurposeId, Choice)>,
    notice: Digest,
    language: Language,
    source: Source,
    /// Something that sells or shares was granted by who had been told that the signal is honoured.
    despite: bool,
    /// Whose embed is opened, where it is for this once.
    opens: Option<ServiceId>,
}

impl Decision {
    /// Makes a decision of answers given one by one.
    ///
    /// # Errors
    /// When the answers are not exactly those the notice asked for.
    pub fn new<'a>(
        notice: &Notice,
        answers: impl IntoIterator<Item = (&'a str, Choice)>,
        source: Source,
    ) -> Result<Self, NotTotal> {
        let mut given: Vec<Option<Choice>> = vec![None; notice.asked.len()];
        for (name, choice) in answers {
            let at = notice
                .asked
                .iter()
                .position(|asked| asked.purpose.as_str() == name)
                .ok_or_else(|| NotTotal::NotAsked(name.chars().take(48).collect()))?;
            match given[at].replace(choice) {
                Some(before) if before != choice => {
                    return Err(NotTotal::Contradiction(notice.asked[at].purpose.clone()));
                }
                _ => {}
            }
        }
        let choices = notice
            .asked
            .iter()
            .zip(given)
            .map(|(asked, choice)| match choice {
                Some(choice) => Ok((asked.purpose.clone(), choice)),
                None => Err(NotTotal::Missing(asked.purpose.clone())),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self::of(notice, choices, source))
    }

    /// The same answer for every purpose asked.
    pub fn uniform(notice: &Notice, choice: Choice, source: Source) -> Self {
        let choices = notice.asked.iter().map(|asked| (asked.purpose.clone(), choice)).collect();
        Self::of(notice, choices, source)
    }

    /// A decision that opens one embed of a service, this once.
    ///
    /// # Errors
    /// When the answers are not exactly those the notice asked for.
    pub fn once<'a>(
        notice: &Notice,
        answers: impl IntoIterator<Item = (&'a str, Choice)>,
        service: &ServiceId,
    ) -> Result<Self, NotTotal> {
        Ok(Self { opens: Some(service.clone()), ..Self::new(notice, answers, Source::Once)? })
    }

    fn of(notice: &Notice, choices: Vec<(PurposeId, Choice)>, source: Source) -> Self {
        Self { choices, notice: notice.hash(), language: notice.language.clone(), source, despite: false, opens: None }
    }

    /// The answers, in the order asked.
    pub fn choices(&self) -> &[(PurposeId, Choice)] {
        &self.choices
    }

    /// The answer for one purpose, if it was asked.
    pub fn choice(&self, purpose: &PurposeId) -> Option<Choice> {
        self.choices.iter().find(|(id, _)| id == purpose).map(|&(_, choice)| choice)
    }

    /// The notice that was answered.
    pub fn notice(&self) -> Digest {
        self.notice
    }

    /// The language it was put in.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// Where it was given.
    pub fn source(&self) -> Source {
        self.source
    }

    /// The same decision, made by a visitor who had been told that the signal of the browser is honoured. Where it
    /// grants something that sells or shares all the same, it does so despite the signal (11 CCR 7025); otherwise
    /// nothing is noted, and the record of who refuses holds no trace of the signal.
    #[must_use]
    pub fn told(mut self, policy: &Policy) -> Self {
        self.despite = !self.grants(policy).and(policy.sale_grants()).is_none();
        self
    }

    /// The word records hold for where it was given, whether that was despite the signal and, for this once, whose
    /// embed it opens.
    pub fn origin(&self) -> Cow<'static, str> {
        let word = match (self.source, self.despite) {
            (Source::Banner, true) => "banner-gpc",
            (Source::Settings, true) => "settings-gpc",
            (Source::Embed, true) => "embed-gpc",
            (Source::Once, true) => "once-gpc",
            (source, _) => source.as_str(),
        };
        match &self.opens {
            Some(service) => Cow::Owned(format!("{word}:{service}")),
            None => Cow::Borrowed(word),
        }
    }

    /// Whether nothing was granted.
    pub fn refuses_all(&self) -> bool {
        self.choices.iter().all(|&(_, choice)| choice == Choice::Refuse)
    }

    /// The same decision with some purposes refused after all, as a signal of the browser demands.
    #[must_use]
    pub fn refusing(mut self, purpose: impl Fn(&PurposeId) -> bool) -> Self {
        for (id, choice) in &mut self.choices {
            if purpose(id) {
                *choice = Choice::Refuse;
            }
        }
        self
    }
}
