//! The presets.

use super::{Directory, Location, Preset, Reach};
use crate::plan::Sharing;

/// All presets, by name.
pub static ALL: &[Preset] = &[
    // Alpine's packages.
    // Indexes and packages. apk keeps them only if this directory exists. Most instructions make it a link; mounting it changes
    // nothing in the image.
    Preset {
        name: "apk",
        directories: &[Directory {
            name: "apk",
            target: Location::Path("/etc/apk/cache"),
            sharing: Sharing::Locked,
            reach: Reach::Daemon,
            is_divisible: false,
        }],
        env: &[],
        files: &[],
    },
    // Debian's packages.
    // Lists and archives. One user at a time, because apt and dpkg lock them.
    Preset {
        name: "apt",
        directories: &[
            Directory {
                name: "apt-archives",
                target: Location::Path("/var/cache/apt"),
                sharing: Sharing::Locked,
                reach: Reach::Daemon,
                is_divisible: false,
            },
            Directory {
                name: "apt-lists",
                target: Location::Path("/var/lib/apt/lists"),
                sharing: Sharing::Locked,
                reach: Reach::Daemon,
                is_divisible: false,
            },
        ],
        env: &[],
        // Images of Debian and Ubuntu have a file of this name that empties both directories after every command.
        files: &[(
            "/etc/apt/apt.conf.d/docker-clean",
            "Binary::apt::APT::Keep-Downloaded-Packages \"true\";\n",
        )],
    },
    // Bun's packages.
    // Downloads. Packages are moved into place when complete, so several builds may write at once. Bun copies where it can't link.
    Preset {
        name: "bun",
        directories: &[Directory {
            name: "bun",
            target: Location::Path("/var/cache/bun"),
            sharing: Sharing::Shared,
            reach: Reach::Daemon,
            is_divisible: false,
        }],
        env: &[("BUN_INSTALL_CACHE_DIR", "/var/cache/bun")],
        files: &[],
    },
    // Ruby's gems.
    // Downloaded gems, the index, and compiled extensions. Bundler keeps gems here only if its setting says that all projects
    // share the cache. This cache isn't shared, because extensions only work on the system that compiled them.
    Preset {
        name: "bundler",
        directories: &[Directory {
            name: "bundler",
            target: Location::Path("/var/cache/bundler"),
            sharing: Sharing::Shared,
            reach: Reach::Project,
            is_divisible: false,
        }],
        env: &[
            ("BUNDLE_USER_CACHE", "/var/cache/bundler"),
            ("BUNDLE_GLOBAL_GEM_CACHE", "true"),
        ],
        files: &[],
    },
    // Rust's crates.
    // The registry and Git checkouts. Cargo's lock is next to them, in the image, so the cache has to be locked.
    Preset {
        name: "cargo",
        directories: &[
            Directory {
                name: "cargo-registry",
                target: Location::Home("CARGO_HOME", ".cargo", "registry"),
                sharing: Sharing::Locked,
                reach: Reach::Daemon,
                is_divisible: false,
            },
            Directory {
                name: "cargo-git",
                target: Location::Home("CARGO_HOME", ".cargo", "git"),
                sharing: Sharing::Locked,
                reach: Reach::Daemon,
                is_divisible: false,
            },
        ],
        env: &[],
        files: &[],
    },
    // Results of C and C++ compilers.
    // Results, keyed by their inputs. ccache locks what it writes. `CMake` is configured to use it; other build tools must call it.
    Preset {
        name: "ccache",
        directories: &[Directory {
            name: "ccache",
            target: Location::Path("/var/cache/ccache"),
            sharing: Sharing::Shared,
            reach: Reach::Project,
            is_divisible: true,
        }],
        env: &[
            ("CCACHE_DIR", "/var/cache/ccache"),
            ("CMAKE_C_COMPILER_LAUNCHER", "ccache"),
            ("CMAKE_CXX_COMPILER_LAUNCHER", "ccache"),
        ],
        files: &[],
    },
    // PHP's packages.
    // Downloads.
    Preset {
        name: "composer",
        directories: &[Directory {
            name: "composer",
            target: Location::Path("/var/cache/composer"),
            sharing: Sharing::Shared,
            reach: Reach::Daemon,
            is_divisible: false,
        }],
        env: &[("COMPOSER_CACHE_DIR", "/var/cache/composer")],
        files: &[],
    },
    // Packages of Fedora and related distributions.
    // Metadata and packages of dnf 4 and dnf 5. One user at a time.
    Preset {
        name: "dnf",
        directories: &[
            Directory {
                name: "dnf",
                target: Location::Path("/var/cache/dnf"),
                sharing: Sharing::Locked,
                reach: Reach::Daemon,
                is_divisible: false,
            },
            Directory {
                name: "libdnf5",
                target: Location::Path("/var/cache/libdnf5"),
                sharing: Sharing::Locked,
                reach: Reach::Daemon,
                is_divisible: false,
            },
        ],
        env: &[],
        // Both throw packages away once they are installed. The main configuration belongs to the image: dnf 5 reads further
        // files, dnf 4 has aliases; the backslash keeps one from being replaced again.
        files: &[
            (
                "/etc/dnf/libdnf5.conf.d/80-stagefile-keepcache.conf",
                "[main]\nkeepcache=1\n",
            ),
            (
                "/etc/dnf/aliases.d/stagefile-keepcache.conf",
                "[main]\nenabled=1\n\n[aliases]\ninstall=\\install --setopt=keepcache=1\nupgrade=\\upgrade --setopt=keepcache=1\n",
            ),
        ],
    },
    // Go's modules and compiled packages.
    // Modules and compiled packages; the go command locks what it writes.
    Preset {
        name: "go",
        directories: &[
            Directory {
                name: "go-modules",
                target: Location::Path("/var/cache/go/mod"),
                sharing: Sharing::Shared,
                reach: Reach::Daemon,
                is_divisible: false,
            },
            Directory {
                name: "go-build",
                target: Location::Path("/var/cache/go/build"),
                sharing: Sharing::Shared,
                reach: Reach::Project,
                is_divisible: true,
            },
        ],
        env: &[
            ("GOMODCACHE", "/var/cache/go/mod"),
            ("GOCACHE", "/var/cache/go/build"),
        ],
        files: &[],
    },
    // Java's packages, by Gradle.
    // Packages, files derived from them, and the Gradle releases that its wrapper downloads, but not the rest of Gradle's home,
    // which has the user's properties and scripts. Gradle processes hand over locks through the network, which doesn't connect
    // sandboxes, so the cache has to be locked.
    Preset {
        name: "gradle",
        directories: &[
            Directory {
                name: "gradle-caches",
                target: Location::Home("GRADLE_USER_HOME", ".gradle", "caches"),
                sharing: Sharing::Locked,
                reach: Reach::Project,
                is_divisible: false,
            },
            Directory {
                name: "gradle-wrapper",
                target: Location::Home("GRADLE_USER_HOME", ".gradle", "wrapper"),
                sharing: Sharing::Locked,
                reach: Reach::Daemon,
                is_divisible: false,
            },
        ],
        env: &[],
        files: &[],
    },
    // Java's packages, by Maven.
    // The local repository, without the settings next to it. Before Maven 4, nothing locks it, so the cache has to be locked.
    // `mvn install` adds the project's own packages, so projects don't share it.
    Preset {
        name: "maven",
        directories: &[Directory {
            name: "maven",
            target: Location::Home("", ".m2", "repository"),
            sharing: Sharing::Locked,
            reach: Reach::Project,
            is_divisible: false,
        }],
        env: &[],
        files: &[],
    },
    // npm's packages.
    // Downloads, stored by content, so several builds may write at once.
    Preset {
        name: "npm",
        directories: &[Directory {
            name: "npm",
            target: Location::Path("/var/cache/npm"),
            sharing: Sharing::Shared,
            reach: Reach::Daemon,
            is_divisible: true,
        }],
        env: &[("npm_config_cache", "/var/cache/npm")],
        files: &[],
    },
    // .NET's packages.
    // Unpacked packages, and responses of servers. `NuGet`'s locks are in the image, so the cache has to be locked.
    Preset {
        name: "nuget",
        directories: &[Directory {
            name: "nuget",
            target: Location::Path("/var/cache/nuget"),
            sharing: Sharing::Locked,
            reach: Reach::Daemon,
            is_divisible: false,
        }],
        env: &[
            ("NUGET_PACKAGES", "/var/cache/nuget/packages"),
            ("NUGET_HTTP_CACHE_PATH", "/var/cache/nuget/http"),
        ],
        files: &[],
    },
    // Python's packages.
    // Downloads, and the wheels that pip builds. Files are moved into place when complete, so several builds may write at once.
    Preset {
        name: "pip",
        directories: &[Directory {
            name: "pip",
            target: Location::Path("/var/cache/pip"),
            sharing: Sharing::Shared,
            reach: Reach::Daemon,
            is_divisible: true,
        }],
        env: &[("PIP_CACHE_DIR", "/var/cache/pip")],
        files: &[],
    },
    // pnpm's packages.
    // The content-addressed store, and responses of the registry. Links can't cross file systems, so packages are copied.
    // Releases since 11 only read variables with their own prefix.
    Preset {
        name: "pnpm",
        directories: &[Directory {
            name: "pnpm",
            target: Location::Path("/var/cache/pnpm"),
            sharing: Sharing::Shared,
            reach: Reach::Daemon,
            is_divisible: false,
        }],
        env: &[
            ("npm_config_store_dir", "/var/cache/pnpm/store"),
            ("npm_config_cache_dir", "/var/cache/pnpm/metadata"),
            ("npm_config_package_import_method", "copy"),
            ("pnpm_config_store_dir", "/var/cache/pnpm/store"),
            ("pnpm_config_cache_dir", "/var/cache/pnpm/metadata"),
            ("pnpm_config_package_import_method", "copy"),
        ],
        files: &[],
    },
    // Python's packages, by Poetry.
    // Downloads. By default, Poetry also keeps virtual environments in its cache, which the image wouldn't have, so they are created
    // in the project, where Poetry finds them later.
    Preset {
        name: "poetry",
        directories: &[Directory {
            name: "poetry",
            target: Location::Path("/var/cache/poetry"),
            sharing: Sharing::Shared,
            reach: Reach::Daemon,
            is_divisible: false,
        }],
        env: &[
            ("POETRY_CACHE_DIR", "/var/cache/poetry"),
            ("POETRY_VIRTUALENVS_IN_PROJECT", "true"),
        ],
        files: &[],
    },
    // Results of compilers, including Rust's.
    // Results, keyed by their inputs. Cargo and `CMake` are configured to use it. Incremental results of Cargo can't be cached.
    Preset {
        name: "sccache",
        directories: &[Directory {
            name: "sccache",
            target: Location::Path("/var/cache/sccache"),
            sharing: Sharing::Shared,
            reach: Reach::Project,
            is_divisible: true,
        }],
        env: &[
            ("SCCACHE_DIR", "/var/cache/sccache"),
            ("RUSTC_WRAPPER", "sccache"),
            ("CARGO_INCREMENTAL", "0"),
            ("CMAKE_C_COMPILER_LAUNCHER", "sccache"),
            ("CMAKE_CXX_COMPILER_LAUNCHER", "sccache"),
        ],
        files: &[],
    },
    // Python's packages, by uv.
    // Downloads and builds. uv supports several writers. The cache is another file system, to which nothing can be linked, and uv
    // would warn about that each time.
    Preset {
        name: "uv",
        directories: &[Directory {
            name: "uv",
            target: Location::Path("/var/cache/uv"),
            sharing: Sharing::Shared,
            reach: Reach::Daemon,
            is_divisible: false,
        }],
        env: &[("UV_CACHE_DIR", "/var/cache/uv"), ("UV_LINK_MODE", "copy")],
        files: &[],
    },
    // Packages of Yarn, classic and later.
    // Downloads. Classic Yarn writes to its cache without a lock, so the cache has to be locked. Later releases use a global folder.
    Preset {
        name: "yarn",
        directories: &[Directory {
            name: "yarn",
            target: Location::Path("/var/cache/yarn"),
            sharing: Sharing::Locked,
            reach: Reach::Daemon,
            is_divisible: false,
        }],
        env: &[
            ("YARN_CACHE_FOLDER", "/var/cache/yarn/classic"),
            ("YARN_GLOBAL_FOLDER", "/var/cache/yarn/berry"),
        ],
        files: &[],
    },
];
