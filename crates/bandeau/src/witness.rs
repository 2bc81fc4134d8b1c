//! Witnesses: asks each to sign what the log has become (C2SP tlog-witness), so that a log which shows different people
//! different trees is found out. Optional, and never in anybody's way: what a witness does not answer is asked again.

use crate::body::{Body, full};
use crate::cause::chain;
use crate::config::Witness;
use crate::counters;
use crate::house::House;
use bandeau_ledger::Cosigning;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::sync::Arc;
use std::time::Duration;

/// How often witnesses are asked while the log grows.
const EVERY: Duration = Duration::from_secs(5);

/// How long one may take.
const ANSWER: Duration = Duration::from_secs(10);

/// The most bytes of an answer: a few signature lines.
const MOST: usize = 16 << 10;

/// What went wrong, in words for the operator.
struct Refused(String);

impl<E: std::error::Error> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(chain(&error))
    }
}

/// Asks until the gateway ends.
pub(crate) async fn attend(house: Arc<House>, witnesses: Vec<Witness>) {
    let http = {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(ANSWER));
        HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(http)
    };
    let client = Client::builder(TokioExecutor::new()).build(http);
    // What each signed last; 0 until it has said.
    let mut known = vec![0; witnesses.len()];
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(mut cosigning) = house.ledger.cosigning() else { continue };
        for (witness, known) in witnesses.iter().zip(&mut known) {
            if let Err(Refused(why)) = ask(&house, &client, witness, &mut cosigning, known).await {
                counters::witness("refused");
                tracing::warn!(witness = witness.key.name(), why, "a witness did not sign the log");
            } else {
                counters::witness("signed");
            }
        }
        if let Err(error) = house.ledger.cosigned(cosigning).await {
            tracing::warn!(error = %chain(&error), "what witnesses signed could not be kept; they are asked again");
        }
    }
}

type Http = Client<HttpsConnector<HttpConnector>, Body>;

async fn ask(
    house: &House,
    client: &Http,
    witness: &Witness,
    cosigning: &mut Cosigning,
    known: &mut u64,
) -> Result<(), Refused> {
    // One that says it stands elsewhere is asked once more, from there.
    for _ in 0..2 {
        let body = house.ledger.question(cosigning, *known).await?;
        let (status, said) = tokio::time::timeout(ANSWER, post(client, &witness.url, body)).await??;
        match status {
            StatusCode::OK => {
                cosigning.answer(&said, &witness.key)?;
                *known = cosigning.size();
                return Ok(());
            }
            StatusCode::CONFLICT => match said.trim_end().parse() {
                Ok(size) if size <= cosigning.size() && size != *known => *known = size,
                _ => {
                    return Err(Refused(format!(
                        "it signed another tree: {said:?}, and ours has {}",
                        cosigning.size()
                    )));
                }
            },
            _ => return Err(Refused(format!("it answered {status}"))),
        }
    }
    Err(Refused("it named two sizes as its last".to_owned()))
}

async fn post(client: &Http, url: &str, body: String) -> Result<(StatusCode, String), Refused> {
    let request = Request::post(format!("{}/add-checkpoint", url.trim_end_matches('/')))
        .header("content-type", "text/plain; charset=utf-8")
        .body(full(body))?;
    let response = client.request(request).await?;
    let status = response.status();
    let said = Limited::new(response.into_body(), MOST).collect().await.map_err(|error| Refused(error.to_string()))?;
    Ok((status, String::from_utf8_lossy(&said.to_bytes()).into_owned()))
}
