//! What the script may leave in the browser's storage in a standing: a list of rules, the closest first,
//! `+` to keep and `-` to remove. It says what [`Policy::storage`] says, so that both agree on every key.

use bandeau_consent::{Policy, Standing, Unknown};
use std::cmp::Reverse;

/// The rules, separated by spaces: name patterns have none in them.
pub(crate) fn rules(policy: &Policy, standing: Standing) -> String {
    let open: Vec<&str> = policy.open_services(standing).map(|(service, _)| service.id.as_str()).collect();
    let mut rules: Vec<(bool, &str)> = policy
        .draft()
        .services
        .iter()
        .flat_map(|service| {
            let keeps = open.contains(&service.id.as_str());
            service.storage.iter().map(move |pattern| (keeps, pattern.as_str()))
        })
        .collect();
    // Whole names before patterns, longer before shorter; where two are as close, all must be open.
    rules.sort_by_key(|&(keeps, pattern)| {
        (pattern.contains('*'), Reverse(pattern.bytes().filter(|&byte| byte != b'*').count()), keeps, pattern)
    });
    rules.dedup();
    let default = policy.draft().unknown == Unknown::Pass;
    // What only repeats the default at the end says nothing.
    while rules.last().is_some_and(|&(keeps, _)| keeps == default) {
        rules.pop();
    }
    if default && rules.is_empty() {
        return String::new();
    }
    let sign = |keeps: bool| if keeps { '+' } else { '-' };
    let listed = rules.iter().map(|&(keeps, pattern)| format!(" {}{pattern}", sign(keeps)));
    format!("+bandeau*{}{}", listed.collect::<String>(), if default { "" } else { " -*" })
}
