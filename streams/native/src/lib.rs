//! The hot path of a worker: records that are plainly valid events become a block of ClickHouse's.
//!
//! What is not plainly valid is left to Python, which alone says what is rejected and why. What is accepted here is
//! accepted there, as the same row: `tests/streams/ingest/test_native_twins.py` compares them.

mod block;
mod event;
mod facts;
mod hashes;
mod others;
mod panics;
mod rows;
mod runs;
mod varints;

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use indexmap::IndexSet;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use event::{Kind, Plain, Rules};
use facts::Facts;
use hashes::{Hashes, Key};
use others::Others;
use panics::{or_error, unless_it_panics};
use rows::{Names, Row, Texts};
use runs::{Batch, Run};

/// Grows when what Python expects of this part changes, or which events are plain: an older one is not used then.
const INTERFACE: u32 = 3;

type Keys = Vec<(String, Vec<u8>)>;
type Limits = (usize, i64, i64);
type KindOfPython = (String, Option<(i64, i64)>, bool, bool);

/// The rows of a batch, gathered record by record.
#[pyclass]
#[allow(clippy::struct_field_names)]
struct Rows {
    rules: Rules,
    placeholders: HashSet<String>,
    is_touchpoint: Py<PyAny>,
    touchpoints: HashMap<u32, bool, RandomState>,
    rows: Vec<Row>,
    texts: Texts,
    names: Names,
    customers: Names,
    taken: u32,
    faults: u32,
}

#[pymethods]
impl Rows {
    /// Of kinds (name, range of scores, whether it has a count, an amount), the longest id and label, the last instant,
    /// limits (bytes, age, time ahead), customers that stand for nobody, and what knows a touchpoint's id.
    #[new]
    fn new(
        kinds: Vec<KindOfPython>,
        longest: (usize, usize),
        last_ms: i64,
        limits: Limits,
        placeholders: HashSet<String>,
        is_touchpoint: Py<PyAny>,
    ) -> Self {
        let kinds =
            kinds.into_iter().map(|(name, score, has_count, has_amount)| Kind { name, score, has_count, has_amount });
        let ((longest_id, longest_label), (max_bytes, max_age_ms, max_ahead_ms)) = (longest, limits);
        let kinds = kinds.collect();
        Rows {
            rules: Rules { kinds, longest_id, longest_label, last_ms, max_bytes, max_age_ms, max_ahead_ms },
            placeholders,
            is_touchpoint,
            touchpoints: HashMap::default(),
            rows: Vec::new(),
            texts: Texts::default(),
            names: Names::default(),
            customers: Names::default(),
            taken: 0,
            faults: 0,
        }
    }

    fn __len__(&self) -> usize {
        self.rows.len()
    }

    /// How many records have come: the ordinal of the next one.
    #[getter]
    fn taken(&self) -> u32 {
        self.taken
    }

    /// How many records were left to Python because reading them panicked.
    #[getter]
    fn faults(&self) -> u32 {
        self.faults
    }

    /// Takes the plainly valid ones of some records; returns the positions of the others.
    fn take(&mut self, values: &Bound<'_, PyList>, stamps_ms: Vec<i64>) -> PyResult<Vec<usize>> {
        let py = values.py();
        or_error(|| {
            let bytes: Vec<_> = values.iter().map(|value| value.cast_into::<PyBytes>().ok()).collect();
            self.take_all(py, bytes.iter().map(|value| value.as_ref().map(PyBytesMethods::as_bytes)).zip(stamps_ms))
        })
    }

    /// The same of a run of records, of which those without a timestamp were published now.
    fn take_run(&mut self, py: Python<'_>, run: PyRef<'_, Run>, now_ms: i64) -> PyResult<Vec<usize>> {
        let stamped = |stamp_ms| if stamp_ms < 0 { now_ms } else { stamp_ms };
        or_error(|| self.take_all(py, run.values().map(|(value, stamp_ms)| (value, stamped(stamp_ms)))))
    }

    /// Counts records of which Python takes all; returns the ordinal of the first.
    fn skip(&mut self, records: u32) -> u32 {
        self.taken += records;
        self.taken - records
    }

    /// The facts of all rows, and of those that Python took; none are left here.
    ///
    /// `owners` answers with the boundaries and owners of a touchpoint, segment, region and kind; keys are ids with
    /// secrets, the one in use first.
    fn facts(
        &mut self,
        py: Python<'_>,
        owners: &Bound<'_, PyAny>,
        version: &str,
        keys: Keys,
        others: Others,
    ) -> PyResult<Facts> {
        or_error(|| self.all_facts(py, owners, version, keys, others))
    }

    /// How many rows of each source named a customer that stands for nobody.
    fn nobodies(&self) -> HashMap<&str, usize> {
        let nobodies: Vec<bool> = self.customers.iter().map(|id| is_nobody(id, &self.placeholders)).collect();
        let mut counts = HashMap::new();
        for row in &self.rows {
            if row.customer.is_some_and(|customer| nobodies[customer as usize]) {
                *counts.entry(self.names.text(row.source)).or_insert(0) += 1;
            }
        }
        counts
    }
}

