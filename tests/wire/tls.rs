//! Visitors over TLS: HTTP/2 by ALPN, and cookies that no other host and no plain connection can have.

use crate::raw::{Counted, talk, until};
use crate::site::Site;
use crate::support::{CONFIG, Gateway, notice};
use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tokio::net::TcpStream;

/// Makes a certificate for the loopback that signs itself.
fn certify(dir: &Path) {
    let output = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=wire test", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(dir)
        .output()
        .expect("this test needs the openssl command");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

async fn connect(port: u16, cert: &Path, protocols: &[&str]) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(cert).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector.connect(ServerName::try_from("127.0.0.1").unwrap(), stream).await.unwrap()
}

async fn text(response: Response<Incoming>) -> String {
    String::from_utf8_lossy(&response.into_body().collect().await.unwrap().to_bytes()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_over_tls_and_a_cookie_of_this_host_alone() {
    let certs = tempfile::tempdir().unwrap();
    certify(certs.path());
    let (cert, key) = (certs.path().join("cert.pem"), certs.path().join("key.pem"));
    let tls = format!("[tls]\ncert = {:?}\nkey = {:?}\n", cert.to_str().unwrap(), key.to_str().unwrap());
    let site = Site::page("<!doctype html><title>t</title><p>hello").await;
    let gateway = Gateway::start(&site.url, &format!("{tls}{CONFIG}"));

    let stream = connect(gateway.port, &cert, &["h2", "http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut send, connection) =
        hyper::client::conn::http2::handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let own = format!("https://127.0.0.1:{}", gateway.port);

    let page = send.send_request(Request::get(format!("{own}/")).body(Full::default()).unwrap()).await.unwrap();
    assert_eq!((page.status().as_u16(), page.version()), (200, Version::HTTP_2));
    let hash = notice(&text(page).await);
    assert_eq!(site.last().header("x-forwarded-proto").unwrap(), "https");

    let answer = Request::post(format!("{own}/.well-known/bandeau/decision"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", &own)
        .header("accept", "text/html")
        .body(Full::from(format!("notice={hash}&answer=accept&back=/")))
        .unwrap();
    let decided = send.send_request(answer).await.unwrap();
    assert_eq!(decided.status(), 303);
    let cookie = decided.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-bandeau="), "{cookie}");
    for word in ["; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax"] {
        assert!(cookie.contains(word), "{word} is missing: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");

    let pair = cookie.split(';').next().unwrap();
    for (name, passes) in [(pair.to_owned(), true), (pair.replace("__Host-", ""), false)] {
        let request = Request::get(format!("{own}/")).header("cookie", format!("{name}; forum_id=1"));
        let page = send.send_request(request.body(Full::default()).unwrap()).await.unwrap();
        assert_eq!(page.status(), 200);
        text(page).await;
        assert_eq!(site.last().header("cookie").is_some(), passes, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_speak_tls_is_hung_up_on_and_counted() {
    let certs = tempfile::tempdir().unwrap();
    certify(certs.path());
    let (cert, key) = (certs.path().join("cert.pem"), certs.path().join("key.pem"));
    let tls = format!("[tls]\ncert = {:?}\nkey = {:?}\n", cert.to_str().unwrap(), key.to_str().unwrap());
    let site = Site::page("x").await;
    let counted = Counted::start(&site.url, &format!("{tls}[limits]\nhead = \"1s\"\n{CONFIG}"));
    // The start of the gateway was waited for with a connection that said nothing either.
    let before = counted.number("bandeau_bad_input_total", &["visitor", "tls"]).await;
    talk(counted.gateway.port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await;
    talk(counted.gateway.port, b"").await;
    until("both are counted", || async {
        counted.number("bandeau_bad_input_total", &["visitor", "tls"]).await >= before + 2.0
    })
    .await;
    assert!(site.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn http1_over_tls_for_who_has_nothing_newer() {
    let certs = tempfile::tempdir().unwrap();
    certify(certs.path());
    let (cert, key) = (certs.path().join("cert.pem"), certs.path().join("key.pem"));
    let tls = format!("[tls]\ncert = {:?}\nkey = {:?}\n", cert.to_str().unwrap(), key.to_str().unwrap());
    let site = Site::page("hello").await;
    let gateway = Gateway::start(&site.url, &format!("{tls}{CONFIG}"));
    let stream = connect(gateway.port, &cert, &["http/1.1"]).await;
    let (mut send, connection) =
        hyper::client::conn::http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("/").header("host", format!("127.0.0.1:{}", gateway.port));
    let page = send.send_request(request.body(Full::default()).unwrap()).await.unwrap();
    assert_eq!((page.status().as_u16(), page.version()), (200, Version::HTTP_11));
    assert!(text(page).await.contains("hello"));
}
