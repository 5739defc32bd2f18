//! Tests of what a daemon would refuse, and of where that is reported.

use std::net::{IpAddr, Ipv4Addr};

use buildkit_llb::{
    Blob, Constrain, ContentCache, Copy, Definition, Device, Exec, FileAction, Finding, Git,
    GitError, Http, Image, LinuxResources, Local, MarshalOptions, Mkdir, Mount, OciLayout, Owner,
    Problem, ProxyEnvironment, Range, Remove, Secret, SourceMap, SshSocket, State, Symlink, Ulimit,
    VerifyError,
};
use buildkit_proto::ops;
use prost::Message as _;

fn alpine() -> State {
    State::image("alpine").expect("a reference")
}

fn make() -> Exec {
    Exec::shell("make")
}

fn run(exec: Exec) -> State {
    alpine().run(exec).root()
}

fn findings(definition: &Definition) -> Vec<Finding> {
    match definition.verify() {
        Ok(()) => Vec::new(),
        Err(VerifyError::Findings(findings)) => findings,
        Err(other) => panic!("{other}"),
    }
}

/// Returns the fields and problems, as text.
fn problems(state: &State) -> Vec<String> {
    let definition = state.marshal(&MarshalOptions::new());
    let findings = findings(&definition);
    findings
        .iter()
        .map(|finding| format!("{} {}", finding.field(), finding.problem()))
        .collect()
}

#[track_caller]
fn refused(cases: impl IntoIterator<Item = (State, &'static str)>) {
    for (state, expected) in cases {
        assert_eq!(problems(&state), [expected]);
    }
}

#[test]
fn processes() {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let resources = |change: fn(&mut LinuxResources)| {
        let mut resources = LinuxResources::default();
        change(&mut resources);
        run(make().limited(resources))
    };
    let proxy = ProxyEnvironment {
        all: "a\0".to_owned(),
        ..ProxyEnvironment::default()
    };
    let no_variable = |text: &str| -> &'static str {
        let expected = "is no environment variable: expected a name without `=`";
        format!("exec.secretenv[0].name `{text}` {expected}").leak()
    };
    refused([
        (
            run(Exec::command("", ["x"])),
            "exec.meta.args[0] must not be empty",
        ),
        (
            run(Exec::shell("a\0b")),
            "exec.meta.args[2] contains a NUL character",
        ),
        (
            run(make().env("A", "\0")),
            "exec.meta.env[0] contains a NUL character",
        ),
        (
            run(make().env("", "x")),
            "exec.meta.env[0] `=x` is no environment variable: expected a name without `=`",
        ),
        (
            alpine().dir("/a\0").run(make()).root(),
            "exec.meta.cwd contains a NUL character",
        ),
        (
            run(make().user("a\0")),
            "exec.meta.user contains a NUL character",
        ),
        (
            run(make().hostname("h".repeat(65))),
            "exec.meta.hostname must not have more than 64 bytes",
        ),
        (
            run(make().cgroup_parent("\0")),
            "exec.meta.cgroupParent contains a NUL character",
        ),
        (
            run(make().host("", address)),
            "exec.meta.extraHosts[0].Host must not be empty",
        ),
        (
            run(make().host("a b", address)),
            "exec.meta.extraHosts[0].Host `a b` is no name of a host",
        ),
        (
            run(make().ulimit(Ulimit::new("files", 1, 1))),
            "exec.meta.ulimit[0] `files` is no resource that can be limited",
        ),
        (
            run(make().ulimit(Ulimit::new("nofile", 2, 1))),
            "exec.meta.ulimit[0] must not have a soft limit above the hard one",
        ),
        (
            run(make().ulimit(Ulimit::new("nofile", -2, -1))),
            "exec.meta.ulimit[0] must not be less than -1, found -2",
        ),
        (
            run(make().proxy(proxy)),
            "exec.meta.proxy_env contains a NUL character",
        ),
        (
            run(make().device(Device::new(""))),
            "exec.cdiDevices[0].name must not be empty",
        ),
        (run(make().secret(Secret::env("A=B"))), no_variable("A=B")),
        (run(make().secret(Secret::env("").id("x"))), no_variable("")),
        (
            run(make().secret(Secret::env("A").id(""))),
            "exec.secretenv[0].ID must not be empty",
        ),
        (
            resources(|resources| resources.memory = -1),
            "linux_resources.memory must not be less than 0, found -1",
        ),
        (
            resources(|resources| resources.cpu_quota = -2),
            "linux_resources.cpu_quota must not be less than -1, found -2",
        ),
        (
            resources(|resources| resources.cpu_period = 10),
            "linux_resources.cpu_period must not be less than 1000, found 10",
        ),
        (
            resources(|resources| resources.cpuset_cpus = "3-0".to_owned()),
            "linux_resources.cpuset_cpus `3-0` is no list such as `0-3,5`",
        ),
        (
            run(make().worker_filter("((((")),
            "constraints.filter[0] `((((` is no filter of workers",
        ),
    ]);
    let unlimited = Ulimit::new("NOFILE", 1024, -1);
    assert_eq!(run(make().ulimit(unlimited)).verify(), Ok(()));
}

