//! Printing: tables for people, JSON and CSV for programs.
//!
//! Records stay the JSON the server sent, so `--output json` shows every field of the API, also those this
//! client is too old to know. A table is a list of [`Column`]s over such records.

use super::error::CliError;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
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
    // An id that is cut over two lines cannot be copied.
    for (index, _) in columns.iter().enumerate().filter(|(_, column)| column.head == "id") {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    trimmed(table)
}

fn fields(columns: &[Column], item: &Value, now: Timestamp, width: u16) -> String {
    let mut table = blank(width);
    for column in columns {
        let cell = printable(&(column.cell)(item, now));
        table.add_row_if(|_, _| !cell.is_empty(), [column.head.to_owned(), cell.clone()]);
    }
    trimmed(table)
}

fn blank(width: u16) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table
}

fn trimmed(mut table: Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// Names come from machines and people: control characters in them must not steer the terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::columns;
    use super::*;
    use fettle_model::clock::ManualClock;
    use serde_json::json;
    use std::sync::{Arc, Mutex};

    /// Output that the test can read.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("not poisoned").write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn printed(format: Format, width: u16, print: impl Fn(&mut Ui<'_>) -> Result<(), CliError>) -> String {
        let clock = ManualClock::new("2030-01-01T00:00:00Z".parse().expect("a time"));
        let paper = Paper::default();
        let mut ui = Ui { out: Box::new(paper.clone()), format, clock: &clock, width, interactive: false };
        print(&mut ui).expect("printed");
        let bytes = paper.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes).expect("text")
    }

    fn assets() -> Vec<Value> {
        let asset = |name: &str, user: Value| {
            json!({
                "id": "018f0000-0000-7000-8000-000000000001", "name": name, "os": "Debian GNU/Linux 12 (bookworm)", "latest_missing": 3,
                "latest_missing_security": 2, "installed": 40, "scan_status": "scanned", "last_scan": "2029-12-31T23:00:00Z", "online": true,
                "tags": [{ "id": "1", "name": "Berlin" }, { "id": "2", "name": "Production" }], "logged_on_user": user,
            })
        };
        vec![asset("web-1.corp.example", Value::Null), asset("=cmd|' /C calc'!A0", json!("ada\u{1b}[2J"))]
    }

    #[test]
    fn a_table_fits_and_steers_no_terminal() {
        insta::assert_snapshot!(printed(Format::Table, 200, |ui| ui.list(columns::ASSETS, &assets())), @r"
        NAME                OS                              MISSING  SECURITY  INSTALLED  SCAN     LAST SCAN  ONLINE  TAGS                USER
        web-1.corp.example  Debian GNU/Linux 12 (bookworm)  3        2         40         scanned  1 h ago    yes     Berlin, Production
        =cmd|' /C calc'!A0  Debian GNU/Linux 12 (bookworm)  3        2         40         scanned  1 h ago    yes     Berlin, Production  ada�[2J
        ");
        let narrow = printed(Format::Table, 70, |ui| ui.list(columns::ASSETS, &assets()));
        assert!(narrow.lines().all(|line| line.chars().count() <= 70), "{narrow}");
        assert!(!narrow.contains('\u{1b}'));
    }

    #[test]
    fn csv_runs_no_formula() {
        let mut assets = assets();
        assets[1]["logged_on_user"] = json!("-ada");
        insta::assert_snapshot!(printed(Format::Csv, 80, |ui| ui.list(columns::ASSETS, &assets)), @r#"
        name,os,missing,security,installed,scan,last scan,online,tags,user
        web-1.corp.example,Debian GNU/Linux 12 (bookworm),3,2,40,scanned,2029-12-31T23:00:00Z,true,"Berlin, Production",
        '=cmd|' /C calc'!A0,Debian GNU/Linux 12 (bookworm),3,2,40,scanned,2029-12-31T23:00:00Z,true,"Berlin, Production",'-ada
        "#);
    }

    #[test]
    fn json_is_what_the_server_said() {
        let text = printed(Format::Json, 80, |ui| ui.list(columns::ASSETS, &assets()));
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), Value::Array(assets()));
    }

    #[test]
    fn a_record_shows_what_there_is() {
        let key = json!({
            "title": "Berlin", "uses": 3, "use_limit": 10, "expires_at": null, "disabled": false, "tags": [],
            "created_at": "2029-12-31T00:00:00Z", "id": "1",
        });
        insta::assert_snapshot!(printed(Format::Table, 80, |ui| ui.record(columns::KEYS, &key)), @r"
        title     Berlin
        uses      3 of 10
        disabled  no
        created   24 h ago
        id        1
        ");
    }

    #[test]
    fn an_id_stays_in_one_piece() {
        let tag = json!({ "path": "Sites/".repeat(20), "id": "018f0000-0000-7000-8000-000000000001" });
        let text = printed(Format::Table, 80, |ui| ui.list(columns::TAGS, std::slice::from_ref(&tag)));
        assert!(text.contains("018f0000-0000-7000-8000-000000000001"), "{text}");
    }
}
