//! Numbers and stretches of bytes as records of Kafka hold them.

use std::ops::Range;

/// Where some content is; none where it is null.
pub type Content = Option<Range<usize>>;

/// A place in the records of a batch. What is cut off, or longer than it may be, is none.
pub struct Cursor<'a> {
    pub data: &'a [u8],
    pub at: usize,
}

impl<'a> Cursor<'a> {
    /// A number of up to 64 bits; those that need not so many bytes have fewer, and small ones of either sign are short.
    pub fn number(&mut self) -> Option<i64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                let is_too_long = shift == 63 && byte > 1;
                return (!is_too_long).then_some((number >> 1).cast_signed() ^ -(number & 1).cast_signed());
            }
        }
        None
    }

    /// Attributes of a record, in which nothing is defined; none above 0x7f, which aiokafka takes for a longer number.
    pub fn attributes(&mut self) -> Option<u8> {
        self.byte().filter(|byte| *byte < 0x80)
    }

    /// The next bytes, after their length: null where that is negative.
    pub fn content(&mut self) -> Option<Content> {
        let length = self.number()?;
        if length < 0 {
            return Some(None);
        }
        let end = self.at.checked_add(usize::try_from(length).ok()?)?;
        if end > self.data.len() {
            return None;
        }
        let span = self.at..end;
        self.at = end;
        Some(Some(span))
    }

    /// Names and contents of headers that were read before.
    pub fn headers(&self, span: Range<usize>) -> impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)> {
        let data = self.data;
        let mut cursor = Cursor { data, at: span.start };
        std::iter::from_fn(move || {
            if cursor.at >= span.end {
                return None;
            }
            let (name, content) = (cursor.content()??, cursor.content()?);
            Some((&data[name], content.map(|content| &data[content])))
        })
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.data.get(self.at)?;
        self.at += 1;
        Some(byte)
    }
}
