//! The names of a Dockerfile: its stages.

use std::collections::HashSet;

use buildkit_dockerfile::{Dockerfile, Lines, LintConfig};

use super::names::{Kind, Site};
use super::text::Text;

/// Lists where stages are named.
pub(super) fn sites(text: &Text) -> Vec<Site> {
    let file = Dockerfile::parse(text.as_str(), &LintConfig::default());
    let mut sites: Vec<Site> = Vec::new();
    let starts = file.stages().iter().skip(1);
    let starts = starts.map(|stage| text.start(number(stage.lines.first)).saturating_sub(1));
    let ends = starts.chain([text.as_str().len()]);
    for (stage, end) in file.stages().iter().zip(ends) {
        let written = words(text, file.escape(), stage.lines);
        let rest = written.iter().skip(1);
        let mut rest = rest.filter(|(_, word)| !word.starts_with("--"));
        if let Some((at, base)) = rest.next() {
            push(&mut sites, base, *at, false);
        }
        if let Some((at, name)) = rest.nth(1) {
            push(&mut sites, name, *at, true);
            if let Some(site) = sites.last_mut() {
                site.whole = text.start(number(stage.lines.first))..end;
            }
        }
        for instruction in &stage.instructions {
            flags(&mut sites, &words(text, file.escape(), instruction.lines));
        }
    }
    // Only names that are defined are stages; the others are images.
    let defined = sites.iter().filter(|site| site.is_definition);
    let defined: HashSet<String> = defined.map(|site| site.name.clone()).collect();
    sites.retain(|site| defined.contains(&site.name));
    sites
}

/// Converts a line number to one that counts from 0.
fn number(line: u32) -> usize {
    usize::try_from(line)
        .unwrap_or(usize::MAX)
        .saturating_sub(1)
}

/// Takes the names in the flags of an instruction.
fn flags(sites: &mut Vec<Site>, words: &[(usize, &str)]) {
    let is_trigger = words
        .first()
        .is_some_and(|(_, word)| word.eq_ignore_ascii_case("onbuild"));
    let rest = words.iter().skip(if is_trigger { 2 } else { 1 });
    for (at, word) in rest.take_while(|(_, word)| word.starts_with("--")) {
        if let Some(value) = word.strip_prefix("--from=") {
            push(sites, value, at + "--from=".len(), false);
        } else if word.starts_with("--mount=") {
            let mut offset = 0;
            for part in word.split(',') {
                if let Some(value) = part.strip_prefix("from=") {
                    push(sites, value, at + offset + "from=".len(), false);
                }
                offset += part.len() + 1;
            }
        }
    }
}

/// Adds a name, in lower case: instructions ignore the case of stage names.
fn push(sites: &mut Vec<Site>, name: &str, at: usize, is_definition: bool) {
    let range = at..at + name.len();
    sites.push(Site {
        kind: Kind::Stage,
        name: name.to_lowercase(),
        owner: None,
        whole: range.clone(),
        range,
        is_definition,
    });
}

/// Lists the words of an instruction, without comments and heredocs, each with the offset of its first byte.
pub(super) fn words(text: &Text, escape: char, lines: Lines) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    for number in number(lines.first)..=number(lines.last) {
        let line = text.line(number);
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let before = line.trim_end().strip_suffix(escape);
        split(before.unwrap_or(line), text.start(number), &mut words);
        if before.is_none() {
            break;
        }
    }
    words
}

fn split<'a>(line: &'a str, at: usize, words: &mut Vec<(usize, &'a str)>) {
    let mut start = None;
    for (index, letter) in line.char_indices().chain([(line.len(), ' ')]) {
        match (start, letter.is_whitespace()) {
            (None, false) => start = Some(index),
            (Some(from), true) => {
                words.push((at + from, &line[from..index]));
                start = None;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists the names, definitions with their first and last line.
    fn shown(text: &str) -> Vec<String> {
        let text = Text::new(text.to_owned());
        let sites = sites(&text);
        let shown = sites.iter().map(|site| {
            let written = &text.as_str()[site.range.clone()];
            if site.is_definition {
                let whole = [site.whole.start, site.whole.end].map(|at| text.line_of(at));
                format!("{written} {whole:?}")
            } else {
                written.to_owned()
            }
        });
        shown.collect()
    }

    #[test]
    fn stages_are_those_of_the_parser() {
        for (text, expected) in [
            (
                "FROM x AS a\nRUN echo \"1 <<2 x\"\nFROM a AS b\nCOPY --from=a /x /\n",
                vec!["a [0, 1]", "a", "b [2, 4]", "a"],
            ),
            (
                "FROM x AS a\nRUN <<-E cat <<\"F\"\n\tFROM a AS b\n\tE\nCOPY --from=a\nF\nFROM a\n",
                vec!["a [0, 5]", "a"],
            ),
            (
                "# escape=`\nFROM x `\n# FROM a\n  AS A\nRUN cp --from=a `\n --mount=from=a x\nONBUILD COPY --from=a / /\n",
                vec!["A [1, 7]", "a"],
            ),
            (
                "FROM --platform=a x AS a\nRUN --mount=type=bind,from=a,target=/ true\n",
                vec!["a [0, 2]", "a"],
            ),
            ("FROM x AS\nFROM y AS b\n", vec!["b [1, 2]"]),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
