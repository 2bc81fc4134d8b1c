//! Which names a script may keep in the browser in a standing: a list of rules, the closest first, `+` to keep and `-`
//! to hold. It says what [`Policy::storage`] and [`Policy::cookie`] say, so that server and script agree on every name.

use bandeau_consent::{NamePattern, Policy, Service, Standing};
use std::cmp::Reverse;

/// The rules for keys of storage.
pub(crate) fn storage(policy: &Policy, standing: Standing) -> String {
    let rules = rules(policy, standing, |service| &service.storage);
    // Where the page was when it was answered, until it has loaded again.
    if rules.is_empty() { rules } else { format!("+bandeau-place {rules}") }
}

/// The rules for names of cookies.
pub(crate) fn cookies(policy: &Policy, standing: Standing) -> String {
    rules(policy, standing, |service| &service.cookies)
}

/// The rules, separated by spaces: name patterns have none in them.
fn rules(policy: &Policy, standing: Standing, of: fn(&Service) -> &Vec<NamePattern>) -> String {
    let open: Vec<&str> = policy.open_services(standing).map(|(service, _)| service.id.as_str()).collect();
    let mut rules: Vec<(bool, &str)> = policy
        .draft()
        .services
        .iter()
        .flat_map(|service| {
            let keeps = open.contains(&service.id.as_str());
            of(service).iter().map(move |pattern| (keeps, pattern.as_str()))
        })
        .collect();
    // Whole names before patterns, longer before shorter; where two are as close, all must be open.
    rules.sort_by_key(|&(keeps, pattern)| {
        (pattern.contains('*'), Reverse(pattern.bytes().filter(|&byte| byte != b'*').count()), keeps, pattern)
    });
    rules.dedup();
    let default = policy.strangers(standing);
    // What only repeats the default at the end says nothing.
    while rules.last().is_some_and(|&(keeps, _)| keeps == default) {
        rules.pop();
    }
    let sign = |keeps: bool| if keeps { '+' } else { '-' };
    let mut listed: Vec<String> = rules.iter().map(|&(keeps, pattern)| format!("{}{pattern}", sign(keeps))).collect();
    if !default {
        listed.push("-*".to_owned());
    }
    listed.join(" ")
}
