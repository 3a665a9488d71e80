//! Lists as CSV (RFC 4180), streamed without a cap.

use crate::api::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, stream};

/// Lines made at a time: some tens of kilobytes.
const LINES: usize = 500;
/// What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Answers with one line per row, each made while the client reads: the list is never held as a whole.
pub(crate) fn csv<T: Send + 'static>(
    file: &str,
    header_line: &'static [&'static str],
    rows: impl Iterator<Item = T> + Send + 'static,
    line: impl Fn(&T) -> Vec<String> + Send + 'static,
) -> Response {
    let pieces = stream::unfold((rows, line), |(mut rest, line)| async move {
        let piece: Vec<Vec<String>> = rest.by_ref().take(LINES).map(|row| line(&row)).collect();
        (!piece.is_empty()).then_some((Ok(piece), (rest, line)))
    });
    csv_pieces(file, header_line, pieces)
}

/// Answers with lines that come piece by piece. A piece that fails breaks the answer off, so that nobody
/// takes half a list for the whole.
pub(crate) fn csv_pieces(
    file: &str,
    header_line: &'static [&'static str],
    pieces: impl Stream<Item = Result<Vec<Vec<String>>, Problem>> + Send + 'static,
) -> Response {
    let first = stream::iter([Ok(vec![header_line.iter().map(|&name| name.to_owned()).collect()])]);
    let body = first.chain(pieces).map(|piece| encode(piece?));
    let disposition = format!("attachment; filename=\"{file}.csv\"");
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, Body::from_stream(body)).into_response()
}

fn encode(lines: Vec<Vec<String>>) -> Result<Bytes, Problem> {
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
    async fn half_a_list_is_no_list() {
        let pieces = stream::iter([Ok(vec![vec!["1".to_owned()]]), Err(Problem::opaque())]);
        let response = csv_pieces("rows", &["number"], pieces);
        assert!(axum::body::to_bytes(response.into_body(), usize::MAX).await.is_err());
    }

    #[tokio::test]
    async fn every_row_is_there_and_quoted() {
        let rows = 0..1_234_usize;
        let response = csv("rows", &["number", "text"], rows, |row| vec![row.to_string(), "a,\"b\"".to_owned()]);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let text = String::from_utf8(body.to_vec()).expect("text");
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        assert_eq!((lines.len(), lines[0], lines[1_234]), (1_235, "number,text", "1233,\"a,\"\"b\"\"\""));
    }
}
