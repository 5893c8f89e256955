//! Customers' hashes, as `metrics.events.pseudonyms` has them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A key of customers' hashes, with the id that stands before each of them.
pub struct Key {
    id: String,
    keyed: Hmac<Sha256>,
}

impl Key {
    /// Of an id and the secret.
    pub fn new(id: String, secret: &[u8]) -> Self {
        Key { id, keyed: Hmac::new_from_slice(secret).expect("a key may have any length") }
    }

    /// The hash of a customer: the id of the key, and 128 bits.
    pub fn hash(&self, customer: &str) -> String {
        let mut keyed = self.keyed.clone();
        keyed.update(customer.as_bytes());
        let mut text = format!("{}-", self.id);
        for byte in &keyed.finalize().into_bytes()[..16] {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or_default());
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or_default());
        }
        text
    }
}

/// A customer's hash, and those under keys that were in use before; empty of one that stands for nobody.
#[derive(Default)]
pub struct Hashes {
    pub current: String,
    pub earlier: Vec<String>,
}
