//! Who owned a touchpoint when: of a registry with exact touchpoints and no filters, as the benchmark's is.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fs::read_to_string;
use std::path::Path;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::value::Datetime;

const UNOWNED: &str = "unowned";

#[derive(Deserialize)]
struct File {
    version: String,
    ownership: Vec<Ownership>,
}

#[derive(Deserialize)]
struct Ownership {
    touchpoint: String,
    owner: String,
    from: Datetime,
    to: Option<Datetime>,
}

/// Owners by touchpoint and instant.
pub struct Registry {
    pub version: String,
    timelines: HashMap<String, BTreeMap<i64, String>>,
}

impl Registry {
    /// Reads a file.
    pub fn read(file: &Path) -> Result<Self, Box<dyn Error>> {
        let File { version, ownership } = toml::from_str(&read_to_string(file)?)?;
        let mut timelines: HashMap<String, BTreeMap<i64, String>> = HashMap::new();
        for rule in ownership {
            let owners = timelines.entry(rule.touchpoint).or_default();
            owners.insert(midnight_ms(rule.from)?, rule.owner);
            if let Some(to) = rule.to {
                owners.entry(midnight_ms(to)?).or_insert_with(|| UNOWNED.to_owned());
            }
        }
        Ok(Registry { version, timelines })
    }

    /// The department that owned a touchpoint at an instant, milliseconds since 1970.
    pub fn owner(&self, touchpoint: &str, at_ms: i64) -> &str {
        let owners = self.timelines.get(touchpoint);
        owners.and_then(|owners| owners.range(..=at_ms).next_back()).map_or(UNOWNED, |(_, owner)| owner)
    }
}

fn midnight_ms(date: Datetime) -> Result<i64, Box<dyn Error>> {
    let date = date.date.ok_or("ownership begins and ends with days")?;
    let day = NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()).ok_or("no such day")?;
    Ok(day.and_hms_opt(0, 0, 0).ok_or("no midnight")?.and_utc().timestamp_millis())
}
