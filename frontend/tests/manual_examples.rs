//! The YAML in the manual and in the README is accepted by the program and by the JSON Schema.

mod documents;
mod judgement;

use std::fs;

use documents::{folder, pages};
use judgement::{complaints, judge, validator};
use stagefile_language::diagnostics::ALL;
use stagefile_language::syntax::keys::{FILE, STAGE};

/// What examples that are parts of files may use without declaring it: stages, caches, secrets and arguments.
const DECLARED: [(&str, &str); 4] = [
    ("args", "  DEBUG: '0'\n  COMPILER: gcc\n  MESSAGE: hello\n"),
    ("secrets", "  npmrc: {}\n"),
    ("caches", "  downloads: { target: /downloads }\n"),
    (
        "stages",
        "  build:\n    outputs: { dist: /app/dist }\n  downloads:\n    outputs: { models: /models }\n",
    ),
];

#[test]
fn examples_are_accepted() {
    let validator = validator();
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut documents = pages();
    // The examples on the pages of codes are mistakes.
    documents.retain(|(path, _)| path != "diagnostics.md");
    let readme = fs::read_to_string(folder().join("../README.md")).unwrap();
    documents.push(("../README.md".to_owned(), readme));
    for (document, text) in documents {
        for (line, block) in blocks(&text) {
            count += 1;
            let file = whole(&block);
            let judgement = judge(&file);
            let json = judgement.json.unwrap_or_default();
            let complaints = complaints(&validator, &json);
            if !judgement.errors.is_empty() || !complaints.is_empty() {
                wrong.push(format!(
                    "docs/{document}:{line}: {}\n{complaints}\n{file}",
                    judgement.report
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 20, "few examples: {count}");
}

#[test]
fn the_files_for_people_with_dockerfiles_compile_without_warnings() {
    let (_, page) = pages()
        .into_iter()
        .find(|(path, _)| path == "from-dockerfile.md")
        .expect("docs has the page");
    let dockerfiles = page.matches("```dockerfile\n").count();
    let files = blocks(&page);
    assert_eq!(files.len(), dockerfiles);
    assert!(dockerfiles >= 5, "{dockerfiles}");
    for (line, file) in files {
        let report = judge(&file).report;
        // If a Dockerfile has no checksum, its Stagefile has none either; and the values of arguments are guesses.
        let doubts = report.lines().filter(|line| line.starts_with(['e', 'w']));
        let doubts: Vec<&str> = doubts
            .filter(|line| !line.starts_with("warning[unpinned-source]"))
            .filter(|line| !line.starts_with("warning[unknown-argument]"))
            .collect();
        assert!(
            doubts.is_empty(),
            "docs/from-dockerfile.md:{line}: {report}"
        );
    }
}

/// Codes whose mistake isn't in the text: it is in the daemon, the client or another file, takes more text than fits on
/// a page, or the text isn't a Stagefile.
const ELSEWHERE: &[&str] = &[
    "assert-failed",
    "emulated-compiler",
    "empty-file",
    "expression-too-costly",
    "expressions-too-large",
    "failed-script",
    "foreign-file",
    "ignored-path",
    "file-too-large",
    "foreign-base",
    "ignored-triggers",
    "import-cycle",
    "invalid-dockerfile",
    "invalid-lock",
    "invalid-manifest",
    "invalid-policy",
    "missing-path",
    "missing-report",
    "not-locked",
    "outdated-lock",
    "missing-secret",
    "no-reports",
    "not-allowed",
    "script-too-long",
    "too-many-facts",
    "too-many-imports",
    "too-many-nodes",
    "too-many-stages",
    "too-many-steps",
    "undecided-project",
    "unknown-base",
    "unknown-part",
    "unreadable-import",
    "unsupported-feature",
    "unsupported-project",
    "unused-import",
    "whole-context",
];

#[test]
fn the_example_of_a_page_has_its_mistake() {
    let mut wrong = Vec::new();
    for code in ALL.iter().filter(|code| !ELSEWHERE.contains(&code.name)) {
        let (_, block) = blocks(code.page).into_iter().next().unwrap_or_default();
        let judgement = judge(&whole(&block));
        if !judgement.report.contains(&format!("[{}]", code.name)) {
            wrong.push(format!(
                "{}:\n{}\n{}",
                code.name,
                judgement.report,
                whole(&block)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "pages whose example has another mistake or none; if no text alone can have it, add the code to ELSEWHERE:\n{}",
        wrong.join("\n")
    );
}

/// Lists the YAML blocks with their lines. YAML for other programs is marked as `yml`.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line == "```yaml" {
            let block = lines.by_ref().map(|(_, line)| line);
            let block: Vec<&str> = block.take_while(|line| *line != "```").collect();
            blocks.push((number + 2, block.join("\n") + "\n"));
        }
    }
    blocks
}

/// Makes a whole file from a part of one: from steps, options of a stage, stages, or other top-level keys.
fn whole(block: &str) -> String {
    let keys: Vec<&str> = block
        .lines()
        .filter(|line| !line.starts_with([' ', '#', '-']))
        .filter_map(|line| line.split_once(':').map(|(key, _)| key))
        .collect();
    let has_keys_of =
        |known: &dyn Fn(&str) -> bool| !keys.is_empty() && keys.iter().all(|key| known(key));
    let stages = if keys.contains(&"stages") {
        return block.to_owned();
    } else if block.trim_start().starts_with("- ") {
        format!(
            "  example:\n    from: alpine\n    workdir: /app\n    steps:\n{}",
            indented(block, 6)
        )
    } else if has_keys_of(&|key| FILE.key(key).is_some()) {
        String::new()
    } else if has_keys_of(&|key| STAGE.key(key).is_some()) {
        let from = if ["from", "use"].iter().any(|key| keys.contains(key)) {
            ""
        } else {
            "    from: alpine\n"
        };
        format!("  example:\n{from}{}", indented(block, 4))
    } else {
        indented(block, 2)
    };
    let mut file = if stages.is_empty() {
        block.to_owned()
    } else {
        String::new()
    };
    for (key, declared) in DECLARED {
        if !keys.contains(&key) || !stages.is_empty() {
            file.push_str(key);
            file.push_str(":\n");
            file.push_str(declared);
        }
        if key == "stages" {
            let own = |line: &str| stages.lines().any(|other| other == line);
            // A stage of the example replaces a declared one.
            if own("  build:") {
                file.truncate(file.len() - declared.len());
            }
            file.push_str(&stages);
        }
    }
    file
}

fn indented(block: &str, by: usize) -> String {
    let indent = " ".repeat(by);
    let lines: Vec<String> = block.lines().map(|line| indent.clone() + line).collect();
    lines.join("\n") + "\n"
}
