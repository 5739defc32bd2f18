//! The client's levels of warnings: a policy for files that the client hasn't written.

use stagefile_text::suggestion::closest;

use crate::diagnostic::Rules;
use crate::syntax::keys::LINT;
use crate::value::LEVEL;

/// The build argument with the policy.
pub(crate) const ARGUMENT: &str = "STAGEFILE_LINT";

/// Parses a policy: `CODE=LEVEL` for some warnings, separated by white space and commas. The text after `#` in a line is a
/// comment, so that a policy can be kept in a file.
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
