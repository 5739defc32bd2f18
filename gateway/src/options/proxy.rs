//! Proxies, which clients send as build arguments.

use std::collections::BTreeMap;

use buildkit_llb::ProxyEnvironment;

/// Reports whether an argument is one of the five, ignoring case.
pub(super) fn is_proxy(name: &str) -> bool {
    place(&mut ProxyEnvironment::default(), name).is_some()
}

/// Extracts the proxies from all arguments. If a name is given in several spellings, the last one in
/// byte order wins, as in Go's frontends.
pub(super) fn extract(arguments: &BTreeMap<String, String>) -> ProxyEnvironment {
    let mut proxies = ProxyEnvironment::default();
    for (name, value) in arguments {
        if let Some(place) = place(&mut proxies, name) {
            place.clone_from(value);
        }
    }
    proxies
}

fn place<'proxies>(
    proxies: &'proxies mut ProxyEnvironment,
    name: &str,
) -> Option<&'proxies mut String> {
    match name.to_ascii_uppercase().as_str() {
        "HTTP_PROXY" => Some(&mut proxies.http),
        "HTTPS_PROXY" => Some(&mut proxies.https),
        "FTP_PROXY" => Some(&mut proxies.ftp),
        "NO_PROXY" => Some(&mut proxies.no),
        "ALL_PROXY" => Some(&mut proxies.all),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_count_and_the_last_wins() {
        let arguments = [
            ("HTTP_PROXY", "upper"),
            ("http_proxy", "lower"),
            ("Https_Proxy", "s"),
            ("NO_PROXY", "n"),
            ("PROXY", "x"),
        ];
        let arguments = arguments.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let proxies = extract(&arguments.into());
        let ProxyEnvironment {
            http,
            https,
            ftp,
            no,
            all,
        } = &proxies;
        assert_eq!([http, https, ftp, no, all], ["lower", "s", "", "n", ""]);
        assert!(!is_proxy("PROXY") && is_proxy("all_proxy"));
    }
}
