//! The language server, driven by a client that asks everything there is to ask.
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
