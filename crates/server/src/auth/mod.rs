//! Who asks, and whether they may.
//!
//! [`Gate`] is the API's only state and shows nothing of the server. What a handler needs it gets from
//! [`Granted`], which exists only after the caller was recognised and [`fettle_model::access::decide`]
//! allowed the permission named in its type; single assets and jobs are decided on again where they are
//! fetched, by `Granted::asset` and `Granted::job`. Operations for everybody take [`Open`].

pub mod caller;
mod gate;
mod granted;
mod limits;
pub mod password;
pub mod permission;
pub mod privilege;
pub mod secret;
pub mod session;

pub use caller::{Caller, Via};
pub use gate::{Gate, Open};
pub use granted::Granted;
pub(crate) use granted::{Changed, Seen};
pub use limits::Attempts;
