//! Operations in protobuf's JSON mapping.

use std::collections::BTreeMap;

use buildkit_proto::ops::{self, file_action, op::Op, user_opt};
use serde_json::{Map, Value, json};

/// Collects the members of an object, leaving out defaults.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let is_default = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Number(number) => number.as_i64() == Some(0),
            Value::Array(values) => values.is_empty(),
            _ => false,
        };
        if !is_default {
            self.0.insert(name.to_owned(), value);
        }
        self
    }

    /// Sets a 64-bit number, which is a string in protobuf's JSON mapping.
    fn wide(self, name: &str, number: i64) -> Self {
        let text = if number == 0 {
            String::new()
        } else {
            number.to_string()
        };
        self.set(name, text)
    }

    fn map(self, name: &str, entries: &BTreeMap<String, String>) -> Self {
        let value = if entries.is_empty() {
            Value::Null
        } else {
            json!(entries)
        };
        self.set(name, value)
    }

    /// Sets an enum value by its name, or as a number if the name is unknown.
    fn choice(self, name: &str, number: i32, names: &[&str]) -> Self {
        if number == 0 {
            return self;
        }
        let known = usize::try_from(number)
            .ok()
            .and_then(|number| names.get(number));
        self.set(
            name,
            known.map_or_else(|| json!(number), |known| json!(known)),
        )
    }

    fn list<T>(self, name: &str, values: &[T], convert: impl Fn(&T) -> Value) -> Self {
        self.set(name, values.iter().map(convert).collect::<Vec<_>>())
    }

    fn member<T>(self, name: &str, value: Option<&T>, convert: impl Fn(&T) -> Value) -> Self {
        self.set(name, value.map_or(Value::Null, convert))
    }

    fn value(self) -> Value {
        Value::Object(self.0)
    }
}

pub(super) fn op_json(op: &ops::Op) -> Value {
    let object = Object::default()
        .list("inputs", &op.inputs, |input| {
            Object::default()
                .set("digest", input.digest.as_str())
                .wide("index", input.index)
                .value()
        })
        .member("platform", op.platform.as_ref(), platform)
        .member("constraints", op.constraints.as_ref(), |constraints| {
            Object::default()
                .set("filter", constraints.filter.clone())
                .value()
        });
    match &op.op {
        None => object,
        Some(Op::Exec(operation)) => object.set("exec", exec(operation)),
        Some(Op::Source(source)) => object.set(
            "source",
            Object::default()
                .set("identifier", source.identifier.as_str())
                .map("attrs", &source.attrs)
                .value(),
        ),
        Some(Op::File(file)) => object.set(
            "file",
            Object::default()
                .list("actions", &file.actions, action)
                .value(),
        ),
        Some(Op::Build(operation)) => object.set("build", build(operation)),
        Some(Op::Merge(merge)) => object.set(
            "merge",
            Object::default()
                .list("inputs", &merge.inputs, |input| index(input.input))
                .value(),
        ),
        Some(Op::Diff(diff)) => object.set(
            "diff",
            Object::default()
                .member("lower", diff.lower.as_ref(), |lower| index(lower.input))
                .member("upper", diff.upper.as_ref(), |upper| index(upper.input))
                .value(),
        ),
        Some(Op::Passthrough(passthrough)) => object.set(
            "passthrough",
            Object::default()
                .set("id", passthrough.id.as_str())
                .list("outputs", &passthrough.outputs, |output| {
                    json!(output.to_string())
                })
                .value(),
        ),
    }
    .value()
}

fn index(input: i64) -> Value {
    Object::default().wide("input", input).value()
}

fn platform(platform: &ops::Platform) -> Value {
    Object::default()
        .set("Architecture", platform.architecture.as_str())
        .set("OS", platform.os.as_str())
        .set("Variant", platform.variant.as_str())
        .set("OSVersion", platform.os_version.as_str())
        .set("OSFeatures", platform.os_features.clone())
        .value()
}

