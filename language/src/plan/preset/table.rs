//! The presets.

use super::{Directory, Location, Preset, Reach};
use crate::plan::Sharing;

/// All presets, by name.
pub static ALL: &[Preset] = &[
    // Alpine's packages.
    // Indexes and packages. apk keeps them only if this directory is there; it is a link in most descriptions, and mounted
    // here, so that nothing has to be made in the image.
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
    // Lists and archives, one user at a time, since apt and dpkg lock them.
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
    // What Bun downloads; packages are put in place whole, so several may write at once. It copies where it can't link.
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
    // Gems as they are downloaded, the index, and compiled extensions. Bundler keeps gems here only if it is told that the
    // cache is for all projects; since extensions fit the system that they were compiled on, ours is not.
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
    // The registry and git checkouts. Cargo's own lock lies beside them, in the image, so others have to wait.
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
    // What C and C++ compilers made.
    // Results by what they were made of; ccache locks what it writes. `CMake` is told of it; other builds call ccache themselves.
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
    // What Composer downloads.
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
    // Packages of Fedora and its relatives.
    // Metadata and packages, of dnf 4 and of dnf 5, one user at a time.
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
    // Packages with what was made of them, and the releases of Gradle that its wrapper downloads; not the rest of Gradle's home,
    // where properties and scripts of the user's are. Those who hold Gradle's locks are asked for them over the network, which
    // doesn't reach from sandbox to sandbox, so others have to wait.
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
    // The local repository, without the settings beside it. Before Maven 4 nothing locks it, so others have to wait; and
    // `mvn install` puts the project's own packages into it, so projects don't meet.
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
    // What npm downloads; it is stored by content, so several may write at once.
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
    // Packages, unpacked, and what the servers said. `NuGet`'s locks lie in the image, so others have to wait.
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
    // What pip downloads and the wheels that it builds; files are put in place whole, so several may write at once.
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
    // The store, by content, and what the registry said. Links into another file system are impossible, so packages are copied.
    // Releases from 11 on read variables of their own name only.
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
    // What Poetry downloads. Poetry keeps virtual environments below its cache too, where the image would lose them, so they are made
    // in the project, where it finds them by itself later.
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
    // What compilers made, those of Rust too.
    // Results by what they were made of. Cargo and `CMake` are told of it; what Cargo makes incrementally can't be kept.
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
    // What uv downloads and builds; it is made for several that write at once. The cache is another file system, to which nothing
    // can be linked, and uv would warn of that each time.
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
    // Yarn's packages, of the classic Yarn and of the later ones.
    // What Yarn downloads. The classic one writes into its cache without a lock, so others have to wait. Later ones keep theirs in
    // a global folder.
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
