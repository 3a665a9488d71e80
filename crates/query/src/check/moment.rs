//! Moments: dates, date-times, `now` and `today` with offsets.
//!
//! A date covers its day in the zone of the asker, a date-time the hour, minute or second it was written to.

use super::Context;
use super::flaw::{Flaw, shown};
use super::span::Span;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

/// What an offset may look like, for messages.
const OFFSETS: &str = "an offset such as -3d, with s (seconds), m (minutes), h (hours), d (days), w (weeks), M (months) or y (years)";

/// What a moment may look like, for messages.
const MOMENTS: &str = "a moment such as 2026-11-10, 2026-11-10T08:00Z, now-3d or today";

/// Most digits an offset's number may have; more leads out of the calendar whatever the unit.
const LONGEST_NUMBER: usize = 9;

/// Reads a moment.
pub(super) fn read(text: &str, context: &Context) -> Result<Span<Timestamp>, Flaw> {
    let text = text.trim();
    if let Some(offsets) = after_word(text, "now") {
        let now = context.now.to_zoned(context.zone.clone());
        return Ok(Span::Point(moved(now, &read_offsets(text, offsets)?, text)?.timestamp()));
    }
    if let Some(offsets) = after_word(text, "today") {
        return today(text, &read_offsets(text, offsets)?, context);
    }
    if text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        let date: Date = text.parse().map_err(|_| Flaw::new(format!("there is no day {}", shown(text)), "a date as year-month-day"))?;
        return day(date, text, context);
    }
    date_time(text, context)
}

/// Whether the text is `now`, with or without an offset: an instant that nothing ever equals.
pub(super) fn is_relative_instant(text: &str) -> bool {
    after_word(text.trim(), "now").is_some()
}

/// The same offset from today, where it is one of days or more: a stretch that something can equal.
pub(super) fn as_day(text: &str) -> Option<String> {
    let offsets = after_word(text.trim(), "now")?;
    let parsed = read_offsets(text, offsets).ok()?;
    parsed.iter().all(|offset| offset.unit.is_days()).then(|| format!("today{}", offsets.trim()))
}

/// What comes after a word such as `now`: nothing, or an offset.
fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(word.len())?;
    let rest = rest.trim_start();
    (head.eq_ignore_ascii_case(word) && (rest.is_empty() || rest.starts_with(['+', '-']))).then_some(rest)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

impl Unit {
    /// Only minutes and months need their case; the others are understood in both.
    fn of(letter: char) -> Option<Self> {
        match letter {
            's' | 'S' => Some(Self::Seconds),
            'm' => Some(Self::Minutes),
            'h' | 'H' => Some(Self::Hours),
            'd' | 'D' => Some(Self::Days),
            'w' | 'W' => Some(Self::Weeks),
            'M' => Some(Self::Months),
            'y' | 'Y' => Some(Self::Years),
            _ => None,
        }
    }

    fn is_days(self) -> bool {
        !matches!(self, Self::Seconds | Self::Minutes | Self::Hours)
    }
}

#[derive(Debug, Clone, Copy)]
struct Offset {
    number: i64,
    unit: Unit,
}

impl Offset {
    /// As a span of the calendar; nothing where the calendar is not that long.
    fn span(self) -> Option<jiff::Span> {
        let span = jiff::Span::new();
        match self.unit {
            Unit::Seconds => span.try_seconds(self.number),
            Unit::Minutes => span.try_minutes(self.number),
            Unit::Hours => span.try_hours(self.number),
            Unit::Days => span.try_days(self.number),
            Unit::Weeks => span.try_weeks(self.number),
            Unit::Months => span.try_months(self.number),
            Unit::Years => span.try_years(self.number),
        }
        .ok()
    }
}

/// Reads `-3d`, `+1w-2h`. `whole` is what messages show.
fn read_offsets(whole: &str, text: &str) -> Result<Vec<Offset>, Flaw> {
    let mut offsets = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let negative = rest.starts_with('-');
        let Some(behind) = rest.strip_prefix(['+', '-']) else { return Err(bad_offset(whole, None)) };
        let behind = behind.trim_start();
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = behind.split_at_checked(digits).unwrap_or(("", behind));
        let mut letters = tail.chars();
        let Some(unit) = letters.next().and_then(Unit::of) else {
            let unit_is_missing = tail.is_empty() && digits > 0;
            return Err(bad_offset(whole, unit_is_missing.then(|| format!("{whole}d"))));
        };
        let number: i64 = number.parse().ok().filter(|_| digits <= LONGEST_NUMBER).ok_or_else(|| bad_offset(whole, None))?;
        offsets.push(Offset { number: if negative { -number } else { number }, unit });
        rest = letters.as_str().trim_start();
    }
    Ok(offsets)
}