fn build(build: &ops::BuildOp) -> Value {
    let inputs = build.inputs.iter();
    let inputs: Map<String, Value> = inputs
        .map(|(name, input)| (name.clone(), index(input.input)))
        .collect();
    Object::default()
        .wide("builder", build.builder)
        .set(
            "inputs",
            if inputs.is_empty() {
                Value::Null
            } else {
                inputs.into()
            },
        )
        .map("attrs", &build.attrs)
        .value()
}

fn exec(exec: &ops::ExecOp) -> Value {
    Object::default()
        .member("meta", exec.meta.as_ref(), meta)
        .list("mounts", &exec.mounts, mount)
        .choice("network", exec.network, &["UNSET", "HOST", "NONE"])
        .choice("security", exec.security, &["SANDBOX", "INSECURE"])
        .list("secretenv", &exec.secretenv, |secret| {
            Object::default()
                .set("ID", secret.id.as_str())
                .set("name", secret.name.as_str())
                .set("optional", secret.optional)
                .value()
        })
        .list("cdiDevices", &exec.cdi_devices, |device| {
            Object::default()
                .set("name", device.name.as_str())
                .set("optional", device.optional)
                .value()
        })
        .value()
}

fn meta(meta: &ops::Meta) -> Value {
    Object::default()
        .set("args", meta.args.clone())
        .set("env", meta.env.clone())
        .set("cwd", meta.cwd.as_str())
        .set("user", meta.user.as_str())
        .member("proxy_env", meta.proxy_env.as_ref(), |proxy| {
            Object::default()
                .set("http_proxy", proxy.http_proxy.as_str())
                .set("https_proxy", proxy.https_proxy.as_str())
                .set("ftp_proxy", proxy.ftp_proxy.as_str())
                .set("no_proxy", proxy.no_proxy.as_str())
                .set("all_proxy", proxy.all_proxy.as_str())
                .value()
        })
        .list("extraHosts", &meta.extra_hosts, |host| {
            Object::default()
                .set("Host", host.host.as_str())
                .set("IP", host.ip.as_str())
                .value()
        })
        .set("hostname", meta.hostname.as_str())
        .list("ulimit", &meta.ulimit, |limit| {
            Object::default()
                .set("Name", limit.name.as_str())
                .wide("Soft", limit.soft)
                .wide("Hard", limit.hard)
                .value()
        })
        .set("cgroupParent", meta.cgroup_parent.as_str())
        .set(
            "removeMountStubsRecursive",
            meta.remove_mount_stubs_recursive,
        )
        .set("validExitCodes", meta.valid_exit_codes.clone())
        .value()
}

fn mount(mount: &ops::Mount) -> Value {
    let kinds = ["BIND", "SECRET", "SSH", "CACHE", "TMPFS"];
    Object::default()
        .wide("input", mount.input)
        .set("selector", mount.selector.as_str())
        .set("dest", mount.dest.as_str())
        .wide("output", mount.output)
        .set("readonly", mount.readonly)
        .choice("mountType", mount.mount_type, &kinds)
        .member("TmpfsOpt", mount.tmpfs_opt.as_ref(), |tmpfs| {
            Object::default().wide("size", tmpfs.size).value()
        })
        .member("cacheOpt", mount.cache_opt.as_ref(), |cache| {
            Object::default()
                .set("ID", cache.id.as_str())
                .choice("sharing", cache.sharing, &["SHARED", "PRIVATE", "LOCKED"])
                .value()
        })
        .member("secretOpt", mount.secret_opt.as_ref(), |secret| {
            access(
                &secret.id,
                secret.uid,
                secret.gid,
                secret.mode,
                secret.optional,
            )
        })
        .member("SSHOpt", mount.ssh_opt.as_ref(), |ssh| {
            access(&ssh.id, ssh.uid, ssh.gid, ssh.mode, ssh.optional)
        })
        .set("resultID", mount.result_id.as_str())
        .choice(
            "contentCache",
            mount.content_cache,
            &["DEFAULT", "ON", "OFF"],
        )
        .value()
}

