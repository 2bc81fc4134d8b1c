//! Messages: what is said when something cannot be had, as a page and as a sentence for the script.

use crate::escape::{Text, fill, link, path};
use crate::face::{Face, View};
use crate::phrases::Said;
use bandeau_consent::{Feature, Purpose};

/// What there is to say.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Message<'a> {
    /// A route is held until its purposes are granted.
    Closed {
        /// The feature it belongs to, if any.
        feature: Option<&'a Feature>,
        /// The purpose that holds it.
        purpose: &'a Purpose,
    },
    /// The book is closed: a grant cannot take effect.
    StoreDown,
    /// The answer is no decision, with what is wrong with it.
    BadAnswer(&'a str),
    /// The answer is to a notice that is no longer put.
    NoticeChanged,
    /// The answer came from another site.
    CrossSite,
    /// The upstream cannot be reached.
    UpstreamDown,
    /// The upstream did not answer in time.
    UpstreamSlow,
    /// The page could not be read safely, with the reason.
    Withheld(&'a str),
    /// The head of the request is too large.
    TooLarge,
    /// There is nothing at this address.
    NotFound,
    /// A form of the page would have been sent to another site, which is held.
    HeldForm,
    /// The visitor leaves for this host, at this address.
    Leave(&'a str, &'a str),
    /// What was allowed with a receipt is taken back.
    Withdrawn,
    /// Nothing was allowed with it any more.
    NothingLeft,
    /// No receipt has the code.
    NoReceipt,
    /// The book cannot be read.
    ReceiptsDown,
}

impl Message<'_> {
    /// The HTTP status that fits.
    pub fn status(&self) -> u16 {
        match self {
            Self::Leave(..) | Self::Withdrawn | Self::NothingLeft => 200,
            Self::BadAnswer(_) => 400,
            Self::Closed { .. } | Self::CrossSite | Self::HeldForm => 403,
            Self::NotFound | Self::NoReceipt => 404,
            Self::NoticeChanged => 409,
            Self::TooLarge => 431,
            Self::UpstreamDown | Self::Withheld(_) => 502,
            Self::StoreDown | Self::ReceiptsDown => 503,
            Self::UpstreamSlow => 504,
        }
    }

    /// What exactly is wrong, in English, for whoever has to find it.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::BadAnswer(detail) | Self::Withheld(detail) => Some(detail),
            _ => None,
        }
    }

    /// A word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Closed { .. } => "closed",
            Self::StoreDown => "store-down",
            Self::BadAnswer(_) => "bad-answer",
            Self::NoticeChanged => "notice-changed",
            Self::CrossSite => "cross-site",
            Self::UpstreamDown => "upstream-down",
            Self::UpstreamSlow => "upstream-slow",
            Self::Withheld(_) => "withheld",
            Self::TooLarge => "too-large",
            Self::NotFound => "not-found",
            Self::HeldForm => "held-form",
            Self::Leave(..) => "leave",
            Self::Withdrawn => "withdrawn",
            Self::NothingLeft => "nothing-left",
            Self::NoReceipt => "no-receipt",
            Self::ReceiptsDown => "receipts-down",
        }
    }
}

impl Face {
    /// A message in one or two sentences of plain text, for JSON.
    pub fn say(&self, view: &View<'_>, message: &Message<'_>) -> String {
        let (name, purposes) = match message {
            Message::Closed { feature, purpose } => {
                let name = feature.and_then(|feature| self.feature(feature)).unwrap_or(&self.phrases.embed.other);
                (name, self.titles(&self.closed(view, *feature, purpose)))
            }
            Message::Leave(host, _) => (*host, String::new()),
            _ => ("", String::new()),
        };
        fill(&self.said(message).text, &[("name", name), ("purposes", &purposes)])
    }

    /// A whole page that says something.
    pub fn message(&self, view: &View<'_>, message: &Message<'_>) -> String {
        let title = &self.said(message).title;
        let allow = match message {
            Message::Closed { feature, purpose } => self.allow(view, &self.closed(view, *feature, purpose), None),
            _ => String::new(),
        };
        let words = &self.phrases.message;
        let (label, href) = match message {
            Message::UpstreamDown | Message::UpstreamSlow | Message::Withheld(_) => (&words.retry, path(view.back)),
            Message::NotFound => (&words.home, "/"),
            Message::Leave(_, url) => (&words.go, link(url).unwrap_or("/")),
            _ => (&words.back, path(view.back)),
        };
        // Where an answer helps, the settings are one click away.
        let settings = match message {
            Message::Closed { .. }
            | Message::StoreDown
            | Message::BadAnswer(_)
            | Message::Withheld(_)
            | Message::HeldForm => {
                format!("<a class=\"b\" href=\"{}\">{}</a>", self.settings_link(), Text(&words.settings))
            }
            _ => String::new(),
        };
        let code = match message {
            // Nothing went wrong.
            Message::Leave(..) | Message::Withdrawn | Message::NothingLeft => String::new(),
            _ => {
                let detail =
                    message.detail().map(|detail| format!(" &#183; <span lang=\"en\">{}</span>", Text(detail)));
                format!(
                    "<p class=\"m\">{} &#183; {}{}</p>",
                    message.status(),
                    message.code(),
                    detail.unwrap_or_default()
                )
            }
        };
        let body = format!(
            "<h1>{}</h1><p>{}</p>{allow}<div class=\"w\"><a class=\"b\" href=\"{}\">{}</a>{settings}</div>\
             {code}",
            Text(title),
            Text(&self.say(view, message)),
            Text(href),
            Text(label),
        );
        self.document(view, title, "r y", &body)
    }

    fn said(&self, message: &Message<'_>) -> &Said {
        let words = &self.phrases.message;
        match message {
            Message::Closed { .. } => &words.closed,
            Message::StoreDown => &words.store_down,
            Message::BadAnswer(_) => &words.bad_answer,
            Message::NoticeChanged => &words.notice_changed,
            Message::CrossSite => &words.cross_site,
            Message::UpstreamDown => &words.upstream_down,
            Message::UpstreamSlow => &words.upstream_slow,
            Message::Withheld(_) => &words.withheld,
            Message::TooLarge => &words.too_large,
            Message::NotFound => &words.not_found,
            Message::HeldForm => &words.held_form,
            Message::Leave(..) => &words.leave,
            Message::Withdrawn => &words.withdrawn,
            Message::NothingLeft => &words.nothing_left,
            Message::NoReceipt => &words.no_receipt,
            Message::ReceiptsDown => &words.receipts_down,
        }
    }

    /// What has to be granted for a closed route to open.
    fn closed<'s>(&'s self, view: &View<'_>, feature: Option<&Feature>, purpose: &Purpose) -> Vec<&'s Purpose> {
        let needs = feature.map_or(&[][..], |feature| &feature.needs);
        let ids = std::iter::once(&purpose.id).chain(needs).filter_map(|id| self.own(id));
        self.needed(view, ids)
    }
}