#[test]
fn mounts() {
    let context = State::local("context");
    let part = || Mount::bind("/m", &context).selector("src");
    let out = Mount::scratch("/out");
    let readonly = State::scratch().run(make().readonly_root().mount(out));
    let expected = "exec.mounts[1].contentCache must not be on for a part of a source that the \
                    process may change";
    refused([
        (
            run(make().mount(Mount::bind("", &context))),
            "exec.mounts[0].dest must not be empty",
        ),
        (
            run(make().mount(Mount::cache("rel"))),
            "exec.mounts[1].dest must be an absolute path, found `rel`",
        ),
        (
            run(make().mount(Mount::scratch("/a\0"))),
            "exec.mounts[1].dest contains a NUL character",
        ),
        (
            run(make().mount(part().selector("\0"))),
            "exec.mounts[1].selector contains a NUL character",
        ),
        (
            run(make().mount(Mount::cache("/c").id("\0"))),
            "exec.mounts[1].cacheOpt.ID contains a NUL character",
        ),
        (
            run(make().mount(Mount::tmpfs("/t").size(-1))),
            "exec.mounts[1].TmpfsOpt.size must not be less than 0, found -1",
        ),
        (
            run(make().mount(Mount::tmpfs("/"))),
            "exec.mounts[1].mountType must be a bind mount at `/`",
        ),
        (
            run(make().mount(part().content_cache(ContentCache::On))),
            expected,
        ),
        (
            readonly.output("/out").expect("an output"),
            "exec.mounts[0].readonly must not be set for an empty root",
        ),
        (
            run(make().secret(Secret::file("rel").id("x"))),
            "exec.mounts[1].dest must be an absolute path, found `rel`",
        ),
        (
            run(make().secret(Secret::file("/s").mode(0o777_777))),
            "exec.mounts[1].secretOpt.mode must be at most 7777, found 777777",
        ),
        (
            run(make().ssh(SshSocket::new().path("rel"))),
            "exec.mounts[1].dest must be an absolute path, found `rel`",
        ),
        (
            run(make().ssh(SshSocket::new().mode(0o10_000))),
            "exec.mounts[1].SSHOpt.mode must be at most 7777, found 10000",
        ),
    ]);
    let both = run(make().secret(Secret::file("")));
    assert_eq!(
        problems(&both),
        [
            "exec.mounts[1].dest must not be empty",
            "exec.mounts[1].secretOpt.ID must not be empty"
        ]
    );
    for mount in [part(), part().readonly().content_cache(ContentCache::On)] {
        assert_eq!(run(make().mount(mount)).verify(), Ok(()));
    }
}

#[test]
fn file_operations() {
    let file = |action: FileAction| alpine().file(action);
    let copy = || Copy::new(State::local("context"), "src", "/dst");
    refused([
        (
            file(FileAction::mkdir("/a\0", 0o755)),
            "file.actions[0].mkdir.path contains a NUL character",
        ),
        (
            file(FileAction::mkfile("/", 0o644, "")),
            "file.actions[0].mkfile.path must not be the root directory",
        ),
        (
            file(FileAction::remove("..")),
            "file.actions[0].rm.path must not be the root directory",
        ),
        (
            file(Remove::new("/[a").wildcards().into()),
            "file.actions[0].rm.path `/[a` is no pattern of paths",
        ),
        (
            file(FileAction::symlink("", "/l")),
            "file.actions[0].symlink.oldpath must not be empty",
        ),
        (
            file(Symlink::new("a", "//").into()),
            "file.actions[0].symlink.newpath must not be the root directory",
        ),
        (
            file(Copy::new(State::local("c"), "a\0", "/dst").into()),
            "file.actions[0].copy.src contains a NUL character",
        ),
        (
            file(copy().mode(0o777_777).into()),
            "file.actions[0].copy.mode must be at most 7777, found 777777",
        ),
        (
            file(copy().symbolic_mode("rwx").into()),
            "file.actions[0].copy.modeStr `rwx` is no mode such as `u=rwX,go=rX`",
        ),
        (
            file(copy().include(["a", "[b"]).into()),
            "file.actions[0].copy.include_patterns[1] `[b` is no pattern of paths",
        ),
        (
            file(copy().exclude(["!"]).into()),
            "file.actions[0].copy.exclude_patterns[0] `!` is no pattern of paths",
        ),
        (
            file(copy().required(["\0"]).into()),
            "file.actions[0].copy.required_paths[0] contains a NUL character",
        ),
        (
            State::scratch().file(Mkdir::new("/a", 0o755).owner(Owner::parse("app"))),
            "file.actions[0].owner.user must be a number where the file system is empty, which has \
             no names",
        ),
    ]);
    let valid = copy()
        .mode(0o7777)
        .exclude(["!**/keep", "[^a]*"])
        .owner(Owner::parse("app:1000"))
        .then(copy().symbolic_mode("u=rwX,go="))
        .then(FileAction::mkdir("/", 0o755));
    assert_eq!(file(valid).verify(), Ok(()));
}

