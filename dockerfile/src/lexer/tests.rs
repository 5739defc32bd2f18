//! Tests of words with variables, compared with what a shell would read.

use super::*;

fn environment() -> Vec<(String, String)> {
    [
        ("A", "alpha"),
        ("EMPTY", ""),
        ("FILE", "/a/b.tar.gz"),
        ("LIST", "x y"),
        ("1", "one"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn word(text: &str) -> Result<String, String> {
    let environment = environment();
    let word = Lexer::new('\\').word(text, &environment.as_slice());
    word.map(|word| word.text)
        .map_err(|mistake| mistake.message)
}

#[test]
fn variables_are_replaced() {
    for (text, expected) in [
        ("$A", "alpha"),
        ("${A}b", "alphab"),
        ("$A$A", "alphaalpha"),
        ("'$A'", "$A"),
        ("\"$A\"", "alpha"),
        ("\\$A", "$A"),
        ("\"\\$A\\x\"", "$A\\x"),
        ("$", "$"),
        ("$1", "one"),
        ("$NONE", ""),
        ("${NONE:-x$A}", "xalpha"),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY-x}", ""),
        ("${A:+set}", "set"),
        ("${EMPTY:+set}", ""),
        ("${EMPTY+set}", "set"),
        ("${A:?no}", "alpha"),
        ("${FILE#*.}", "tar.gz"),
        ("${FILE##*.}", "gz"),
        ("${FILE%.*}", "/a/b.tar"),
        ("${FILE%%.*}", "/a/b"),
        ("${FILE%/*}", "/a"),
        ("${FILE/a/x}", "/x/b.tar.gz"),
        ("${FILE//a/x}", "/x/b.txr.gz"),
        ("${FILE//\\//-}", "-a-b.tar.gz"),
        ("a'b c'\"d e\"f", "ab cd ef"),
        ("a\\", "a"),
        ("a << b", "a << b"),
    ] {
        assert_eq!(word(text), Ok(expected.to_owned()), "{text}");
    }
}

#[test]
fn bad_substitutions_are_mistakes() {
    for (text, expected) in [
        ("${", "syntax error: missing '}'"),
        ("${}", "syntax error: bad substitution"),
        ("${A", "unsupported modifier (\u{fffd}) in substitution"),
        ("${A:~b}", "unsupported modifier (:~) in substitution"),
        ("${A:-b", "syntax error: missing '}'"),
        ("${A/b}", "syntax error: missing '/' in ${}"),
        ("${NONE:?must be set}", "NONE: must be set"),
        ("${NONE?}", "NONE: is not allowed to be unset"),
        ("${EMPTY:?}", "EMPTY: is not allowed to be empty"),
        (
            "'a",
            "unexpected end of statement while looking for matching single-quote",
        ),
        (
            "\"a",
            "unexpected end of statement while looking for matching double-quote",
        ),
    ] {
        let message = format!("failed to process {}: {expected}", go::quote(text));
        assert_eq!(word(text), Err(message), "{text}");
    }
}

#[test]
fn words_are_split_at_unquoted_blanks() {
    let environment = environment();
    let words = |text| {
        let word = Lexer::new('\\').word(text, &environment.as_slice());
        word.unwrap().words
    };
    assert_eq!(
        words("a  $LIST 'b c' \"$LIST\""),
        ["a", "x", "y", "b c", "x y"]
    );
    assert_eq!(words("80 443/tcp"), ["80", "443/tcp"]);
    assert_eq!(words(""), [""; 0]);
}

#[test]
fn nothing_nests_without_end() {
    let deep = "${A:-".repeat(100_000);
    word(&deep).unwrap_err();
}

#[test]
fn patterns_take_time_in_proportion_to_the_text() {
    let value = "a".repeat(20_000);
    let environment = vec![("A".to_owned(), value)];
    let text = format!("${{A##{}b}}", "a*".repeat(30));
    let word = Lexer::new('\\')
        .word(&text, &environment.as_slice())
        .unwrap();
    assert_eq!(word.text.len(), 20_000);
}
