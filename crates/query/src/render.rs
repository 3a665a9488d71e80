//! Errors as people see them in a terminal: the line, marks under the place, what would be right.

use crate::error::QueryError;
use crate::parse::is_invisible;
use crate::syntax::Place;
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// Columns of the query that are shown, so that a line with its margin fits a terminal of 110 columns.
const COLUMNS: usize = 100;

/// Columns kept before the marked place when a line is cut.
const BEFORE: usize = 40;

/// Lines that are marked; more would push the message out of sight.
const LINES: usize = 3;

/// Tab stops are this many columns apart.
const TAB: usize = 4;

/// One error with the lines of the query it is about, several lines without a line break at the end. Control
/// characters of the query do not get through to the terminal.
#[must_use]
pub fn render(error: &QueryError, text: &str) -> String {
    let place = within(error.place, text);
    let marked = marked_lines(text, place);
    let margin = marked.last().map_or(1, |line| line.number.to_string().len());
    let mut out = vec![format!("error: {}", visible(&error.message)), format!("{:margin$} |", "")];
    for line in marked.iter().take(LINES) {
        let (shown, marks) = window(&cells(line.text, &line.marked));
        out.push(format!("{:>margin$} | {shown}", line.number).trim_end().to_owned());
        out.push(format!("{:margin$} | {marks}", ""));
    }
    if marked.len() > LINES {
        out.push(format!("{:margin$} : and {} more lines", "", marked.len() - LINES));
    }
    if !error.expected.is_empty() {
        out.push(format!("{:margin$} = expected {}", "", visible(&error.expected)));
    }
    if let Some(suggestion) = &error.suggestion {
        out.push(format!("{:margin$} = {}", "", hint(suggestion, text, place)));
    }
    out.join("\n")
}

/// A line of the query and what is marked in it, in bytes of the line.
struct Line<'t> {
    number: usize,
    text: &'t str,
    marked: Range<usize>,
}

/// A character as it is shown.
struct Cell {
    shown: String,
    width: usize,
    marked: bool,
}

/// A place that lies within the text and on its character boundaries.
fn within(place: Place, text: &str) -> Place {
    let start = text.floor_char_boundary(place.start.min(text.len()));
    let end = text.ceil_char_boundary(place.end.min(text.len()));
    Place { start, end: end.max(start) }
}

/// The lines a place touches; at least one.
fn marked_lines(text: &str, place: Place) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        let end = start + line.len();
        let begins_here = (start..=end).contains(&place.start);
        if begins_here || (place.start < start && place.end > start) {
            let text = line.strip_suffix('\r').unwrap_or(line);
            let marked = place.start.saturating_sub(start).min(text.len())..place.end.saturating_sub(start).min(text.len());
            lines.push(Line { number: index + 1, text, marked });
        }
        start = end + 1;
    }
    lines
}

/// The characters of a line, and one more that is blank where the end of the line is marked.
fn cells(line: &str, marked: &Range<usize>) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(line.len() + 1);
    let mut column = 0;
    let mut any = false;
    for (at, letter) in line.char_indices() {
        let (shown, width) = shown(letter, column);
        let marked = marked.contains(&at) || (marked.is_empty() && marked.start == at);
        any |= marked && width > 0;
        column += width;
        cells.push(Cell { shown, width, marked });
    }
    if !any {
        cells.push(Cell { shown: " ".to_owned(), width: 1, marked: true });
    }
    cells
}

/// A character as it may be sent to a terminal, and its width there.
fn shown(letter: char, column: usize) -> (String, usize) {
    match letter {
        '\t' => {
            let width = TAB - column % TAB;
            (" ".repeat(width), width)
        }
        _ if is_invisible(letter) => (char::REPLACEMENT_CHARACTER.to_string(), 1),
        _ => (letter.to_string(), letter.width().unwrap_or(0)),
    }
}

/// The part of a line that is shown, and the marks under it.
fn window(cells: &[Cell]) -> (String, String) {
    let total: usize = cells.iter().map(|cell| cell.width).sum();
    let marked_at: usize = cells.iter().take_while(|cell| !cell.marked).map(|cell| cell.width).sum();
    let from = if total <= COLUMNS { 0 } else { marked_at.saturating_sub(BEFORE).min(total - COLUMNS) };
    let (mut shown, mut marks) = if from > 0 { ("…".to_owned(), " ".to_owned()) } else { Default::default() };
    let mut column = 0;
    for cell in cells {
        let inside = column >= from && column + cell.width <= from + COLUMNS;
        column += cell.width;
        if inside {
            shown.push_str(&cell.shown);
            marks.push_str(&if cell.marked { "^" } else { " " }.repeat(cell.width));
        }
    }
    if from + COLUMNS < total {
        shown.push('…');
    }
    (shown, marks.trim_end().to_owned())
}

/// What to write instead: the whole query where it fits a line, the changed part otherwise.
fn hint(suggestion: &str, text: &str, place: Place) -> String {
    let whole = format!("{}{suggestion}{}", &text[..place.start], &text[place.end..]);
    let fits = |text: &str| !text.contains('\n') && cells(text, &(0..0)).iter().map(|cell| cell.width).sum::<usize>() <= COLUMNS;
    if fits(&whole) {
        return format!("did you mean: {}", visible(whole.trim()));
    }
    let part = visible(suggestion).split_whitespace().collect::<Vec<_>>().join(" ");
    if part.is_empty() {
        return "did you mean to leave it out?".to_owned();
    }
    if fits(&part) {
        return format!("did you mean: {part}");
    }
    let count = part.chars().count();
    let first: String = part.chars().take(COLUMNS / 2).collect();
    let last: String = part.chars().skip(count.saturating_sub(COLUMNS / 2)).collect();
    format!("did you mean: {first} … {last}")
}

/// A text on one line without characters that could command a terminal.
fn visible(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            _ if letter.is_whitespace() => ' ',
            _ if is_invisible(letter) => char::REPLACEMENT_CHARACTER,
            _ => letter,
        })
        .collect()
}
