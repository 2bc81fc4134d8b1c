//! An archived version put on the stage again: which addresses a browser finds what under, and which pictures are taken.
//! Around the first layer stands a page without words or colours; all else is the archive's bytes.

use super::Findings;
use super::browser::{Browser, Fault, Look, Shelf};
use super::gather::Mechanism;
use super::pack::Pack;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Where our endpoints are.
const OURS: &str = "/.well-known/bandeau/";

/// What stands for the site's own page: grey lines and boxes.
const STAND_IN: &str = "<style>body{margin:0;background:#fff}.site{max-inline-size:60rem;margin:auto;padding:1.5rem}\
    .site i{display:block;block-size:.9rem;margin-block:.75rem;background:#ececec;border-radius:3px}\
    .site .head{block-size:2.5rem;inline-size:40%}.site .picture{block-size:16rem}.site .short{inline-size:70%}</style>";
const LINES: &str = "<div class=\"site\" aria-hidden=\"true\"><i class=\"head\"></i><i class=\"picture\"></i><i></i><i></i>\
    <i class=\"short\"></i><i></i><i></i><i class=\"short\"></i><i class=\"picture\"></i><i></i><i></i></div>";

/// The two devices: their names, and how each looks at a page.
const DEVICES: [(&str, Look); 2] = [
    ("desktop", Look { width: 1280, height: 800, scale: 1, phone: false, whole: false }),
    ("phone", Look { width: 390, height: 844, scale: 2, phone: true, whole: false }),
];

/// One picture that was taken.
pub(super) struct Shot {
    /// Its file in the pack.
    pub(super) file: String,
    pub(super) language: String,
    /// `first` or `settings`.
    pub(super) layer: &'static str,
    /// `desktop` or `phone`.
    pub(super) device: &'static str,
}

/// Who takes the pictures, and whether it goes on.
pub(super) struct Camera<'c> {
    pub(super) program: &'c Path,
    pub(super) stop: &'c AtomicBool,
    pub(super) progress: &'c mut dyn FnMut(usize, usize),
}

/// The addresses of a version, in these languages.
fn shelf(mechanism: &Mechanism, host: &str, languages: &[String]) -> Shelf {
    let mut shelf = Shelf::new();
    let text = |name: &str| mechanism.files.get(name).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let before = text("before.html").unwrap_or_default();
    let html = || "text/html; charset=utf-8".to_owned();
    for language in languages {
        if let Some(notice) = text(&format!("{language}/notice.html")) {
            let page = format!(
                "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">{before}\
                 <meta name=\"viewport\" content=\"width=device-width\">{STAND_IN}</head><body>{LINES}{notice}</body></html>"
            );
            shelf.insert(first(host, language), (html(), page.into_bytes()));
        }
        if let Some(settings) = mechanism.files.get(&format!("{language}/settings.html")) {
            shelf.insert(settings_of(host, language), (html(), settings.clone()));
        }
    }
    for (name, bytes) in &mechanism.files {
        if let Some(file) = name.strip_prefix("files/") {
            let kind = mechanism.manifest.files.get(name).map_or_else(String::new, |file| file.kind.clone());
            if file.starts_with("face.") {
                shelf.insert(format!("https://{host}{OURS}face.css"), (kind.clone(), bytes.clone()));
            }
            shelf.insert(format!("https://{host}{OURS}{file}"), (kind, bytes.clone()));
        }
    }
    shelf
}

fn first(host: &str, language: &str) -> String {
    format!("https://{host}/{language}")
}

fn settings_of(host: &str, language: &str) -> String {
    format!("https://{host}{OURS}settings?lang={language}")
}

/// Takes the pictures of a version in these languages, and says which browser took them.
///
/// # Errors
/// When there is no picture to be had of any page from here on; those taken before are in the pack.
pub(super) fn shoot(
    mechanism: &Mechanism,
    (host, languages): (&str, &[String]),
    camera: &mut Camera<'_>,
    (pack, shots): (&mut Pack, &mut Vec<Shot>),
    findings: &mut Findings,
) -> Result<String, Fault> {
    let shelf = shelf(mechanism, host, languages);
    let mut browser = Browser::start(camera.program, &shelf, camera.stop)?;
    let all = languages.len() * DEVICES.len() * 2;
    let mut done = 0;
    for language in languages {
        let pages = [("first", first(host, language), false), ("settings", settings_of(host, language), true)];
        for (layer, url, whole) in pages {
            for (device, look) in &DEVICES {
                (camera.progress)(done, all);
                done += 1;
                if !shelf.contains_key(&url) {
                    findings.fail(&format!(
                        "There is no whole page of the {layer} layer in {language} to take a picture of."
                    ));
                    continue;
                }
                let picture = browser.picture(&url, &Look { whole, ..*look })?;
                let file = format!("pictures/{language}-{layer}-{device}.png");
                pack.put(&file, picture);
                shots.push(Shot { file, language: language.clone(), layer, device });
            }
        }
    }
    (camera.progress)(done, all);
    Ok(browser.name.clone())
}
