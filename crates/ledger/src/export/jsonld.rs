//! Linked data: each record as a consent record of ISO/IEC TS 27560:2023, in the profile of the W3C Data Privacy
//! Vocabulary for the GDPR (`dpv-27560`, "record-eu-gdpr"; docs/spec/export.md says which term holds what).
//!
//! What was put to the visitor is told only where the notice at hand is the one that was answered; else its digest
//! stands alone. Nothing is guessed.

use super::csv::grouped;
use super::{Context, Form};
use crate::document::ReceiptDocument;
use crate::error::Error;
use crate::row::{EXPIRY, Row};
use crate::time::stamp;
use bandeau_consent::{Asked, Choice, DataCategory, Digest, Event, Notice, Shown};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The profile each record says it conforms to.
const PROFILE: &str = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr";

/// The names that are used, in full.
const PREFIXES: [(&str, &str); 9] = [
    ("dct", "http://purl.org/dc/terms/"),
    ("dpv", "https://w3id.org/dpv#"),
    ("eu-gdpr", "https://w3id.org/dpv/legal/eu/gdpr#"),
    ("loc", "https://w3id.org/dpv/loc#"),
    ("pd", "https://w3id.org/dpv/pd#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("schema", "https://schema.org/"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

pub(super) struct Graph {
    notices: BTreeMap<Digest, Notice>,
    settings: Option<String>,
    country: Option<String>,
}

impl Graph {
    pub(super) fn new(context: &Context) -> Self {
        Self {
            notices: context.notices.iter().map(|notice| (notice.hash(), notice.clone())).collect(),
            settings: context.settings.clone(),
            country: context.country.clone(),
        }
    }
}

impl Form for Graph {
    fn begin(&self, out: &mut Vec<u8>) {
        let prefixes: Map<String, Value> =
            PREFIXES.iter().map(|(name, full)| ((*name).to_owned(), json!(full))).collect();
        out.extend(format!("{{\"@context\":{},\"@graph\":[\n", Value::Object(prefixes)).bytes());
    }

    fn record(&self, document: &ReceiptDocument, first: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        if !first {
            out.extend(b",\n");
        }
        let node = self.node(document);
        serde_json::to_writer(out, &node).map_err(|error| Error::Output(error.into()))
    }

    fn end(&self, out: &mut Vec<u8>) {
        out.extend(b"\n]}\n");
    }
}

impl Graph {
    fn node(&self, document: &ReceiptDocument) -> Value {
        let row = &document.row;
        let id = grouped(&row.id.to_string());
        let notice = self.notices.get(&row.notice);
        let mut node = json!({
            "@id": format!("urn:uuid:{id}"),
            "@type": "dpv:ConsentRecord",
            "dct:identifier": id,
            "dpv:hasIdentifier": id,
            "dct:conformsTo": { "@id": PROFILE },
            "dct:created": time(row.at),
            // A name within the file: the pseudonym means nothing outside the book.
            "dpv:hasDataSubject": {
                "@id": format!("_:visitor-{}", row.pseudonym),
                "@type": "dpv:DataSubject",
                "dct:identifier": row.pseudonym.to_string(),
            },
            "dpv:hasNotice": told(row, notice),
            "dpv:hasLegalBasis": { "@id": "eu-gdpr:A6-1-a" },
            "dpv:hasApplicableLaw": { "@id": "eu-gdpr:GDPR" },
            "dpv:hasConsentStatus": status(row),
            "dpv:hasProcess": row.choices.iter().map(|choice| process(row, choice, notice)).collect::<Vec<_>>(),
        });
        let mut add = |name: &str, value: Value| node[name] = value;
        if let Some(previous) = document.previous {
            add("dct:isVersionOf", json!({ "@id": format!("urn:uuid:{}", grouped(&previous.to_string())) }));
        }
        if let Some(notice) = notice {
            add("dpv:hasDataController", controller(notice));
        }
        if let Some(country) = &self.country {
            add("dpv:hasJurisdiction", json!({ "@id": format!("loc:{country}") }));
        }
        if let Some(settings) = &self.settings {
            let place = json!({ "@id": settings });
            let controls = ["dpv:WithdrawConsent", "dpv:ProvideConsent", "dpv:ReaffirmConsent"];
            add("dpv:hasConsentControl", json!({ "@type": controls, "dpv:isExercisedAt": place }));
            let rights = ["dpv:DataSubjectRight", "eu-gdpr:A7-3"];
            add("dpv:hasRight", json!({ "@type": rights, "dpv:isExercisedAt": place }));
        }
        node
    }
}

fn time(millis: u64) -> Value {
    json!({ "@value": stamp(millis), "@type": "xsd:dateTime" })
}

/// What was put to the visitor, as far as it is known.
fn told(row: &Row, notice: Option<&Notice>) -> Value {
    let mut node = json!({
        "@type": "dpv:ConsentNotice",
        "dct:identifier": row.notice.to_string(),
        "dct:language": row.language,
    });
    if let Some(notice) = notice {
        node["dct:title"] = said(&notice.title, notice);
        node["dct:description"] = said(&notice.text, notice);
    }
    node
}

fn said(text: &str, notice: &Notice) -> Value {
    json!({ "@value": text, "@language": notice.language.as_str() })
}

/// What happened, when, for how long, and who said so.
fn status(row: &Row) -> Value {
    let state = match row.event.as_str() {
        event if event == Event::Given.as_str() => "dpv:ConsentGiven",
        event if event == Event::Refused.as_str() => "dpv:ConsentRefused",
        event if event == Event::Withdrawn.as_str() => "dpv:ConsentWithdrawn",
        event if event == Event::Renewed.as_str() => "dpv:RenewedConsentGiven",
        event if event == Event::Expired.as_str() => "dpv:ConsentExpired",
        _ => "dpv:ConsentUnknown",
    };
    // Nobody decides that a choice has run out: the site notes it.
    let by = if row.source == EXPIRY { "dpv:DataController" } else { "dpv:DataSubject" };
    let span = match row.keep % 86_400 {
        0 => format!("P{}D", row.keep / 86_400),
        _ => format!("PT{}S", row.keep),
    };
    json!({
        "@type": state,
        "dpv:isIndicatedAtTime": time(row.at),
        "dpv:hasDuration": {
            "@type": "dpv:TemporalDuration",
            "rdf:value": { "@value": span, "@type": "xsd:duration" },
        },
        "dpv:isIndicatedBy": { "@id": by },
        "dpv:hasIndicationMethod": row.source,
    })
}

/// Where one purpose stands after a decision. Of a purpose that is off after a withdrawal or an expiry, one record alone
/// does not say whether it was on before.
fn standing(row: &Row, granted: bool) -> &'static str {
    let is = |event: Event| row.event == event.as_str();
    match granted {
        true if is(Event::Renewed) => "dpv:RenewedConsentGiven",
        true => "dpv:ConsentGiven",
        false if is(Event::Withdrawn) || is(Event::Expired) => "dpv:ConsentStatusInvalidForProcessing",
        false => "dpv:ConsentRefused",
    }
}

fn process(row: &Row, (purpose, answer): &(String, String), notice: Option<&Notice>) -> Value {
    let mut node = json!({
        "@type": "dpv:Process",
        "dpv:hasPurpose": { "@type": "dpv:Purpose", "dct:identifier": purpose },
        "dpv:hasConsentStatus": { "@id": standing(row, answer == Choice::Grant.as_str()) },
    });
    let asked = notice.and_then(|notice| {
        let found = notice.asked.iter().find(|asked| asked.purpose.as_str() == purpose)?;
        Some((notice, found))
    });
    if let Some((notice, asked)) = asked {
        node["dpv:hasPurpose"]["dct:title"] = said(&asked.wording.title, notice);
        node["dpv:hasPurpose"]["dct:description"] = said(&asked.wording.text, notice);
        node["dpv:hasPersonalData"] = data(notice, asked);
        node["dpv:hasRecipient"] = asked.services.iter().map(recipient).collect();
        node["dpv:hasService"] = asked.services.iter().map(service).collect();
        node["dpv:hasStorageCondition"] = asked.services.iter().flat_map(storage).collect();
    }
    node
}

/// What the services of a purpose receive.
fn data(notice: &Notice, asked: &Asked) -> Value {
    let categories: BTreeSet<DataCategory> =
        asked.services.iter().flat_map(|shown| shown.data.iter().copied()).collect();
    let name = |category| notice.data.iter().find(|(known, _)| *known == category).map(|(_, name)| name.as_str());
    let node = |category: DataCategory| {
        json!({
            "@type": "dpv:PersonalData",
            "skos:broader": { "@id": broader(category) },
            "dct:identifier": category.as_str(),
            "dct:title": said(name(category).unwrap_or(category.as_str()), notice),
        })
    };
    categories.into_iter().map(node).collect()
}

/// The category of the vocabulary a category of ours is within.
fn broader(category: DataCategory) -> &'static str {
    match category {
        DataCategory::IpAddress => "pd:IPAddress",
        DataCategory::Browsing => "pd:BrowsingBehavior",
        DataCategory::Usage => "pd:Behavioral",
        DataCategory::Location => "pd:Location",
        DataCategory::SocialInteractions => "pd:SocialNetwork",
        DataCategory::Comments => "pd:Communication",
        DataCategory::Device => "pd:DeviceBased",
        DataCategory::Identity => "pd:Identifying",
        DataCategory::Payment => "pd:Financial",
    }
}

