//! Checks of sources (`source/manager.go`, and the identifiers below `source`).

use buildkit_proto::ops;

use super::{Check, Problem};
use crate::checksum::Checksum;
use crate::source::{GitRemote, is_commit, is_http_url, is_whole_commit};

impl Check {
    pub(super) fn source(&mut self, source: &ops::SourceOp) {
        let identifier = format_args!("source.identifier");
        self.text(identifier, &source.identifier);
        for (key, value) in &source.attrs {
            self.text(format_args!("source.attrs.{key}"), value);
        }
        let Some((scheme, reference)) = source.identifier.split_once("://") else {
            return self.form(identifier, false, &source.identifier, "source");
        };
        match scheme {
            "http" | "https" => {
                let valid = is_http_url(&source.identifier);
                self.form(identifier, valid, &source.identifier, "URL of a file");
                self.checksum(source, "http.checksum");
                self.file_attributes(source);
            }
            "git" => self.git(source, reference),
            "local" => {
                if reference.is_empty() {
                    self.refuse(identifier, Problem::Empty);
                }
                self.patterns(source);
            }
            "docker-image" => {
                self.object(&source.identifier, reference);
                self.checksum(source, "image.checksum");
                self.layers(source, "image.layerlimit");
            }
            "oci-layout" => {
                self.object(&source.identifier, reference);
                self.layers(source, "oci.layerlimit");
            }
            "docker-image+blob" | "oci-layout+blob" => {
                let digest = reference.split_once('@').map(|(_, digest)| digest);
                let valid = digest.is_some_and(|digest| digest.parse::<Checksum>().is_ok());
                self.form(
                    identifier,
                    valid,
                    &source.identifier,
                    "blob: it has no digest",
                );
                self.file_attributes(source);
                if scheme == "oci-layout+blob" {
                    let store = source.attrs.get("oci.store").map_or("", String::as_str);
                    self.required(format_args!("source.attrs.oci.store"), store);
                }
            }
            // A scheme of a later version, which its daemon checks.
            _ => {}
        }
    }

    fn git(&mut self, source: &ops::SourceOp, reference: &str) {
        let attribute = |key| source.attrs.get(key).map(String::as_str);
        let identifier = format_args!("source.identifier");
        let remote = attribute("git.fullurl").unwrap_or(reference);
        let valid = [remote, reference]
            .iter()
            .all(|one| GitRemote::parse(one).is_ok());
        self.form(identifier, valid, remote, "Git remote");
        let fragment = reference
            .split_once('#')
            .map_or("", |(_, fragment)| fragment);
        let branch = fragment.split(':').next().unwrap_or_default();
        self.form(
            identifier,
            !branch.starts_with('-'),
            branch,
            "Git reference",
        );
        let checksum = attribute("git.checksum");
        let field = format_args!("source.attrs.git.checksum");
        if let Some(checksum) = checksum {
            self.form(
                field,
                is_commit(checksum),
                checksum,
                "commit: expected hexadecimal digits",
            );
        }
        let known = is_whole_commit(branch);
        let same = !known || checksum.is_none_or(|checksum| branch.starts_with(checksum));
        self.rule(field, same, "must be of the commit that the reference is");
        if attribute("git.fetchbycommit") == Some("true") {
            let whole = known || checksum.is_some_and(is_whole_commit);
            self.rule(field, whole, "must be a whole commit to fetch by it");
        }
        let mtime = attribute("git.mtime").unwrap_or("checkout");
        let known = matches!(mtime, "checkout" | "commit");
        self.form(
            format_args!("source.attrs.git.mtime"),
            known,
            mtime,
            "choice of times",
        );
        if let Some(bundle) = attribute("git.bundle") {
            let body = ["docker-image+blob://", "oci-layout+blob://"]
                .iter()
                .find_map(|scheme| bundle.strip_prefix(scheme));
            let digest = body.and_then(|body| Some(body.split_once('@')?.1));
            let valid = digest.is_some_and(|digest| {
                digest.starts_with("sha256:") && digest.parse::<Checksum>().is_ok()
            });
            let expected = "bundle: expected a blob with a SHA-256 digest";
            self.form(
                format_args!("source.attrs.git.bundle"),
                valid,
                bundle,
                expected,
            );
            self.rule(field, checksum.is_some(), "must be set for a bundle");
        }
        if attribute("git.checkoutbundle") == Some("true") {
            let alone = attribute("git.keepgitdir") != Some("true") && !fragment.contains(':');
            let rule = "excludes the .git directory and a subdirectory";
            self.rule(format_args!("source.attrs.git.checkoutbundle"), alone, rule);
        }
    }

    /// Checks that a reference to an image has a tag or a digest.
    fn object(&mut self, identifier: &str, reference: &str) {
        let path = reference
            .find('/')
            .map_or(reference, |start| &reference[start..]);
        let object = path.find([':', '@']).map(|start| &path[start + 1..]);
        let valid = object.is_some_and(|object| !object.is_empty());
        let expected = "image: it has neither tag nor digest";
        self.form(
            format_args!("source.identifier"),
            valid,
            identifier,
            expected,
        );
    }

    fn checksum(&mut self, source: &ops::SourceOp, key: &str) {
        if let Some(checksum) = source.attrs.get(key) {
            let valid = checksum.parse::<Checksum>().is_ok();
            self.form(
                format_args!("source.attrs.{key}"),
                valid,
                checksum,
                "checksum",
            );
        }
    }

    fn layers(&mut self, source: &ops::SourceOp, key: &str) {
        if let Some(limit) = source.attrs.get(key) {
            let valid = limit.parse::<u32>().is_ok_and(|limit| limit > 0);
            let expected = "number of layers, of which there must be one";
            self.form(format_args!("source.attrs.{key}"), valid, limit, expected);
        }
    }

    fn file_attributes(&mut self, source: &ops::SourceOp) {
        for key in ["http.uid", "http.gid"] {
            if let Some(id) = source.attrs.get(key) {
                let valid = id.parse::<u32>().is_ok();
                self.form(
                    format_args!("source.attrs.{key}"),
                    valid,
                    id,
                    "number of an owner",
                );
            }
        }
        if let Some(mode) = source.attrs.get("http.perm") {
            let number = i64::from_str_radix(mode, 8);
            let valid = number.is_ok_and(|mode| (0..=0o7777).contains(&mode));
            self.form(format_args!("source.attrs.http.perm"), valid, mode, "mode");
        }
    }

    fn patterns(&mut self, source: &ops::SourceOp) {
        for key in ["local.includepattern", "local.excludepatterns"] {
            let Some(list) = source.attrs.get(key) else {
                continue;
            };
            let field = format_args!("source.attrs.{key}");
            match serde_json::from_str::<Vec<String>>(list) {
                Err(_) => self.form(field, false, list, "JSON list of strings"),
                Ok(patterns) => {
                    for pattern in &patterns {
                        self.text(field, pattern);
                        self.ignore_pattern(field, pattern);
                    }
                }
            }
        }
        for key in ["local.followpaths", "local.metadatatransferexclude"] {
            let Some(list) = source.attrs.get(key) else {
                continue;
            };
            let field = format_args!("source.attrs.{key}");
            match serde_json::from_str::<Vec<String>>(list) {
                Err(_) => self.form(field, false, list, "JSON list of strings"),
                Ok(paths) => paths.iter().for_each(|path| self.text(field, path)),
            }
        }
    }
}
