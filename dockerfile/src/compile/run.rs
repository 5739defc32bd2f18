//! `RUN`.

use std::borrow::Cow;
use std::fmt::Write as _;

use buildkit_llb::{
    Capability, Constrain as _, Device, Exec, FileAction, Mkdir, Mkfile, Mount as LlbMount,
    Network, Owner, Secret, Security, SshSocket, State, Tmpfs, When as _,
};

use super::dispatch::{DEFAULT_SHELL, with_shell};
use super::names;
use super::stage::{Command, StageState};
use super::step::{From, MountStep, Step, StepKind};
use super::{Compilation, DESCRIPTION};
use crate::go;
use crate::instruction::{Mount, MountKind, Run, Sharing};
use crate::lexer::Environment;
use crate::lines::Lines;
use crate::mistake::Mistake;
use crate::parser::Heredoc;
use crate::text::Text;

/// The directory for heredocs that are run as programs.
const PIPES: &str = "/dev/pipes/";

pub(super) fn dispatch(
    compilation: &mut Compilation<'_>,
    index: usize,
    command: &Command<'_>,
    run: &Run,
) -> Result<(), Mistake> {
    let instruction = &command.instruction;
    let mut mounts = Vec::with_capacity(run.mounts.len());
    for text in &run.mounts {
        let mut expand = |value: &str| {
            let value = compilation.expand(index, instruction, value)?;
            Ok(value.into_owned())
        };
        mounts.push(Mount::read(text, &mut expand)?);
    }
    compilation.use_path(index, || "/".to_owned());
    let script = script(compilation, index, run, &instruction.code)?;
    let mut message = compilation.message("RUN");
    let line;
    let words = if run.command.is_shell {
        line = match &*script.words {
            [line] => Cow::Borrowed(line.as_str()),
            words => Cow::Owned(words.join(" ")),
        };
        with_shell(&compilation.stages[index].image.config, &line)
    } else {
        script.words.iter().map(Text::as_str).collect()
    };
    let is_empty = words.is_empty();
    let options = &compilation.request.options.process;
    write_message(&mut message, &words, &compilation.stages[index]);
    let mut exec = exec(&words)
        .described(DESCRIPTION, &*instruction.code)
        .located(compilation.request.source_map, instruction.lines.ranges());
    if compilation.stages[index].ignores_cache {
        exec = exec.ignore_cache();
    }
    if options.proxy != buildkit_llb::ProxyEnvironment::default() || has_proxy(compilation) {
        exec = exec.proxy(options.proxy.clone());
    }
    let mut steps: Vec<MountStep> = script.mount.into_iter().collect();
    for (mount, &source) in mounts.iter().zip(&command.sources) {
        exec = add_mount(
            compilation,
            index,
            exec,
            mount,
            source,
            instruction.lines,
            &mut steps,
        )?;
    }
    if run.security == "insecure" {
        exec = exec.security(Security::Insecure);
    }
    exec = match &*run.network {
        "none" => exec.network(Network::None),
        "host" => exec.network(Network::Host),
        _ => exec,
    };
    exec = with_client_options(compilation, exec, run, &mut steps);
    let name = name(compilation, index, &script.name, &mounts);
    let stage = &mut compilation.stages[index];
    if is_empty {
        stage.empty_run.get_or_insert(instruction.lines);
    }
    let settings = stage.settings.clone();
    // Arguments that are declared repeatedly are processed each time.
    compilation.given += stage.environment + stage.arguments.as_ref().map_or(0, rpds::Vector::len);
    stage.steps.push(Step {
        lines: instruction.lines,
        kind: StepKind::Run(exec.named(name), settings, steps),
    });
    compilation.commit(index, message, true);
    Ok(())
}

/// The command line of a process.
struct Script<'a> {
    words: Cow<'a, [Text]>,
    /// The instruction, with its heredoc abbreviated.
    name: Cow<'a, str>,
    /// The mount of a heredoc that is run as a program.
    mount: Option<MountStep>,
}

