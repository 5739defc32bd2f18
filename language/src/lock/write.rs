//! Writing of lock files.

use std::fmt::Write as _;

use stagefile_text::yaml;

use super::{FIRST_WORDS, Kind, Lock, VERSION};

impl Lock {
    /// Returns the lock file for a file: sorted, with each name on a separate line, so that changes are
    /// easy to read.
    pub fn to_yaml(&self, file: &str) -> String {
        let file = file.rsplit('/').next().unwrap_or(file);
        let file: String = file.chars().filter(|letter| !letter.is_control()).collect();
        let mut text = format!(
            "{FIRST_WORDS}{file} stand for. Written by `docker buildx build --call lock`; \
             `--call 'lock check'` tells what has changed since.\n"
        );
        // Writing to a string can't fail.
        _ = writeln!(text, "version: {VERSION}");
        for kind in Kind::ALL {
            let mut pins = self.iter().filter(|(name, _)| name.kind == kind).peekable();
            if pins.peek().is_some() {
                _ = writeln!(text, "{}:", kind.key());
            }
            for (name, pin) in pins {
                _ = writeln!(text, "  {}: {}", scalar(&name.text), scalar(&pin.value));
            }
        }
        text
    }
}

fn scalar(text: &str) -> String {
    if yaml::is_plain(text) {
        text.to_owned()
    } else {
        yaml::escaped(text)
    }
}
