//! The shell commands of a page, and their expected effects.

/// Shell commands of a page, with the content of the comment before them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The line of the page where they begin.
    pub(crate) line: usize,
    /// The machine that they run on.
    pub(crate) machine: Machine,
    /// Whether it has no cache from earlier builds.
    pub(crate) new: bool,
    /// What must be true afterwards.
    pub(crate) expected: Vec<Expected>,
    pub(crate) script: String,
}

/// One of the two daemons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Machine {
    First,
    Second,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The output contains a string.
    Shows(String),
    /// The output doesn't contain a string.
    Lacks(String),
    /// A file exists afterwards.
    HasFile(String),
    /// The step with this part of a name comes from the cache.
    Cached(String),
    /// All steps of stages come from the cache, and there is at least one.
    NothingRuns,
    /// The image is the same as that of the previous build, on either machine.
    SameImage,
    /// The commands fail.
    Fails,
}

/// Finds the blocks of a page. Each must say what is known about it, in a comment on the line before.
///
/// Commands are `sh`: `<!-- run on first|[new ]second; EXPECTED; … -->`, `<!-- tried with PROGRAM VERSION… -->` or
/// `<!-- not run: WHY -->`. Files for other programs also use `tried` and `not run`, or `<!-- checked against SCHEMA…
/// -->`. Parts of Stagefiles (`yaml`) need no comment.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let lines: Vec<_> = page.lines().collect();
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let number = at + 1;
        at += 1;
        let Some(language) = line.trim_start_matches([' ', '-', '>']).strip_prefix("```") else {
            assert!(
                !line.starts_with("    ") && !line.contains("~~~"),
                "line {number} is a block whose language isn't said"
            );
            continue;
        };
        let content = &lines[at..];
        let length = content.iter().position(|line| *line == "```");
        let length = length.unwrap_or_else(|| panic!("the block of line {number} has no end"));
        at += length + 1;
        if language == "yaml" {
            continue;
        }
        let comment = number.checked_sub(2).and_then(|before| {
            let comment = lines[before].strip_prefix("<!-- ")?;
            comment.strip_suffix(" -->")
        });
        let comment = comment.unwrap_or_else(|| {
            panic!("no comment says what is known of the block of line {number}")
        });
        let mut parts = comment.split("; ");
        let head = parts.next().unwrap_or_default();
        let running = match head {
            "run on first" => Some((Machine::First, false)),
            "run on second" => Some((Machine::Second, false)),
            "run on new second" => Some((Machine::Second, true)),
            _ => None,
        };
        let Some((machine, new)) = running else {
            let says_why = head
                .strip_prefix("not run: ")
                .is_some_and(|why| !why.is_empty());
            let version = head.strip_prefix("tried with ");
            let version = version.or_else(|| {
                // A schema can't check commands.
                head.strip_prefix("checked against ")
                    .filter(|_| language != "sh")
            });
            let has_version =
                version.is_some_and(|rest| rest.contains(|letter: char| letter.is_ascii_digit()));
            assert!(
                says_why || has_version,
                "`{comment}` says nothing of the block of line {number}"
            );
            continue;
        };
        assert_eq!(
            language, "sh",
            "the commands of line {number} are to be of `sh`"
        );
        blocks.push(Block {
            line: number,
            machine,
            new,
            expected: parts.map(expected).collect(),
            script: content[..length]
                .iter()
                .flat_map(|line| [line, "\n"])
                .collect(),
        });
    }
    blocks
}

fn expected(part: &str) -> Expected {
    let (kind, text) = part.split_once(": ").unwrap_or((part, ""));
    let takes_text = ["shows", "lacks", "cached", "has file"].contains(&kind);
    assert_eq!(takes_text, !text.is_empty(), "`{part}` is no expectation");
    match (kind, text) {
        ("shows", text) => Expected::Shows(text.to_owned()),
        ("lacks", text) => Expected::Lacks(text.to_owned()),
        ("cached", step) => Expected::Cached(step.to_owned()),
        ("has file", path) => Expected::HasFile(path.to_owned()),
        ("nothing runs", "") => Expected::NothingRuns,
        ("same image", "") => Expected::SameImage,
        ("fails", "") => Expected::Fails,
        _ => panic!("`{part}` is no expectation"),
    }
}

#[test]
fn a_block_has_the_expectations_of_its_comment() {
    let page = "Text.\n\n<!-- run on new second; shows: a: b; nothing runs -->\n```sh\none\ntwo\n```\n\n```yaml\n# ```sh\n```\n";
    assert_eq!(
        blocks(page),
        [Block {
            line: 4,
            machine: Machine::Second,
            new: true,
            expected: vec![Expected::Shows("a: b".to_owned()), Expected::NothingRuns],
            script: "one\ntwo\n".to_owned(),
        }]
    );
}

#[test]
fn a_block_that_does_not_run_says_why_or_what_it_was_tried_with() {
    for page in [
        "<!-- not run: there was no cluster -->\n```sh\none\n```\n",
        "<!-- tried with buildx 0.29 -->\n```sh\none\n```\n",
        "<!-- tried with buildkitd 0.32 -->\n```toml\none\n```\n",
        "<!-- checked against the schema of 1.37; not run -->\n```yml\none\n```\n",
    ] {
        assert_eq!(blocks(page), [], "{page}");
    }
}

#[test]
fn a_block_of_which_nothing_is_known_is_refused() {
    for page in [
        "```sh\none\n```\n",
        "<!-- run on first -->\n\n```sh\none\n```\n",
        "<!-- not run -->\n```sh\none\n```\n",
        "<!-- not run:  -->\n```sh\none\n```\n",
        "<!-- tried with buildx -->\n```sh\none\n```\n",
        "<!-- checked against 1.37 -->\n```sh\none\n```\n",
        "<!-- run on third -->\n```sh\none\n```\n",
        "<!-- run on first; shows -->\n```sh\none\n```\n",
        "<!-- run on first -->\n```bash\none\n```\n",
        "<!-- run on first -->\n```sh\none\n",
        "- ```sh\n  one\n  ```\n",
        "  ```sh\n  one\n  ```\n",
        "```text\ndocker buildx build .\n```\n",
        "```\ndocker buildx build .\n```\n",
        "```toml\none = 1\n```\n",
        "~~~sh\none\n~~~\n",
        "Text.\n\n    docker buildx build .\n",
    ] {
        let found = std::panic::catch_unwind(|| blocks(page));
        assert!(found.is_err(), "{page}");
    }
}
