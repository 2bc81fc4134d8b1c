//! From the table `[signals]` to what scripts of a page are told. Which vendors there are, and what their categories stand
//! for, the banner knows.

use super::raw::{self, Switch};
use super::span::Faults;
use bandeau_banner::{Signals, Vendor, Wish};
use bandeau_consent::{Policy, PurposeId};
use toml::Spanned;

/// Reads what is said, or the defaults where nothing is, for a policy whose services the catalogue calls `used`.
pub(super) fn read(
    said: Option<Spanned<raw::Signals>>,
    used: Vec<String>,
    policy: Option<&Policy>,
    faults: &mut Faults,
) -> Option<Signals> {
    let at = said.as_ref().map_or(0..0, Spanned::span);
    let said = said.map(Spanned::into_inner).unwrap_or_default();
    let mut wish = Wish { window: said.window.unwrap_or(true), used, ..Wish::default() };
    for vendor in Vendor::ALL {
        if let Some(value) = of(&said, vendor) {
            let key = format!("signals.{vendor}");
            match vendor_said(vendor, value.get_ref()) {
                Ok(told) => drop(wish.vendors.insert(vendor, told)),
                Err(says) => faults.add(value.span(), &key, says),
            }
        }
    }
    for (vendor, categories) in &said.map {
        for (category, purposes) in categories {
            let purposes = faults.all(purposes, &format!("signals.map.{vendor}"), PurposeId::new);
            wish.map.insert((vendor.clone(), category.clone()), purposes);
        }
    }
    let found = Signals::new(policy?, &wish);
    found.map_err(|found| found.iter().for_each(|(key, says)| faults.add(at.clone(), key, says))).ok()
}

fn of(said: &raw::Signals, vendor: Vendor) -> Option<&Spanned<Switch>> {
    match vendor {
        Vendor::Google => said.google.as_ref(),
        Vendor::Microsoft => said.microsoft.as_ref(),
        Vendor::Clarity => said.clarity.as_ref(),
        Vendor::Meta => said.meta.as_ref(),
        Vendor::Matomo => said.matomo.as_ref(),
        Vendor::WordPress => said.wordpress.as_ref(),
        Vendor::Shopify => said.shopify.as_ref(),
        Vendor::DataLayer => said.datalayer.as_ref(),
    }
}

fn vendor_said(vendor: Vendor, value: &Switch) -> Result<Option<String>, String> {
    match value {
        Switch::Whether(true) => Ok(Some(vendor.usual().to_owned())),
        Switch::Whether(false) => Ok(None),
        Switch::Word(word) => vendor.read(word),
    }
}