fn controller(notice: &Notice) -> Value {
    let mut node = json!({
        "@id": "_:controller",
        "@type": "dpv:DataController",
        "dpv:hasName": notice.controller,
        "dct:title": notice.site,
    });
    if !notice.privacy.is_empty() {
        node["schema:url"] = json!(notice.privacy);
    }
    node
}

fn recipient(shown: &Shown) -> Value {
    let name = if shown.controller.is_empty() { &shown.name } else { &shown.controller };
    let mut node = json!({ "@type": "dpv:Recipient", "dpv:hasName": name });
    if !shown.privacy.is_empty() {
        node["schema:url"] = json!(shown.privacy);
    }
    node
}

fn service(shown: &Shown) -> Value {
    json!({ "@type": "dpv:Service", "dct:identifier": shown.service.as_str(), "dct:title": shown.name })
}

/// How long identifiers stay, and that they stay on the device.
fn storage(shown: &Shown) -> Vec<Value> {
    let place = json!({ "@type": "dpv:StorageLocation", "dpv:hasLocation": { "@id": "dpv:WithinDevice" } });
    let span = |span: &str| json!({ "@type": "dpv:StorageDuration", "dpv:hasDuration": span });
    match shown.retention.as_str() {
        "" => vec![place],
        said => vec![place, span(said)],
    }
}