#[test]
fn sources() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let blob = Blob::oci_layout(&format!("app@{digest}"), "").expect("a reference");
    let image = Image::new("alpine").expect("a reference").layer_limit(0);
    let layout = OciLayout::new(format!("app@{digest}"))
        .expect("a reference")
        .layer_limit(0);
    refused([
        (State::local(""), "source.identifier must not be empty"),
        (
            State::local("a\0"),
            "source.identifier contains a NUL character",
        ),
        (
            Local::new("a").session("s\0").into_state(),
            "source.attrs.local.session contains a NUL character",
        ),
        (
            Local::new("a").exclude(["[x"]).session("s").into_state(),
            "source.attrs.local.excludepatterns `[x` is no pattern of paths",
        ),
        (
            image.into_state(),
            "source.attrs.image.layerlimit `0` is no number of layers, of which there must be one",
        ),
        (
            layout.into_state(),
            "source.attrs.oci.layerlimit `0` is no number of layers, of which there must be one",
        ),
        (
            blob.into_state(),
            "source.attrs.oci.store must not be empty",
        ),
    ]);
}

/// Mistakes for which a constructor or `into_state` returns an error are found there.
#[test]
fn sources_that_are_not_made() {
    for url in ["http://", "https://a b/c", "http://a/\0"] {
        assert!(Http::new(url).is_err(), "{url}");
    }
    let git = |change: fn(Git) -> Git| change(Git::new("https://h/a")).into_state().err();
    let checksum = |checksum: &str| {
        let checksum = checksum.to_owned();
        Some(GitError::Checksum { checksum })
    };
    assert_eq!(git(|git| git.checksum("zz")), checksum("zz"));
    let other = git(|git| git.reference("ab".repeat(20)).checksum("cd"));
    assert_eq!(other, checksum("cd"));
    assert_eq!(
        git(|git| git.reference("ab".repeat(20)).checksum("abab")),
        None
    );
    let short = git(|git| git.fetch_by_commit().checksum("abab"));
    assert_eq!(short, Some(GitError::FetchByCommit));
    for url in ["-oProxyCommand=x", "ssh://-oProxyCommand=x/a", "-u@h:a"] {
        let refused = Git::new(url).into_state().err();
        assert!(matches!(refused, Some(GitError::Url { .. })), "{url}");
    }
}

/// Makes a definition with one operation.
fn definition_of(op: &ops::Op) -> Definition {
    let bytes = op.encode_to_vec();
    let digest = buildkit_llb::Digest::of(&bytes).to_string();
    let terminal = ops::Op {
        inputs: vec![ops::Input { digest, index: 0 }],
        ..ops::Op::default()
    };
    let definition = ops::Definition {
        def: vec![bytes.into(), terminal.encode_to_vec().into()],
        ..ops::Definition::default()
    };
    definition.try_into().expect("a definition")
}

