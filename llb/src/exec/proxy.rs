//! Proxies of a process.

/// Sets the proxies of a process. The daemon exports each in upper and lower case, and leaves them
/// out of the cache key. Empty ones are not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProxyEnvironment {
    /// Sets `HTTP_PROXY`.
    pub http: String,
    /// Sets `HTTPS_PROXY`.
    pub https: String,
    /// Sets `FTP_PROXY`.
    pub ftp: String,
    /// Sets `NO_PROXY`, the hosts that are reached directly.
    pub no: String,
    /// Sets `ALL_PROXY`.
    pub all: String,
}
