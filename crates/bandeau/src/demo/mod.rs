//! The demo: a small news site, the third parties it talks to, and a witness of what they receive.
//!
//! Everything runs on the loopback, each host under a name of its own below `localhost`, on a port nobody
//! uses. This room does not know the gateway: it says where the gateway should look (`Demo::upstream`) and
//! what it should enforce (`Demo::config`).

mod articles;
mod comments;
mod host;
mod log;
mod origins;
mod party;
mod probe;
mod reply;
mod site;
mod text;
mod witness;
mod words;

use origins::{Origins, PARTIES};
use std::net::SocketAddr;
use std::sync::Arc;

/// A running demo. It runs until the program ends.
#[derive(Debug, Clone)]
pub(crate) struct Demo {
    /// Where the news site listens: the gateway's upstream.
    pub(crate) upstream: SocketAddr,
    /// The gateway's configuration, as TOML.
    pub(crate) config: String,
    /// The address of the witness page.
    pub(crate) witness: String,
    /// The third parties: name and origin.
    pub(crate) parties: Vec<(String, String)>,
}

/// Starts the site and the third parties on the loopback. `front` is the address the gateway will listen on:
/// visitors reach the site at `http://newsroom.localhost` and that port.
///
/// # Errors
/// When the loopback has no port left to listen on.
pub(crate) async fn start(front: SocketAddr) -> std::io::Result<Demo> {
    let mut listeners = Vec::new();
    for _ in PARTIES {
        listeners.push(host::bind().await?);
    }
    let (stand, stand_at) = host::bind().await?;
    let (desk, upstream) = host::bind().await?;

    let ports: Vec<u16> = listeners.iter().map(|(_, place)| place.port()).collect();
    let origins = Arc::new(Origins::new(&ports, stand_at.port(), front));
    let log = Arc::new(log::Log::new(origins.parties().to_vec()));
    for (at, ((listener, _), name)) in listeners.into_iter().zip(PARTIES).enumerate() {
        let party = party::Party { at, name, origins: origins.clone(), log: log.clone() };
        host::serve(listener, Arc::new(party));
    }
    host::serve(stand, Arc::new(witness::Witness { log: log.clone(), origins: origins.clone() }));
    host::serve(desk, Arc::new(site::Site { origins: origins.clone(), log, comments: comments::Comments::new() }));
    Ok(Demo {
        upstream,
        config: config(front, upstream),
        witness: format!("{}/", origins.witness),
        parties: origins.parties().iter().map(|(name, origin)| ((*name).to_owned(), origin.clone())).collect(),
    })
}

/// The configuration for these addresses.
fn config(front: SocketAddr, upstream: SocketAddr) -> String {
    text::fill(include_str!("../../demo/gateway.toml"), |key| match key {
        "front" => Some(front.to_string()),
        "upstream" => Some(upstream.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
