//! Words of Dockerfiles.

use buildkit_dockerfile::{Lexer, NoVariables};

/// The maximum size of a string after its variables are replaced, in bytes.
const MAX_BYTES: usize = 16 << 20;

/// Reads the words of a string, whose first character is the escape character: the result is bounded and the same each
/// time, and a string without anything special is returned unchanged.
pub fn words(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut letters = text.chars();
    let escape = letters.next().unwrap_or('\\');
    let text = letters.as_str();
    let variables = [
        ("GIVEN".to_owned(), "a value".to_owned()),
        ("EMPTY".to_owned(), String::new()),
    ];
    let lexer = Lexer::new(escape);
    let lexers = [
        lexer,
        lexer.keeping_unset(),
        lexer.ignoring_quotes(),
        lexer.with_raw_quotes().with_raw_escapes(),
    ];
    for lexer in lexers {
        let word = lexer.word(text, &variables.as_slice());
        assert_eq!(word, lexer.word(text, &variables.as_slice()));
        let Ok(word) = word else { continue };
        assert!(
            word.text.len() <= MAX_BYTES + text.len(),
            "{}",
            word.text.len()
        );
        let is_known = |name: &String| ["GIVEN", "EMPTY"].contains(&name.as_str());
        assert!(word.matched.iter().all(is_known), "{:?}", word.matched);
        assert!(!word.unmatched.iter().any(is_known), "{:?}", word.unmatched);
        // Without variables, nothing is replaced with a value.
        if let Ok(word) = lexer.word(text, &NoVariables) {
            assert!(word.matched.is_empty(), "{:?}", word.matched);
        }
    }
}