/// Handles the heredocs of a command.
fn script<'a>(
    compilation: &Compilation<'_>,
    index: usize,
    run: &'a Run,
    code: &'a str,
) -> Result<Script<'a>, Mistake> {
    let command = &run.command;
    let plain = |words, name| Script {
        words,
        name,
        mount: None,
    };
    let code = Cow::Borrowed(code);
    let Some(first) = command.heredocs.first() else {
        return Ok(plain(Cow::Borrowed(&command.words), code));
    };
    let ([line], true) = (command.words.as_slice(), command.is_shell) else {
        return Err(Mistake::new(format!(
            "parsing produced an invalid run command: [{}]",
            command.words.join(" ")
        )));
    };
    if !Heredoc::is_whole(line) {
        // The shell reads the heredocs itself.
        let mut text = line.to_string();
        for heredoc in &command.heredocs {
            text.push('\n');
            text.push_str(&heredoc.content);
            text.push_str(&heredoc.name);
        }
        return Ok(plain(vec![text.into()].into(), code));
    }
    let name = Cow::Owned(format!("{code} ({})", summary(&first.content)));
    let content = first.text();
    if compilation.stages[index].os() == "windows" || !content.starts_with("#!") {
        return Ok(plain(vec![content.into()].into(), name));
    }
    let file = &first.name;
    let program = State::scratch().file(
        FileAction::from(Mkfile::new(format!("/{file}"), 0o755, content)).named(super::INLINE_NAME),
    );
    // A shell runs it by its path, like any command.
    Ok(Script {
        words: vec![go::join(&[PIPES, file]).into()].into(),
        name,
        mount: Some(MountStep::Bind {
            from: From::State(program),
            target: PIPES.to_owned(),
            selector: Some("/".to_owned()),
            readonly: true,
            without_output: false,
        }),
    })
}

fn summary(text: &str) -> String {
    let text = text.trim().replace("\r\n", "\n");
    match text.split_once('\n') {
        None => text,
        Some((first, _)) => format!("{first}..."),
    }
}

fn exec(words: &[&str]) -> Exec {
    match words {
        [shell @ .., line] if shell == DEFAULT_SHELL => Exec::shell(*line),
        [program, arguments @ ..] => Exec::command(*program, arguments.iter().copied()),
        [] => Exec::command("", [""; 0]),
    }
}

/// The build arguments that set a proxy. They need no `ARG`, apply in upper and lower case, and reach scripts without being part
/// of the cache key.
pub const PROXIES: [&str; 5] = [
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "no_proxy",
    "all_proxy",
];

/// Reports whether the client sets a proxy, even an empty one.
fn has_proxy(compilation: &Compilation<'_>) -> bool {
    let mut names = compilation.build_args.keys();
    names.any(|name| PROXIES.iter().any(|proxy| proxy.eq_ignore_ascii_case(name)))
}

/// Applies the client's options for all processes, as far as the daemon supports them.
fn with_client_options(
    compilation: &Compilation<'_>,
    mut exec: Exec,
    run: &Run,
    mounts: &mut Vec<MountStep>,
) -> Exec {
    let options = &compilation.request.options.process;
    let can = |capability| compilation.request.support.supports(capability).is_ok();
    if !options.ulimits.is_empty() && can(Capability::ExecMetaUlimit) {
        for ulimit in &options.ulimits {
            exec = exec.ulimit(ulimit.clone());
        }
    }
    if !run.devices.is_empty() && can(Capability::ExecMetaCdi) {
        for (name, required) in &run.devices {
            let device = Device::new(name);
            exec = exec.device(if *required { device } else { device.optional() });
        }
    }
    for host in &options.extra_hosts {
        exec = exec.host(&host.host, host.address);
    }
    if let Some(size) = options.shm_size
        && size > 0
        && can(Capability::ExecMountTmpfsSize)
    {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        mounts.push(MountStep::Ready(
            LlbMount::tmpfs("/dev/shm").size(size).into(),
        ));
    }
    if let Some(cgroup) = &options.cgroup_parent
        && can(Capability::ExecMetaCgroupParent)
    {
        exec = exec.cgroup_parent(cgroup);
    }
    if let Some(resources) = &options.resources
        && can(Capability::ExecMetaLinuxResources)
    {
        exec = exec.limited(resources.clone());
    }
    exec
}

