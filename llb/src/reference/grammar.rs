//! The character rules of references: one function for each rule of the distribution grammar.

/// `host[:port]`, where the host is a domain name or an IPv6 address in brackets.
pub(super) fn is_domain(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split_once(']').is_some_and(|(address, port)| {
            !address.is_empty()
                && address
                    .bytes()
                    .all(|byte| byte.is_ascii_hexdigit() || byte == b':')
                && is_optional_port(port)
        });
    }
    let end = text.find(':').unwrap_or(text.len());
    let (host, port) = text.split_at(end);
    host.split('.').all(is_domain_component) && is_optional_port(port)
}

fn is_optional_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
}

fn is_domain_component(component: &str) -> bool {
    let bytes = component.as_bytes();
    bytes
        .iter()
        .all(|&byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && bytes.first().is_some_and(|&byte| byte != b'-')
        && bytes.last().is_some_and(|&byte| byte != b'-')
}

/// One or more path components, separated by slashes.
pub(super) fn is_path(text: &str) -> bool {
    text.split('/').all(is_path_component)
}

/// Runs of lower-case letters and digits, separated by `.`, `_`, `__` or any number of `-`.
fn is_path_component(component: &str) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = component.as_bytes();
    if !bytes.first().is_some_and(is_plain) || !bytes.last().is_some_and(is_plain) {
        return false;
    }
    bytes
        .split(is_plain)
        .filter(|separator| !separator.is_empty())
        .all(|separator| {
            matches!(separator, b"." | b"_" | b"__") || separator.iter().all(|&byte| byte == b'-')
        })
}

/// 1 to 128 letters, digits, `_`, `.` and `-`, not beginning with `.` or `-`.
pub(super) fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(is_word)
        && text
            .bytes()
            .all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

/// `algorithm:hexadecimal` with at least 32 digits; the algorithm's own rules are checked later.
pub(super) fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hash)| {
        algorithm.split(['-', '_', '+', '.']).all(|part| {
            part.bytes()
                .next()
                .is_some_and(|byte| byte.is_ascii_alphabetic())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }) && hash.len() >= 32
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}
