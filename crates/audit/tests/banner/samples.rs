//! Every tool of the table, in a page of its shape. The words on the buttons mean nothing, so that only the rule can tell them.

use crate::stage::{SOON, Stage};
use bandeau_audit::seen::{How, Role};
use std::collections::BTreeSet;

const SAMPLES: &str = include_str!("samples.txt");

#[tokio::test]
async fn every_tool_is_known_by_its_rule() {
    let Some(stage) = Stage::open().await else { return };
    let known = include_str!("../../src/banner/tools.toml");
    let known: BTreeSet<&str> =
        known.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for sample in SAMPLES.split("\n# ").skip(1) {
        let (name, page) = sample.split_once('\n').unwrap();
        assert!(known.contains(name), "{name} is not in the table");
        seen.insert(name);
        let page =
            page.replace("{", "<div style='position:fixed;bottom:0;left:0;width:500px;height:150px;background:#fff' ");
        let hand = stage.show(&page.replace('}', "</div>")).await;
        let Some(banner) = hand.find(SOON).await.unwrap() else {
            wrong.push(format!("{name}: not found"));
            continue;
        };
        if banner.tool.as_deref() != Some(name) || banner.how != How::Rule {
            wrong.push(format!("{name}: taken for {:?}", banner.tool));
        }
        for (text, role) in
            [("Yea", Role::Accept), ("Nay", Role::Refuse), ("Which", Role::Settings), ("Keep", Role::Save)]
        {
            let control = banner.layers[0].controls.iter().find(|control| control.text == text);
            if page.contains(&format!(">{text}<")) && control.map(|control| control.role) != Some(role) {
                wrong.push(format!("{name}: {text} is {:?}", control.map(|control| control.role)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen, known);
}
