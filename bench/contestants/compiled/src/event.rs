//! One record: a valid event, or none. The rules are those of `metrics/events/event.py`.

use std::borrow::Cow;

use chrono::DateTime;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

const MAX_BYTES: usize = 64 << 10;
const MAX_AGE_MS: i64 = 400 * 86_400_000;
const MAX_AHEAD_MS: i64 = 300_000;
const LAST_MS: i64 = (u32::MAX as i64) * 1000;
const LONGEST_ID: usize = 128;
const LONGEST_LABEL: usize = 64;
const MOST_COUNTED: i64 = 1_000_000_000;
const SCORELESS: Kind = Kind { number: 0, score: None, has_count: false, has_amount: false };

/// A text that borrows from its record unless it has an escape.
#[derive(Deserialize)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// An event as published: no other field, none twice, none null.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event<'a> {
    #[serde(borrow)]
    pub event_id: Text<'a>,
    #[serde(borrow)]
    pub source: Text<'a>,
    #[serde(borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    pub touchpoint: Text<'a>,
    #[serde(borrow)]
    occurred_at: Text<'a>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub customer: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub journey: Option<Text<'a>>,
    #[serde(default, deserialize_with = "present")]
    score: Option<i64>,
    #[serde(borrow, default, deserialize_with = "present")]
    amount: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub currency: Option<Text<'a>>,
    #[serde(default, deserialize_with = "present")]
    count: Option<i64>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub segment: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub region: Option<Text<'a>>,
}

/// A valid event with what its fields mean. The amount is in ten-thousandths, the kind is its number in the store.
pub struct Fact<'a> {
    pub event: Event<'a>,
    pub kind: u8,
    pub occurred_ms: i64,
    pub score: Option<u8>,
    pub amount: Option<i64>,
    pub count: u32,
}

struct Kind {
    number: u8,
    score: Option<(i64, i64)>,
    has_count: bool,
    has_amount: bool,
}

/// The event in a record; none if it breaks a rule.
pub fn read(value: &[u8], stamp_ms: i64) -> Option<Fact<'_>> {
    // An array would be read as well, as the fields in their order.
    if value.len() > MAX_BYTES || !value.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let event: Event = serde_json::from_slice(value).ok()?;
    let kind = kind_of(&event.kind.0)?;
    let occurred_ms = DateTime::parse_from_rfc3339(&event.occurred_at.0).ok()?.timestamp_millis();
    let ahead_ms = occurred_ms.checked_sub(stamp_ms)?;
    let is_valid = are_texts_sound(&event)
        && (0..=LAST_MS).contains(&occurred_ms)
        && (-MAX_AGE_MS..=MAX_AHEAD_MS).contains(&ahead_ms)
        && event.score.is_some() == kind.score.is_some()
        && (event.count.is_none() || kind.has_count)
        && (event.amount.is_none() || kind.has_amount)
        && event.amount.is_some() == event.currency.is_some();
    if !is_valid {
        return None;
    }
    let score = event.score.filter(|score| kind.score.is_some_and(|(low, high)| (low..=high).contains(score)));
    let count = event.count.unwrap_or(1);
    if score != event.score || !(1..=MOST_COUNTED).contains(&count) {
        return None;
    }
    let amount = match event.amount {
        Some(token) => Some(ten_thousandths(token.get())?),
        None => None,
    };
    let (score, count) = (score.map(|score| score as u8), count as u32);
    Some(Fact { event, kind: kind.number, occurred_ms, score, amount, count })
}

/// A field that is there has a value: null is none.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn kind_of(name: &str) -> Option<Kind> {
    Some(match name {
        "awareness" => Kind { number: 1, has_count: true, ..SCORELESS },
        "visit" => Kind { number: 2, has_count: true, ..SCORELESS },
        "conversion" => Kind { number: 3, has_amount: true, ..SCORELESS },
        "nps" => Kind { number: 4, score: Some((0, 10)), ..SCORELESS },
        "csat" => Kind { number: 5, score: Some((1, 5)), ..SCORELESS },
        "ces" => Kind { number: 6, score: Some((1, 7)), ..SCORELESS },
        "referral" => Kind { number: 7, ..SCORELESS },
        "repeat_purchase" => Kind { number: 8, has_amount: true, ..SCORELESS },
        "renewal" => Kind { number: 9, ..SCORELESS },
        "churn" => Kind { number: 10, ..SCORELESS },
        "contact" => Kind { number: 11, ..SCORELESS },
        _ => return None,
    })
}

fn are_texts_sound(event: &Event) -> bool {
    let labels = [&event.journey, &event.segment, &event.region].into_iter().flatten();
    [&event.event_id, &event.source].into_iter().chain(labels).all(|text| is_visible(text, 1, LONGEST_LABEL))
        && event.customer.as_ref().is_none_or(|text| is_visible(text, 0, LONGEST_ID))
        && event
            .currency
            .as_ref()
            .is_none_or(|Text(text)| text.len() == 3 && text.bytes().all(|c| c.is_ascii_uppercase()))
        && event.touchpoint.0.len() <= LONGEST_ID
        && event.touchpoint.0.split('.').all(|word| !word.is_empty() && word.bytes().all(is_of_word))
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
}

fn is_visible(Text(text): &Text, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// A decimal of at most twelve digits and four decimals, with or without quotation marks.
fn ten_thousandths(token: &str) -> Option<i64> {
    let text = token.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(token);
    let (whole, decimals) = text.split_once('.').map_or((text, None), |(whole, decimals)| (whole, Some(decimals)));
    let decimals = match decimals {
        None => "",
        Some("") => return None,
        Some(decimals) => decimals,
    };
    let is_usual = (1..=12).contains(&whole.len()) && decimals.len() <= 4;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().unwrap_or(0));
    let (whole, rest): (i64, i64) = if is_usual { (digits(whole)?, digits(decimals)?) } else { return None };
    Some(whole * 10_000 + rest * 10_i64.pow(4 - decimals.len() as u32))
}