fn bad_offset(whole: &str, suggestion: Option<String>) -> Flaw {
    Flaw::new(format!("{} has an offset that cannot be read", shown(whole)), OFFSETS).suggest(suggestion)
}

fn out_of_calendar(text: &str) -> Flaw {
    Flaw::new(format!("{} lies outside the calendar", shown(text)), "a moment between the years -9999 and 9999")
}

fn moved(from: Zoned, offsets: &[Offset], text: &str) -> Result<Zoned, Flaw> {
    offsets.iter().try_fold(from, |moment, offset| {
        let span = offset.span().ok_or_else(|| out_of_calendar(text))?;
        moment.checked_add(span).map_err(|_| out_of_calendar(text))
    })
}

/// `today` is the whole day; with hours, minutes or seconds it is an instant counted from the day's begin.
fn today(text: &str, offsets: &[Offset], context: &Context) -> Result<Span<Timestamp>, Flaw> {
    let midnight = context.now.to_zoned(context.zone.clone()).start_of_day().map_err(|_| out_of_calendar(text))?;
    let moment = moved(midnight, offsets, text)?;
    if offsets.iter().all(|offset| offset.unit.is_days()) { day(moment.date(), text, context) } else { Ok(Span::Point(moment.timestamp())) }
}

fn day(date: Date, text: &str, context: &Context) -> Result<Span<Timestamp>, Flaw> {
    let start_of = |date: Date| date.to_zoned(context.zone.clone()).map(|start| start.timestamp());
    let next = date.tomorrow().map_err(|_| out_of_calendar(text))?;
    match (start_of(date), start_of(next)) {
        (Ok(start), Ok(end)) => Ok(Span::Stretch(start, end)),
        _ => Err(out_of_calendar(text)),
    }
}

fn date_time(text: &str, context: &Context) -> Result<Span<Timestamp>, Flaw> {
    let start =
        instant(text, &context.zone).ok_or_else(|| Flaw::new(format!("{} is no moment", shown(text)), MOMENTS).suggest(meant(text)))?;
    let length = match written_digits(text) {
        0..=2 => 1.hour(),
        3..=4 => 1.minute(),
        5..=6 => 1.second(),
        _ => return Ok(Span::Point(start)),
    };
    let end = start.checked_add(length).map_err(|_| out_of_calendar(text))?;
    Ok(Span::Stretch(start, end))
}

/// Reads a date-time with an offset, with a named zone, or with neither, which means the asker's zone.
fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let time = text.get(10..).filter(|rest| rest.starts_with(['T', 't', ' ']))?;
    if time.ends_with(']') {
        return text.parse::<Zoned>().ok().map(|zoned| zoned.timestamp());
    }
    if time.ends_with(['Z', 'z']) || time.contains(['+', '-']) {
        return text.parse::<Timestamp>().ok();
    }
    text.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// How many digits of the time of day were written.
fn written_digits(text: &str) -> usize {
    let time = text.get(11..).unwrap_or_default();
    let clock = time.split(['Z', 'z', '+', '-', '[']).next().unwrap_or_default();
    clock.bytes().filter(u8::is_ascii_digit).count()
}

/// What somebody means who writes a day in another way.
fn meant(text: &str) -> Option<String> {
    match text.to_ascii_lowercase().as_str() {
        "yesterday" => Some("today-1d".to_owned()),
        "tomorrow" => Some("today+1d".to_owned()),
        _ => turned(text),
    }
}

/// `10.11.2026` the other way round.
fn turned(text: &str) -> Option<String> {
    let mut numbers = text.split('.').map(|part| part.parse::<u16>().ok());
    let (day, month, year) = (numbers.next()??, numbers.next()??, numbers.next()??);
    (numbers.next().is_none() && year > 999).then(|| format!("{year:04}-{month:02}-{day:02}"))
}
