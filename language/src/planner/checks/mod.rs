//! Checks for mistakes in valid parts of a file, in the text or in the whole plan.

mod branches;
mod calls;
mod constants;
mod given;
mod images;
mod output_files;
mod scripts;
mod secrets_in_args;
mod shell_form;
mod unused;
mod unused_templates;

pub(super) use calls::Doubt;
