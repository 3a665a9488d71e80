//! The fields there are, as data: documentation, completion and checking are all made from these tables.
//!
//! To add a field: add a member to the enum of its entity, a line to the table beside it, and follow the
//! compiler to the places that read values (the records of `fleet` and `store`).

mod asset;
mod audit;
mod job;
mod patch;
mod reference;
mod result;
mod software;
mod unsupported;

pub use asset::AssetField;
pub use audit::AuditField;
pub use job::JobField;
pub use patch::PatchField;
pub use reference::reference;
pub use result::ResultField;
pub use software::SoftwareField;
pub use unsupported::{UNSUPPORTED, Unsupported, unsupported};

fettle_model::text_enum! {
    /// Kinds of records that can be asked for. Software is only reached from an asset.
    pub enum Entity {
        /// Machines.
        Asset = "asset",
        /// Records of the catalog.
        Patch = "patch",
        /// Jobs.
        Job = "job",
        /// What became of a patch on an asset in a run of a job.
        Result = "result",
        /// Entries of the audit log.
        Audit = "audit",
        /// Packages and applications on an asset.
        Software = "software",
    }
}

fettle_model::text_enum! {
    /// Ways from one record to others.
    pub enum Relation {
        /// From an asset to the patches it misses.
        Missing = "missing",
        /// From an asset to the patches it has.
        Installed = "installed",
        /// From an asset to what is installed on it.
        Software = "software",
        /// From a result to its asset.
        Asset = "asset",
        /// From a result to its patch.
        Patch = "patch",
    }
}

impl Relation {
    /// The name it has in queries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.as_str()
    }

    /// Where it starts.
    #[must_use]
    pub const fn from(self) -> Entity {
        match self {
            Self::Missing | Self::Installed | Self::Software => Entity::Asset,
            Self::Asset | Self::Patch => Entity::Result,
        }
    }

    /// Where it leads.
    #[must_use]
    pub const fn to(self) -> Entity {
        match self {
            Self::Missing | Self::Installed | Self::Patch => Entity::Patch,
            Self::Software => Entity::Software,
            Self::Asset => Entity::Asset,
        }
    }

    /// Whether an asset with old or no evidence can still be said not to have such a record. It cannot for
    /// missing and installed patches: what was found stays found, what was not found is unknown.
    #[must_use]
    pub const fn evidence(self) -> Evidence {
        match self {
            Self::Missing | Self::Installed => Evidence::AtLeast,
            Self::Software | Self::Asset | Self::Patch => Evidence::Fact,
        }
    }

    /// One line for people.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::Missing => "A patch the asset misses satisfies all of the inner query",
            Self::Installed => "A patch the asset has satisfies all of the inner query",
            Self::Software => "A package or application on the asset satisfies all of the inner query",
            Self::Asset => "The result's asset satisfies the inner query",
            Self::Patch => "The result's patch satisfies the inner query",
        }
    }

    /// A term that uses it.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::Missing => "missing:(severity:critical and publishedDate<now-30d)",
            Self::Installed => "installed:(appFamily:openssl and isSuperseded:no)",
            Self::Software => "software:(name:openssl and version<3.0.15)",
            Self::Asset => "asset:(os.family:linux and tags.name:production)",
            Self::Patch => "patch:(severity:critical and isSecurity:yes)",
        }
    }
}

/// Which field, for engines to match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// Of an asset.
    Asset(AssetField),
    /// Of a patch.
    Patch(PatchField),
    /// Of a job.
    Job(JobField),
    /// Of a result.
    Result(ResultField),
    /// Of an audit entry.
    Audit(AuditField),
    /// Of a package or application.
    Software(SoftwareField),
}

/// The type of a field's values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Text; words match by prefix.
    Text,
    /// A number.
    Number,
    /// A number of bytes; `10MB` and `2GiB` are understood.
    Size,
    /// A moment.
    Moment,
    /// A version.
    Version,
    /// Yes or no.
    Flag,
    /// One of a closed list, in ascending order where it has one.
    Choice {
        /// The members' texts.
        members: &'static [&'static str],
        /// Whether `<` and `>` make sense.
        ordered: bool,
    },
    /// A network address.
    Address,
}

/// What a field's value is worth when the asset's last good scan is old or there was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// It does not depend on findings: as certain as ever.
    Fact,
    /// Made of findings: at least this much was found, there may be more.
    AtLeast,
    /// Made of findings in a way that old ones say nothing.
    Share,
}

/// One field.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// Which.
    pub key: Key,
    /// Canonical name: `os.family`.
    pub name: &'static str,
    /// Other names that are understood.
    pub aliases: &'static [&'static str],
    /// Type of its values.
    pub kind: Kind,
    /// Whether a record may have several values; a test passes when one of them does.
    pub many: bool,
    /// What old findings say of it.
    pub evidence: Evidence,
    /// Whether a text without a field searches it.
    pub main: bool,
    /// Whether lists can be sorted by it.
    pub sortable: bool,
    /// Whether it makes a facet.
    pub facet: bool,
    /// One line for people.
    pub help: &'static str,
    /// A term that uses it.
    pub example: &'static str,
}

/// What all fields of a table have in common unless they say otherwise.
const fn field(key: Key, name: &'static str, kind: Kind, help: &'static str, example: &'static str) -> Field {
    Field {
        key,
        name,
        aliases: &[],
        kind,
        many: false,
        evidence: Evidence::Fact,
        main: false,
        sortable: !matches!(kind, Kind::Address),
        facet: matches!(kind, Kind::Choice { .. } | Kind::Flag),
        help,
        example,
    }
}

impl Field {
    /// The entity it belongs to.
    #[must_use]
    pub const fn entity(&self) -> Entity {
        match self.key {
            Key::Asset(_) => Entity::Asset,
            Key::Patch(_) => Entity::Patch,
            Key::Job(_) => Entity::Job,
            Key::Result(_) => Entity::Result,
            Key::Audit(_) => Entity::Audit,
            Key::Software(_) => Entity::Software,
        }
    }
}

/// The fields of an entity, in the order people see them.
#[must_use]
pub fn fields(entity: Entity) -> &'static [Field] {
    match entity {
        Entity::Asset => asset::FIELDS,
        Entity::Patch => patch::FIELDS,
        Entity::Job => job::FIELDS,
        Entity::Result => result::FIELDS,
        Entity::Audit => audit::FIELDS,
        Entity::Software => software::FIELDS,
    }
}

/// The ways that start at an entity.
pub fn relations(entity: Entity) -> impl Iterator<Item = Relation> {
    Relation::ALL.iter().copied().filter(move |relation| relation.from() == entity)
}
