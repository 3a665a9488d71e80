//! Reading requests: bodies, query parameters and paths, each refused as a problem that names the field.

use crate::api::problem::{FieldError, Problem};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

/// A JSON body, of a request or of an answer.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !says_json(request.headers()) {
            let detail = "Send the body as JSON, with Content-Type: application/json.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body is not JSON.", detail));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| unreadable(&rejection))?;
        parse(&body).map(Self)
    }
}

impl<T: serde::Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn says_json(headers: &axum::http::HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Turns a body that could not be read into a problem.
pub fn unreadable(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Problem::bad_request("body-cut-short", "The connection ended before the whole body arrived. Send the request again.")
}

/// 413.
pub fn too_large() -> Problem {
    let detail = format!("A request body may have at most {} bytes.", super::MAX_BODY);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The request is too large.", detail)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        let cause = error.into_inner();
        if cause.is_data() {
            return Problem::invalid(vec![refused(&field, &cause.to_string())]);
        }
        Problem::bad_request("json-invalid", format!("The body is not valid JSON: {cause}."))
    })?;
    reader.end().map_err(|_| Problem::bad_request("json-invalid", "There is something behind the end of the JSON body."))?;
    Ok(value)
}

/// Names the field an error is about. Unknown and missing ones are named by the message alone.
fn refused(path: &str, message: &str) -> FieldError {
    // serde_json adds the place in the text, which helps nobody who sees the field's name.
    let message = message.rsplit_once(" at line ").map_or(message, |(text, _)| text);
    let named = ["unknown field `", "missing field `", "duplicate field `"]
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.split_once('`'))
        .map(|(name, _)| name);
    let field = match (path, named) {
        ("" | "." | "?", Some(name)) => name.to_owned(),
        // The path ends with the field itself when it is known, and with its parent when it is missing.
        (path, Some(name)) if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    };
    FieldError::new(field, message)
}

/// Query parameters. Unknown ones are refused by `deny_unknown_fields` on `T`.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let reader = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(reader).map(Self).map_err(|error| {
            let field = error.path().to_string();
            let error = refused(&field, &error.into_inner().to_string());
            Problem::bad_request("query-invalid", "A query parameter was refused; errors names it.").with_errors(vec![error])
        })
    }
}

/// Parameters of the path. What is not an id names nothing: 404.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value)).map_err(|_| Problem::not_found("address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only read by serde")]
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only read by serde")]
        size: u8,
    }

    #[rstest::rstest]
    #[case(r#"{"inner":[],"x":1}"#, 422, "x")]
    #[case(r#"{"inner":[{"size":1},{"size":300}]}"#, 422, "inner[1].size")]
    #[case(r#"{"inner":[{"size":1,"sice":2}]}"#, 422, "inner[0].sice")]
    #[case(r#"{}"#, 422, "inner")]
    #[case(r#"{"inner":[{}]}"#, 422, "inner[0].size")]
    fn a_refused_field_is_named(#[case] body: &str, #[case] status: u16, #[case] field: &str) {
        let problem = parse::<Outer>(body.as_bytes()).expect_err("must be refused");
        assert_eq!((problem.status, problem.errors[0].field.as_str()), (status, field), "{problem:?}");
    }

    #[rstest::rstest]
    #[case(r#"{"inner":["#)]
    #[case(r#"{"inner":[]} {}"#)]
    #[case("")]
    fn what_is_not_json_is_a_bad_request(#[case] body: &str) {
        assert_eq!(parse::<Outer>(body.as_bytes()).expect_err("must be refused").status, 400);
    }
}
