//! Tests of the language server, with a client that sends every kind of request.
#![cfg(feature = "lsp")]

mod bounds;
mod completion;
mod corrections;
mod diagnostics;
mod dockerfiles;
mod editor;
mod hover;
mod names;
mod program;
mod structure;