fn add_mount(
    compilation: &mut Compilation<'_>,
    index: usize,
    exec: Exec,
    mount: &Mount,
    source: usize,
    lines: Lines,
    steps: &mut Vec<MountStep>,
) -> Result<Exec, Mistake> {
    let is_from_context = mount.from.is_empty() && mount.kind != MountKind::Cache;
    if !is_from_context && !compilation.stages[source].dispatched {
        return Err(Mistake::new(format!(
            "cannot mount from stage {} to {}, stage needs to be defined before current command",
            go::quote(if mount.from.is_empty() {
                super::graph::SCRATCH
            } else {
                &mount.from
            }),
            go::quote(&mount.target)
        )));
    }
    match mount.kind {
        MountKind::Secret => return Ok(exec.secret(secret(compilation, index, mount, lines)?)),
        MountKind::Ssh => return Ok(exec.ssh(ssh(compilation, index, mount, lines)?)),
        MountKind::Bind | MountKind::Cache | MountKind::Tmpfs => {}
    }
    let from = if mount.kind == MountKind::Tmpfs {
        From::State(State::scratch())
    } else if is_from_context {
        From::Context
    } else {
        From::Stage(source)
    };
    let target = if go::clean(&mount.target).starts_with('/') {
        mount.target.clone()
    } else {
        let directory = compilation.stages[index].settings.get_dir();
        go::join(&["/", directory, &mount.target])
    };
    if target == "/" {
        return Err(Mistake::new("invalid mount target \"/\""));
    }
    let path = go::join(&["/", &mount.source]);
    let has_selector = path != "/";
    let selector = has_selector.then(|| path.clone());
    let has_permissions = mount.uid.is_some() || mount.gid.is_some() || mount.mode.is_some();
    steps.push(match mount.kind {
        MountKind::Tmpfs => {
            let tmpfs = LlbMount::tmpfs(target).size(mount.size);
            let tmpfs = tmpfs.when_some(selector, Tmpfs::selector);
            MountStep::Ready(tmpfs.when(mount.readonly, Tmpfs::readonly).into())
        }
        MountKind::Cache => {
            let id = match mount.id.as_str() {
                "" => go::clean(&mount.target),
                id => id.to_owned(),
            };
            let namespace = &compilation.request.options.cache_mount_namespace;
            let namespace = namespace.as_deref().unwrap_or_default();
            let directory = (has_permissions && !has_selector).then(|| {
                let (uid, gid) = (mount.uid.unwrap_or(0), mount.gid.unwrap_or(0));
                let mkdir = Mkdir::new("/cache", mount.mode.unwrap_or(0o755));
                Box::new(
                    FileAction::from(mkdir.owner(Owner::ids(uid, gid)))
                        .named("[internal] setting cache mount permissions"),
                )
            });
            MountStep::Cache {
                from,
                target,
                selector: match &directory {
                    Some(_) => Some("/cache".to_owned()),
                    None => selector,
                },
                readonly: mount.readonly,
                id: format!("{namespace}/{id}"),
                sharing: match mount.sharing {
                    Some(Sharing::Private) => buildkit_llb::Sharing::Private,
                    Some(Sharing::Locked) => buildkit_llb::Sharing::Locked,
                    Some(Sharing::Shared) | None => buildkit_llb::Sharing::Shared,
                },
                directory,
            }
        }
        MountKind::Bind | MountKind::Secret | MountKind::Ssh => {
            let support = compilation.request.support;
            let drops = support.supports(Capability::ExecMountBindReadWriteNoOutput);
            MountStep::Bind {
                from,
                target,
                selector,
                readonly: mount.readonly,
                without_output: !mount.readonly && drops.is_ok(),
            }
        }
    });
    if is_from_context {
        compilation.stages[index].context_paths.insert(path);
    } else {
        compilation.use_path(source, || path);
    }
    Ok(exec)
}

