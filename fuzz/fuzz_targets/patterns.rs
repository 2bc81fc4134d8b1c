//! Hosts, names and routes as operators write them, and paths as visitors send them: what is read is written as
//! it reads again, and a path matches however it is spelled.
#![no_main]

use bandeau_consent::{HostPattern, NamePattern, RoutePattern};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (&str, &str, &str)| {
    let (pattern, path, query) = data;
    if let Ok(host) = HostPattern::new(pattern) {
        assert_eq!(HostPattern::new(&host.to_string()).as_ref(), Ok(&host));
        assert_eq!(host.matches(host.host()), !host.below());
        let _ = host.matches(path);
    }
    if let Ok(name) = NamePattern::new(pattern) {
        assert!(name.matches(&name.as_str().replace('*', path)), "{name:?} {path:?}");
        let _ = name.matches(path);
    }
    if let Ok(route) = RoutePattern::new(pattern) {
        let plain = route.matches("GET", path, query);
        assert!(!plain || route.matches("HEAD", path, query) || pattern.trim().starts_with("GET"));
        if !path.contains('%') {
            let coded: String = path.bytes().map(|byte| format!("%{byte:02x}")).collect();
            assert_eq!(plain, route.matches("GET", &coded, query), "{route} {path:?} {coded}");
        }
    }
});
