//! Steps that take files from the network.

use buildkit_llb::{GitRemote, Http};

use super::Planner;
use super::step::FILE_MODE;
use crate::diagnostics;
use crate::plan::{Fetch, Git, is_directory};
use crate::source::Spanned;
use crate::syntax;
use crate::value::{CHECKSUM, COMMIT, MODE};

impl Planner<'_> {
    pub(super) fn fetch(&mut self, fetch: &syntax::Fetch) -> Option<Fetch> {
        let url = self.text(&fetch.url);
        let to = self.optional_path(fetch.to.as_ref());
        let checksum = self.value("checksum", fetch.checksum.as_ref(), &CHECKSUM);
        let owner = self.owner(fetch.owner.as_ref());
        let mode = self.value("mode", fetch.mode.as_ref(), &MODE);
        let unpack = self.flag("unpack", fetch.unpack.as_ref());
        if let Some(text) = fetch.mode.as_ref().filter(|_| unpack) {
            self.found
                .push(diagnostics::exclusive("mode", "unpack", text.span()));
        }
        let url = url?;
        let checked = file_name(&url.value).map_err(str::to_owned);
        let checked = checked.and_then(|name| match Http::new(&url.value) {
            Ok(_) => Ok(name),
            Err(error) => Err(error.to_string()),
        });
        let name = match checked {
            Ok(name) => name,
            Err(reason) => {
                self.found.push(diagnostics::invalid_address(
                    "fetch", &url.value, &reason, url.span,
                ));
                return None;
            }
        };
        if fetch.checksum.is_none() {
            self.found
                .push(diagnostics::unpinned_download(&url.value, url.span));
        }
        let named = to.as_deref().is_some_and(|to| !is_directory(to));
        if name.is_none() && !named && !unpack {
            let reason = "it has no file's name at its end; say one with `to`";
            self.found.push(diagnostics::invalid_address(
                "fetch", &url.value, reason, url.span,
            ));
        }
        Some(Fetch {
            url: url.value,
            name: name.unwrap_or_default(),
            to,
            checksum,
            owner,
            mode: mode.unwrap_or(FILE_MODE),
            unpack,
        })
    }

    pub(super) fn git(&mut self, git: &syntax::Git) -> Option<Git> {
        let url = self.text(&git.url).and_then(|url| self.remote(&url));
        let reference = self.optional(git.reference.as_ref());
        if let Some(reference) = reference.as_ref().filter(|one| {
            let is_odd = |letter: char| letter == ':' || letter.is_control();
            one.value.is_empty() || one.value.starts_with('-') || one.value.contains(is_odd)
        }) {
            let wanted =
                "a branch, a tag or a commit, without `-` at its beginning and without `:`";
            self.found.push(diagnostics::invalid_value(
                "ref",
                &reference.value,
                reference.span,
                wanted,
            ));
        }
        let subdir = git.subdir.as_ref().and_then(|path| self.source_path(path));
        if let Some(path) = &subdir
            && path.value.contains(char::is_control)
        {
            let reason = "it holds a control character";
            self.found
                .push(diagnostics::invalid_path(&path.value, path.span, reason));
        }
        let subdir = subdir.map(|path| path.value.trim_matches('/').to_owned());
        let checksum = self.spanned("checksum", git.checksum.as_ref(), &COMMIT);
        if let Some(checksum) = &checksum {
            let reference = reference.as_ref().map(|one| one.value.as_str());
            self.check_same_commit(reference, checksum);
        }
        let ssh = self.optional(git.ssh.as_ref());
        let known_hosts = self.optional(git.known_hosts.as_ref());
        let named = ssh.iter().chain(&known_hosts);
        for text in named.filter(|text| text.value.contains('\0')) {
            let error = diagnostics::zero_byte("what SSH is given", text.span);
            self.found.push(error);
        }
        let to = self.optional_path(git.to.as_ref());
        let keep_git = self.flag("keep-git", git.keep_git.as_ref());
        let submodules =
            git.submodules.is_none() || self.flag("submodules", git.submodules.as_ref());
        let remote = url?;
        if let Some(text) = ssh
            .as_ref()
            .or(known_hosts.as_ref())
            .filter(|_| !remote.is_ssh())
        {
            let wanted = "for repositories that are reached by SSH, such as `git@example.com:group/name.git`";
            self.found.push(diagnostics::invalid_value(
                "ssh",
                &text.value,
                text.span,
                wanted,
            ));
        }
        Some(Git {
            url: remote.url().to_owned(),
            reference: reference.map(|text| text.value),
            to,
            subdir: subdir.filter(|path| !path.is_empty()),
            checksum: checksum.map(|text| text.value),
            keep_git,
            ssh: ssh.map(|text| text.value),
            known_hosts: known_hosts.map(|text| text.value),
            submodules,
        })
    }

    /// Refuses a checksum that isn't of the commit which the reference is.
    pub(super) fn check_same_commit(
        &mut self,
        reference: Option<&str>,
        checksum: &Spanned<String>,
    ) {
        let commit =
            reference.filter(|one| matches!(one.len(), 40 | 64) && (COMMIT.form.accepts)(one));
        if let Some(commit) =
            commit.filter(|commit| !commit.to_ascii_lowercase().starts_with(&checksum.value))
        {
            let wanted = format!("the commit that `ref` names, `{commit}`, or its first digits");
            self.found.push(diagnostics::invalid_value(
                "checksum",
                &checksum.value,
                checksum.span,
                &wanted,
            ));
        }
    }

    /// Reads the name of a repository.
    fn remote(&mut self, url: &Spanned<String>) -> Option<GitRemote> {
        let reason = match GitRemote::parse(&url.value) {
            Ok(remote) if remote.fragment().is_some() || remote.query().is_some() => {
                "what is taken from it is said by the keys `ref` and `subdir`, not after `#` or `?`"
                    .to_owned()
            }
            Ok(remote) => return Some(remote),
            Err(error) => error.to_string(),
        };
        self.found.push(diagnostics::invalid_address(
            "git", &url.value, &reason, url.span,
        ));
        None
    }
}

