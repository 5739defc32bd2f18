//! Every short scalar of the characters that YAML treats in its own way, in every style: each letter of its text is found
//! where it was written.

use stagefile_fuzz::tree;

const LETTERS: [char; 8] = ['a', ' ', '\n', '\r', '\t', '\\', '\'', '#'];

/// How long the scalars are; `MAX_LENGTH=7` looks further, for a minute or so.
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
