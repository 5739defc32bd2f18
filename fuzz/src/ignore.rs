//! Files such as `.dockerignore`.

use buildkit_gateway::ignore as ignore_file;

/// Reads a file of ignored paths: patterns are short, and mean the same when they are written down and read again.
pub fn ignore(data: &[u8]) {
    let patterns = ignore_file::read(data);
    for pattern in &patterns {
        assert!(!pattern.is_empty() && !pattern.contains('\n'));
        let path = pattern.strip_prefix('!').unwrap_or(pattern);
        assert!(
            path == "/" || !path.starts_with('/'),
            "{path:?} is absolute"
        );
        let names: Vec<&str> = path.split('/').collect();
        let short =
            path == "/" || names.len() == 1 || !names.iter().any(|name| matches!(*name, "" | "."));
        assert!(short, "{path:?} could be shorter");
    }
    // What begins with `#`, or begins or ends with white space, can only be written with more around it.
    let plain = |pattern: &&String| {
        let path = pattern.strip_prefix('!').unwrap_or(pattern);
        !pattern.starts_with('#') && path.trim() == path && pattern.trim() == pattern.as_str()
    };
    let plain: Vec<&String> = patterns.iter().filter(plain).collect();
    let lines: Vec<&str> = plain.iter().map(|pattern| pattern.as_str()).collect();
    let written = format!("\n{}", lines.join("\n"));
    assert_eq!(ignore_file::read(written.as_bytes()), lines);
}
