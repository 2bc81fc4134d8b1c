//! The published schemas, made from the types they describe: a type that changes without its schema fails here. The
//! generator is known to tests only, so that no build of the gateway carries it.

use super::{Comparison, Report};
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The schema of a type, its descriptions freed of links that only mean something in the code.
fn schema<T: schemars::JsonSchema>(id: &str, title: &str) -> String {
    let made = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    let mut made = clean(made);
    if let Value::Object(fields) = &mut made {
        fields.insert("$id".to_owned(), Value::from(id));
        fields.insert("title".to_owned(), Value::from(title));
    }
    serde_json::to_string_pretty(&made).unwrap() + "\n"
}

fn clean(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("description", Value::String(text)) => (name, Value::String(unlink(&text))),
                (_, value) => (name, clean(value)),
            })
            // Sizes of numbers that the standard does not know.
            .filter(|(name, value)| name != "format" || !value.is_string())
            .collect(),
        Value::Array(list) => list.into_iter().map(clean).collect(),
        other => other,
    }
}

/// ``[`Run::visits`](super::Run::visits)`` is `Run::visits` to who reads the schema.
fn unlink(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, tail)) = after.split_once("`]") else { break };
        out.push_str(before);
        out.push_str(name);
        rest = match tail.strip_prefix('(').and_then(|tail| tail.split_once(')')) {
            Some((_, tail)) => tail,
            None => tail,
        };
    }
    (out + rest).replace('\n', " ")
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    let spec = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec");
    let mut stale = Vec::new();
    for (file, made) in [
        ("audit.schema.json", schema::<Report>("bandeau:audit:1", "audit.json")),
        ("compare.schema.json", schema::<Comparison>("bandeau:compare:1", "compare.json")),
    ] {
        // As values: in which order fields are written is another crate's choice.
        let published = std::fs::read_to_string(spec.join(file)).unwrap_or_default();
        let value = |text: &str| serde_json::from_str::<Value>(text).ok();
        if value(&published) != value(&made) {
            let fresh = std::env::temp_dir().join(file);
            std::fs::write(&fresh, made).unwrap();
            stale.push(fresh);
        }
    }
    assert!(stale.is_empty(), "docs/spec does not hold what the types say: compare, then copy {stale:?} there");
}

#[test]
fn links_become_words() {
    assert_eq!(
        unlink("An index of [`Run::visits`](super::Run::visits), [`FORMAT`] and [text]."),
        "An index of Run::visits, FORMAT and [text]."
    );
    assert_eq!(unlink("plain"), "plain");
}
