//! What can go wrong in the store.

/// Why the store did not do what it was asked.
///
/// [`NotFound`](Self::NotFound), [`Conflict`](Self::Conflict) and [`Outdated`](Self::Outdated) are the
/// caller's to answer; the others mean that the database or its data is in trouble.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The address of the database is not one the store understands.
    #[error("the database address must start with sqlite: or postgres://, not {got:?}")]
    Address {
        /// The scheme that was given; never the whole address, which may hold a password.
        got: String,
    },
    /// The database could not be reached or opened.
    #[error("could not open the database")]
    Open(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("could not apply migration {version} ({name}) to the database")]
    Migrate {
        /// Number of the migration.
        version: i64,
        /// Its name.
        name: &'static str,
        /// What the database said.
        #[source]
        source: sqlx::Error,
    },
    /// A newer release has already changed the schema.
    #[error(
        "the database has schema {found}, and this release knows schemas up to {known}: start a release that is at least as new, or restore a backup made before the upgrade"
    )]
    Newer {
        /// Schema of the database.
        found: i64,
        /// Newest schema this build knows.
        known: i64,
    },
    /// A statement failed.
    #[error("could not {what}")]
    Query {
        /// What was attempted, to follow "could not".
        what: &'static str,
        /// What the database said.
        #[source]
        source: sqlx::Error,
    },
    /// There is no such thing, or there is no more.
    #[error("there is no such {what}")]
    NotFound {
        /// What was looked for: `user`, `job`.
        what: &'static str,
    },
    /// It cannot be done as things are; the text says why and is meant for people.
    #[error("{why}")]
    Conflict {
        /// Stable word for programs, such as `name-taken`.
        code: &'static str,
        /// Why, as a sentence.
        why: String,
    },
    /// Somebody else changed it since it was read.
    #[error("the {what} was changed by somebody else in the meantime; read it again and repeat the change")]
    Outdated {
        /// What was to be changed.
        what: &'static str,
    },
    /// A stored value cannot be read back.
    #[error("the database holds a {what} that cannot be read")]
    Corrupt {
        /// Which value.
        what: &'static str,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value cannot be written.
    #[error("could not encode a {what} for the database")]
    Encode {
        /// Which value.
        what: &'static str,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A certificate or manifest could not be made inside a transaction; nothing was changed.
    #[error("could not make a {what}")]
    Issue {
        /// What was to be made.
        what: &'static str,
        /// Why not.
        #[source]
        source: IssueError,
    },
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
    /// A write that shared a transaction with others failed; the cause is logged once.
    #[error("could not write a group of {what}: {cause}")]
    Group {
        /// What was to be written.
        what: &'static str,
        /// The cause as text, because every writer of the group gets a copy.
        cause: String,
    },
}

/// An error from a callback that makes a certificate or a manifest.
pub type IssueError = Box<dyn std::error::Error + Send + Sync>;

/// Short for results of this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    pub(crate) fn conflict(code: &'static str, why: impl Into<String>) -> Self {
        Self::Conflict { code, why: why.into() }
    }

    pub(crate) fn corrupt(what: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Corrupt { what, source: source.into() }
    }

    pub(crate) fn encode(what: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Encode { what, source: source.into() }
    }
}

/// Turns an error of the database into one that says what was attempted.
pub(crate) trait Attempt<T> {
    /// `what` follows "could not".
    fn attempt(self, what: &'static str) -> Result<T>;
}

impl<T> Attempt<T> for Result<T, sqlx::Error> {
    fn attempt(self, what: &'static str) -> Result<T> {
        self.map_err(|source| StoreError::Query { what, source })
    }
}

impl StoreError {
    /// Whether the database itself cannot be reached, so that trying the next thing is of no use.
    pub(crate) fn is_unreachable(&self) -> bool {
        use sqlx::Error as E;
        matches!(self, Self::Query { source: E::Io(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::Tls(_), .. })
    }
}

/// An error and its causes in one line, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
