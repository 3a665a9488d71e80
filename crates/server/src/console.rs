//! The console: the files that `web/` builds, carried inside the binary.
//!
//! The folder may be empty when the server is built without Node; the pages then say how to build it.
//! Every path that is no file is a page of the single-page console, which finds its own way.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../web/dist/"]
#[allow_missing = true]
struct Files;

/// What a page may load and do. Styles may be inline because the component library sets them on elements;
/// scripts may not.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The page of the single-page console.
const PAGE: &str = "index.html";
/// Where the console's build puts files whose names change with their content.
/// Not `assets/`: the console has pages below that path.
const HASHED: &str = "static/";

/// Serves the console. Meant as the last router: it answers every path.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().fallback(serve)
}

async fn serve(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    answer(request.uri(), request.headers(), Files::get)
}

/// Answers from any set of files, so that tests need no built console.
fn answer(uri: &Uri, headers: &HeaderMap, file: impl Fn(&str) -> Option<EmbeddedFile>) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(found) = file(path).filter(|_| !path.is_empty()) {
        return send(path, found, headers);
    }
    // A missing hashed file belongs to another version of the console: answering with the page would give
    // the browser HTML where it wants a script.
    if path.starts_with(HASHED) {
        return (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response();
    }
    match file(PAGE) {
        Some(page) => send(PAGE, page, headers),
        None => absent(),
    }
}

fn send(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&hash[..16]));
    let cache = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fresh = known.split(',').any(|candidate| candidate.trim().trim_start_matches("W/") == tag);
    let mut response = if fresh { StatusCode::NOT_MODIFIED.into_response() } else { file.data.into_owned().into_response() };
    let out = response.headers_mut();
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    // Everything the build writes as text is UTF-8.
    let charset = if kind.type_() == mime_guess::mime::TEXT { "; charset=utf-8" } else { "" };
    insert(out, header::CONTENT_TYPE, &format!("{kind}{charset}"));
    insert(out, header::CACHE_CONTROL, cache);
    insert(out, header::ETAG, &tag);
    insert(out, header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    response
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn absent() -> Response {
    let text = "<!doctype html><meta charset=utf-8><title>Fettle</title><p>This server was built without its console. \
        Build it with <code>cargo xtask run</code>; the API below <code>/api/v1</code> and the command line work all the same.";
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_embed::Metadata;
    use std::borrow::Cow;

    fn file(path: &str) -> Option<EmbeddedFile> {
        let content: &'static [u8] = match path {
            "index.html" => b"<page>",
            "static/app-1a2b.js" => b"script",
            _ => return None,
        };
        let metadata = Metadata::__rust_embed_new([3; 32], None, None);
        Some(EmbeddedFile { data: Cow::Borrowed(content), metadata })
    }

    fn get(path: &str, headers: &HeaderMap) -> Response {
        answer(&path.parse().expect("a path"), headers, file)
    }

    #[rstest::rstest]
    #[case("/", "text/html; charset=utf-8", "no-cache")]
    #[case("/static/app-1a2b.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable")]
    #[case("/assets/0190", "text/html; charset=utf-8", "no-cache")]
    fn files_and_pages(#[case] path: &str, #[case] kind: &str, #[case] cache: &str) {
        let response = get(path, &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], kind);
        assert_eq!(response.headers()[header::CACHE_CONTROL], cache);
        assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
    }

    #[test]
    fn a_file_of_another_version_is_not_answered_with_the_page() {
        assert_eq!(get("/static/app-old.js", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        let tag = get("/", &HeaderMap::new()).headers()[header::ETAG].clone();
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, tag);
        assert_eq!(get("/", &headers).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn without_a_console_the_page_says_so() {
        assert_eq!(answer(&Uri::from_static("/"), &HeaderMap::new(), |_| None).status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
