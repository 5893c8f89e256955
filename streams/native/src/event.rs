//! One record: an event that is plainly valid, or not. What is not is judged by Python, which alone says why.

use chrono::NaiveDate;
use memchr::{memchr, memchr3};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// An event of a touchpoint, as published. Texts borrow from the record, so none has an escape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names)]
pub struct Event<'a> {
    pub event_id: &'a str,
    pub source: &'a str,
    pub kind: &'a str,
    pub touchpoint: &'a str,
    occurred_at: &'a str,
    #[serde(borrow, default, deserialize_with = "present")]
    pub customer: Option<&'a str>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub journey: Option<&'a str>,
    #[serde(default, deserialize_with = "present")]
    score: Option<i64>,
    #[serde(borrow, default, deserialize_with = "present")]
    amount: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub currency: Option<&'a str>,
    #[serde(default, deserialize_with = "present")]
    count: Option<u32>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub segment: Option<&'a str>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub region: Option<&'a str>,
}

/// A field that is there has a value: null is none.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A kind of event, and the fields that go with it.
pub struct Kind {
    pub name: String,
    pub score: Option<(i64, i64)>,
    pub has_count: bool,
    pub has_amount: bool,
}

/// What Python knows of events: no number or name of a rule stands here a second time.
pub struct Rules {
    pub kinds: Vec<Kind>,
    pub longest_id: usize,
    pub longest_label: usize,
    pub last_ms: i64,
    pub max_bytes: usize,
    pub max_age_ms: i64,
    pub max_ahead_ms: i64,
}

/// A valid event: its texts, and what they mean. Amounts are in ten-thousandths.
pub struct Plain<'a> {
    pub event: Event<'a>,
    pub occurred_ms: i64,
    pub score: Option<u8>,
    pub amount: Option<i64>,
    pub count: u32,
}

const MOST_COUNTED: u32 = 1_000_000_000;

impl Rules {
    /// The event in a record, if it is plainly valid; its touchpoint is for the caller to check.
    pub fn plain<'a>(&self, value: &'a [u8], stamp_ms: i64) -> Option<Plain<'a>> {
        // Serde would read an array as well, as the fields in their order.
        if !value.starts_with(b"{") || value.len() > self.max_bytes || is_unusual(value) {
            return None;
        }
        let event: Event = serde_json::from_str(std::str::from_utf8(value).ok()?).ok()?;
        let kind = self.kinds.iter().find(|kind| kind.name == event.kind)?;
        let occurred_ms = instant_ms(event.occurred_at.as_bytes())?;
        let ahead_ms = occurred_ms.checked_sub(stamp_ms)?;
        let plain = self.are_texts_sound(&event)
            && (0..=self.last_ms).contains(&occurred_ms)
            && (-self.max_age_ms..=self.max_ahead_ms).contains(&ahead_ms)
            && event.score.is_some() == kind.score.is_some()
            && (event.count.is_none() || kind.has_count)
            && (event.amount.is_none() || kind.has_amount)
            && event.amount.is_some() == event.currency.is_some();
        if !plain {
            return None;
        }
        let score = event.score.zip(kind.score);
        let (low, high) = score.map_or((0, 0), |(_, span)| span);
        let score = event.score.unwrap_or(0);
        let count = event.count.unwrap_or(1);
        if !(low..=high).contains(&score) || !(1..=MOST_COUNTED).contains(&count) {
            return None;
        }
        let amount = match event.amount {
            Some(token) => Some(ten_thousandths(token.get().as_bytes())?),
            None => None,
        };
        let score = event.score.map(u8::try_from).transpose().ok()?;
        Some(Plain { event, occurred_ms, score, amount, count })
    }

    // Lengths are of characters, of which there are at most as many as bytes.
    fn are_texts_sound(&self, event: &Event) -> bool {
        let label = |text: &str| (1..=self.longest_label).contains(&text.len());
        label(event.event_id)
            && label(event.source)
            && [event.journey, event.segment, event.region].into_iter().flatten().all(label)
            && event.customer.is_none_or(|text| text.len() <= self.longest_id && text.is_ascii())
            && event.currency.is_none_or(|text| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()))
    }
}

/// Escapes, and what may be a control character: DEL, and two bytes of which the first is C2.
fn is_unusual(value: &[u8]) -> bool {
    memchr3(b'\\', 0x7f, 0xc2, value).is_some()
}

/// A decimal of at most twelve digits and four decimals, with or without quotation marks.
fn ten_thousandths(token: &[u8]) -> Option<i64> {
    let ([b'"', text @ .., b'"'] | text) = token;
    let point = memchr(b'.', text);
    let (whole, decimals) = point.map_or((text, &[][..]), |at| (&text[..at], &text[at + 1..]));
    let is_usual = (1..=12).contains(&whole.len()) && (point.is_none() || (1..=4).contains(&decimals.len()));
    if !is_usual {
        return None;
    }
    Some(number(whole)? * 10_000 + number(decimals)? * 10_i64.pow(4 - decimals.len() as u32))
}

/// Milliseconds since 1970 of an instant of RFC 3339 with capital letters and at most microseconds, cut off from these.
fn instant_ms(text: &[u8]) -> Option<i64> {
    let (date, time) = (text.get(..10)?, text.get(10..19)?);
    let (&[b'-', _, _, b'-', ..], &[b'T', _, _, b':', _, _, b':', ..]) = (&date[4..], time) else {
        return None;
    };
    let day = NaiveDate::from_ymd_opt(year(date)?, two(date, 5)?, two(date, 8)?)?;
    let second = day.and_hms_opt(two(time, 1)?, two(time, 4)?, two(time, 7)?)?.and_utc().timestamp();
    let (fraction_ms, zone) = match &text[19..] {
        [b'.', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=6).contains(&digits) {
                return None;
            }
            (number(&rest[..digits])? * 10_i64.pow(6 - digits as u32) / 1000, &rest[digits..])
        }
        zone => (0, zone),
    };
    Some((second - offset_s(zone)?) * 1000 + fraction_ms)
}

fn offset_s(zone: &[u8]) -> Option<i64> {
    if zone == b"Z" {
        return Some(0);
    }
    let &[sign @ (b'+' | b'-'), _, _, b':', _, _] = zone else {
        return None;
    };
    let (hours, minutes) = (two(zone, 1)?, two(zone, 4)?);
    let offset_s = i64::from(hours * 3600 + minutes * 60);
    (hours < 24 && minutes < 60).then_some(if sign == b'-' { -offset_s } else { offset_s })
}

fn year(date: &[u8]) -> Option<i32> {
    number(&date[..4]).and_then(|year| year.try_into().ok())
}

fn two(text: &[u8], at: usize) -> Option<u32> {
    number(&text[at..at + 2]).and_then(|number| number.try_into().ok())
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}
