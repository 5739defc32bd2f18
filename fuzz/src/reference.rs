//! Strings that refer to external things: images, platforms, Git repositories, checksums.

use buildkit_gateway::context::GitReference;
use buildkit_llb::{Checksum, GitRemote, Platform, Reference};

/// Reads the input as each kind: what is accepted means the same after it is written and read again.
pub fn reference(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(reference) = Reference::parse(text) {
        for written in [reference.to_string(), reference.familiar()] {
            let again = Reference::parse(&written);
            assert_eq!(again.as_ref(), Ok(&reference), "written as {written}");
        }
        let tagged = reference.clone().with_default_tag();
        assert!(tagged.tag().is_some() || tagged.digest().is_some());
    }
    if let Ok(platform) = Platform::parse(text) {
        let normal = platform.normalize();
        assert_eq!(normal.normalize(), normal, "of {platform}");
        // Platforms are written as in Go, which takes `.` and `..` for directories, and only escapes the characters
        // that separate the parts of a platform.
        let dots = |part: &str| part.bytes().all(|byte| byte == b'.');
        let options = platform.os_features.iter().chain([&platform.os_version]);
        let writable = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-%+()/".contains(&byte);
        if !text.split('/').any(dots) && options.flat_map(|one| one.bytes()).all(writable) {
            let again = Platform::parse(&platform.to_string());
            // The features of an operating system are a set: they are written sorted, without duplicates.
            let mut expected = platform.clone();
            expected.os_features.sort_unstable();
            expected.os_features.dedup();
            assert_eq!(again.as_ref(), Ok(&expected));
        }
    }
    if let Ok(checksum) = Checksum::parse(text) {
        assert_eq!(Checksum::parse(checksum.as_str()), Ok(checksum));
    }
    if let Ok(remote) = GitRemote::parse(text) {
        _ = (remote.url(), remote.is_ssh(), remote.fragment());
    }
    _ = GitReference::parse(text);
}
