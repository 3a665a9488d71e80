//! Values as people write them in queries.

use fettle_query::Value;
use fettle_query::registry::{AssetField, Entity, Field, Key, Kind, fields};

/// What the registry knows of a field.
pub(super) fn known(field: AssetField) -> Option<&'static Field> {
    fields(Entity::Asset).iter().find(|known| known.key == Key::Asset(field))
}

/// Yes or no.
pub(super) fn flag_text(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

/// A value of a field.
pub(super) fn shown(value: &Value<'_>, field: AssetField) -> String {
    match value {
        Value::Text(text) => text.clone().into_owned(),
        Value::Number(number) => number.to_string(),
        Value::Moment(at) => at.to_string(),
        Value::Version(version) => version.as_str().to_owned(),
        Value::Flag(flag) => flag_text(*flag).to_owned(),
        Value::Address(address) => address.to_string(),
        Value::Choice(place) => match known(field).map(|known| known.kind) {
            Some(Kind::Choice { members, .. }) => members.get(*place).copied().unwrap_or_default().to_owned(),
            _ => String::new(),
        },
    }
}
