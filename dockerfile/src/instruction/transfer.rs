//! `ADD` and `COPY`.

use super::flags::{Flags, Takes};
use super::{InlineFile, Transfer};
use crate::mistake::Mistake;
use crate::parser::{Node, chomp, heredoc_word};
use crate::text::Text;

pub(super) fn add(node: &mut Node) -> Result<Transfer, Mistake> {
    let (sources, destination) = sources(node, "ADD")?;
    let known = [
        ("chown", Takes::Value),
        ("chmod", Takes::Value),
        ("link", Takes::Switch),
        ("keep-git-dir", Takes::Switch),
        ("checksum", Takes::Value),
        ("unpack", Takes::Switch),
        ("exclude", Takes::Values),
    ];
    let flags = Flags::read(&node.flags, &known)?;
    transfer(node, "ADD", sources, destination, flags)
}

pub(super) fn copy(node: &mut Node) -> Result<Transfer, Mistake> {
    let (sources, destination) = sources(node, "COPY")?;
    let known = [
        ("chown", Takes::Value),
        ("from", Takes::Value),
        ("chmod", Takes::Value),
        ("link", Takes::Switch),
        ("exclude", Takes::Values),
        ("parents", Takes::Switch),
    ];
    let flags = Flags::read(&node.flags, &known)?;
    transfer(node, "COPY", sources, destination, flags)
}

fn sources(node: &mut Node, instruction: &str) -> Result<(Vec<Text>, Text), Mistake> {
    let mut sources = std::mem::take(&mut node.args);
    match sources.pop() {
        Some(destination) if !sources.is_empty() => Ok((sources, destination)),
        _ => Err(Mistake::new(format!(
            "{instruction} requires at least two arguments, but only one was provided. Destination could not be determined"
        ))),
    }
}

fn transfer(
    node: &Node,
    instruction: &str,
    sources: Vec<Text>,
    destination: Text,
    mut flags: Flags,
) -> Result<Transfer, Mistake> {
    let heredoc = |word: &str| heredoc_word(word).ok().flatten();
    if heredoc(&destination).is_some() {
        return Err(Mistake::new(format!(
            "{instruction} cannot accept a heredoc as a destination"
        )));
    }
    let mut transfer = Transfer {
        destination,
        from: flags.value("from"),
        owner: flags.value("chown"),
        mode: flags.value("chmod"),
        link: flags.switch("link") == Some(true),
        parents: flags.switch("parents") == Some(true),
        exclude: flags.values("exclude"),
        checksum: flags.value("checksum"),
        keep_git_dir: flags.switch("keep-git-dir"),
        unpack: flags.switch("unpack"),
        ..Transfer::default()
    };
    if node.heredocs.is_empty() && !sources.iter().any(|source| source.contains("<<")) {
        transfer.sources = sources;
        return Ok(transfer);
    }
    for source in sources {
        let Some(word) = heredoc(&source) else {
            transfer.sources.push(source);
            continue;
        };
        // If several have the same name, the last one counts.
        let found = node.heredocs.iter().rev().find(|doc| doc.name == word.name);
        let content = found.map_or(String::new(), |doc| doc.content.clone());
        transfer.inline.push(InlineFile {
            content: if word.chomp { chomp(&content) } else { content },
            name: word.name,
            expand: word.expand,
        });
    }
    Ok(transfer)
}
