//! Compares with Go's library what the format of the vectors can't express.
//!
//! For each graph below, `golden.txt` has the digest and the capabilities of every operation in order, as made by
//! `client/llb` of BuildKit 0.32. There is one difference: in Go, a vertex keeps a capability that it needed when it
//! was marshalled for another daemon.

use buildkit_llb::{
    BindMount, Build, Capability, Constrain, Copy, Definition, Exec, FileAction, Git, Http, Image,
    Local, MarshalOptions, Mkdir, Mount, Network, Owner, Passthrough, Platform, RecordType,
    Reference, Security, SshSocket, State, Support, Ulimit,
};

fn options() -> MarshalOptions {
    MarshalOptions::new()
        .on_platform(Platform::new("linux", "amd64"))
        .local_unique_id("u")
}

fn context() -> State {
    State::local("context")
}

fn alpine() -> State {
    image("alpine")
}

fn image(reference: &str) -> State {
    State::image(reference).expect("a reference")
}

fn exec(argument: &str) -> Exec {
    Exec::command(argument, [""; 0])
}

#[track_caller]
fn check(name: &str, definition: &Definition) {
    let mut lines = include_str!("golden.txt").lines();
    lines
        .find(|line| *line == name)
        .expect("a graph of the name");
    let expected: Vec<&str> = lines.map_while(|line| line.strip_prefix("    ")).collect();
    let actual: Vec<String> = definition
        .operations()
        .iter()
        .map(|bytes| {
            let digest = buildkit_llb::Digest::of(bytes);
            let capabilities = definition
                .metadata()
                .get(&digest)
                .expect("metadata")
                .capabilities();
            let mut ids: Vec<_> = capabilities.iter().map(Capability::id).collect();
            ids.sort_unstable();
            format!("{digest} {}", ids.join(","))
        })
        .collect();
    assert_eq!(actual, expected, "{name}");
}

#[track_caller]
fn check_state(name: &str, state: &State) {
    check(name, &state.marshal(&options()));
}

#[test]
fn build() {
    let built = Build::new(&context()).into_state().expect("an input");
    check_state("build", &built.file(FileAction::mkdir("/x", 0o755)));
    let named = Build::new(&context()).filename("f").into_state();
    check_state("build-filename", &named.expect("an input"));
    assert!(Build::new(&State::scratch()).into_state().is_err());
}

#[test]
fn nested_chains() {
    let context = context();
    let nested = FileAction::mkfile("f", 0o644, "x")
        .then(Mkdir::new("d", 0o755).owner(Owner::parse("app:grp")))
        .on(&context.dir("/n"));
    let deeper = FileAction::copy(&nested, "f", "g").on(&State::scratch().dir("/deep"));
    let state = alpine().dir("/w").file(
        Copy::new(&nested, "f", "one")
            .then(FileAction::copy(&context, "x", "y"))
            .then(FileAction::copy(&nested, "d", "two/"))
            .then(FileAction::copy(&deeper, "g", "/three"))
            .then(FileAction::remove("z")),
    );
    check_state("nested", &state);
    let state = alpine().file(
        Copy::new(&nested, "f", "one")
            .then(FileAction::copy(image("busybox"), "x", "y"))
            .then(FileAction::copy(&nested, "d", "two/")),
    );
    check_state("nested-walk", &state);
}

#[test]
fn default_path() {
    let run = alpine().run(exec("x").ssh(SshSocket::new())).root();
    let missing = options().supported_by(Support::none());
    check("path-missing", &run.marshal(&missing));
    let supported = Support::from_capabilities([Capability::ExecMetaSetsDefaultPath]);
    let supported = options().supported_by(supported);
    check("path-supported", &run.marshal(&supported));
    let windows = missing.on_platform(Platform::new("windows", "amd64"));
    check("path-windows", &run.marshal(&windows));
}

#[test]
fn settings() {
    let state = alpine()
        .env("A", "1")
        .dir("rel")
        .user("u")
        .hostname("h")
        .network(Network::Host)
        .security(Security::Insecure)
        .ulimit(Ulimit::new("nofile", 1, 2))
        .cgroup_parent("/g")
        .platform(&Platform::new("linux", "arm"));
    let first = state.run(exec("x").env("A", "2").dir("more")).root();
    check_state("settings", &first.run(exec("y")).root());
}

