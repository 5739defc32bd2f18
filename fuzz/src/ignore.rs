//! Ignore files, such as `.dockerignore`.

use buildkit_gateway::ignore as ignore_file;

/// Reads an ignore file: patterns are short, and mean the same after they are written and read again.
pub fn ignore(data: &[u8]) {
    let patterns = ignore_file::read(data);
    // The reader removes the slash from `/!a`, as Moby's does, and the rest begins with `!`.
    let has_such = data.windows(2).any(|two| two == b"/!");
    let is_taken_for_inverted = |pattern: &str| has_such && pattern.starts_with('!');
    for pattern in &patterns {
        assert!(!pattern.is_empty() && !pattern.contains('\n'));
        let path = pattern.strip_prefix('!').unwrap_or(pattern);
        let relative = path == "/" || !path.starts_with('/') || is_taken_for_inverted(pattern);
        assert!(relative, "{path:?} is absolute");
        let names: Vec<&str> = path.split('/').collect();
        let short = path == "/"
            || names.len() == 1
            || is_taken_for_inverted(pattern)
            || !names.iter().any(|name| matches!(*name, "" | "."));
        assert!(short, "{path:?} could be shorter");
    }
    // A pattern that begins with `#`, or begins or ends with white space, can only be written with something around it.
    let plain = |pattern: &&String| {
        let path = pattern.strip_prefix('!').unwrap_or(pattern);
        !pattern.starts_with('#')
            && !is_taken_for_inverted(pattern)
            && path.trim() == path
            && pattern.trim() == pattern.as_str()
    };
    let plain: Vec<&String> = patterns.iter().filter(plain).collect();
    let lines: Vec<&str> = plain.iter().map(|pattern| pattern.as_str()).collect();
    let written = format!("\n{}", lines.join("\n"));
    assert_eq!(ignore_file::read(written.as_bytes()), lines);
}
