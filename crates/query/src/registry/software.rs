//! Fields of software on an asset.

use super::{Field, Key, Kind, field};

/// What can be asked of a package or application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SoftwareField {
    /// Name.
    Name,
    /// Version.
    Version,
    /// Publisher; on Linux the source package.
    Publisher,
}

use SoftwareField as F;

const fn of(key: F, name: &'static str, kind: Kind, help: &'static str, example: &'static str) -> Field {
    field(Key::Software(key), name, kind, help, example)
}

pub(super) const FIELDS: &[Field] = &[
    Field { main: true, ..of(F::Name, "name", Kind::Text, "Name", "software.name:openssl") },
    of(F::Version, "version", Kind::Version, "Version", "software:(name:openssl and version<3.0.15)"),
    Field {
        aliases: &["vendor"],
        ..of(F::Publisher, "publisher", Kind::Text, "Publisher; on Linux the source package", "software.publisher:mozilla")
    },
];