/// Fields that secrets and SSH sockets share.
fn access(id: &str, uid: u32, gid: u32, mode: u32, optional: bool) -> Value {
    Object::default()
        .set("ID", id)
        .set("uid", uid)
        .set("gid", gid)
        .set("mode", mode)
        .set("optional", optional)
        .value()
}

fn action(action: &ops::FileAction) -> Value {
    use file_action::Action;
    let object = Object::default()
        .wide("input", action.input)
        .wide("secondaryInput", action.secondary_input)
        .wide("output", action.output);
    match &action.action {
        None => object,
        Some(Action::Copy(operation)) => object.set("copy", copy(operation)),
        Some(Action::Mkfile(mkfile)) => object.set(
            "mkfile",
            Object::default()
                .set("path", mkfile.path.as_str())
                .set("mode", mkfile.mode)
                .set("data", base64(&mkfile.data))
                .member("owner", mkfile.owner.as_ref(), owner)
                .wide("timestamp", mkfile.timestamp)
                .value(),
        ),
        Some(Action::Mkdir(mkdir)) => object.set(
            "mkdir",
            Object::default()
                .set("path", mkdir.path.as_str())
                .set("mode", mkdir.mode)
                .set("makeParents", mkdir.make_parents)
                .member("owner", mkdir.owner.as_ref(), owner)
                .wide("timestamp", mkdir.timestamp)
                .value(),
        ),
        Some(Action::Rm(rm)) => object.set(
            "rm",
            Object::default()
                .set("path", rm.path.as_str())
                .set("allowNotFound", rm.allow_not_found)
                .set("allowWildcard", rm.allow_wildcard)
                .value(),
        ),
        Some(Action::Symlink(symlink)) => object.set(
            "symlink",
            Object::default()
                .set("oldpath", symlink.oldpath.as_str())
                .set("newpath", symlink.newpath.as_str())
                .member("owner", symlink.owner.as_ref(), owner)
                .wide("timestamp", symlink.timestamp)
                .value(),
        ),
    }
    .value()
}

fn copy(copy: &ops::FileActionCopy) -> Value {
    let unpack = copy.attempt_unpack_docker_compatibility;
    Object::default()
        .set("src", copy.src.as_str())
        .set("dest", copy.dest.as_str())
        .member("owner", copy.owner.as_ref(), owner)
        .set("mode", copy.mode)
        .set("followSymlink", copy.follow_symlink)
        .set("dirCopyContents", copy.dir_copy_contents)
        .set("attemptUnpackDockerCompatibility", unpack)
        .set("createDestPath", copy.create_dest_path)
        .set("allowWildcard", copy.allow_wildcard)
        .set("allowEmptyWildcard", copy.allow_empty_wildcard)
        .wide("timestamp", copy.timestamp)
        .set("include_patterns", copy.include_patterns.clone())
        .set("exclude_patterns", copy.exclude_patterns.clone())
        .set(
            "alwaysReplaceExistingDestPaths",
            copy.always_replace_existing_dest_paths,
        )
        .set("modeStr", copy.mode_str.as_str())
        .set("required_paths", copy.required_paths.clone())
        .value()
}

fn owner(owner: &ops::ChownOpt) -> Value {
    let user = |user: &ops::UserOpt| match &user.user {
        None => json!({}),
        Some(user_opt::User::ById(number)) => json!({"byID": number}),
        Some(user_opt::User::ByName(named)) => {
            let named = Object::default()
                .set("name", named.name.as_str())
                .wide("input", named.input);
            json!({"byName": named.value()})
        }
    };
    Object::default()
        .member("user", owner.user.as_ref(), user)
        .member("group", owner.group.as_ref(), user)
        .value()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let [first, second, third] = group.map(usize::from);
        let bits = first << 16 | second << 8 | third;
        for digit in 0..4 {
            if digit > chunk.len() {
                text.push('=');
            } else {
                text.push(char::from(DIGITS[bits >> (18 - 6 * digit) & 63]));
            }
        }
    }
    text
}
