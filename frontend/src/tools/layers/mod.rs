//! `layers`: what each layer of an image adds, and which of it is wasted.

#[cfg(feature = "offline")]
mod archive;
mod report;
#[cfg(feature = "offline")]
mod saved;
#[cfg(feature = "offline")]
mod tar;

use serde_json::Value;

pub use report::text;
#[cfg(feature = "offline")]
pub use saved::{Arguments, run};

/// Returns the history of an image's layers.
pub fn history(config: &Value) -> Vec<String> {
    let history = config["history"].as_array().into_iter().flatten();
    let history = history.filter(|entry| entry["empty_layer"] != true);
    let made_by = history.map(|entry| entry["created_by"].as_str().unwrap_or_default().to_owned());
    made_by.collect()
}
