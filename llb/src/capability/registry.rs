//! The table of capabilities (`solver/pb/caps.go`), with the release that introduced each.

use std::fmt;

macro_rules! capabilities {
    ($($variant:ident = $id:literal, $since:literal, $guards:literal;)*) => {
        /// A feature that a daemon may or may not support.
        ///
        /// These are the capabilities that BuildKit 0.32 registers. BuildKit's source names two
        /// more, for a copy's symbolic mode and for the recursive removal of mount stubs, but never
        /// registers them, so every daemon refuses a graph that asks for them. They are left out on
        /// purpose.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Capability {
            $(
                #[doc = concat!("Guards ", $guards, " (`", $id, "`, since BuildKit ", $since, ").")]
                $variant,
            )*
        }

        impl Capability {
            /// All capabilities.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the name on the wire, such as `exec.mount.cache`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// Returns the BuildKit release that introduced the capability, such as `0.10.0`.
            /// Features that are older than capabilities count as 0.3.0, the first release with
            /// capabilities.
            pub const fn since(self) -> &'static str {
                match self { $(Self::$variant => $since,)* }
            }

            /// Returns the feature that the capability stands for, worded to fit into a sentence.
            pub const fn guards(self) -> &'static str {
                match self { $(Self::$variant => $guards,)* }
            }

            /// Returns the capability with this name on the wire.
            pub fn from_id(id: &str) -> Option<Self> {
                match id { $($id => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

capabilities! {
    SourceImage = "source.image", "0.3.0", "images as sources";
    SourceImageResolveMode = "source.image.resolvemode", "0.3.0", "the choice between registry and local store when an image is resolved";
    SourceImageLayerLimit = "source.image.layerlimit", "0.11.0", "use of only the first layers of an image";
    SourceImageChecksum = "source.image.checksum", "0.25.0", "an expected digest of an image";
    SourceLocal = "source.local", "0.3.0", "directories of the client as sources";
    SourceLocalUnique = "source.local.unique", "0.3.0", "local sources that are told apart by a unique id";
    SourceLocalSessionId = "source.local.sessionid", "0.3.0", "local sources of a given session";
    SourceLocalIncludePatterns = "source.local.includepatterns", "0.3.0", "include patterns of local sources";
    SourceLocalFollowPaths = "source.local.followpaths", "0.3.0", "paths of local sources whose symbolic links are followed";
    SourceLocalExcludePatterns = "source.local.excludepatterns", "0.3.0", "exclude patterns of local sources";
    SourceLocalSharedKeyHint = "source.local.sharedkeyhint", "0.3.0", "hints that let local sources share a transfer cache";
    SourceLocalDiffer = "source.local.differ", "0.9.0", "the choice of how changed files of a local source are found";
    SourceLocalMetadataTransfer = "source.local.metadatatransfer", "0.21.0", "local sources that transfer metadata only";
    SourceGit = "source.git", "0.3.0", "Git repositories as sources";
    SourceGitKeepGitDir = "source.git.keepgitdir", "0.3.0", "Git sources that keep their `.git` directory";
    SourceGitFullUrl = "source.git.fullurl", "0.3.0", "Git sources with a complete remote URL";
    SourceGitHttpAuth = "source.git.httpauth", "0.8.0", "chosen names of the secrets for Git over HTTP";
    SourceGitKnownSshHosts = "source.git.knownsshhosts", "0.8.0", "known host keys for Git over SSH";
    SourceGitMountSshSock = "source.git.mountsshsock", "0.8.0", "an SSH agent for Git over SSH";
    SourceGitSubdir = "source.git.subdir", "0.9.0", "subdirectories of Git repositories";
    SourceGitChecksum = "source.git.checksum", "0.22.0", "an expected commit of a Git source";
    SourceGitSkipSubmodules = "source.git.skipsubmodules", "0.24.0", "Git sources without their submodules";
    SourceGitSignatureVerify = "source.git.signatureverify", "0.26.0", "verification of Git signatures";
    SourceGitMtime = "source.git.mtime", "0.29.0", "the choice of modification times in Git sources";
    SourceGitFetchByCommit = "source.git.fetchbycommit", "0.30.0", "Git sources that trust a commit without asking the remote for its ref";
    SourceGitBundle = "source.git.bundle", "0.30.0", "Git sources that are imported from a bundle";
    SourceGitCheckoutBundle = "source.git.checkoutbundle", "0.30.0", "Git sources that yield a bundle";
    SourceHttp = "source.http", "0.3.0", "downloads as sources";
    SourceHttpAuth = "source.http.auth", "0.21.0", "an authorization header for downloads";
    SourceHttpChecksum = "source.http.checksum", "0.3.0", "an expected digest of a download";
    SourceHttpPerm = "source.http.perm", "0.3.0", "permissions of a downloaded file";
    SourceHttpUidGid = "soruce.http.uidgid", "0.3.0", "ownership of a downloaded file";
    SourceHttpHeader = "source.http.header", "0.21.0", "request headers of a download";
    SourceHttpSignatureVerify = "source.http.signatureverify", "0.28.0", "verification of a download's signature";
    SourceImageBlob = "source.imageblob", "0.28.0", "single blobs of a registry or OCI layout as sources";
    SourceOciLayout = "source.ocilayout", "0.11.0", "OCI layouts as sources";
    SourceBuildOpLlbFileName = "source.buildop.llbfilename", "0.3.0", "builds of a definition that lies in a file";
    ExecMetaBase = "exec.meta.base", "0.3.0", "running processes";
    ExecMetaCgroupParent = "exec.meta.cgroup.parent", "0.10.0", "a parent control group of a process";
    ExecMetaNetwork = "exec.meta.network", "0.3.0", "network modes of a process";
    ExecMetaNetworkProxy = "exec.meta.network.proxy", "0.31.0", "a network in which only a proxy is reachable";
    ExecMetaProxyEnv = "exec.meta.proxyenv", "0.3.0", "proxy variables outside of the cache key";
    ExecMetaSecurity = "exec.meta.security", "0.5.0", "security modes of a process";
    ExecMetaSecurityDevicesV1 = "exec.meta.security.devices.v1", "0.7.0", "all devices for processes in insecure mode";
    ExecMetaSetsDefaultPath = "exec.meta.setsdefaultpath", "0.3.0", "a default `PATH` for processes";
    ExecMetaUlimit = "exec.meta.ulimit", "0.10.0", "limits of a process's resources";
    ExecMetaCdi = "exec.meta.cdi", "0.20.0", "devices of the Container Device Interface";
    ExecMetaLinuxResources = "exec.meta.linux.resources", "0.31.0", "memory and processor limits of a process";
    ExecMountBind = "exec.mount.bind", "0.3.0", "bind mounts";
    ExecMountBindReadWriteNoOutput = "exec.mount.bind.readwrite-nooutput", "0.6.1", "writable bind mounts whose changes are dropped";
    ExecMountCache = "exec.mount.cache", "0.3.0", "cache mounts";
    ExecMountCacheSharing = "exec.mount.cache.sharing", "0.3.0", "sharing modes of cache mounts";
    ExecMountSelector = "exec.mount.selector", "0.3.0", "mounts of a sub path";
    ExecMountTmpfs = "exec.mount.tmpfs", "0.3.0", "mounts in memory";
    ExecMountTmpfsSize = "exec.mount.tmpfs.size", "0.10.0", "sizes of mounts in memory";
    ExecMountSecret = "exec.mount.secret", "0.3.0", "secrets";
    ExecMountSsh = "exec.mount.ssh", "0.3.0", "SSH agents";
    ExecMountContentCache = "exec.mount.cache.content", "0.13.0", "the choice of content-based caching for a mount";
    ExecCgroup = "exec.cgroup", "0.3.0", "a mounted control group file system";
    ExecSecretEnv = "exec.secretenv", "0.10.0", "secrets in environment variables";
    ExecValidExitCode = "exec.validexitcode", "0.17.0", "exit codes other than 0 that count as success";
    FileBase = "file.base", "0.5.0", "file operations";
    FileRmWildcard = "file.rm.wildcard", "0.7.0", "wildcards in removals";
    FileCopyIncludeExcludePatterns = "file.copy.includeexcludepatterns", "0.9.0", "include and exclude patterns of copies";
    FileCopyRequiredPaths = "file.copy.requiredpaths", "0.26.0", "paths that a copy must find";
    FileRmNoFollowSymlink = "file.rm.nofollowsymlink", "0.10.0", "removals that take symbolic links, not their targets";
    FileCopyAlwaysReplaceExistingDestPaths = "file.copy.alwaysreplaceexistingdestpaths", "0.14.0", "copies that replace what is at their destination";
    FileSymlinkCreate = "file.symlink.create", "0.19.0", "creation of symbolic links";
    Constraints = "constraints", "0.3.0", "constraints of a vertex";
    Platform = "platform", "0.3.0", "the platform of a vertex";
    MetaIgnoreCache = "meta.ignorecache", "0.3.0", "vertices that ignore the cache";
    MetaDescription = "meta.description", "0.3.0", "descriptions of vertices";
    MetaExportCache = "meta.exportcache", "0.3.0", "vertices that say whether they are exported with the cache";
    CacheGha = "cache.gha", "0.9.0", "caches at GitHub Actions";
    CacheS3 = "cache.s3", "0.11.0", "caches in S3";
    CacheAzblob = "cache.azblob", "0.11.0", "caches in Azure blob storage";
    MergeOp = "mergeop", "0.10.0", "merges";
    DiffOp = "diffop", "0.10.0", "differences";
    PassthroughOp = "passthroughop", "0.31.0", "vertices that pass results on and require others";
    ExporterImageAnnotations = "exporter.image.annotations", "0.11.0", "annotations of images";
    ExporterImageAttestations = "exporter.image.attestations", "0.11.0", "attestations of images";
    ExporterSourceDateEpoch = "exporter.sourcedateepoch", "0.11.0", "a fixed date for everything that is exported";
    ExporterMultiple = "exporter.multiple", "0.13.0", "several exports of one build";
    ExporterSession = "exporter.session", "0.21.0", "exports by the client";
    SourcePolicy = "source.policy", "0.11.0", "policies on sources";
    SourcePolicySession = "source.policy.session", "0.26.0", "policies on sources that the client decides";
    GcFreeSpaceFilter = "gc.freespacefilter", "0.17.0", "garbage collection by free space";
    HistoryFilter = "history.filter", "0.20.0", "filters on the build history";
}

impl fmt::Display for Capability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_found() {
        for &capability in Capability::ALL {
            assert_eq!(Capability::from_id(capability.id()), Some(capability));
        }
        assert_eq!(Capability::from_id("file.copy.modestring"), None);
    }

    #[test]
    fn the_historic_spelling_stays() {
        assert_eq!(Capability::SourceHttpUidGid.id(), "soruce.http.uidgid");
    }
}
