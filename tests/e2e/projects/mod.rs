//! Tests of projects without a Stagefile: `-f` names a manifest.

mod go;
mod node;
mod python;
pub(crate) mod rust;
