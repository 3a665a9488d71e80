//! Times: as people write them, and as people read them.

use super::error::CliError;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::Value;

/// A moment as people write it: with an offset, or without one in this machine's time zone.
pub(super) fn parse(text: &str, zone: &TimeZone) -> Result<Timestamp, CliError> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let civil: Result<civil::DateTime, _> = text.trim().parse();
    let moment = civil.and_then(|civil| civil.to_zoned(zone.clone())).map(|zoned| zoned.timestamp());
    moment.map_err(|_| {
        CliError::Usage(format!("{text:?} is not a time: write 2030-05-31T22:00 (this machine's time zone) or 2030-05-31T22:00:00Z"))
    })
}

/// A moment in a record, as its distance from now.
pub(super) fn ago(value: &Value, path: &str, now: Timestamp) -> String {
    let Some(moment) = value.pointer(path).and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok()) else {
        return "never".to_owned();
    };
    let seconds = now.as_second() - moment.as_second();
    if seconds >= 0 { format!("{} ago", span(seconds)) } else { format!("in {}", span(-seconds)) }
}

/// A moment in a record, to the minute, in UTC.
pub(super) fn minute(value: &Value, path: &str) -> String {
    let text = super::answer::text(value, path);
    text.parse::<Timestamp>().map_or(text.clone(), |moment| moment.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// The day of a moment in a record.
pub(super) fn day(value: &Value, path: &str) -> String {
    let text = super::answer::text(value, path);
    text.split_once('T').map_or(text.clone(), |(day, _)| day.to_owned())
}

fn span(seconds: i64) -> String {
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{} min", seconds / 60),
        3_600..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case("2030-05-31T22:00:00Z", Some("2030-05-31T22:00:00Z"))]
    #[case("2030-05-31T22:00:00+02:00", Some("2030-05-31T20:00:00Z"))]
    #[case("2030-05-31T22:00", Some("2030-05-31T20:00:00Z"))]
    #[case("2030-05-31 22:00", Some("2030-05-31T20:00:00Z"))]
    #[case("tomorrow", None)]
    #[case("2030-02-30T00:00", None)]
    fn times_are_read_as_people_write_them(#[case] text: &str, #[case] expected: Option<&str>) {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(parse(text, &zone).ok().map(|moment| moment.to_string()), expected.map(str::to_owned));
    }

    #[rstest]
    #[case("2030-01-01T00:00:00Z", "0 s ago")]
    #[case("2029-12-31T23:58:30Z", "1 min ago")]
    #[case("2029-12-31T00:00:00Z", "24 h ago")]
    #[case("2029-12-01T00:00:00Z", "31 days ago")]
    #[case("2030-01-01T02:00:00Z", "in 2 h")]
    fn distances_are_short(#[case] moment: &str, #[case] expected: &str) {
        let now: Timestamp = "2030-01-01T00:00:00Z".parse().expect("a time");
        assert_eq!(ago(&json!({ "at": moment }), "/at", now), expected);
        assert_eq!(ago(&json!({ "at": null }), "/at", now), "never");
    }
}
