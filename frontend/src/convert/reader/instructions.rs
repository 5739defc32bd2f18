//! The effect of each instruction on its stage.

use std::rc::Rc;

use buildkit_dockerfile::{Instruction, InstructionKind, Pair};

use super::super::model::{Action, Command, Entered, Healthcheck, Program, Run};
use super::super::template::Template;
use super::super::{MAX_PATH_LENGTH, paths, programs, source_text};
use super::{Current, Reader};

impl Reader<'_> {
    pub(super) fn instruction(
        &mut self,
        current: &mut Current,
        instruction: &Instruction,
        comments: Option<Vec<String>>,
    ) {
        let is_of_file = comments.is_some();
        current.order += 1;
        current.comments.extend(comments.unwrap_or_default());
        if let Err(message) = self.dispatch(current, instruction, is_of_file) {
            self.fail(instruction.lines, message);
        }
    }

    fn dispatch(
        &mut self,
        current: &mut Current,
        instruction: &Instruction,
        is_of_file: bool,
    ) -> Result<(), String> {
        match &instruction.kind {
            InstructionKind::Arg(arguments) => {
                for argument in arguments {
                    let default = argument
                        .value
                        .as_deref()
                        .map(|value| self.word(current, value));
                    let default = default.transpose()?;
                    let mut comments = std::mem::take(&mut current.comments);
                    let value = self.args.declare(argument, default, false, &mut comments);
                    current.comments = comments;
                    if let Some(value) = value {
                        Rc::make_mut(&mut current.at.variables).set(&argument.name, value);
                    }
                }
            }
            InstructionKind::Env(pairs) => {
                for (name, value) in self.pairs(current, pairs)? {
                    Rc::make_mut(&mut current.at.variables).set(&name, value.clone());
                    current.stage.config_env.set(&name, value);
                }
                current.comment("env");
            }
            InstructionKind::Label(pairs) => {
                for (name, value) in self.pairs(current, pairs)? {
                    current.stage.image.labels.set(&name, value);
                }
                current.comment("labels");
            }
            InstructionKind::Maintainer(maintainer) => {
                let value = Template::text(maintainer.as_str());
                current
                    .stage
                    .image
                    .labels
                    .set("org.opencontainers.image.authors", value);
                current.comments.push(" convert: MAINTAINER sets an image's author, which nothing reads; this label is what took its place".to_owned());
                current.comment("labels");
            }
            InstructionKind::Workdir(path) => {
                let path = self.word(current, path)?;
                let path = paths::entered(current.at.workdir.as_ref(), &path);
                if path.len() > MAX_PATH_LENGTH {
                    return Err(format!(
                        "the path of this directory is longer than {MAX_PATH_LENGTH} bytes, which no build can enter"
                    ));
                }
                current.at.workdir = Some(path.clone());
                current.stage.workdirs.push(Entered {
                    order: current.order,
                    path,
                    user: current.at.user.clone(),
                });
                current.comment("workdir");
            }
            InstructionKind::User(user) => {
                let mut user = self.word(current, user)?;
                if user.len() == 0 {
                    current
                        .comments
                        .push(" convert: no user is root".to_owned());
                    user = Template::text("root");
                }
                current.at.user = Some(user);
                current.comment("user");
            }
            InstructionKind::Shell(words) => {
                let shell = Rc::new(words.iter().map(ToString::to_string).collect());
                current.at.shell = Some(Rc::clone(&shell));
                current.stage.image.shell = Some(shell);
                current.comment("shell");
            }
            InstructionKind::Expose(ports) => {
                for port in ports {
                    let mut port = self.word(current, port)?;
                    // The host's side of a port is meaningless in an image.
                    if let Some((_, own)) = port.constant().and_then(|port| port.rsplit_once(':')) {
                        let own = own.to_owned();
                        let note = format!(
                            " convert: only the container's port of `{}` counts in an image",
                            port.written()
                        );
                        current.comments.push(note);
                        port = Template::text(own);
                    }
                    current.stage.image.expose.insert(port);
                }
                current.comment("expose");
            }
            InstructionKind::Volume(volumes) => {
                for volume in volumes {
                    let volume = self.word(current, volume)?;
                    current.stage.image.volumes.insert(volume);
                }
                current.comment("volumes");
            }
            InstructionKind::StopSignal(signal) => {
                current.stage.image.stop_signal = Some(self.word(current, signal)?);
                current.comment("stop-signal");
            }
            InstructionKind::OnBuild(text) => {
                current.stage.image.on_build.push(text.clone());
                current.comment("on-build");
            }
            InstructionKind::Cmd(line) => {
                current.stage.image.cmd = Some(current.program(line));
                current.comment("cmd");
            }
            InstructionKind::Entrypoint(line) => {
                current.stage.image.entrypoint = Some(current.program(line));
                current.comment("entrypoint");
            }
            InstructionKind::Healthcheck(check) => {
                current.stage.image.healthcheck = Some(match check.test.as_slice() {
                    [none] if none == "NONE" => Healthcheck::None,
                    [kind, words @ ..] => Healthcheck::Check {
                        run: if kind == "CMD" {
                            Program::Words(words.to_vec())
                        } else {
                            Program::Line(words.join(" "))
                        },
                        interval: check.interval,
                        timeout: check.timeout,
                        start_period: check.start_period,
                        start_interval: check.start_interval,
                        retries: check.retries,
                    },
                    [] => return Err("a health check needs a program".to_owned()),
                });
                current.comment("healthcheck");
            }
            InstructionKind::Run(run) => {
                let command = if run.command.is_shell {
                    let marked = if is_of_file {
                        source_text::marked(&self.lines, self.file.escape(), instruction)
                    } else {
                        None
                    };
                    Command::Script(source_text::script(&run.command, marked.as_deref()))
                } else {
                    let words = run.command.words.iter();
                    Command::Program(words.map(ToString::to_string).collect())
                };
                let mut step = Run::new(command);
                step.network = run.network.to_string();
                step.privileged = run.security == "insecure";
                step.devices.clone_from(&run.devices);
                self.mounts(current, run, &mut step)?;
                for (path, kind) in programs::made(&step) {
                    let path = paths::joined(current.at.workdir.as_ref(), &Template::text(path));
                    if let Some(path) = path.constant() {
                        let path = stagefile_text::paths::clean(path);
                        self.kinds.note(self.stages.len(), path, kind);
                    }
                }
                current.step(Action::Run(step));
            }
            InstructionKind::Copy(transfer) => self.transfer(current, transfer, false)?,
            InstructionKind::Add(transfer) => self.transfer(current, transfer, true)?,
            _ => return Err(format!("`{}` has no counterpart", instruction.keyword)),
        }
        Ok(())
    }

    fn pairs(&self, current: &Current, pairs: &[Pair]) -> Result<Vec<(String, Template)>, String> {
        let pairs = pairs.iter().map(|pair| {
            let name = self.word(current, &pair.name)?;
            let Some(name) = name.constant().map(str::to_owned) else {
                return Err(format!(
                    "the name `{}` has a value of the build in it, which keys can't have",
                    pair.name
                ));
            };
            Ok((name, self.word(current, &pair.value)?))
        });
        pairs.collect()
    }
}
