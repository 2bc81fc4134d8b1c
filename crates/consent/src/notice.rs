//! Notices: what was put to the person. Two notices that say the same are the same.

use crate::digest::Reader;
use crate::{DataCategory, Digest, Fields, Kept, Language, NamePattern, PurposeId, ServiceId, Wording};

/// The domain of what is digested.
const DOMAIN: &str = "bandeau notice v1";

/// The words on the three buttons. Neither accepting nor refusing can be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// On the button that grants every purpose.
    pub accept: String,
    /// On the button that refuses every purpose.
    pub refuse: String,
    /// On the button that opens the second layer.
    pub choose: String,
}

/// A service as the notice shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its name in the policy.
    pub service: ServiceId,
    /// Its name for people.
    pub name: String,
    /// Who is responsible.
    pub controller: String,
    /// Its privacy page; may be empty.
    pub privacy: String,
    /// What it receives.
    pub data: Vec<DataCategory>,
    /// How long identifiers stay on the device; may be empty.
    pub retention: String,
    /// Its names on the device, each with how long it is kept.
    pub kept: Vec<Kept>,
}

/// One purpose as the notice shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its name in the policy.
    pub purpose: PurposeId,
    /// Its words in the notice's language.
    pub wording: Wording,
    /// Who is behind it.
    pub services: Vec<Shown>,
}

/// What was put to the person, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The language it speaks.
    pub language: Language,
    /// The site's name.
    pub site: String,
    /// Who is responsible for the site.
    pub controller: String,
    /// Link to the privacy policy.
    pub privacy: String,
    /// The headline.
    pub title: String,
    /// The sentences under it.
    pub text: String,
    /// The words on the buttons.
    pub labels: Labels,
    /// The purposes that were asked, in order.
    pub asked: Vec<Asked>,
    /// The purposes that are exempt: shown, not asked.
    pub fixed: Vec<Asked>,
    /// The categories of data, with their names in this language.
    pub data: Vec<(DataCategory, String)>,
}

impl Notice {
    /// Its identity: a digest of everything it says.
    pub fn hash(&self) -> Digest {
        Digest::of(self.canonical())
    }

    /// Everything it says, as the bytes whose SHA-256 is its identity (docs/spec/record.md, "The notice's digest").
    pub fn canonical(&self) -> Vec<u8> {
        let mut fields = Fields::new(DOMAIN).list([
            self.language.as_str(),
            &self.site,
            &self.controller,
            &self.privacy,
            &self.title,
            &self.text,
            &self.labels.accept,
            &self.labels.refuse,
            &self.labels.choose,
        ]);
        for group in [&self.asked, &self.fixed] {
            fields = fields.field((group.len() as u64).to_be_bytes());
            fields = group.iter().fold(fields, |fields, asked| asked.write(fields));
        }
        fields.list(self.data.iter().flat_map(|(category, name)| [category.as_str(), name])).finish()
    }

    /// Reads what [`Notice::canonical`] wrote; nothing when the bytes are no notice.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes, DOMAIN)?;
        let [language, site, controller, privacy, title, text, accept, refuse, choose] = reader.row()?;
        let group = |reader: &mut Reader<'_>| {
            let count = reader.count()?;
            (0..count).map(|_| Asked::read(reader)).collect::<Option<Vec<_>>>()
        };
        let notice = Self {
            language: Language::new(language).ok()?,
            site: site.to_owned(),
            controller: controller.to_owned(),
            privacy: privacy.to_owned(),
            title: title.to_owned(),
            text: text.to_owned(),
            labels: Labels { accept: accept.to_owned(), refuse: refuse.to_owned(), choose: choose.to_owned() },
            asked: group(&mut reader)?,
            fixed: group(&mut reader)?,
            data: pairs(&reader.list()?, |category, name| Some((DataCategory::parse(category)?, name.to_owned())))?,
        };
        reader.ends().then_some(notice)
    }
}

/// A list of pairs; nothing when one is left over or is not as it must be.
fn pairs<T>(list: &[&str], read: impl Fn(&str, &str) -> Option<T>) -> Option<Vec<T>> {
    let (pairs, []) = list.as_chunks::<2>() else { return None };
    pairs.iter().map(|[one, two]| read(one, two)).collect()
}

impl Asked {
    fn write(&self, fields: Fields) -> Fields {
        let words = &self.wording;
        let fields = fields.list([self.purpose.as_str(), &words.title, &words.text, &words.cost]);
        let fields = fields.field((self.services.len() as u64).to_be_bytes());
        self.services.iter().fold(fields, |fields, shown| {
            fields
                .list([shown.service.as_str(), &shown.name, &shown.controller, &shown.privacy, &shown.retention])
                .list(shown.data.iter().map(|category| category.as_str()))
                .list(shown.kept.iter().flat_map(|kept| [kept.name.as_str(), &kept.span]))
        })
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let [purpose, title, text, cost] = reader.row()?;
        let count = reader.count()?;
        let services = (0..count).map(|_| Shown::read(reader)).collect::<Option<_>>()?;
        let wording = Wording { title: title.to_owned(), text: text.to_owned(), cost: cost.to_owned() };
        Some(Self { purpose: PurposeId::new(purpose).ok()?, wording, services })
    }
}

impl Shown {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let [service, name, controller, privacy, retention] = reader.row()?;
        Some(Self {
            service: ServiceId::new(service).ok()?,
            name: name.to_owned(),
            controller: controller.to_owned(),
            privacy: privacy.to_owned(),
            data: reader.list()?.into_iter().map(DataCategory::parse).collect::<Option<_>>()?,
            retention: retention.to_owned(),
            kept: pairs(&reader.list()?, |name, span| {
                Some(Kept { name: NamePattern::new(name).ok()?, span: span.to_owned() })
            })?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice() -> Notice {
        let shown = Shown {
            service: ServiceId::new("forum").unwrap(),
            name: "Forum".into(),
            controller: "Forum, S.A.".into(),
            privacy: "https://forum.test/".into(),
            data: vec![DataCategory::IpAddress, DataCategory::Comments],
            retention: "13 months".into(),
            kept: vec![Kept { name: NamePattern::new("forum_*").unwrap(), span: "session".into() }],
        };
        let wording = Wording { title: "Social".into(), text: "é".into(), cost: String::new() };
        let asked = Asked { purpose: PurposeId::new("social").unwrap(), wording, services: vec![shown] };
        Notice {
            language: Language::new("fr").unwrap(),
            site: "La Gazette".into(),
            controller: "Gazette".into(),
            privacy: "/privacy".into(),
            title: "Vos données".into(),
            text: String::new(),
            labels: Labels { accept: "oui".into(), refuse: "non".into(), choose: "choisir".into() },
            asked: vec![asked.clone()],
            fixed: vec![Asked { services: Vec::new(), ..asked }],
            data: vec![(DataCategory::IpAddress, "adresse IP".into())],
        }
    }

    #[test]
    fn what_was_said_reads_back_from_what_is_digested() {
        let (notice, bytes) = (notice(), notice().canonical());
        assert_eq!(Notice::parse(&bytes), Some(notice.clone()));
        assert_eq!(Digest::of(&bytes), notice.hash());
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(Notice::parse(&longer), None);
        for at in 0..bytes.len() {
            assert_eq!(Notice::parse(&bytes[..at]), None, "cut at {at}");
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            // Whatever it is then, it is not this notice, and reading it does no harm.
            assert_ne!(Notice::parse(&changed), Some(notice.clone()), "changed at {at}");
        }
    }
}
