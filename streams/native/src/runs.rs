//! Batches of records as Kafka has them, and runs of their records, which stay bytes until somebody asks for one.
//!
//! A batch is read as aiokafka's parser and `streams.kafka.tolerant` read it, or not at all: whatever they might see
//! otherwise is an error here, and they read the fetch.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::panics::unless_it_panics;
use crate::varints::{Content, Cursor};

/// Bytes before the records of a batch of format 2.
const HEAD: usize = 61;
const OF_LOG: u16 = 8;
/// Bytes of the shortest record: a batch that says it has more of them than fit takes no memory for them.
const SHORTEST: usize = 7;

/// A batch, of which the next records are read whenever somebody wants some.
#[pyclass]
pub struct Batch {
    records: Py<PyBytes>,
    at: usize,
    left: i32,
    base_offset: i64,
    expected: i64,
    limit: i64,
    first_ms: i64,
    latest_ms: i64,
    is_of_log: bool,
}

#[pymethods]
impl Batch {
    /// Of its first 61 bytes, and its records, unpacked.
    #[new]
    fn new(head: &[u8], records: Py<PyBytes>) -> PyResult<Self> {
        if head.len() != HEAD {
            return Err(PyValueError::new_err("no head of a batch"));
        }
        let (base_offset, left) = (long(head, 0), int(head, 57));
        let places = i64::from(int(head, 23)).wrapping_add(1);
        Ok(Batch {
            records,
            at: 0,
            left,
            base_offset,
            expected: base_offset,
            limit: base_offset.wrapping_add(places).wrapping_sub(i64::from(left)),
            first_ms: long(head, 27),
            latest_ms: long(head, 35),
            is_of_log: u16::from_be_bytes([head[21], head[22]]) & OF_LOG != 0,
        })
    }

    /// The next records, at most so many; none after the last. What is not as it has to be raises a ValueError.
    #[pyo3(signature = (most=None))]
    fn read(&mut self, py: Python<'_>, most: Option<usize>) -> PyResult<Option<Run>> {
        let records = self.records.clone_ref(py);
        let run = unless_it_panics(|| self.next_run(records.as_bytes(py), most.unwrap_or(usize::MAX))).flatten();
        let run = run.ok_or_else(|| PyValueError::new_err("a batch that native code does not read"))?;
        Ok((!run.places.is_empty()).then_some(run))
    }
}

impl Batch {
    fn next_run(&mut self, records: &[u8], most: usize) -> Option<Run> {
        let mut cursor = Cursor { data: records, at: self.at };
        let mut run = Run::default();
        let count = i32::try_from(most).unwrap_or(i32::MAX).min(self.left);
        run.places.reserve(usize::try_from(count).unwrap_or(0).min(records.len() / SHORTEST));
        for _ in 0..count {
            let place = self.place(&mut cursor)?;
            run.places.push(place);
        }
        if count <= 0 && cursor.at != records.len() {
            return None;
        }
        self.left -= count;
        run.parts.push(records[self.at..cursor.at].into());
        self.at = cursor.at;
        Some(run)
    }

    fn place(&mut self, cursor: &mut Cursor) -> Option<Place> {
        let start = cursor.at - self.at;
        let record = RawRecord::read(cursor)?;
        if cursor.headers(record.headers.clone()).any(|(name, _)| std::str::from_utf8(name).is_err()) {
            return None;
        }
        let offset = self.base_offset.wrapping_add(record.offset_delta);
        if !(self.expected..=self.limit).contains(&offset) {
            return None;
        }
        (self.expected, self.limit) = (offset + 1, self.limit + 1);
        let stamp_ms = if self.is_of_log { self.latest_ms } else { self.first_ms.wrapping_add(record.delta_ms) };
        let within = |span: Range<usize>| (span.start - self.at) as u32..(span.end - self.at) as u32;
        let (value, headers) = (record.value.map(within), within(record.headers));
        Some(Place { offset, stamp_ms, is_of_log: self.is_of_log, part: 0, start: start as u32, value, headers })
    }
}

fn long(head: &[u8], at: usize) -> i64 {
    i64::from_be_bytes(head[at..at + 8].try_into().expect("eight bytes"))
}

fn int(head: &[u8], at: usize) -> i32 {
    i32::from_be_bytes(head[at..at + 4].try_into().expect("four bytes"))
}

/// Where the parts of a record are.
struct RawRecord {
    delta_ms: i64,
    offset_delta: i64,
    key: Content,
    value: Content,
    headers: Range<usize>,
}

