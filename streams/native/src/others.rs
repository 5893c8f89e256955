//! Rows that Python made: of records that are not plainly valid, or not events of ours.

use std::collections::HashMap;

use pyo3::prelude::*;

use crate::facts::Facts;
use crate::hashes::Hashes;
use crate::rows::Row;

/// Columns as `metrics.events.facts` makes them, amounts in ten-thousandths, with where they belong.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Others {
    ordinals: Vec<u32>,
    stamps_ms: Vec<i64>,
    event_id: Vec<String>,
    source: Vec<String>,
    kind: Vec<String>,
    touchpoint: Vec<String>,
    occurred_at: Vec<i64>,
    customer: Vec<String>,
    journey: Vec<String>,
    score: Vec<Option<u8>>,
    amount: Vec<Option<i64>>,
    currency: Vec<String>,
    count: Vec<u32>,
    segment: Vec<String>,
    region: Vec<String>,
    department: Vec<String>,
    details: Vec<String>,
    earlier: HashMap<String, Vec<String>>,
}

impl Others {
    /// Whether any of them has fields of its own kind.
    pub fn has_details(&self) -> bool {
        !self.details.is_empty()
    }

    /// Puts them where they belong.
    pub fn join(self, facts: &mut Facts) {
        for at in 0..self.ordinals.len() {
            let row = self.row(at, facts);
            facts.rows.push(row);
        }
        if !self.ordinals.is_empty() {
            facts.rows.sort_by_key(|row| row.ordinal);
        }
    }

    fn row(&self, at: usize, facts: &mut Facts) -> Row {
        let customer = self.customer(&self.customer[at], facts);
        let (texts, names) = (&mut facts.texts, &mut facts.names);
        Row {
            ordinal: self.ordinals[at],
            event_id: texts.add(&self.event_id[at]),
            journey: texts.add(&self.journey[at]),
            details: texts.add(self.details.get(at).map_or("", String::as_str)),
            source: names.number(&self.source[at]),
            kind: names.number(&self.kind[at]),
            touchpoint: names.number(&self.touchpoint[at]),
            segment: names.number(&self.segment[at]),
            region: names.number(&self.region[at]),
            currency: names.number(&self.currency[at]),
            department: names.number(&self.department[at]),
            customer,
            occurred_ms: self.occurred_at[at],
            stamp_ms: self.stamps_ms[at],
            score: self.score[at],
            amount: self.amount[at],
            count: self.count[at],
        }
    }

    fn customer(&self, hash: &str, facts: &mut Facts) -> Option<u32> {
        if hash.is_empty() {
            return None;
        }
        let earlier = self.earlier.get(hash).cloned().unwrap_or_default();
        facts.customers.push(Hashes { current: hash.to_owned(), earlier });
        Some(facts.customers.len() as u32 - 1)
    }
}
