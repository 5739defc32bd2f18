//! Limits on saved caches, set by the client, and messages about them.

use buildkit_gateway::{Failure, Options};
use stagefile_language::value::{LIMIT, SIZE};
use stagefile_runner::cache::{Limits, Outcome};

/// The build argument for the limits.
const ARGUMENT: &str = "STAGEFILE_CACHES";

/// Takes the limits from the client's options.
pub(super) fn take(options: &mut Options) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    let words = options.take_build_arg(ARGUMENT).unwrap_or_default();
    for word in words.split_whitespace() {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let wanted = match key {
            "max-age" => {
                limits.max_age = (LIMIT.read)(value).map(|age| age.as_secs());
                limits.max_age.is_none().then_some(LIMIT.form.wanted)
            }
            "max-size" => {
                limits.max_size = (SIZE.read)(value);
                limits.max_size.is_none().then_some(SIZE.form.wanted)
            }
            _ => Some("`max-age=DURATION` or `max-size=SIZE`"),
        };
        if let Some(wanted) = wanted {
            return Err(Failure::new(format!(
                "{ARGUMENT} can't have `{word}`: it takes {wanted}"
            )));
        }
    }
    Ok(limits)
}

/// Returns a message about what was left out of a cache; `None` if it is complete.
pub(super) fn left_out(name: &str, outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Reduced { files, bytes } => Some(format!(
            "the cache `{name}` is saved without its {files} oldest files, {bytes} bytes, by {ARGUMENT}"
        )),
        Outcome::LeftOut(reason) => Some(format!(
            "the cache `{name}` isn't saved, by {ARGUMENT}: {reason}"
        )),
        _ => None,
    }
}
