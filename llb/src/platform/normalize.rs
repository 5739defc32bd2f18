//! The canonical spelling of platforms (containerd `platforms`, `database.go`).

use super::Platform;

pub(super) fn normalize(platform: &Platform) -> Platform {
    let (architecture, variant) = normalize_architecture(&platform.architecture, &platform.variant);
    let mut os_features = platform.os_features.clone();
    os_features.sort_unstable();
    os_features.dedup();
    Platform {
        os: normalize_os(&platform.os),
        architecture,
        variant,
        os_version: platform.os_version.clone(),
        os_features,
    }
}

/// Reports whether a platform is one of the most common ones, in its canonical spelling.
pub(super) fn is_usual(platform: &Platform) -> bool {
    let names = (&*platform.os, &*platform.architecture, &*platform.variant);
    matches!(names, ("linux", "amd64" | "arm64" | "386", "")) && platform.os_features.is_empty()
}

/// Returns the canonical name of an operating system; an empty name means the host's.
pub(super) fn normalize_os(os: &str) -> String {
    if os.is_empty() {
        return host_os().to_owned();
    }
    let os = os.to_lowercase();
    if os == "macos" {
        return "darwin".to_owned();
    }
    os
}

/// Returns the canonical architecture and variant.
pub(super) fn normalize_architecture(architecture: &str, variant: &str) -> (String, String) {
    let architecture = architecture.to_lowercase();
    let variant = variant.to_lowercase();
    let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64" | "amd64", other) => ("amd64", other),
        ("aarch64" | "arm64", "8" | "v8" | "v8.0") => ("arm64", ""),
        ("aarch64" | "arm64", "9" | "9.0" | "v9.0") => ("arm64", "v9"),
        ("aarch64" | "arm64", other) => ("arm64", other),
        ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        (other, variant) => (other, variant),
    };
    (architecture.to_owned(), variant.to_owned())
}

/// Reports whether Go knows an operating system.
pub(super) fn is_known_os(os: &str) -> bool {
    matches!(
        os,
        "aix"
            | "android"
            | "darwin"
            | "dragonfly"
            | "freebsd"
            | "hurd"
            | "illumos"
            | "ios"
            | "js"
            | "linux"
            | "nacl"
            | "netbsd"
            | "openbsd"
            | "plan9"
            | "solaris"
            | "windows"
            | "zos"
    )
}

/// Reports whether Go knows an architecture.
pub(super) fn is_known_architecture(architecture: &str) -> bool {
    matches!(
        architecture,
        "386"
            | "amd64"
            | "amd64p32"
            | "arm"
            | "armbe"
            | "arm64"
            | "arm64be"
            | "ppc64"
            | "ppc64le"
            | "loong64"
            | "mips"
            | "mipsle"
            | "mips64"
            | "mips64le"
            | "mips64p32"
            | "mips64p32le"
            | "ppc"
            | "riscv"
            | "riscv64"
            | "s390"
            | "s390x"
            | "sparc"
            | "sparc64"
            | "wasm"
    )
}

/// Returns Go's name for the operating system that this library was compiled for.
pub(super) fn host_os() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

/// Returns Go's name for the architecture that this library was compiled for, and its variant.
pub(super) fn host_architecture() -> (&'static str, &'static str) {
    let little = cfg!(target_endian = "little");
    match std::env::consts::ARCH {
        "x86_64" => ("amd64", ""),
        "x86" => ("386", ""),
        "aarch64" => ("arm64", "v8"),
        "arm" => ("arm", "v7"),
        "powerpc64" if little => ("ppc64le", ""),
        "powerpc64" => ("ppc64", ""),
        "mips64" if little => ("mips64le", ""),
        "mips" if little => ("mipsle", ""),
        "loongarch64" => ("loong64", ""),
        other => (other, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_platforms_are_canonical() {
        for architecture in ["amd64", "arm64", "386"] {
            let platform = Platform::new("linux", architecture);
            assert!(is_usual(&platform));
            assert_eq!(normalize(&platform), platform);
        }
        assert!(!is_usual(&Platform::new("linux", "arm")));
    }

    #[test]
    fn canonical_spellings() {
        for (os, architecture, variant, expected) in [
            ("Linux", "X86_64", "", "linux/amd64"),
            ("linux", "x86-64", "v1", "linux/amd64"),
            ("linux", "amd64", "v2", "linux/amd64/v2"),
            ("linux", "i386", "x", "linux/386"),
            ("linux", "aarch64", "", "linux/arm64"),
            ("linux", "arm64", "v8", "linux/arm64"),
            ("linux", "arm64", "8", "linux/arm64"),
            ("linux", "arm64", "v8.0", "linux/arm64"),
            ("linux", "arm64", "9", "linux/arm64/v9"),
            ("linux", "arm64", "9.0", "linux/arm64/v9"),
            ("linux", "arm64", "v9.0", "linux/arm64/v9"),
            ("linux", "arm64", "v9.1", "linux/arm64/v9.1"),
            ("linux", "arm", "", "linux/arm/v7"),
            ("linux", "arm", "7", "linux/arm/v7"),
            ("linux", "arm", "5", "linux/arm/v5"),
            ("linux", "arm", "8", "linux/arm/v8"),
            ("linux", "armhf", "v9", "linux/arm/v7"),
            ("linux", "armel", "", "linux/arm/v6"),
            ("macOS", "arm64", "", "darwin/arm64"),
            ("linux", "riscv64", "", "linux/riscv64"),
        ] {
            let platform = Platform::new(os, architecture).with_variant(variant);
            assert_eq!(
                normalize(&platform).to_string(),
                expected,
                "{os}/{architecture}/{variant}"
            );
        }
    }

    #[test]
    fn features_are_sorted_and_once() {
        let mut platform = Platform::new("windows", "amd64");
        platform.os_features = vec!["b".into(), "a".into(), "b".into()];
        assert_eq!(normalize(&platform).os_features, ["a", "b"]);
    }
}
