//! Proxies of a process.

/// The proxies of a process. The daemon exports each variable in upper and lower case, and leaves
/// them out of the cache key. Empty ones are not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProxyEnvironment {
    /// The value of `HTTP_PROXY`.
    pub http: String,
    /// The value of `HTTPS_PROXY`.
    pub https: String,
    /// The value of `FTP_PROXY`.
    pub ftp: String,
    /// The value of `NO_PROXY`: the hosts that are reached directly.
    pub no: String,
    /// The value of `ALL_PROXY`.
    pub all: String,
}