impl Rows {
    fn take_all<'a>(
        &mut self,
        py: Python<'_>,
        records: impl ExactSizeIterator<Item = (Option<&'a [u8]>, i64)>,
    ) -> PyResult<Vec<usize>> {
        let (mut others, count) = (Vec::new(), records.len());
        self.rows.reserve(count);
        for (position, (value, stamp_ms)) in records.enumerate() {
            let ordinal = self.taken + position as u32;
            let is_taken = match value {
                Some(value) => self.take_one(py, value, stamp_ms, ordinal)?,
                None => false,
            };
            if !is_taken {
                others.push(position);
            }
        }
        self.taken += count as u32;
        Ok(others)
    }

    fn take_one(&mut self, py: Python<'_>, value: &[u8], stamp_ms: i64, ordinal: u32) -> PyResult<bool> {
        let Some(read) = unless_it_panics(|| self.rules.plain(value, stamp_ms)) else {
            self.faults += 1;
            return Ok(false);
        };
        let Some(plain) = read else {
            return Ok(false);
        };
        let touchpoint = self.names.number(plain.event.touchpoint);
        let is_known = if let Some(known) = self.touchpoints.get(&touchpoint) {
            *known
        } else {
            let is_known = self.is_touchpoint.call1(py, (plain.event.touchpoint,))?.extract(py)?;
            self.touchpoints.insert(touchpoint, is_known);
            is_known
        };
        if is_known {
            let row = self.row(&plain, touchpoint, stamp_ms, ordinal);
            self.rows.push(row);
        }
        Ok(is_known)
    }

    fn row(&mut self, plain: &Plain, touchpoint: u32, stamp_ms: i64, ordinal: u32) -> Row {
        let (event, names) = (&plain.event, &mut self.names);
        Row {
            ordinal,
            event_id: self.texts.add(event.event_id),
            journey: self.texts.add(event.journey.unwrap_or("")),
            details: self.texts.add(""),
            source: names.number(event.source),
            kind: names.number(event.kind),
            touchpoint,
            segment: names.number(event.segment.unwrap_or("")),
            region: names.number(event.region.unwrap_or("")),
            currency: names.number(event.currency.unwrap_or("")),
            department: 0,
            customer: event.customer.map(|id| self.customers.number(id)),
            occurred_ms: plain.occurred_ms,
            stamp_ms,
            score: plain.score,
            amount: plain.amount,
            count: plain.count,
        }
    }

    fn all_facts(
        &mut self,
        py: Python<'_>,
        owners: &Bound<'_, PyAny>,
        version: &str,
        keys: Keys,
        others: Others,
    ) -> PyResult<Facts> {
        let keys: Vec<Key> = keys.into_iter().map(|(id, secret)| Key::new(id, &secret)).collect();
        let (placeholders, ids) = (&self.placeholders, std::mem::take(&mut self.customers));
        let customers = py.detach(|| ids.iter().map(|id| hashes_of(id, &keys, placeholders)).collect());
        self.attribute(owners)?;
        let mut facts = Facts {
            rows: std::mem::take(&mut self.rows),
            texts: std::mem::take(&mut self.texts),
            names: std::mem::take(&mut self.names),
            customers,
            version: 0,
            has_details: others.has_details(),
            kept: Vec::new(),
        };
        facts.version = facts.names.number(version);
        others.join(&mut facts);
        facts.kept = vec![true; facts.rows.len()];
        Ok(facts)
    }

    fn attribute(&mut self, owners: &Bound<'_, PyAny>) -> PyResult<()> {
        let mut facets = IndexSet::new();
        let numbers: Vec<usize> = self.rows.iter().map(|row| facets.insert_full(row.facets()).0).collect();
        let mut timelines = Vec::with_capacity(facets.len());
        for [touchpoint, segment, region, kind] in facets {
            let [touchpoint, segment, region, kind] =
                [touchpoint, segment, region, kind].map(|number| self.names.text(number));
            let (boundaries, departments): (Vec<i64>, Vec<String>) =
                owners.call1((touchpoint, segment, region, kind))?.extract()?;
            let departments: Vec<u32> = departments.iter().map(|text| self.names.number(text)).collect();
            timelines.push((boundaries, departments));
        }
        for (row, number) in self.rows.iter_mut().zip(numbers) {
            let (boundaries, departments) = &timelines[number];
            let period = boundaries.partition_point(|boundary_s| *boundary_s <= row.occurred_ms / 1000);
            row.department = departments[period];
        }
        Ok(())
    }
}

fn hashes_of(id: &str, keys: &[Key], placeholders: &HashSet<String>) -> Hashes {
    match keys {
        [key, earlier @ ..] if !is_nobody(id, placeholders) => {
            Hashes { current: key.hash(id), earlier: earlier.iter().map(|key| key.hash(id)).collect() }
        }
        _ => Hashes::default(),
    }
}

/// As `metrics.events.placeholders` has it, of ids in ASCII without control characters: other rows are not taken here.
fn is_nobody(id: &str, placeholders: &HashSet<String>) -> bool {
    let folded = id.trim_matches(' ').to_ascii_lowercase();
    folded.is_empty() || placeholders.contains(&folded)
}

/// What Python imports as `cxb_native`.
#[pymodule]
fn cxb_native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("INTERFACE", INTERFACE)?;
    module.add_class::<Batch>()?;
    module.add_class::<Run>()?;
    module.add_class::<Rows>()?;
    module.add_class::<Facts>()
}
