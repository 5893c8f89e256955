//! Rows in ClickHouse's RowBinary, inserted in large batches over HTTP.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use ureq::Agent;

use crate::event::{Fact, Text};

const KEY: &[u8] = &[b'b'; 32];
const INSERT: &str = "INSERT INTO events (event_id, source, kind, touchpoint, occurred_at, customer, journey, score, \
    amount, currency, count, segment, region, department, registry_version) FORMAT RowBinary";

/// How to reach the store.
#[derive(Deserialize)]
pub struct Store {
    url: String,
    user: String,
    password: String,
    database: String,
}

/// Rows that have not landed.
pub struct Rows {
    store: Store,
    agent: Agent,
    keyed: Hmac<Sha256>,
    key_id: String,
    bytes: Vec<u8>,
    hashes: HashMap<String, String>, // of this batch, so that ids are not kept for long
}

impl Rows {
    /// None, for a store.
    pub fn new(store: Store) -> Self {
        let keyed = Hmac::new_from_slice(KEY).expect("a key may have any length");
        let key_id = digits(&keyed, b"cx-balance key id", 4);
        let agent = Agent::new_with_config(Agent::config_builder().http_status_as_error(false).build());
        Rows { store, agent, keyed, key_id, bytes: Vec::with_capacity(8 << 20), hashes: HashMap::new() }
    }

    /// Adds one.
    pub fn add(&mut self, fact: &Fact, owner: &str, version: &str) {
        let event = &fact.event;
        self.text(&event.event_id.0);
        self.text(&event.source.0);
        self.bytes.push(fact.kind);
        self.text(&event.touchpoint.0);
        self.bytes.extend(fact.occurred_ms.to_le_bytes());
        self.customer(event.customer.as_ref().map_or("", |Text(id)| id));
        self.optional_text(event.journey.as_ref());
        self.optional(fact.score.map(u8::to_le_bytes));
        self.optional(fact.amount.map(i64::to_le_bytes));
        self.optional_text(event.currency.as_ref());
        self.bytes.extend(fact.count.to_le_bytes());
        self.optional_text(event.segment.as_ref());
        self.optional_text(event.region.as_ref());
        self.text(owner);
        self.text(version);
    }

    /// Inserts all; it has ended when the store has them.
    pub fn land(&mut self) -> Result<(), Box<dyn Error>> {
        if !self.bytes.is_empty() {
            let Store { url, user, password, database } = &self.store;
            let request = self.agent.post(url).query("database", database).query("query", INSERT);
            let request = request.query("async_insert", "0").query("wait_end_of_query", "1");
            let request = request.header("X-ClickHouse-User", user).header("X-ClickHouse-Key", password);
            let mut answer = request.send(&self.bytes)?;
            let text = answer.body_mut().read_to_string()?;
            if answer.status() != 200 {
                return Err(text.into());
            }
        }
        self.bytes.clear();
        self.hashes.clear();
        Ok(())
    }

    fn customer(&mut self, id: &str) {
        if id.is_empty() {
            return self.text("");
        }
        if let Some(hash) = self.hashes.get(id) {
            append(&mut self.bytes, hash);
            return;
        }
        let hash = format!("{}-{}", self.key_id, digits(&self.keyed, id.as_bytes(), 16));
        self.text(&hash);
        self.hashes.insert(id.to_owned(), hash);
    }

    fn optional_text(&mut self, text: Option<&Text>) {
        self.text(text.map_or("", |Text(text)| text));
    }

    fn optional<const WIDTH: usize>(&mut self, bytes: Option<[u8; WIDTH]>) {
        self.bytes.push(u8::from(bytes.is_none()));
        self.bytes.extend(bytes.into_iter().flatten());
    }

    fn text(&mut self, text: &str) {
        append(&mut self.bytes, text);
    }
}

fn append(bytes: &mut Vec<u8>, text: &str) {
    let mut length = text.len();
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(text.as_bytes());
}

fn digits(keyed: &Hmac<Sha256>, text: &[u8], count: usize) -> String {
    let mut keyed = keyed.clone();
    keyed.update(text);
    keyed.finalize().into_bytes()[..count].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // a String takes whatever comes
        text
    })
}
