//! `explain`: the page of a diagnostic's code.

use crate::diagnostics;
use crate::suggestion::closest;

/// Returns the page of a code, or what to say if there is none of that name.
pub fn explain(name: &str) -> Result<String, String> {
    if let Some(code) = diagnostics::find(name) {
        return Ok(format!("# {}\n{}", code.name, code.page));
    }
    let names = || diagnostics::ALL.iter().map(|code| code.name);
    let help = match closest(name, names()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("the codes are: {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(format!("there is no diagnostic `{name}`; {help}"))
}
