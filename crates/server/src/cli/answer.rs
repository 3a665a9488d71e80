//! Reading the API's answers.

use serde::Deserialize;
use serde_json::Value;

/// A refusal (RFC 9457).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem {
    /// Short summary of the kind of problem.
    pub(super) title: String,
    /// HTTP status.
    pub(super) status: u16,
    /// What happened this time.
    pub(super) detail: String,
    /// The stable word for programs.
    pub(super) code: String,
    /// Per field of the request.
    pub(super) errors: Vec<FieldError>,
    /// For a query: its text with marks below what is wrong.
    pub(super) rendered: Option<String>,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct FieldError {
    /// Which field.
    pub(super) field: String,
    /// What is wrong with it.
    pub(super) message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.title.trim_end_matches('.'))?;
        if let Some(rendered) = &self.rendered {
            return write!(f, "\n{}", rendered.trim_end());
        }
        self.errors.iter().try_for_each(|error| write!(f, "\n  {}: {}", error.field, error.message))
    }
}

impl Problem {
    /// What a person can do: the server's own advice, and which command helps.
    pub(super) fn advice(&self) -> Option<String> {
        if self.rendered.is_some() {
            return Some("`fettle query fields` lists what can be asked for.".to_owned());
        }
        let command = match self.status {
            401 if self.code == "unauthenticated" => "`fettle login` logs in again; FETTLE_TOKEN, when set, must hold a valid token.",
            403 => "`fettle whoami` shows your role and scope.",
            500..=599 => "`fettle doctor` checks the installation.",
            _ => "",
        };
        let advice = format!("{} {command}", self.detail);
        Some(advice.trim().to_owned()).filter(|advice| !advice.is_empty())
    }
}

/// The text at a path of field names, empty when there is none.
pub(super) fn text(value: &Value, path: &str) -> String {
    match value.pointer(path) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| text(item, "")).collect::<Vec<_>>().join(", "),
        Some(other) => other.to_string(),
    }
}

/// The number at a path, 0 when there is none.
pub(super) fn number(value: &Value, path: &str) -> u64 {
    value.pointer(path).and_then(Value::as_u64).unwrap_or(0)
}

/// The items of an array at a path, none when it is not there.
pub(super) fn items<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    value.pointer(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
