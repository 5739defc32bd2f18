//! Tests of the whole frontend against the test kit's daemon.

mod client_options;
mod graph_and_bake;
pub(super) mod harness;
mod round_trips;
mod transcripts;
mod unsupported_options;
