//! A receipt as an outsider reads it: the digests of docs/spec/record.md made anew from its members, and its signature
//! checked. Knows the specification and none of the gateway's code.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
pub(crate) type Hash = [u8; 32];

/// What does not hold of a receipt, in words.
pub(crate) type Why = String;

/// A digest of fields: each its length as eight bytes, big-endian, then itself.
struct Fields(Sha256);

impl Fields {
    fn new(domain: &str) -> Self {
        Self(Sha256::new()).field(domain)
    }

    fn field(mut self, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    fn number(self, number: u64) -> Self {
        self.field(number.to_be_bytes())
    }

    fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

/// A receipt, in the members that are checked.
#[derive(Debug, Clone)]
pub(crate) struct Receipt(pub(crate) Value);

impl Receipt {
    fn text(&self, name: &str) -> Result<&str, Why> {
        self.0[name].as_str().ok_or_else(|| format!("{name} is no text"))
    }

    fn hex(&self, name: &str) -> Result<Vec<u8>, Why> {
        unhex(self.text(name)?).ok_or_else(|| format!("{name} is no hexadecimal text"))
    }

    fn number(&self, name: &str) -> Result<u64, Why> {
        self.0[name].as_u64().ok_or_else(|| format!("{name} is no number"))
    }

    /// The record's name.
    pub(crate) fn id(&self) -> &str {
        self.0["id"].as_str().unwrap_or_default()
    }

    /// Whose it is.
    pub(crate) fn pseudonym(&self) -> &str {
        self.0["pseudonym"].as_str().unwrap_or_default()
    }

    /// The key that signed, in base64.
    pub(crate) fn key(&self) -> &str {
        self.0["key"].as_str().unwrap_or_default()
    }

    /// The leaf of the record.
    pub(crate) fn leaf(&self) -> Result<Hash, Why> {
        let previous = if self.0["previous"].is_null() { Vec::new() } else { self.hex("previous")? };
        let fields = Fields::new("bandeau record v1")
            .field(self.hex("id")?)
            .field(self.hex("pseudonym")?)
            .field(previous)
            .number(self.number("at")?)
            .field(self.text("event")?)
            .field(self.hex("notice")?)
            .field(self.hex("policy")?)
            .field(self.text("language")?)
            .field(self.text("source")?)
            .number(self.number("keep")?);
        let pairs = self.0["choices"].as_array().ok_or("choices are no list")?;
        let words: Vec<&str> = pairs.iter().flat_map(|pair| [&pair[0], &pair[1]]).filter_map(Value::as_str).collect();
        let fields = fields.number(words.len() as u64);
        Ok(words.into_iter().fold(fields, Fields::field).finish())
    }

    /// What stands for the record in the log: its salted commitment, as an entry (docs/spec/log.md).
    pub(crate) fn entry(&self) -> Result<Vec<u8>, Why> {
        let commitment = Fields::new("bandeau commitment v1").field(self.hex("salt")?).field(self.leaf()?).finish();
        Ok([&[1][..], &commitment].concat())
    }

    /// Whether its signature fits its members and its key, strictly (RFC 8032 §5.1.7).
    pub(crate) fn verify(&self) -> Result<(), Why> {
        signed(self.key(), &self.leaf()?, self.text("signature")?).map_err(|why| format!("the receipt: {why}"))
    }

    /// Whether another document says the same of the same record. The proof may come later than the receipt.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let bare = |document: &Value| {
            let mut members = document.as_object().cloned().unwrap_or_default();
            members.remove("proof");
            members
        };
        bare(&self.0) == bare(&other.0)
    }
}

/// Checks an Ed25519 signature; key and signature in base64.
pub(crate) fn signed(key: &str, message: &[u8], signature: &str) -> Result<(), Why> {
    let bytes = |text: &str| STANDARD.decode(text).map_err(|error| error.to_string());
    let key: [u8; 32] = bytes(key)?.try_into().map_err(|_| "a key has 32 bytes")?;
    let key = VerifyingKey::from_bytes(&key).map_err(|error| error.to_string())?;
    let signature = Signature::from_slice(&bytes(signature)?).map_err(|error| error.to_string())?;
    key.verify_strict(message, &signature).map_err(|_| "the signature does not fit".to_owned())
}

/// The bytes of hexadecimal text.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2));
    digits.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}
