//! Proxies.

use std::collections::BTreeMap;

/// Proxies for every process. They reach processes apart from other variables, so that another proxy
/// doesn't make for another build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proxy {
    /// For HTTP.
    pub http: Option<String>,
    /// For HTTPS.
    pub https: Option<String>,
    /// For FTP.
    pub ftp: Option<String>,
    /// Hosts that are reached without a proxy.
    pub no: Option<String>,
    /// For everything else.
    pub all: Option<String>,
}

impl Proxy {
    /// Tells whether an argument is one of the five, whatever its case.
    pub(super) fn is_argument(name: &str) -> bool {
        Self::default().place(name).is_some()
    }

    /// Takes the proxies out of all arguments. Where one is spelled in several ways, the last in order
    /// of bytes wins, as in Go's frontends.
    pub(super) fn of(arguments: &BTreeMap<String, String>) -> Self {
        let mut proxy = Self::default();
        for (name, value) in arguments {
            if let Some(place) = proxy.place(name) {
                *place = Some(value.clone());
            }
        }
        proxy
    }

    /// Tells whether there is none at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name.to_ascii_uppercase().as_str() {
            "HTTP_PROXY" => Some(&mut self.http),
            "HTTPS_PROXY" => Some(&mut self.https),
            "FTP_PROXY" => Some(&mut self.ftp),
            "NO_PROXY" => Some(&mut self.no),
            "ALL_PROXY" => Some(&mut self.all),
            _ => None,
        }
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
        let proxy = Proxy::of(&arguments.into());
        assert_eq!(proxy.http.as_deref(), Some("lower"));
        assert_eq!(proxy.https.as_deref(), Some("s"));
        assert_eq!(proxy.no.as_deref(), Some("n"));
        assert_eq!((&proxy.ftp, &proxy.all), (&None, &None));
        assert!(!Proxy::is_argument("PROXY") && Proxy::is_argument("all_proxy"));
    }
}