fn secret(
    compilation: &mut Compilation<'_>,
    index: usize,
    mount: &Mount,
    lines: Lines,
) -> Result<Secret, Mistake> {
    let id = if !mount.source.is_empty() {
        mount.source.clone()
    } else if !mount.id.is_empty() {
        mount.id.clone()
    } else if mount.target.is_empty() {
        return Err(Mistake::new("one of source, target required"));
    } else {
        go::base(&mount.target).to_owned()
    };
    let secrets = &mut compilation.stages[index].outlined.secrets;
    secrets.entry(id.clone()).or_insert((mount.required, lines));
    let target = match (&mount.env, mount.target.as_str()) {
        (Some(_), "") => None,
        (None, "") => Some(format!("/run/secrets/{}", go::base(&id))),
        (_, target) => Some(target.to_owned()),
    };
    let mut secret = match (target, &mount.env) {
        (Some(target), None) => Secret::file(target),
        (Some(target), Some(name)) => Secret::file(target).and_env(name),
        (None, name) => Secret::env(name.clone().unwrap_or_default()),
    };
    secret = secret.id(id);
    if !mount.required {
        secret = secret.optional();
    }
    if mount.uid.is_some() || mount.gid.is_some() || mount.mode.is_some() {
        secret = secret
            .owner(mount.uid.unwrap_or(0), mount.gid.unwrap_or(0))
            .mode(mount.mode.unwrap_or(0o400));
    }
    Ok(secret)
}

fn ssh(
    compilation: &mut Compilation<'_>,
    index: usize,
    mount: &Mount,
    lines: Lines,
) -> Result<SshSocket, Mistake> {
    if !mount.source.is_empty() {
        return Err(Mistake::new("ssh does not support source"));
    }
    let shown = if mount.id.is_empty() {
        "default"
    } else {
        &mount.id
    };
    let sockets = &mut compilation.stages[index].outlined.ssh;
    sockets
        .entry(shown.to_owned())
        .or_insert((mount.required, lines));
    let mut socket = SshSocket::new().id(&mount.id);
    if !mount.target.is_empty() {
        socket = socket.path(&mount.target);
    }
    if !mount.required {
        socket = socket.optional();
    }
    if mount.uid.is_some() || mount.gid.is_some() || mount.mode.is_some() {
        socket = socket
            .owner(mount.uid.unwrap_or(0), mount.gid.unwrap_or(0))
            .mode(mount.mode.unwrap_or(0o600));
    }
    Ok(socket)
}

/// Variables, some of them with their values replaced by stars.
struct Masked<'a> {
    environment: &'a State,
    masked: Vec<&'a str>,
}

impl Environment for Masked<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        if self.masked.contains(&name) {
            return Some("****");
        }
        self.environment.get(name)
    }

    fn names(&self) -> Vec<&str> {
        self.environment.names()
    }
}

/// Returns the name shown in progress output, without the values of secrets.
fn name(compilation: &mut Compilation<'_>, index: usize, text: &str, mounts: &[Mount]) -> String {
    let several = compilation.request.options.multi_platform;
    let lexer = compilation.lexer.with_raw_quotes().keeping_unset();
    let stage = &mut compilation.stages[index];
    let settings = stage.settings.clone();
    let masked = mounts
        .iter()
        .filter(|mount| mount.kind == MountKind::Secret);
    let environment = Masked {
        environment: &settings,
        masked: masked.filter_map(|mount| mount.env.as_deref()).collect(),
    };
    let name = names::of_instruction(lexer, text, &environment);
    let platform = settings.get_platform().filter(|_| several).cloned();
    names::prefixed(stage, &name, several, platform.as_ref(), &settings)
}

/// Writes the history entry after the keyword: the build arguments and the command.
fn write_message(message: &mut String, words: &[&str], stage: &StageState<'_>) {
    let mut arguments: Vec<(&str, &str)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for argument in stage.arguments.iter().flatten() {
        let name = argument.name.as_str();
        let value = stage.settings.get(name);
        let value = value.or(argument.value.as_deref()).unwrap_or_default();
        match places.entry(name) {
            std::collections::hash_map::Entry::Occupied(place) => {
                arguments[*place.get()] = (name, value);
            }
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(arguments.len());
                arguments.push((name, value));
            }
        }
    }
    if !arguments.is_empty() {
        // Writing to a string can't fail.
        _ = write!(message, " |{}", arguments.len());
        for (name, value) in arguments {
            for part in [" ", name, "=", value] {
                message.push_str(part);
            }
        }
    }
    for word in words {
        message.push(' ');
        message.push_str(word);
    }
    if words.is_empty() && stage.arguments.is_none() {
        message.push(' ');
    }
    message.push_str(" # buildkit");
}