#[test]
fn sources() {
    let image = Image::from(Reference::parse("alpine").expect("a reference"));
    let image = image.record_type(RecordType::Internal);
    check_state("record-type", &image.into_state());
    let local = Local::new("c").metadata_only(["a", "<b>"]);
    check_state("metadata-transfer", &local.into_state());
    let local = Local::new("c").metadata_only([""; 0]).session("s");
    check_state("metadata-transfer-all", &local.into_state());
    let http = Http::new("https://h/a").expect("a URL");
    check_state(
        "http-signature",
        &http.verify_signature("k", "s").into_state(),
    );
    let git = Git::new("https://h/a")
        .fragment("v1:sub")
        .checksum("c0ffee");
    let git = git
        .bundle("oci-layout+blob://x@sha256:ab")
        .bundle_store("s", "t");
    check_state("git-bundle", &git.into_state().expect("valid"));
    let git = Git::new("https://h/a").fragment("v1").checkout_bundle();
    check_state("git-checkout-bundle", &git.into_state().expect("valid"));
}

#[test]
fn image_config() {
    let config = br#"{"architecture":"arm","os":"linux",
        "config":{"Env":["P=1","Q"],"WorkingDir":"/srv"}}"#;
    let state = alpine().image_config(config).expect("valid");
    check_state("image-config", &state.run(exec("x")).root());
}

#[test]
fn passthrough_of_several() {
    let states = Passthrough::new("gate")
        .forwarding(&alpine())
        .requiring([&context()])
        .forwarding(&image("busybox"))
        .into_states()
        .expect("valid");
    check_state("passthrough-second", &states[1]);
}

#[test]
fn import() {
    let run = alpine().run(exec("x").ssh(SshSocket::new())).root();
    let definition = run.marshal(&options());
    let state = State::from_definition(&definition)
        .expect("valid")
        .dir("/i");
    check_state("import", &state.run(exec("z")).root());
}

#[test]
fn parallel() {
    let base = alpine();
    let run = base.run(exec("x").ssh(SshSocket::new())).root();
    let made = base.file(FileAction::mkdir("/x", 0o755));
    check_state("parallel", &State::parallel(&base, [&run, &made]));
}

#[test]
fn constraints_of_the_graph() {
    let run = alpine().run(exec("x").ssh(SshSocket::new())).root();
    let options = options()
        .worker_filter("f1")
        .worker_filter("f2")
        .ignore_cache();
    check("graph-constraints", &run.marshal(&options));
}

/// The output of a mount has the settings of the mounted state, as with Go's `AddMount`.
#[test]
fn outputs_of_mounts() {
    let source = image("busybox")
        .env("A", "1")
        .dir("/src")
        .user("u")
        .hostname("h")
        .network(Network::Host);
    let output = |base: Exec, mount: BindMount| {
        let run = alpine().env("B", "2").dir("/w").run(base.mount(mount));
        run.output("/m").expect("an output")
    };
    let check_next = |name: &str, output: &State| check_state(name, &output.run(exec("y")).root());
    let written = output(exec("x"), Mount::bind("/m", &source));
    check_next("mount-settings", &written);
    let readonly = output(exec("x"), Mount::bind("/m", &source).readonly());
    check_next("mount-settings-readonly", &readonly);
    let scratch = State::scratch().dir("/d").env("C", "3");
    let scratch = output(exec("x"), Mount::bind("/m", &scratch));
    check_next("mount-settings-scratch", &scratch);
    let made = written.file(FileAction::mkdir("rel", 0o755));
    check_state("mount-settings-file", &made);
    let platform = |architecture| Platform::new("linux", architecture);
    let arm = Image::new("busybox").expect("a reference");
    let arm = arm.on_platform(platform("arm")).into_state();
    let written = output(exec("x"), Mount::bind("/m", &arm));
    check_next("mount-settings-platform", &written);
    let other = arm.platform(&platform("arm64"));
    let readonly = output(exec("x"), Mount::bind("/m", &other).readonly());
    check_next("mount-settings-platform-readonly", &readonly);
    let run = alpine().run(
        exec("x")
            .on_platform(platform("386"))
            .mount(Mount::bind("/m", &arm)),
    );
    check_next(
        "mount-settings-platform-exec",
        &run.output("/m").expect("an output"),
    );
}

/// The root output has the settings of the state that ran, as with `Run::root`.
#[test]
fn output_of_the_root() {
    let run = alpine().dir("/w").env("A", "1").run(exec("x"));
    let root = run.output("/").expect("an output");
    assert_eq!(root.get_dir(), "/w");
    let next = |state: &State| state.run(exec("y")).root().marshal(&options());
    assert_eq!(next(&root), next(&run.root()));
}