/// Checks an HTTP URL, and returns the name at the end of its path, if it has one that a file can have.
fn file_name(url: &str) -> Result<Option<String>, &'static str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let rest = rest.ok_or("it begins with `https://` or `http://`")?;
    if url
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control())
    {
        return Err("it contains a space; write `%20`");
    }
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (host, path) = rest[..end].split_once('/').unwrap_or((&rest[..end], ""));
    if host.is_empty() || host.starts_with(':') {
        return Err("it names no host");
    }
    if host.contains('@') {
        return Err(
            "a password has no place in it, since everybody could read it in the history; the secrets `HTTP_AUTH_TOKEN_HOST` and `HTTP_AUTH_HEADER_HOST` are used instead",
        );
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    let name =
        percent_decoded(last).ok_or("a `%` in it isn't followed by two hexadecimal digits")?;
    let usable = !matches!(name.as_str(), "" | "." | "..") && !name.contains(['/', '\0']);
    Ok(usable.then_some(name))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, tail) = tail.split_first_chunk::<2>()?;
        rest = tail;
        let digits = str::from_utf8(digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_at_the_end_of_urls() {
        for (url, expected) in [
            (
                "https://example.com/a/tool-1.0.tar.gz",
                Some("tool-1.0.tar.gz"),
            ),
            ("http://127.0.0.1:80/x?y=/z#w", Some("x")),
            ("https://example.com/a%20b", Some("a b")),
            ("https://example.com", None),
            ("https://example.com/a/", None),
            ("https://example.com/?a", None),
            ("https://example.com/a/..", None),
            ("https://example.com/a%2Fb", None),
        ] {
            assert_eq!(file_name(url), Ok(expected.map(str::to_owned)), "{url}");
        }
        for url in [
            "",
            "example.com/a",
            "ftp://example.com/a",
            "https://",
            "https:///a",
            "https://:80/a",
            "https://a b/c",
            "https://user:word@example.com/a",
            "https://example.com/%zz",
            "https://example.com/%2",
        ] {
            assert!(file_name(url).is_err(), "{url}");
        }
    }
}
