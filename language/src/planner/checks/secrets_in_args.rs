//! Passwords and other secrets in places that everybody can read.

use crate::diagnostics;
use crate::expression::Text;
use crate::planner::Planner;
use crate::syntax::Name;

/// Words in names that indicate a secret.
const WORDS: [&str; 11] = [
    "apikey",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "secrets",
    "token",
    "tokens",
];
/// Pairs of words that indicate one.
const PAIRS: [(&str, &str); 8] = [
    ("access", "key"),
    ("api", "key"),
    ("auth", "key"),
    ("deploy", "key"),
    ("encryption", "key"),
    ("private", "key"),
    ("signing", "key"),
    ("ssh", "key"),
];
/// Words at the end of names that only refer to a secret.
const ABOUT: [&str; 14] = [
    "count", "dir", "enabled", "endpoint", "expiry", "file", "id", "length", "name", "path", "ttl",
    "type", "uri", "url",
];
/// Prefixes of recognizable tokens, with their minimum length.
const SHAPES: [(&str, usize); 12] = [
    ("AKIA", 20),
    ("ASIA", 20),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("ghu_", 30),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("npm_", 36),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("sk_live_", 20),
];

impl Planner<'_> {
    /// Warns of secrets in the arguments of the user's own file.
    pub(in crate::planner) fn check_secret_arguments(&mut self) {
        for arg in self.program.main().args.iter() {
            if is_named(&arg.name) || is_shaped(&arg.value) {
                let warning = diagnostics::secret_argument(&arg.name, arg.span);
                self.found.push(warning);
            }
        }
    }

    /// Evaluates the environment variables of an image, and warns of secrets among them.
    pub(in crate::planner) fn image_variables(
        &mut self,
        written: &[(Name, Option<Text>)],
    ) -> Vec<(String, Option<String>)> {
        let variables = self.overrides(written, true);
        for (name, value) in &variables {
            let value = value.as_deref().unwrap_or_default();
            if !value.is_empty()
                && (is_named(name) || is_shaped(value))
                && let Some((written, _)) = written.iter().find(|(one, _)| one.value == *name)
            {
                let warning = diagnostics::secret_variable(name, written.span);
                self.found.push(warning);
            }
        }
        variables
    }
}

/// Reports whether a name is that of a secret.
fn is_named(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = name.split(['_', '-', '.']).collect();
    let is_about =
        words.last().is_some_and(|last| ABOUT.contains(last)) || words.contains(&"public");
    let is_pair = |pair: &[&str]| {
        PAIRS
            .iter()
            .any(|(first, second)| pair == [*first, *second])
    };
    !is_about && (words.iter().any(|word| WORDS.contains(word)) || words.windows(2).any(is_pair))
}

/// Reports whether a value has the format of a secret.
fn is_shaped(value: &str) -> bool {
    let is_token = |word: &str| {
        SHAPES
            .iter()
            .any(|(start, length)| word.starts_with(start) && word.len() >= *length)
    };
    // `https://user:password@host`
    let has_password = value.split_once("://").is_some_and(|(_, rest)| {
        let host = rest.split('/').next().unwrap_or_default();
        let user = host.rsplit_once('@').map(|(user, _)| user);
        user.and_then(|user| user.split_once(':'))
            .is_some_and(|(_, password)| !password.is_empty() && !password.starts_with('$'))
    });
    let is_key = value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----");
    let mut words = value.split(|letter: char| letter.is_whitespace() || "=:,\"'".contains(letter));
    has_password || is_key || words.any(is_token)
}

#[cfg(test)]
mod tests {
    use super::{is_named, is_shaped};

    #[test]
    fn names_of_secrets() {
        for (name, expected) in [
            ("NPM_TOKEN", true),
            ("DB_PASSWORD", true),
            ("password", true),
            ("API_KEY", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("GITHUB_TOKEN", true),
            ("SSH_PRIVATE_KEY", true),
            ("TOKEN_FILE", false),
            ("SECRET_NAME", false),
            ("PUBLIC_KEY", false),
            ("SORT_KEY", false),
            ("TOKENIZER", false),
            ("AUTHOR", false),
            ("VERSION", false),
            ("PASSENGER", false),
        ] {
            assert_eq!(is_named(name), expected, "{name}");
        }
    }

    #[test]
    fn values_of_secrets() {
        let token = format!("ghp_{}", "a1".repeat(18));
        for (value, expected) in [
            (token.as_str(), true),
            ("AKIAABCDEFGHIJKLMNOP", true),
            ("https://me:word@example.com/x", true),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", true),
            ("https://example.com:8080/x@y", false),
            ("https://me@example.com", false),
            ("npm_config", false),
            ("1.22", false),
            ("", false),
        ] {
            assert_eq!(is_shaped(value), expected, "{value}");
        }
    }
}
