//! Facts: the rows of a batch with owners and hashes, ready to land.

use std::collections::HashMap;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::block::Block;
use crate::hashes::Hashes;
use crate::panics::or_error;
use crate::rows::{Names, Row, Texts};

const COLUMNS: [&str; 16] = [
    "event_id",
    "source",
    "kind",
    "touchpoint",
    "occurred_at",
    "customer",
    "journey",
    "score",
    "amount",
    "currency",
    "count",
    "segment",
    "region",
    "department",
    "registry_version",
    "details",
];

/// Facts of a batch, in the order of their records.
#[pyclass]
pub struct Facts {
    pub rows: Vec<Row>,
    pub texts: Texts,
    pub names: Names,
    pub customers: Vec<Hashes>,
    pub version: u32,
    pub has_details: bool,
    pub kept: Vec<bool>,
}

impl Facts {
    fn landing(&self) -> Vec<&Row> {
        self.rows.iter().zip(&self.kept).filter_map(|(row, kept)| kept.then_some(row)).collect()
    }

    fn hash(&self, row: &Row) -> &str {
        row.customer.map_or("", |customer| &self.customers[customer as usize].current)
    }

    fn keep_others(&mut self, erased_ms: &Bound<'_, PyDict>) -> PyResult<usize> {
        if erased_ms.is_empty() {
            self.kept.fill(true);
            return Ok(0);
        }
        let mut latest_ms = Vec::with_capacity(self.customers.len());
        for customer in &self.customers {
            let mut latest = -1;
            for hash in [&customer.current].into_iter().chain(&customer.earlier) {
                if let Some(erased) = erased_ms.get_item(hash)? {
                    latest = latest.max(erased.extract()?);
                }
            }
            latest_ms.push(latest);
        }
        let erased = |row: &Row| row.customer.map_or(-1, |customer| latest_ms[customer as usize]);
        self.kept = self.rows.iter().map(|row| row.occurred_ms.min(row.stamp_ms) > erased(row)).collect();
        Ok(self.kept.len() - self.__len__())
    }

    fn block_of(&self, rows: &[&Row], ingested_ms: i64) -> Vec<u8> {
        let names = &self.names;
        let mut block = Block::new(16 + u64::from(self.has_details), rows);
        block.texts("event_id", &self.texts, |row| row.event_id);
        block.names("source", names, |row| row.source);
        block.names("kind", names, |row| row.kind);
        block.names("touchpoint", names, |row| row.touchpoint);
        block.numbers("occurred_at", "DateTime64(3, 'UTC')", |row| row.occurred_ms.to_le_bytes());
        block.strings("customer", |row| self.hash(row));
        block.texts("journey", &self.texts, |row| row.journey);
        block.optional("score", "Nullable(UInt8)", |row| row.score.map(u8::to_le_bytes));
        block.optional("amount", "Nullable(Decimal(18, 4))", |row| row.amount.map(i64::to_le_bytes));
        block.names("currency", names, |row| row.currency);
        block.numbers("count", "UInt32", |row| row.count.to_le_bytes());
        block.names("segment", names, |row| row.segment);
        block.names("region", names, |row| row.region);
        block.names("department", names, |row| row.department);
        block.names("registry_version", names, |_| self.version);
        if self.has_details {
            block.texts("details", &self.texts, |row| row.details);
        }
        block.numbers("ingested_at", "DateTime64(3, 'UTC')", |_| ingested_ms.to_le_bytes());
        block.bytes()
    }
}

#[pymethods]
impl Facts {
    fn __len__(&self) -> usize {
        self.kept.iter().filter(|kept| **kept).count()
    }

    /// Drops the facts of customers that were erased later than they occurred or were published; returns how many.
    fn drop_erased(&mut self, erased_ms: &Bound<'_, PyDict>) -> PyResult<usize> {
        or_error(|| self.keep_others(erased_ms))
    }

    /// How many facts there are of each department and kind.
    fn tally(&self) -> HashMap<(&str, &str), usize> {
        let mut counts = HashMap::new();
        for row in self.landing() {
            *counts.entry((row.department, row.kind)).or_insert(0) += 1;
        }
        let named = |((department, kind), count)| ((self.names.text(department), self.names.text(kind)), count);
        counts.into_iter().map(named).collect()
    }

    /// When the records were published, milliseconds since 1970.
    fn stamps_ms(&self) -> Vec<i64> {
        self.rows.iter().map(|row| row.stamp_ms).collect()
    }

    /// The columns that the block has, without the version.
    fn names(&self) -> Vec<&str> {
        COLUMNS.iter().take(COLUMNS.len() - usize::from(!self.has_details)).copied().collect()
    }

    /// The facts as a block in ClickHouse's Native format.
    fn block<'py>(&self, py: Python<'py>, ingested_ms: i64) -> PyResult<Bound<'py, PyBytes>> {
        or_error(|| Ok(PyBytes::new(py, &py.detach(|| self.block_of(&self.landing(), ingested_ms)))))
    }
}
