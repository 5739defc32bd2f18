//! The shell commands of a page, and what they are expected to do.

/// Shell commands of a page, with what the comment before them says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Line of the page at which they begin.
    pub(crate) line: usize,
    /// Where they run; `None` if they don't.
    pub(crate) machine: Option<Machine>,
    /// Whether it has no cache of earlier builds.
    pub(crate) new: bool,
    /// What must come of them.
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
    /// The output contains a text.
    Shows(String),
    /// The output doesn't contain a text.
    Lacks(String),
    /// There is a file afterwards.
    HasFile(String),
    /// A step, by a part of its name, comes from the cache.
    Cached(String),
    /// All steps of stages come from the cache, and there are some.
    NothingRuns,
    /// The image is the one that the build before it made, on whichever machine.
    SameImage,
    /// The commands fail.
    Fails,
}

/// Finds the blocks of a page; each must be preceded by a comment `<!-- run on first|[new ]second; EXPECTED; … -->` or `<!-- not run -->`.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let lines: Vec<_> = page.lines().collect();
    let mut blocks = Vec::new();
    for (index, _) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| **line == "```sh")
    {
        let comment = index
            .checked_sub(1)
            .and_then(|before| lines[before].strip_prefix("<!-- "))
            .and_then(|comment| comment.strip_suffix(" -->"))
            .unwrap_or_else(|| {
                panic!(
                    "no comment says whether the commands of line {} run",
                    index + 1
                )
            });
        let mut parts = comment.split("; ");
        let (machine, new) = match parts.next().unwrap_or_default() {
            "run on first" => (Some(Machine::First), false),
            "run on second" => (Some(Machine::Second), false),
            "run on new second" => (Some(Machine::Second), true),
            "not run" => (None, false),
            other => panic!("`{other}` before line {} means nothing", index + 1),
        };
        let script = lines[index + 1..]
            .iter()
            .take_while(|line| **line != "```")
            .fold(String::new(), |script, line| script + line + "\n");
        blocks.push(Block {
            line: index + 1,
            machine,
            new,
            expected: parts.map(expected).collect(),
            script,
        });
    }
    blocks
}

fn expected(part: &str) -> Expected {
    match part.split_once(": ").unwrap_or((part, "")) {
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
    let page = "Text.\n\n<!-- run on new second; shows: a: b; nothing runs -->\n```sh\none\ntwo\n```\n\n<!-- not run -->\n```sh\nthree\n```\n";
    assert_eq!(
        blocks(page),
        [
            Block {
                line: 4,
                machine: Some(Machine::Second),
                new: true,
                expected: vec![Expected::Shows("a: b".to_owned()), Expected::NothingRuns],
                script: "one\ntwo\n".to_owned(),
            },
            Block {
                line: 10,
                machine: None,
                new: false,
                expected: vec![],
                script: "three\n".to_owned(),
            },
        ]
    );
}
