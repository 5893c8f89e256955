//! A block in ClickHouse's Native format: <https://clickhouse.com/docs/interfaces/formats/Native>.

use crate::rows::{Names, Row, Span, Texts};

const NEW_DICTIONARY: u64 = 1 << 9 | 1 << 10;

/// A block that is being written, column by column.
pub struct Block<'a> {
    bytes: Vec<u8>,
    rows: &'a [&'a Row],
}

impl<'a> Block<'a> {
    /// One of so many columns, still without any.
    pub fn new(columns: u64, rows: &'a [&'a Row]) -> Self {
        let mut block = Block { bytes: Vec::with_capacity(rows.len() * 160), rows };
        block.length(columns);
        block.length(rows.len() as u64);
        block
    }

    /// Its bytes.
    pub fn bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// A column of texts of which each may be another.
    pub fn texts(&mut self, name: &str, texts: &Texts, span: impl Fn(&Row) -> Span) {
        self.header(name, "String");
        for row in self.rows {
            self.text(texts.bytes(span(row)));
        }
    }

    /// A column of texts by number that is stored without a dictionary.
    pub fn strings<'b>(&mut self, name: &str, text: impl Fn(&Row) -> &'b str) {
        self.header(name, "String");
        for row in self.rows {
            self.text(text(row).as_bytes());
        }
    }

    /// A column of texts that come again, as the numbers of a dictionary.
    pub fn names(&mut self, name: &str, names: &Names, number: impl Fn(&Row) -> u32) {
        self.header(name, "LowCardinality(String)");
        self.bytes.extend_from_slice(&1_u64.to_le_bytes());
        if self.rows.is_empty() {
            return;
        }
        let (keys, dictionary) = self.dictionary(names.len(), number);
        let width = (dictionary.len().ilog2() >> 3).min(2); // 1, 2 or 4 bytes, as its power of two
        self.bytes.extend_from_slice(&(NEW_DICTIONARY | u64::from(width)).to_le_bytes());
        self.bytes.extend_from_slice(&(dictionary.len() as u64).to_le_bytes());
        for &used in &dictionary {
            self.text(names.text(used).as_bytes());
        }
        self.bytes.extend_from_slice(&(keys.len() as u64).to_le_bytes());
        for key in keys {
            self.bytes.extend_from_slice(&key.to_le_bytes()[..1 << width]);
        }
    }

    fn dictionary(&self, names: usize, number: impl Fn(&Row) -> u32) -> (Vec<u32>, Vec<u32>) {
        let (mut places, mut dictionary) = (vec![u32::MAX; names], Vec::new());
        let keys = self.rows.iter().map(|row| {
            let name = number(row);
            let place = &mut places[name as usize];
            if *place == u32::MAX {
                *place = dictionary.len() as u32;
                dictionary.push(name);
            }
            *place
        });
        (keys.collect(), dictionary)
    }

    /// A column of numbers, each as its bytes, the lowest first.
    pub fn numbers<const WIDTH: usize>(&mut self, name: &str, kind: &str, bytes: impl Fn(&Row) -> [u8; WIDTH]) {
        self.header(name, kind);
        for row in self.rows {
            self.bytes.extend_from_slice(&bytes(row));
        }
    }

    /// The same of numbers that may be absent.
    pub fn optional<const WIDTH: usize>(
        &mut self,
        name: &str,
        kind: &str,
        bytes: impl Fn(&Row) -> Option<[u8; WIDTH]>,
    ) {
        self.header(name, kind);
        self.bytes.extend(self.rows.iter().map(|row| u8::from(bytes(row).is_none())));
        for row in self.rows {
            self.bytes.extend_from_slice(&bytes(row).unwrap_or([0; WIDTH]));
        }
    }

    fn header(&mut self, name: &str, kind: &str) {
        self.text(name.as_bytes());
        self.text(kind.as_bytes());
    }

    fn text(&mut self, text: &[u8]) {
        self.length(text.len() as u64);
        self.bytes.extend_from_slice(text);
    }

    fn length(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}
