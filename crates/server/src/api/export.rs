//! Lists as CSV (RFC 4180), streamed without a cap.

use crate::api::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;

/// Lines made at a time: some tens of kilobytes.
const LINES: usize = 500;
/// What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Answers with one line per row, made while the client reads.
pub(crate) fn csv<T: Send + 'static>(
    file: &str,
    header_line: &'static [&'static str],
    rows: Vec<T>,
    line: impl Fn(&T) -> Vec<String> + Send + 'static,
) -> Response {
    let first = encode([header_line.iter().map(|&name| name.to_owned()).collect()].into_iter());
    let parts = stream::unfold((rows.into_iter(), line), |(mut rest, line)| async move {
        let part: Vec<T> = rest.by_ref().take(LINES).collect();
        if part.is_empty() {
            return None;
        }
        Some((encode(part.iter().map(&line)), (rest, line)))
    });
    let body = stream::StreamExt::chain(stream::iter([first]), parts);
    let disposition = format!("attachment; filename=\"{file}.csv\"");
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, Body::from_stream(body)).into_response()
}

fn encode(lines: impl Iterator<Item = Vec<String>>) -> Result<Bytes, Problem> {
    let failed = |error: csv::Error| Problem::internal(&error);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for line in lines {
        writer.write_record(line.into_iter().map(harmless)).map_err(failed)?;
    }
    writer.into_inner().map(Bytes::from).map_err(|error| Problem::internal(&error))
}

/// Keeps a cell from being taken for a formula: names and texts come from machines and vendors.
fn harmless(cell: String) -> String {
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    #[case("@sum", "'@sum")]
    #[case("plain", "plain")]
    #[case("", "")]
    fn formulas_are_disarmed(#[case] cell: &str, #[case] expected: &str) {
        assert_eq!(harmless(cell.to_owned()), expected);
    }

    #[tokio::test]
    async fn every_row_is_there_and_quoted() {
        let rows: Vec<usize> = (0..1_234).collect();
        let response = csv("rows", &["number", "text"], rows, |row| vec![row.to_string(), "a,\"b\"".to_owned()]);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let text = String::from_utf8(body.to_vec()).expect("text");
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        assert_eq!((lines.len(), lines[0], lines[1_234]), (1_235, "number,text", "1233,\"a,\"\"b\"\"\""));
    }
}
