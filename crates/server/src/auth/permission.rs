//! Permissions as types, so that a handler's signature says what it needs.

use fettle_model::access::Action;

/// A permission named in a type.
pub trait Permission: Send + Sync + 'static {
    /// The action that is decided on.
    const ACTION: Action;
}

macro_rules! permissions {
    ($($name:ident),+ $(,)?) => { $(
        #[doc = concat!("Asks for [`Action::", stringify!($name), "`].")]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Permission for $name {
            const ACTION: Action = Action::$name;
        }
    )+ };
}

permissions!(
    ManageOwnAccount,
    ViewFleet,
    OperateAsset,
    RemoveAsset,
    ListJobs,
    CreateJob,
    ViewJob,
    EditJob,
    DeleteJob,
    EnableJob,
    ManageConfiguration,
    Administer,
);
