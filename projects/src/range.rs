//! Version ranges of npm and Python, as far as needed to select an image.

/// A version's numbers; missing ones are `None`.
type Numbers = [Option<u32>; 3];

/// Reports whether a range includes a version of a release line: `22` for npm, `3.12` for Python.
///
/// Returns `None` if the range isn't understood.
pub(crate) fn includes(range: &str, line: &[u32]) -> Option<bool> {
    let mut all = range
        .split("||")
        .map(|part| part_includes(part.trim(), line));
    all.try_fold(false, |any, one| one.map(|one| any || one))
}

fn part_includes(part: &str, line: &[u32]) -> Option<bool> {
    if let Some((low, high)) = part.split_once(" - ") {
        let (low, high) = (numbers(low)?, numbers(high)?);
        return Some(last(line) >= lowest(low) && first(line) <= highest(high));
    }
    let mut text = part.replace([','], " ");
    // `>= 18` is `>=18`.
    for operator in [">=", "<=", "~=", "==", "!=", ">", "<", "^", "~", "="] {
        while text.contains(&format!("{operator} ")) {
            text = text.replace(&format!("{operator} "), operator);
        }
    }
    let mut is_in = true;
    for comparator in text.split_whitespace() {
        let version = comparator.trim_start_matches(['<', '>', '=', '~', '^', '!']);
        let operator = &comparator[..comparator.len() - version.len()];
        let version = numbers(version)?;
        is_in &= match operator {
            ">=" => last(line) >= lowest(version),
            ">" => {
                last(line)
                    > if version[1].is_none() {
                        highest(version)
                    } else {
                        lowest(version)
                    }
            }
            "<" => first(line) < lowest(version),
            "<=" => first(line) <= highest(version),
            "!=" => !(first(line) >= lowest(version) && last(line) <= highest(version)),
            "^" => {
                last(line) >= lowest(version)
                    && first(line) <= [version[0].unwrap_or(0), u32::MAX, u32::MAX]
            }
            "~" | "~=" => {
                // Python's `~=3.8` allows 3.9, npm's `~3.8` does not.
                let keeps = if operator == "~=" && version[2].is_none() {
                    1
                } else {
                    2
                };
                let top = std::array::from_fn(|at| {
                    if at < keeps {
                        version[at].unwrap_or(u32::MAX)
                    } else {
                        u32::MAX
                    }
                });
                last(line) >= lowest(version) && first(line) <= top
            }
            "" | "=" | "==" | "===" => {
                first(line) <= highest(version) && last(line) >= lowest(version)
            }
            _ => return None,
        };
    }
    Some(is_in)
}

/// Parses a version: `18`, `v18.17`, `18.x`, `*`.
fn numbers(text: &str) -> Option<Numbers> {
    let text = text.trim().trim_start_matches(['v', '=']);
    let text = text.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = [None; 3];
    for (at, part) in text.split('.').take(3).enumerate() {
        match part {
            "*" | "x" | "X" => break,
            part => numbers[at] = Some(part.parse().ok()?),
        }
    }
    Some(numbers)
}

fn lowest(version: Numbers) -> [u32; 3] {
    version.map(|number| number.unwrap_or(0))
}

fn highest(version: Numbers) -> [u32; 3] {
    version.map(|number| number.unwrap_or(u32::MAX))
}

fn first(line: &[u32]) -> [u32; 3] {
    std::array::from_fn(|at| line.get(at).copied().unwrap_or(0))
}

/// Returns the last version of a line; no range ends above it.
fn last(line: &[u32]) -> [u32; 3] {
    std::array::from_fn(|at| line.get(at).copied().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_npm_and_python() {
        for (range, line, expected) in [
            (">=18", &[22][..], Some(true)),
            (">= 18.17 <21", &[18], Some(true)),
            (">=18 <21", &[22], Some(false)),
            ("^18.2.0", &[18], Some(true)),
            ("^18.2.0", &[20], Some(false)),
            ("18.x || 20", &[20], Some(true)),
            ("18", &[20], Some(false)),
            ("~20.1", &[20], Some(true)),
            ("*", &[20], Some(true)),
            ("", &[20], Some(true)),
            ("14 - 18", &[16], Some(true)),
            (">20", &[20], Some(false)),
            (">=3.8,<3.12", &[3, 11], Some(true)),
            (">=3.8,<3.12", &[3, 12], Some(false)),
            ("~=3.8", &[3, 11], Some(true)),
            ("==3.11.*", &[3, 11], Some(true)),
            ("==3.11.*", &[3, 12], Some(false)),
            ("^3.10", &[3, 12], Some(true)),
            (">=3.9, !=3.11.*", &[3, 11], Some(false)),
            ("lts/*", &[20], None),
        ] {
            assert_eq!(includes(range, line), expected, "{range} {line:?}");
        }
    }
}
