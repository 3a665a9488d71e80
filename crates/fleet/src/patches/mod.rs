//! Questions about the patches of one catalog, answered as sets.

mod facts;
mod numbering;

pub(crate) use facts::Facts;
pub(crate) use numbering::Numbering;
