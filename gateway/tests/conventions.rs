//! The tests that the table of conventions names exist.

use std::fs;
use std::path::Path;

/// Returns the text of all sources below a folder.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let text = paths.map(|path| {
        if path.is_dir() {
            sources(&path)
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            fs::read_to_string(path).expect("a source")
        } else {
            String::new()
        }
    });
    text.collect()
}

#[test]
fn every_line_of_the_table_has_its_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(folder.join("src/options/conventions.md")).unwrap();
    let tests = sources(&folder.join("src")) + &sources(&folder.join("tests"));
    let lines = table.lines().filter(|line| line.starts_with('|')).skip(2);
    let mut count = 0;
    for line in lines {
        let test = line
            .trim_end_matches(['|', ' ', '`'])
            .rsplit('`')
            .next()
            .unwrap();
        assert!(
            tests.contains(&format!("fn {test}(")),
            "no test `{test}` for: {line}"
        );
        count += 1;
    }
    assert!(count > 40, "{count} lines");
}
