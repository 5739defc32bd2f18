//! The names of a Dockerfile: its stages.

use std::collections::HashSet;

use super::names::{Kind, Site};
use super::text::Text;

/// Lists where stages are named.
pub(super) fn sites(text: &Text) -> Vec<Site> {
    let mut sites: Vec<Site> = Vec::new();
    let mut stage: Option<usize> = None;
    let mut goes_on = false;
    // The lines of a here-document are no instructions.
    let mut document: Option<String> = None;
    for number in 0..text.lines() {
        let line = text.line(number);
        let start = text.start(number);
        if let Some(end) = &document {
            if line.trim_start_matches('\t') == end {
                document = None;
            }
            continue;
        }
        if line.trim_start().starts_with('#') {
            continue;
        }
        let words = words(line);
        let first = words.first().map_or("", |(_, word)| word);
        let is_from = !goes_on && first.eq_ignore_ascii_case("from");
        if is_from {
            if let Some(site) = stage.and_then(|index| sites.get_mut(index)) {
                site.whole.end = start.saturating_sub(1);
            }
            stage = None;
            let mut rest = words
                .iter()
                .skip(1)
                .filter(|(_, word)| !word.starts_with("--"));
            if let Some((at, base)) = rest.next() {
                push(&mut sites, base, start + at, false);
            }
            if let (Some((_, word)), Some((at, name))) = (rest.next(), rest.next())
                && word.eq_ignore_ascii_case("as")
            {
                push(&mut sites, name, start + at, true);
                stage = Some(sites.len() - 1);
                if let Some(site) = sites.last_mut() {
                    site.whole = start..text.as_str().len();
                }
            }
        }
        for (at, word) in &words {
            if let Some(value) = word.strip_prefix("--from=") {
                push(&mut sites, value, start + at + "--from=".len(), false);
            } else if word.starts_with("--mount=") {
                let mut offset = 0;
                for part in word.split(',') {
                    if let Some(value) = part.strip_prefix("from=") {
                        push(
                            &mut sites,
                            value,
                            start + at + offset + "from=".len(),
                            false,
                        );
                    }
                    offset += part.len() + 1;
                }
            } else if let Some(end) = word.strip_prefix("<<").filter(|_| !word.starts_with("<<<")) {
                let end = end.trim_start_matches('-').trim_matches(['"', '\'']);
                if !end.is_empty() && document.is_none() {
                    document = Some(end.to_owned());
                }
            }
        }
        goes_on = line.trim_end().ends_with('\\');
    }
    // Only what is defined is a stage; the rest are images.
    let defined = sites.iter().filter(|site| site.is_definition);
    let defined: HashSet<String> = defined.map(|site| site.name.clone()).collect();
    sites.retain(|site| defined.contains(&site.name));
    sites
}

/// Adds a name; instructions don't tell letters of two cases apart.
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

fn words(line: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in line.char_indices().chain([(line.len(), ' ')]) {
        match (start, letter.is_whitespace()) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                words.push((from, &line[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    words
}
