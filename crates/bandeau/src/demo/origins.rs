//! Origins: where each demo host ended up, by name.
//!
//! This room does not know what any of them serves.

use std::net::SocketAddr;

/// The third parties, in the order the witness shows them.
pub(super) const PARTIES: [&str; 6] = ["tags", "metrics", "profile", "ads", "social", "video"];

/// Where everything is.
#[derive(Debug, Clone)]
pub(super) struct Origins {
    parties: Vec<(&'static str, String)>,
    /// The witness.
    pub(super) witness: String,
    /// The newsroom as visitors reach it: through the gateway.
    pub(super) site: String,
}

/// The origin of a named host on a port of the loopback.
pub(super) fn origin(name: &str, port: u16) -> String {
    format!("http://{name}.localhost:{port}")
}

impl Origins {
    /// Third parties on these ports (in the order of [`PARTIES`]), the witness on its own, and the gateway.
    pub(super) fn new(ports: &[u16], witness: u16, front: SocketAddr) -> Self {
        let parties = PARTIES.iter().zip(ports).map(|(&name, &port)| (name, origin(name, port))).collect();
        Self { parties, witness: origin("witness", witness), site: origin("newsroom", front.port()) }
    }

    /// The third parties, name and origin.
    pub(super) fn parties(&self) -> &[(&'static str, String)] {
        &self.parties
    }

    /// The origin a placeholder stands for.
    pub(super) fn find(&self, key: &str) -> Option<String> {
        match key {
            "witness" => Some(self.witness.clone()),
            "site" => Some(self.site.clone()),
            _ => self.parties.iter().find(|(name, _)| *name == key).map(|(_, origin)| origin.clone()),
        }
    }
}

#[cfg(test)]
impl Origins {
    /// Ports that nobody listens on, for tests of text.
    pub(super) fn sample() -> Self {
        Self::new(&[9101, 9102, 9103, 9104, 9105, 9106], 9100, ([127, 0, 0, 1], 8080).into())
    }
}
