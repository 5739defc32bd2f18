//! Encoding of an exec (`ExecOp`).

use super::mount::{Mount, MountKind};
use super::{ExecOperation, ProxyEnvironment, Secret, SshSocket};
use crate::encode::Encoder;
use crate::marshal::{Context, EMPTY, Inputs};

/// The `PATH` that newer daemons set themselves, written into the environment for older ones.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The environment variable in which an SSH client looks for its agent.
const AGENT_VARIABLE: &str = "SSH_AUTH_SOCK";

/// The output index of a mount without an output.
const NO_OUTPUT: i64 = -1;

impl ExecOperation {
    pub(crate) fn encode(&self, context: &Context<'_>, inputs: &Inputs, encoder: &mut Encoder<'_>) {
        encoder.message(1, |encoder| self.encode_meta(context, encoder));
        for (mount, &input) in self.mounts.iter().zip(inputs.slots()) {
            encoder.message(2, |encoder| mount.encode(input, encoder));
        }
        for secret in &self.secrets {
            if let Some(path) = &secret.file {
                encoder.message(2, |encoder| secret.encode_file(path, encoder));
            }
        }
        for socket in &self.ssh_sockets {
            encoder.message(2, |encoder| socket.encode(encoder));
        }
        encoder.unsigned(3, self.settings.network.number());
        encoder.unsigned(4, self.settings.security.number());
        for secret in &self.secrets {
            if let Some(name) = &secret.variable {
                encoder.message(5, |encoder| {
                    encoder.text(1, &secret.id);
                    encoder.text(2, name);
                    encoder.boolean(3, secret.optional);
                });
            }
        }
        for device in &self.devices {
            encoder.message(6, |encoder| {
                encoder.text(1, &device.name);
                encoder.boolean(2, device.optional);
            });
        }
    }

    /// Writes a `Meta`.
    fn encode_meta(&self, context: &Context<'_>, encoder: &mut Encoder<'_>) {
        let settings = &self.settings;
        encoder.texts(1, &self.arguments);
        self.encode_environment(context, encoder);
        encoder.text(3, &settings.directory);
        encoder.text(4, settings.user.as_deref().unwrap_or_default());
        if let Some(proxy) = &self.proxy {
            encoder.message(5, |encoder| proxy.encode(encoder));
        }
        for (name, address) in &settings.hosts {
            encoder.message(6, |encoder| {
                encoder.text(1, name);
                // Go writes an IPv4-mapped IPv6 address as IPv4.
                encoder.text(2, &address.to_canonical().to_string());
            });
        }
        encoder.text(7, settings.hostname.as_deref().unwrap_or_default());
        for ulimit in &settings.ulimits {
            encoder.message(9, |encoder| {
                encoder.text(1, &ulimit.name);
                encoder.signed(2, ulimit.soft);
                encoder.signed(3, ulimit.hard);
            });
        }
        encoder.text(10, settings.cgroup_parent.as_deref().unwrap_or_default());
        // Go always sets this flag.
        encoder.boolean(11, true);
        encoder.packed(12, self.exit_codes.iter().map(|&code| code.into()));
    }

    fn encode_environment(&self, context: &Context<'_>, encoder: &mut Encoder<'_>) {
        let environment = &self.settings.environment;
        environment.for_each(|name, value| encoder.joined(2, &[name, "=", value]));
        if let Some(socket) = self.ssh_sockets.first()
            && environment.get(AGENT_VARIABLE).is_none()
        {
            encoder.joined(2, &[AGENT_VARIABLE, "=", &socket.path]);
        }
        // Go looks at the platform of the whole graph here, not at the operation's own.
        if context.sets_default_path == Some(false)
            && context.platform.os != "windows"
            && environment.get("PATH").is_none()
        {
            encoder.joined(2, &["PATH=", DEFAULT_PATH]);
        }
    }
}

impl Mount {
    /// Writes a `Mount`.
    fn encode(&self, input: i64, encoder: &mut Encoder<'_>) {
        encoder.signed(1, input);
        encoder.text(2, &self.selector);
        encoder.text(3, &self.destination);
        encoder.signed(4, self.output.map_or(NO_OUTPUT, |output| output.0));
        encoder.boolean(5, self.readonly);
        match &self.kind {
            MountKind::Bind => {}
            MountKind::Cache { id, sharing } => {
                encoder.unsigned(6, 3);
                encoder.message(20, |encoder| {
                    encoder.text(1, id.as_deref().unwrap_or(&self.destination));
                    encoder.unsigned(2, sharing.number());
                });
            }
            MountKind::Tmpfs { size } => {
                encoder.unsigned(6, 4);
                encoder.message(19, |encoder| encoder.signed(1, *size));
            }
        }
        encoder.unsigned(24, self.content_cache.number());
    }
}

impl Secret {
    /// Writes a `Mount` with a `SecretOpt`. Its output is 0, not -1, as in Go.
    fn encode_file(&self, path: &str, encoder: &mut Encoder<'_>) {
        encoder.signed(1, EMPTY);
        encoder.text(3, path);
        encoder.unsigned(6, 1);
        encoder.message(21, |encoder| {
            encoder.text(1, &self.id);
            encoder.unsigned(2, self.uid.into());
            encoder.unsigned(3, self.gid.into());
            encoder.unsigned(4, self.mode.into());
            encoder.boolean(5, self.optional);
        });
    }
}

impl SshSocket {
    /// Writes a `Mount` with an `SSHOpt`. Its output is 0, not -1, as in Go.
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.signed(1, EMPTY);
        encoder.text(3, &self.path);
        encoder.unsigned(6, 2);
        encoder.message(22, |encoder| {
            encoder.text(1, &self.id);
            encoder.unsigned(2, self.uid.into());
            encoder.unsigned(3, self.gid.into());
            encoder.unsigned(4, self.mode.into());
            encoder.boolean(5, self.optional);
        });
    }
}

impl ProxyEnvironment {
    /// Writes a `ProxyEnv`.
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.text(1, &self.http);
        encoder.text(2, &self.https);
        encoder.text(3, &self.ftp);
        encoder.text(4, &self.no);
        encoder.text(5, &self.all);
    }
}
