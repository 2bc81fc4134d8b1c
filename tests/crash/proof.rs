//! Proofs of inclusion as receipts carry them (C2SP tlog-proof), checked by arithmetic of our own (RFC 9162 §2.1.3.2).

use crate::receipt::{Hash, Receipt, Why};
use crate::told::Told;
use crate::tree::{self, LogKey};
use crate::wire::Wire;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// How many receipts are asked for again, spread over all there are.
const MOST: usize = 300;

/// Asks the gateways for receipts as visitors do, by their codes, and checks that each says what it said and is proven.
/// Returns how many are.
pub(crate) async fn some(urls: &[String], wire: &Wire, told: &Told, key: &LogKey) -> u64 {
    let receipts = told.inside().receipts.clone();
    let mut held = 0;
    for (number, receipt) in receipts.iter().step_by(receipts.len().div_ceil(MOST).max(1)).enumerate() {
        match again(&urls[number % urls.len()], wire, receipt, key).await {
            Ok(()) => held += 1,
            Err(why) => told.breach(format!("asked for again: {why}: {}", receipt.0)),
        }
    }
    held
}

async fn again(url: &str, wire: &Wire, receipt: &Receipt, key: &LogKey) -> Result<(), Why> {
    let code = receipt.0["code"].as_str().ok_or("it has no code")?;
    let path = format!("/.well-known/bandeau/receipt.json?code={code}");
    let (head, body) = wire.get(url, &path).await.ok_or("no answer")?;
    if head.status != 200 {
        return Err(format!("{} from {url}", head.status));
    }
    let document = Receipt(serde_json::from_slice(&body).map_err(|error| error.to_string())?);
    if !document.same(receipt) {
        return Err(format!("it is {}", document.0));
    }
    check(&document, key)
}

fn check(record: &Receipt, key: &LogKey) -> Result<(), Why> {
    let text = record.0["proof"].as_str().ok_or("there is none")?;
    let (body, note) = text.split_once("\n\n").ok_or("no checkpoint in it")?;
    let mut lines = body.lines();
    if lines.next() != Some("c2sp.org/tlog-proof@v1") {
        return Err("it is of another kind".to_owned());
    }
    let mut lines = lines.skip_while(|line| line.starts_with("extra "));
    let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or("no index in it")?;
    let index = index.parse::<u64>().map_err(|error| error.to_string())?;
    let hash = |line: &str| -> Result<Hash, Why> {
        let bytes = STANDARD.decode(line).map_err(|error| error.to_string())?;
        bytes.try_into().map_err(|_| "a hash has 32 bytes".to_owned())
    };
    let hashes = lines.map(hash).collect::<Result<Vec<_>, _>>()?;
    let head = key.open(note)?;
    let root = tree::included(tree::leaf(&record.entry()?), index, head.size, &hashes);
    if root == Some(head.root) { Ok(()) } else { Err("it leads to another root".to_owned()) }
}
