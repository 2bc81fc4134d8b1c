//! Signals: what scripts of the page are told of the answer, by `window.bandeau` and in the words of vendors' tools. One
//! script says it all, before every script of the site; what it says of a visitor stands in an attribute, so that the
//! code is the same for all. It enforces nothing: what is held is held whether a tool was told or not.

mod vendor;

pub use vendor::Vendor;

use crate::assets::{Asset, Inline};
use bandeau_consent::{Basis, Policy, PurposeId, Standing, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;
use vendor::{Category, Needs};

const WINDOW: &str = include_str!("../../face/made/signals/window.js");
const VENDORS: &str = include_str!("../../face/made/signals/vendors.js");

/// What the site wants to be said.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Whether scripts of the page find `window.bandeau`.
    pub window: bool,
    /// Vendors the site says something about: what they are told with, or that they are not.
    pub vendors: BTreeMap<Vendor, Option<String>>,
    /// What categories stand for, where the site says so: by the names of vendor and category.
    pub map: BTreeMap<(String, String), Vec<PurposeId>>,
    /// The catalogue's names of the services that the site uses, in the policy's order.
    pub used: Vec<String>,
}

/// What is said, compiled: the script for a policy.
#[derive(Debug, Clone)]
pub struct Signals {
    // Nothing where nothing is said.
    file: Option<Arc<Asset>>,
    told: Vec<Told>,
}

/// One vendor who is told.
#[derive(Debug, Clone)]
struct Told {
    vendor: Vendor,
    option: String,
    // What each category needs; nothing where it is never granted.
    needs: Vec<(&'static str, Option<Vec<PurposeId>>)>,
}

impl Signals {
    /// Compiles what a site wants for its policy.
    ///
    /// # Errors
    /// Everything that cannot be: the key, and what was read and expected.
    pub fn new(policy: &Policy, wish: &Wish) -> Result<Self, Vec<(String, String)>> {
        let faults = faults(policy, wish);
        if !faults.is_empty() {
            return Err(faults);
        }
        let told: Vec<Told> = Vendor::ALL.into_iter().filter_map(|vendor| told(policy, wish, vendor)).collect();
        let code = code(policy, wish.window, &told);
        let file = (!code.is_empty()).then(|| Arc::new(Asset::new("signals", "js", code)));
        Ok(Self { file, told })
    }

    /// The script as a file, the same for everyone; none where nothing is said.
    pub fn file(&self) -> Option<&Asset> {
        self.file.as_deref()
    }

    /// As an element for a visitor; empty where nothing is said. `apart` says that it may be a file where it could be
    /// inline.
    pub fn element(&self, policy: &Policy, standing: Standing, inline: Inline<'_>, apart: bool) -> String {
        let Some(file) = self.file() else {
            return String::new();
        };
        let data = format!("{} data-bandeau=\"{}\"", inline.nonce(), signs(policy, standing));
        match inline {
            Inline::Plain | Inline::Nonce(_) if !apart => format!("<script{data}>{}</script>", file.text()),
            _ => format!("<script src=\"{}\"{data}></script>", file.path()),
        }
    }

