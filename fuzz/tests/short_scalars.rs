//! Every short scalar of characters that are special in YAML, in every style: each character of its text is found where
//! it was written.

use stagefile_fuzz::tree;

const LETTERS: [char; 8] = ['a', ' ', '\n', '\r', '\t', '\\', '\'', '#'];

/// The maximum length of the scalars; `MAX_LENGTH=7` checks longer ones, which takes about a minute.
const MAX_LENGTH: usize = 4;

#[test]
fn letters_are_found_where_they_were_written() {
    let longest = std::env::var("MAX_LENGTH").ok();
    let longest = longest
        .and_then(|text| text.parse().ok())
        .unwrap_or(MAX_LENGTH);
    let mut inner = String::new();
    every(longest, &mut inner);
}

fn every(left: usize, inner: &mut String) {
    for file in [
        format!("k: \"{inner}\"\n"),
        format!("k: '{inner}'\n"),
        format!("k: x{inner}\n"),
        format!("k: |\n {inner}\n"),
        format!("k: >\n {inner}\n"),
    ] {
        tree(file.as_bytes());
    }
    if left == 0 {
        return;
    }
    for letter in LETTERS {
        inner.push(letter);
        every(left - 1, inner);
        inner.pop();
    }
}
