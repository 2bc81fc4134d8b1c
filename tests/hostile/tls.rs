//! Sites that cannot be opened at all: nobody there, no TLS where TLS is asked for, a certificate nobody vouches for.

use std::net::TcpListener;

/// Names and addresses. `port` speaks plain HTTP.
pub(crate) fn dead(port: u16) -> Vec<(&'static str, String)> {
    // Bound and given back: nobody listens there.
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap().port();
    vec![
        ("refused", format!("http://hostile.localhost:{free}/")),
        ("no-tls", format!("https://hostile.localhost:{port}/")),
        ("slammed", format!("http://hostile.localhost:{port}/slam")),
        ("circle", format!("http://hostile.localhost:{port}/redirects")),
        ("no-name", "http://no.such.host.invalid/".to_owned()),
    ]
}
