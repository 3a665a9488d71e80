//! Printing: tables for people, JSON and CSV for programs.
//!
//! Records stay the JSON the server sent, so `--output json` shows every field of the API, also those this
//! client is too old to know. A table is a list of [`Column`]s over such records.

use super::error::CliError;
use comfy_table::{ContentArrangement, Table, presets};
use fettle_model::clock::Clock;
use jiff::Timestamp;
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// A table for people
    Table,
    /// JSON, as the API sends it
    Json,
    /// Comma-separated values with a header line (RFC 4180)
    Csv,
}

/// Width of tables that do not go to a terminal: wide enough for logs, narrow enough for mails.
const WIDTH_ELSEWHERE: u16 = 160;

/// One column of a table.
#[derive(Clone, Copy)]
pub(super) struct Column {
    /// Heading.
    pub(super) head: &'static str,
    /// The cell for people, given the record and the current time.
    pub(super) cell: fn(&Value, Timestamp) -> String,
    /// The cell for programs.
    pub(super) raw: fn(&Value) -> String,
}

/// Where a command's words go.
pub(super) struct Ui<'a> {
    /// Answers.
    pub(super) out: Box<dyn Write + Send + 'a>,
    /// How.
    pub(super) format: Format,
    /// The current time.
    pub(super) clock: &'a dyn Clock,
    /// Columns of the terminal, or what to assume instead.
    pub(super) width: u16,
    /// Whether a person is at the keyboard and reads along.
    pub(super) interactive: bool,
}

impl<'a> Ui<'a> {
    /// Standard output and the terminal of this process.
    pub(super) fn of_this_process(format: Format, clock: &'a dyn Clock) -> Self {
        let interactive = std::io::stdout().is_terminal();
        let width = if interactive {
            console::Term::stdout().size_checked().map_or(WIDTH_ELSEWHERE, |(_, columns)| columns)
        } else {
            WIDTH_ELSEWHERE
        };
        Self { out: Box::new(std::io::stdout()), format, clock, width, interactive }
    }

    /// Prints a list of records.
    pub(super) fn list(&mut self, columns: &[Column], items: &[Value]) -> Result<(), CliError> {
        match self.format {
            Format::Json => self.json(&Value::Array(items.to_vec())),
            Format::Csv => self.csv(columns, items),
            Format::Table => {
                let text = table(columns, items, self.clock.now(), self.width);
                self.line(&text)
            }
        }
    }

    /// Prints one record: heading and value line by line.
    pub(super) fn record(&mut self, columns: &[Column], item: &Value) -> Result<(), CliError> {
        match self.format {
            Format::Json => self.json(item),
            Format::Csv => self.csv(columns, std::slice::from_ref(item)),
            Format::Table => {
                let text = fields(columns, item, self.clock.now(), self.width);
                self.line(&text)
            }
        }
    }

    /// Prints what a command did: a sentence for people, the record for programs.
    pub(super) fn done(&mut self, sentence: &str, record: &Value) -> Result<(), CliError> {
        match self.format {
            Format::Table => self.line(sentence),
            Format::Json | Format::Csv => self.json(record),
        }
    }

    /// Prints a line for people; nothing when programs read.
    pub(super) fn say(&mut self, sentence: &str) -> Result<(), CliError> {
        if self.format == Format::Table { self.line(sentence) } else { Ok(()) }
    }

    /// Prints a line.
    pub(super) fn line(&mut self, text: &str) -> Result<(), CliError> {
        writeln!(self.out, "{text}").map_err(CliError::from_output)?;
        self.out.flush().map_err(CliError::from_output)
    }

    /// Prints a JSON value over several lines.
    pub(super) fn json(&mut self, value: &Value) -> Result<(), CliError> {
        let text = serde_json::to_string_pretty(value).map_err(CliError::Encode)?;
        self.line(&text)
    }

    /// Says on standard error what is going on, so that answers stay clean.
    pub(super) fn note(&self, sentence: &str) {
        // Standard error may be closed; that must not stop the work.
        let _ = writeln!(std::io::stderr(), "{sentence}");
    }

    /// Says on standard error what went wrong and what to do about it.
    pub(super) fn complain(&self, error: &CliError) {
        self.note(&error.explain());
    }

    fn csv(&mut self, columns: &[Column], items: &[Value]) -> Result<(), CliError> {
        let mut writer = csv::Writer::from_writer(&mut self.out);
        let to_error = |error: csv::Error| match error.into_kind() {
            csv::ErrorKind::Io(source) => CliError::from_output(source),
            other => CliError::Csv(format!("{other:?}")),
        };
        writer.write_record(columns.iter().map(|column| column.head)).map_err(to_error)?;
        for item in items {
            writer.write_record(columns.iter().map(|column| guarded((column.raw)(item)))).map_err(to_error)?;
        }
        writer.flush().map_err(CliError::from_output)
    }
}

/// Spreadsheets run cells that start like a formula; a leading apostrophe makes them text
/// (OWASP, "CSV Injection"). The server's own exports do the same.
fn guarded(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

/// A table of records, at most `width` columns wide.
pub(super) fn table(columns: &[Column], items: &[Value], now: Timestamp, width: u16) -> String {
    let mut table = blank(width);
    table.set_header(columns.iter().map(|column| column.head.to_uppercase()));
    for item in items {
        table.add_row(columns.iter().map(|column| printable(&(column.cell)(item, now))));
    }
    trimmed(&table)
}

fn fields(columns: &[Column], item: &Value, now: Timestamp, width: u16) -> String {
    let mut table = blank(width);
    for column in columns {
        table.add_row([column.head.to_owned(), printable(&(column.cell)(item, now))]);
    }
    trimmed(&table)
}

fn blank(width: u16) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table
}

fn trimmed(table: &Table) -> String {
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// Names come from machines and people: control characters in them must not steer the terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}
