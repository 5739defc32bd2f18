//! What a client says of warnings: a policy for files that it hasn't written.

use stagefile_text::suggestion::closest;

use crate::diagnostic::Rules;
use crate::syntax::keys::LINT;
use crate::value::LEVEL;

/// The build argument that a policy is.
pub(crate) const ARGUMENT: &str = "STAGEFILE_LINT";

/// Reads a policy: `CODE=LEVEL` for each of some warnings, separated by blanks, commas and ends of lines. What follows `#` in a
/// line is a comment, so that a policy may be kept in a file.
pub(crate) fn read(text: &str) -> Result<Rules, String> {
    let mut rules = Rules::default();
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or(""));
    let words = lines.flat_map(|line| line.split([' ', '\t', ',']));
    for word in words.filter(|word| !word.is_empty()) {
        let (code, level) = word.split_once('=').unwrap_or((word, ""));
        let codes = || LINT.keys.iter().map(|key| key.name);
        let Some(code) = codes().find(|known| *known == code) else {
            let meant = closest(code, codes()).map_or_else(
                || "the manual lists them, on its page about warnings".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(format!("{ARGUMENT}: there is no warning `{code}`; {meant}"));
        };
        let Some(level) = LEVEL.get(level) else {
            let levels = LEVEL.names.join(", ");
            return Err(format!(
                "{ARGUMENT}: write `{code}=LEVEL`, which is one of {levels}"
            ));
        };
        rules.impose(code, level);
    }
    Ok(rules)
}