    /// Who is told, a line each, with what every category stands for.
    pub fn outline(&self) -> Vec<String> {
        let line = |told: &Told| {
            let needs = told.needs.iter().map(|(name, needs)| match needs {
                None => format!("{name} never granted"),
                Some(needs) => {
                    let ids: Vec<&str> = needs.iter().map(PurposeId::as_str).collect();
                    format!("{name} by {}", ids.join(" and "))
                }
            });
            let needs = needs.collect::<Vec<_>>().join(", ");
            if needs.is_empty() { told.vendor.to_string() } else { format!("{}: {needs}", told.vendor) }
        };
        self.told.iter().map(line).collect()
    }
}

/// Every purpose with its sign: `=` exempt, `+` granted, `!` refused, `?` not answered.
fn signs(policy: &Policy, standing: Standing) -> String {
    let sign = |id: &PurposeId, basis| match basis {
        Basis::Exempt => '=',
        Basis::Consent if standing.asks() => '?',
        Basis::Consent if policy.open(standing, id) => '+',
        Basis::Consent => '!',
    };
    let purposes = policy.draft().purposes.iter();
    purposes.map(|one| format!("{}{}", sign(&one.id, one.basis), one.id)).collect::<Vec<_>>().join(" ")
}

fn told(policy: &Policy, wish: &Wish, vendor: Vendor) -> Option<Told> {
    let used = || vendor.services().iter().any(|name| wish.used.iter().any(|used| used == name));
    let option = match wish.vendors.get(&vendor) {
        Some(said) => said.clone()?,
        None => used().then(|| vendor.usual().to_owned())?,
    };
    // Google's tags read the layer that the site's tag manager reads.
    let layer = wish.vendors.get(&Vendor::DataLayer).and_then(Option::clone).filter(|_| vendor == Vendor::Google);
    let needs = vendor.categories().iter().map(|category| (category.name, needs(policy, wish, vendor, category)));
    Some(Told { vendor, option: layer.unwrap_or(option), needs: needs.collect() })
}

/// The purposes that must all be open for a category: what the site says, else those of the tool it is about, else the
/// table's as far as the site has them. None where there are none: nobody can have agreed to it.
fn needs(policy: &Policy, wish: &Wish, vendor: Vendor, category: &Category) -> Option<Vec<PurposeId>> {
    if let Some(said) = wish.map.get(&(vendor.name().to_owned(), category.name.to_owned())) {
        return (!said.is_empty()).then(|| said.clone());
    }
    let draft = policy.draft();
    let tools = wish.used.iter().zip(&draft.services).filter(|(name, _)| category.own.contains(&name.as_str()));
    let mut found: Vec<PurposeId> = tools.flat_map(|(_, service)| service.purposes.iter().cloned()).collect();
    if found.is_empty() {
        let fits = |id: &str, sale: bool| match category.needs {
            Needs::These(needs) => needs.contains(&id),
            Needs::Sale => sale,
        };
        let fitting = draft.purposes.iter().filter(|purpose| fits(purpose.id.as_str(), purpose.sale));
        found = fitting.map(|purpose| purpose.id.clone()).collect();
    }
    found.sort();
    found.dedup();
    (!found.is_empty()).then_some(found)
}

fn faults(policy: &Policy, wish: &Wish) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    let names = |names: Vec<&str>| names.join(", ");
    for ((vendor, category), purposes) in &wish.map {
        let key = format!("signals.map.{vendor}");
        let Some(known) = Vendor::ALL.into_iter().find(|known| known.name() == vendor) else {
            let all = names(Vendor::ALL.into_iter().map(Vendor::name).collect());
            faults.push((key, format!("{vendor:?} is no vendor: expected one of {all}")));
            continue;
        };
        if !known.categories().iter().any(|one| one.name == category) {
            let all = names(known.categories().iter().map(|one| one.name).collect());
            faults.push((key, format!("{category:?} is none of its categories: expected one of {all}")));
        }
        for id in purposes.iter().filter(|id| !policy.draft().purposes.iter().any(|one| one.id == **id)) {
            let all = names(policy.draft().purposes.iter().map(|one| one.id.as_str()).collect());
            faults.push((format!("signals.map.{vendor}"), format!("\"{id}\" is no purpose here: expected of {all}")));
        }
    }
    let writes = wish.vendors.get(&Vendor::WordPress).is_some_and(|with| with.as_deref() == Some("cookies"));
    let keeps = |category: &Category| {
        matches!(policy.cookie(Standing::Undecided, &format!("wp_consent_{}", category.name)), Verdict::Pass(_))
    };
    if writes && !Vendor::WordPress.categories().iter().all(keeps) {
        let says = "\"cookies\" writes wp_consent_* for everyone, and no exempt service declares them: expected cookies = \
            [\"wp_consent_*\"] in a service with purpose = \"technical\"";
        faults.push(("signals.wordpress".to_owned(), says.to_owned()));
    }
    faults
}

/// The script. Everything put into it is a name of ours, a checked variable or the id of a purpose: nothing needs quoting.
fn code(policy: &Policy, window: bool, told: &[Told]) -> String {
    let own = expression(WINDOW);
    match (window, told) {
        (false, []) => String::new(),
        (true, []) => format!("window.bandeau={own};"),
        (_, told) => {
            let vendors: Vec<String> = told.iter().map(Told::code).collect();
            let open = |id| policy.open(Standing::Undecided, id);
            let before = policy.draft().purposes.iter().map(|one| format!("\"{}\":{}", one.id, open(&one.id)));
            format!(
                "({})({}{own},[{}],{{{}}});",
                expression(VENDORS),
                if window { "window.bandeau=" } else { "" },
                vendors.join(","),
                before.collect::<Vec<_>>().join(","),
            )
        }
    }
}

impl Told {
    fn code(&self) -> String {
        let needs = self.needs.iter().map(|(name, needs)| match needs {
            None => format!("\"{name}\":null"),
            Some(needs) => {
                let ids: Vec<String> = needs.iter().map(|id| format!("\"{id}\"")).collect();
                format!("\"{name}\":[{}]", ids.join(","))
            }
        });
        let needs = needs.collect::<Vec<_>>().join(",");
        format!("[{},{{{needs}}},\"{}\"]", expression(self.source()), self.option)
    }

    fn source(&self) -> &'static str {
        match self.vendor {
            Vendor::Google => include_str!("../../face/made/signals/google.js"),
            Vendor::Microsoft => include_str!("../../face/made/signals/microsoft.js"),
            Vendor::Clarity => include_str!("../../face/made/signals/clarity.js"),
            Vendor::Meta => include_str!("../../face/made/signals/meta.js"),
            Vendor::Matomo => include_str!("../../face/made/signals/matomo.js"),
            Vendor::WordPress => include_str!("../../face/made/signals/wordpress.js"),
            Vendor::Shopify => include_str!("../../face/made/signals/shopify.js"),
            Vendor::DataLayer => include_str!("../../face/made/signals/layer.js"),
        }
    }
}

/// A file that is one expression.
fn expression(source: &str) -> String {
    source.trim_end().trim_end_matches(';').to_owned()
}
