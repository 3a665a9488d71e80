//! The query parameters every list has, declared once.

/// Declares the query parameters of a list: paging, sorting and free text, then its own filters. With
/// `and Other` it also declares the same without paging, for exports and facets.
///
/// The fields are repeated in each type by this macro instead of being a part of it, because
/// `serde(flatten)` neither refuses unknown parameters nor reads numbers.
macro_rules! list_query {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident sorted by $column:ty, as $sorts:literal {
            $( $(#[$fmeta:meta])* $field:ident : $kind:ty ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields, default)]
        $vis struct $name {
            /// Rows of a page; 50 when left out.
            #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
            pub limit: crate::api::page::Limit,
            /// `next` of the page before.
            pub cursor: Option<String>,
            #[doc = $sorts]
            #[param(value_type = Option<String>)]
            pub sort: Option<crate::api::page::Sort<$column>>,
            /// Text that must occur, in any case.
            #[param(value_type = Option<String>, max_length = 200)]
            pub q: crate::api::page::Text,
            $( $(#[$fmeta])* pub $field: $kind, )*
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident and $other:ident sorted by $column:ty, as $sorts:literal {
            $( $(#[$fmeta:meta])* $field:ident : $kind:ty ),* $(,)?
        }
    ) => {
        $crate::api::list_query::list_query! {
            $(#[$meta])*
            $vis struct $name sorted by $column, as $sorts { $( $(#[$fmeta])* $field: $kind ),* }
        }

        $(#[$meta])*
        #[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields, default)]
        $vis struct $other {
            #[doc = $sorts]
            #[param(value_type = Option<String>)]
            pub sort: Option<crate::api::page::Sort<$column>>,
            /// Text that must occur, in any case.
            #[param(value_type = Option<String>, max_length = 200)]
            pub q: crate::api::page::Text,
            $( $(#[$fmeta])* pub $field: $kind, )*
        }

        impl From<$other> for $name {
            fn from(other: $other) -> Self {
                Self { sort: other.sort, q: other.q, $( $field: other.$field, )* ..Self::default() }
            }
        }
    };
}

/// Declares the parameters of a list that a query makes: paging, sorting, the query and the version, then further ones.
/// With `and Other` it also declares the same without paging, for exports and facets.
macro_rules! asked_list {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident, sorted as $sorts:literal, of $records:literal {
            $( $(#[$fmeta:meta])* $field:ident : $kind:ty ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields, default)]
        $vis struct $name {
            /// Rows of a page; 50 when left out.
            #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
            pub limit: crate::api::page::Limit,
            /// `next` of the page before.
            pub cursor: Option<String>,
            #[doc = $sorts]
            #[param(value_type = Option<String>)]
            pub sort: Option<crate::api::query::order::SortText>,
            #[doc = $records]
            #[param(value_type = Option<String>, max_length = 16384)]
            pub query: crate::api::query::asked::QueryText,
            /// `version` of an answer: this one is made from the same version of the index and the same moment. Refused with
            /// `version-gone` when the server does not have it any more; ask again without it then. Left out: the newest.
            #[param(value_type = Option<String>)]
            pub version: Option<crate::versions::VersionName>,
            $( $(#[$fmeta])* pub $field: $kind, )*
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident and $other:ident, sorted as $sorts:literal, of $records:literal {
            $( $(#[$fmeta:meta])* $field:ident : $kind:ty ),* $(,)?
        }
    ) => {
        $crate::api::list_query::asked_list! {
            $(#[$meta])*
            $vis struct $name, sorted as $sorts, of $records { $( $(#[$fmeta])* $field: $kind ),* }
        }

        $(#[$meta])*
        #[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields, default)]
        $vis struct $other {
            #[doc = $sorts]
            #[param(value_type = Option<String>)]
            pub sort: Option<crate::api::query::order::SortText>,
            #[doc = $records]
            #[param(value_type = Option<String>, max_length = 16384)]
            pub query: crate::api::query::asked::QueryText,
            /// `version` of an answer: this one is made from the same version of the index and the same moment. Refused with
            /// `version-gone` when the server does not have it any more; ask again without it then. Left out: the newest.
            #[param(value_type = Option<String>)]
            pub version: Option<crate::versions::VersionName>,
            $( $(#[$fmeta])* pub $field: $kind, )*
        }
    };
}

pub(crate) use asked_list;
pub(crate) use list_query;
