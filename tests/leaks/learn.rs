//! The suite's site learnt from traffic: a gateway that declares nothing watches one walk over all vectors, `bandeau learn`
//! drafts, and what only a person can say is answered here. It knows the command line and the draft's TOML, and no rule.

use crate::chrome::Chrome;
use crate::run::{Pass, World};
use crate::support::{BANDEAU, Gateway};
use crate::vector::Vector;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use toml::{Table, Value};

/// A site and nothing else.
const EMPTY: &str = "
[site]
name = \"The suite's site\"
hosts = [\"site.localhost\"]
controller = \"The suite\"
privacy = \"/neutral\"
languages = [\"en\"]

[policy]
unknown = \"learn\"
";

/// What a person says of the draft, and all that is said:
/// these the site needs to work;
const EXEMPT: [&str; 4] = ["cdn.localhost", "session", "lang", "theme"];
/// these nobody wants, so they stay undeclared: the vectors' own stand-ins for what no one knows;
const STRAYS: [&str; 3] = ["stray.localhost", "elsewhere.localhost", "x_lk_"];
/// and this one connects visitors with each other, which no report tells.
const PEERS: &str = "ads.localhost";

/// Learns, answers, and returns the configuration after `listen` and `upstream`; it is written to `path` as well.
pub(crate) async fn learn(world: &World, program: &str, vectors: &[&Vector], path: &Path) -> Result<String, String> {
    let mut gateway = Gateway::start(&format!("http://127.0.0.1:{}", world.site.port), EMPTY);
    let chrome = Chrome::start(program).await;
    let base = format!("http://site.localhost:{}", gateway.port);
    let pass = Pass {
        world,
        chrome: &chrome,
        base,
        gpc: false,
        direct: None,
        open: true,
        social: true,
        tabs: Mutex::default(),
    };
    let sights = pass.all(vectors).await;
    let passed = vectors.iter().filter(|one| sights.get(&one.name).is_some_and(|sight| sight.fired(one.kind))).count();
    println!("learning: {passed} of {} vectors got through and could be seen", vectors.len());
    drop(chrome);
    gateway.process.stop();
    let output = Command::new(BANDEAU).arg("learn").current_dir(gateway.dir.path()).output();
    let output = output.map_err(|error| error.to_string())?;
    println!("{}", String::from_utf8_lossy(&output.stdout));
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let draft = std::fs::read_to_string(gateway.dir.path().join("bandeau.toml")).map_err(|error| error.to_string())?;
    let text = answered(&draft)?;
    std::fs::write(path, &text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text)
}

/// The draft with a person's answers.
fn answered(draft: &str) -> Result<String, String> {
    let mut file: Table = draft.parse().map_err(|error: toml::de::Error| error.to_string())?;
    for key in ["listen", "upstream", "learn"] {
        file.remove(key);
    }
    let Some(Value::Array(services)) = file.get_mut("service") else {
        return Err("the draft has no service".to_owned());
    };
    for service in services.iter_mut().filter_map(Value::as_table_mut) {
        for key in ["hosts", "cookies", "storage"] {
            if let Some(Value::Array(names)) = service.get_mut(key) {
                let gone = |name: &str| EXEMPT.contains(&name) || STRAYS.iter().any(|stray| name.starts_with(stray));
                names.retain(|name| !name.as_str().is_some_and(gone));
            }
        }
        let lists = |table: &Table, name: &str| {
            table.values().filter_map(Value::as_array).flatten().any(|one| one.as_str() == Some(name))
        };
        if lists(service, PEERS) {
            service.insert("webrtc".to_owned(), Value::Boolean(true));
        }
    }
    let full = |service: &Table| {
        ["hosts", "cookies", "storage"]
            .iter()
            .any(|key| service.get(*key).and_then(Value::as_array).is_some_and(|names| !names.is_empty()))
    };
    services.retain(|service| service.as_table().is_some_and(full));
    let own = "id = \"site\"\nname = \"The site\"\npurpose = \"technical\"\ncookies = [\"session\", \"lang\"]\n\
               storage = [\"theme\"]\nhosts = [\"cdn.localhost\"]\n";
    let own: Table = own.parse().map_err(|error: toml::de::Error| error.to_string())?;
    services.push(Value::Table(own));
    toml::to_string(&file).map_err(|error| error.to_string())
}
