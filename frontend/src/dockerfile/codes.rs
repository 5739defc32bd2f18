//! Docker's rules as diagnostic codes, with Docker's names.

use std::sync::LazyLock;

use buildkit_dockerfile::Rule;
use stagefile_language::diagnostic::Code;

/// The codes of all rules, with the names of the rules.
static CODES: LazyLock<Vec<Code>> = LazyLock::new(|| {
    let codes = Rule::all().iter().map(|rule| Code {
        name: rule.name,
        page: rule.description,
    });
    codes.collect()
});

/// Returns the code of a rule.
pub fn find(rule: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.name == rule)
}

/// Returns the documentation page of a rule.
pub fn page(name: &str) -> Option<String> {
    let rule = Rule::all().iter().find(|rule| rule.name == name)?;
    let url = match rule.url().as_str() {
        "" => String::new(),
        url => format!("\nDocker's page about it: {url}\n"),
    };
    let (name, description) = (rule.name, rule.description);
    Some(format!(
        "# {name}\n\n{description}\n{url}\nA comment right before an instruction leaves it out there, one at the top of the file \
         everywhere:\n\n# check=skip={name}\n"
    ))
}