/// What this library can't express, but a definition from elsewhere can contain.
#[test]
fn definitions_of_others() {
    use ops::op::Op;
    let exec = ops::ExecOp {
        network: 9,
        mounts: vec![ops::Mount {
            dest: "/m".to_owned(),
            input: 1,
            mount_type: 7,
            ..ops::Mount::default()
        }],
        ..ops::ExecOp::default()
    };
    let action = |input, output| ops::FileAction {
        input,
        secondary_input: -1,
        output,
        action: None,
    };
    let file = ops::FileOp {
        actions: vec![action(1, 0), action(-1, 0)],
    };
    let source = |identifier: &str, attributes: &[(&str, &str)]| {
        Op::Source(ops::SourceOp {
            identifier: identifier.to_owned(),
            attrs: attributes
                .iter()
                .map(|&(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        })
    };
    let passthrough = ops::PassthroughOp {
        outputs: vec![1],
        ..ops::PassthroughOp::default()
    };
    let cases: [(Op, &[&str]); 16] = [
        (
            Op::Exec(exec),
            &[
                "exec.meta must not be empty",
                "exec.network has the unknown value 9",
                "exec.mounts must have one at `/`",
                "exec.mounts[0].input names 1, which is not there",
                "exec.mounts[0].mountType has the unknown value 7",
            ],
        ),
        (
            Op::File(file),
            &[
                "file.actions[0].input names 1, which is not there",
                "file.actions[0] must not be empty",
                "file.actions[1] must not be empty",
                "file.actions must number their outputs from 0, each once, and have one",
            ],
        ),
        (
            Op::File(ops::FileOp::default()),
            &["file.actions must not be empty"],
        ),
        (
            Op::Diff(ops::DiffOp::default()),
            &[
                "diff.lower must not be empty",
                "diff.upper must not be empty",
            ],
        ),
        (
            Op::Build(ops::BuildOp::default()),
            &[
                "build.builder must be -1: daemons have no other",
                "build.inputs must not be empty",
            ],
        ),
        (
            Op::Passthrough(passthrough),
            &[
                "passthrough.id must not be empty",
                "passthrough.outputs[0] names 1, which is not there",
            ],
        ),
        (
            source("nonsense", &[]),
            &["source.identifier `nonsense` is no source"],
        ),
        (source("future://x", &[]), &[]),
        (
            source("docker-image://alpine", &[("image.checksum", "x")]),
            &[
                "source.identifier `docker-image://alpine` is no image: it has neither tag nor \
                 digest",
                "source.attrs.image.checksum `x` is no checksum",
            ],
        ),
        (source("docker-image://localhost:5000/a:1", &[]), &[]),
        (
            source("docker-image+blob://a/b:1", &[]),
            &["source.identifier `docker-image+blob://a/b:1` is no blob: it has no digest"],
        ),
        (
            source("https://h/a", &[("http.perm", "0x"), ("http.uid", "-1")]),
            &[
                "source.attrs.http.uid `-1` is no number of an owner",
                "source.attrs.http.perm `0x` is no mode",
            ],
        ),
        (
            source(
                "git://h/a#-x",
                &[("git.checksum", "zz"), ("git.fetchbycommit", "true")],
            ),
            &[
                "source.identifier `-x` is no Git reference",
                "source.attrs.git.checksum `zz` is no commit: expected hexadecimal digits",
                "source.attrs.git.checksum must be a whole commit to fetch by it",
            ],
        ),
        (
            source(
                "git://h/a",
                &[("git.fullurl", "-oProxyCommand=x"), ("git.mtime", "never")],
            ),
            &[
                "source.identifier `-oProxyCommand=x` is no Git remote",
                "source.attrs.git.mtime `never` is no choice of times",
            ],
        ),
        (
            source(
                "git://h/a",
                &[("git.bundle", "x"), ("git.checkoutbundle", "true")],
            ),
            &[
                "source.attrs.git.bundle `x` is no bundle: expected a blob with a SHA-256 digest",
                "source.attrs.git.checksum must be set for a bundle",
            ],
        ),
        (
            source("local://c", &[("local.followpaths", "a,b")]),
            &["source.attrs.local.followpaths `a,b` is no JSON list of strings"],
        ),
    ];
    for (op, expected) in cases {
        let definition = definition_of(&ops::Op {
            op: Some(op),
            ..ops::Op::default()
        });
        let found = findings(&definition);
        let found: Vec<String> = found
            .iter()
            .map(|finding| format!("{} {}", finding.field(), finding.problem()))
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn findings_say_where_they_come_from() {
    let map = SourceMap::new("Buildfile", "Text", "one\ntwo\n");
    let state = alpine()
        .run(
            make()
                .mount(Mount::tmpfs("rel"))
                .named("t\u{1b}wo")
                .located(&map, [Range::line(2)]),
        )
        .root()
        .run(Exec::command("", [""; 0]))
        .root();
    let definition = state.marshal(&MarshalOptions::new());
    let error = definition.verify().expect_err("two problems");
    assert_eq!(
        error.to_string(),
        "Buildfile:2: t\\u{1b}wo: exec.mounts[1].dest must be an absolute path, found `rel`\n\
         : exec.meta.args[0] must not be empty"
    );
    let findings = findings(&definition);
    assert_eq!(findings[0].place(), Some(("Buildfile", Range::line(2))));
    assert_eq!(findings[0].locations().len(), 1);
    assert_eq!(findings[0].name(), "t\u{1b}wo");
    assert_eq!(findings[1].problem(), &Problem::Empty);
    assert_eq!(Some(findings[1].digest()), definition.result_digest());
    assert_eq!(findings[1].place(), None);
    assert!(matches!(
        Definition::from_bytes(vec![0x0a, 0x00])
            .expect("a definition")
            .verify(),
        Err(VerifyError::Read(_))
    ));
    assert_eq!(State::scratch().verify(), Ok(()));
}
