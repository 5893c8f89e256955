//! Rows of `events`, as they are gathered: texts that come again are numbers, the others stretches of one buffer.

use foldhash::fast::RandomState;
use indexmap::IndexSet;

/// Texts by number, in the order in which they came.
#[derive(Default)]
pub struct Names(IndexSet<Box<str>, RandomState>);

impl Names {
    /// The number of a text, a new one if it has none.
    pub fn number(&mut self, text: &str) -> u32 {
        let found = self.0.get_index_of(text);
        found.unwrap_or_else(|| self.0.insert_full(text.into()).0) as u32
    }

    /// The text of a number that was given here.
    pub fn text(&self, number: u32) -> &str {
        &self.0[number as usize]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }
}

/// A stretch of a buffer.
#[derive(Clone, Copy, Default)]
pub struct Span {
    first: u32,
    end: u32,
}

/// Texts of which each is another, one after the other.
#[derive(Default)]
pub struct Texts(Vec<u8>);

impl Texts {
    /// Adds one.
    pub fn add(&mut self, text: &str) -> Span {
        let first = self.0.len() as u32;
        self.0.extend_from_slice(text.as_bytes());
        Span { first, end: self.0.len() as u32 }
    }

    /// The bytes of one that was added here.
    pub fn bytes(&self, span: Span) -> &[u8] {
        &self.0[span.first as usize..span.end as usize]
    }
}

/// A row, in the order of the records by its `ordinal`. Amounts are in ten-thousandths.
pub struct Row {
    pub ordinal: u32,
    pub event_id: Span,
    pub journey: Span,
    pub details: Span,
    pub source: u32,
    pub kind: u32,
    pub touchpoint: u32,
    pub segment: u32,
    pub region: u32,
    pub currency: u32,
    pub department: u32,
    pub customer: Option<u32>,
    pub occurred_ms: i64,
    pub stamp_ms: i64,
    pub score: Option<u8>,
    pub amount: Option<i64>,
    pub count: u32,
}

impl Row {
    /// What an owner depends on, besides the time.
    pub fn facets(&self) -> [u32; 4] {
        [self.touchpoint, self.segment, self.region, self.kind]
    }
}