impl RawRecord {
    fn read(cursor: &mut Cursor) -> Option<Self> {
        let length = cursor.number()?;
        let end = cursor.at.checked_add(usize::try_from(length).ok()?)?;
        cursor.attributes()?;
        let (delta_ms, offset_delta) = (cursor.number()?, cursor.number()?);
        let (key, value) = (cursor.content()?, cursor.content()?);
        let count = cursor.number()?;
        let first = cursor.at;
        for _ in 0..usize::try_from(count).ok()? {
            cursor.content()??;
            cursor.content()?;
        }
        (cursor.at == end).then_some(RawRecord { delta_ms, offset_delta, key, value, headers: first..end })
    }
}

/// A record's offset and timestamp, and where it is.
struct Place {
    offset: i64,
    stamp_ms: i64,
    is_of_log: bool,
    part: u32,
    start: u32,
    value: Option<Range<u32>>,
    headers: Range<u32>,
}

/// Records of one partition, in the order of their offsets: a sequence of `Record`.
#[pyclass(sequence)]
#[derive(Default)]
pub struct Run {
    parts: Vec<Box<[u8]>>,
    places: Vec<Place>,
}

#[pymethods]
impl Run {
    fn __len__(&self) -> usize {
        self.places.len()
    }

    fn __getitem__(&self, py: Python<'_>, position: isize) -> PyResult<Record> {
        let from_end = if position < 0 { self.places.len() } else { 0 };
        let place = from_end.checked_add_signed(position).and_then(|at| self.places.get(at));
        self.record(py, place.ok_or_else(|| PyIndexError::new_err("no such record"))?)
    }

    /// The offset of the last record.
    #[getter]
    fn offset(&self) -> Option<i64> {
        self.places.last().map(|place| place.offset)
    }

    /// Bytes of all values.
    #[getter]
    fn size(&self) -> usize {
        self.places.iter().filter_map(|place| place.value.as_ref()).map(ExactSizeIterator::len).sum()
    }

    /// The names of headers that any record has.
    #[getter]
    fn header_names(&self) -> HashSet<Cow<'_, str>> {
        let mut names = HashSet::new();
        for place in self.places.iter().filter(|place| !place.headers.is_empty()) {
            let cursor = Cursor { data: &self.parts[place.part as usize], at: 0 };
            let span = place.headers.start as usize..place.headers.end as usize;
            names.extend(cursor.headers(span).map(|(name, _)| String::from_utf8_lossy(name)));
        }
        names
    }

    /// Leaves out the records before an offset.
    fn begin_at(&mut self, offset: i64) {
        let before = self.places.partition_point(|place| place.offset < offset);
        self.places.drain(..before);
    }

    /// The records of several runs, one after the other; they are empty then.
    #[staticmethod]
    fn joined(runs: Vec<Bound<'_, Run>>) -> Run {
        let mut joined = Run::default();
        for run in runs {
            let run = std::mem::take(&mut *run.borrow_mut());
            let parts = joined.parts.len() as u32;
            joined.parts.extend(run.parts);
            joined.places.extend(run.places.into_iter().map(|place| Place { part: parts + place.part, ..place }));
        }
        joined
    }
}

impl Run {
    /// The value and the timestamp of each record.
    pub fn values(&self) -> impl ExactSizeIterator<Item = (Option<&[u8]>, i64)> {
        self.places.iter().map(|place| {
            let part = &self.parts[place.part as usize];
            (place.value.as_ref().map(|span| &part[span.start as usize..span.end as usize]), place.stamp_ms)
        })
    }

    fn record(&self, py: Python<'_>, place: &Place) -> PyResult<Record> {
        let part = &self.parts[place.part as usize];
        let mut cursor = Cursor { data: part, at: place.start as usize };
        let raw = RawRecord::read(&mut cursor).ok_or_else(|| PyValueError::new_err("a record that was read before"))?;
        let bytes = |content: Option<&[u8]>| content.map(|content| PyBytes::new(py, content).unbind());
        let headers: Vec<_> = cursor
            .headers(raw.headers)
            .map(|(name, content)| (String::from_utf8_lossy(name).into_owned(), bytes(content)))
            .collect();
        Ok(Record {
            offset: place.offset,
            timestamp: place.stamp_ms,
            timestamp_type: u8::from(place.is_of_log),
            key: bytes(raw.key.map(|span| &part[span])),
            value: bytes(raw.value.map(|span| &part[span])),
            headers: PyList::new(py, headers)?.unbind(),
            checksum: None,
        })
    }
}

/// A record as aiokafka's parser makes them.
#[pyclass(frozen, get_all)]
struct Record {
    offset: i64,
    timestamp: i64,
    timestamp_type: u8,
    key: Option<Py<PyBytes>>,
    value: Option<Py<PyBytes>>,
    headers: Py<PyList>,
    checksum: Option<u32>,
}
