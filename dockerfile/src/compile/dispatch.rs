//! Compilation of instructions to steps, stage by stage.

use std::sync::Arc;

use buildkit_gateway::Options;
use buildkit_gateway::image_config::{ContainerConfig, DEFAULT_PATH};
use buildkit_llb::{Network, State};

use super::Compilation;
use super::ignored::Ignored;
use super::limits::size_of;
use super::stage::{Begun, Command, Entry, Origin, StageState, Written};
use super::{copy, ports, run, workdir};
use crate::go;
use crate::instruction::{Instruction, InstructionKind};
use crate::lexer::Environment as _;
use crate::lines::Lines;
use crate::lint::{Rule, rule};
use crate::mistake::Mistake;
use crate::text::Text;

/// Build arguments for the frontend, which aren't passed to processes.
pub(super) const NOT_FOR_PROCESSES: [&str; 2] = [SCAN_CONTEXT, SCAN_STAGE];
const SCAN_CONTEXT: &str = "BUILDKIT_SBOM_SCAN_CONTEXT";
const SCAN_STAGE: &str = "BUILDKIT_SBOM_SCAN_STAGE";

impl Compilation<'_> {
    /// Compiles the instructions of all relevant stages to steps.
    pub(super) fn dispatch_all(&mut self, ignored: &Ignored) -> Result<(), Mistake> {
        for index in self.chain_of_target() {
            self.stages[index].keeps_history = true;
        }
        let reachable = self.reachable(self.target);
        for (index, is_needed) in reachable.into_iter().enumerate() {
            let skipped = !is_needed || self.stages[index].dispatched;
            if skipped && !self.request.all_stages {
                continue;
            }
            let has_platform = self.begin(index);
            let stage = &mut self.stages[index];
            let commands = std::mem::take(&mut stage.commands);
            stage.steps.reserve_exact(stage.total);
            if stage.keeps_history {
                stage.history.reserve_exact(commands.len());
            }
            for command in &commands {
                self.expanded = 0;
                self.dispatch(index, command, ignored)
                    .and_then(|()| self.check_written(0))
                    .map_err(|mistake| mistake.at(command.instruction.lines))?;
            }
            let stage = &mut self.stages[index];
            stage.commands = commands;
            if !has_platform {
                stage.platform = Some(Arc::clone(&self.wanted));
            }
            self.note_scans(index);
        }
        let target = self.target;
        self.use_path(target, || "/".to_owned());
        Ok(())
    }

    /// Initializes a stage from its base. Returns whether the stage has a platform: if a named context replaces its base, only
    /// stages that start from it have one, as in Docker's frontend.
    fn begin(&mut self, index: usize) -> bool {
        if let Some(base) = self.stages[index].base {
            let base = &self.stages[base];
            let mut image = base.image.clone();
            if !image.config.on_build.is_empty() {
                image.config_mut().on_build.clear();
            }
            let inherited = (
                base.platform.clone(),
                base.base_image.clone(),
                base.settings.clone(),
                base.has_workdir,
                base.arguments.clone(),
                base.environment,
            );
            let stage = &mut self.stages[index];
            stage.image = image;
            let arguments;
            (
                stage.platform,
                stage.base_image,
                stage.settings,
                stage.has_workdir,
                arguments,
                stage.environment,
            ) = inherited;
            stage.arguments = arguments;
        } else {
            let settings = match &self.stages[index].origin {
                Origin::Unknown => State::scratch(),
                Origin::State(state) => State::scratch().settings_of(state),
                Origin::Context(files, platform) => {
                    // Its settings don't depend on which files it contains.
                    let state = State::scratch().settings_of(&files.all());
                    match platform {
                        Some(platform) => state.platform(platform),
                        None => state,
                    }
                }
            };
            self.stages[index].settings = settings;
        }
        let options = self.request.options;
        let stage = &mut self.stages[index];
        stage.dispatched = true;
        let has_platform = stage.platform.is_some();
        if !has_platform {
            stage.platform = Some(Arc::default());
        }
        if stage.os() != "windows" && stage.image.config.env("PATH").is_none() {
            stage.config_mut().set_env("PATH", DEFAULT_PATH);
        }
        let config = Arc::clone(&stage.image.config);
        self.inherited = self.inherited.saturating_add(size_of(&config));
        let bytes: usize = config.env.iter().map(String::len).sum();
        stage.environment = stage.environment.max(bytes);
        match &self.begun {
            Some(begun) if begun.fits(stage) => stage.settings = begun.settings.clone(),
            _ => {
                begin_with_config(stage, &config, options);
                self.begun = Begun::from_stage(stage);
            }
        }
        has_platform
    }

    /// Determines which parts of a stage the SBOM covers.
    fn note_scans(&mut self, index: usize) {
        for name in NOT_FOR_PROCESSES {
            let stage = &self.stages[index];
            let is_enabled = |value: &str| {
                go::parse_bool(value)
                    .unwrap_or_else(|| value.split(',').any(|part| part == stage.name))
            };
            let mut covers = self.globals.get(name).is_some_and(is_enabled);
            let own = stage
                .arguments
                .iter()
                .flatten()
                .filter(|argument| argument.name == name);
            for argument in own {
                if let Some(value) = &argument.value {
                    covers = is_enabled(value);
                }
            }
            if covers {
                let stage = &mut self.stages[index];
                if name == SCAN_CONTEXT {
                    stage.scans_context = true;
                } else {
                    stage.is_scanned = true;
                }
            }
        }
    }

    fn dispatch(
        &mut self,
        index: usize,
        command: &Command<'_>,
        ignored: &Ignored,
    ) -> Result<(), Mistake> {
        let instruction: &Instruction = &command.instruction;
        self.stages[index].is_trigger = matches!(command.instruction, Written::Trigger(_));
        match &instruction.kind {
            InstructionKind::Add(transfer) | InstructionKind::Copy(transfer) => {
                copy::dispatch(self, index, command, transfer, ignored)
            }
            InstructionKind::Arg(arguments) => self.arg(index, instruction, arguments),
            InstructionKind::Cmd(line) => {
                self.used_once(index, instruction, |stage| &mut stage.cmd);
                let words = self.with_image_shell(index, instruction, line);
                let config = self.stages[index].config_mut();
                config.cmd.clone_from(&words);
                config.args_escaped = true;
                self.commit(index, format!("CMD {}", go::quote_list(&words)), false);
                Ok(())
            }
            InstructionKind::Entrypoint(line) => {
                self.used_once(index, instruction, |stage| &mut stage.entrypoint);
                let words = self.with_image_shell(index, instruction, line);
                let has_cmd = self.stages[index].cmd.is_some();
                let config = self.stages[index].config_mut();
                config.entrypoint.clone_from(&words);
                if !has_cmd {
                    config.cmd.clear();
                }
                let message = format!("ENTRYPOINT {}", go::quote_list(&words));
                self.commit(index, message, false);
                Ok(())
            }
            InstructionKind::Env(pairs) => self.env(index, instruction, pairs),
            InstructionKind::Expose(listed) => ports::dispatch(self, index, instruction, listed),
            InstructionKind::Healthcheck(check) => {
                self.used_once(index, instruction, |stage| &mut stage.healthcheck);
                self.stages[index].config_mut().healthcheck = Some(check.clone());
                let message = format!(
                    "HEALTHCHECK {{Test:[{}] Interval:{} Timeout:{} StartPeriod:{} StartInterval:{} Retries:{}}}",
                    check.test.join(" "),
                    go::duration(check.interval),
                    go::duration(check.timeout),
                    go::duration(check.start_period),
                    go::duration(check.start_interval),
                    check.retries
                );
                self.commit(index, message, false);
                Ok(())
            }
            InstructionKind::Label(pairs) => self.label(index, instruction, pairs),
            InstructionKind::Maintainer(maintainer) => {
                self.stages[index].image.set_author(maintainer);
                self.commit(index, format!("MAINTAINER {maintainer}"), false);
                Ok(())
            }
            InstructionKind::OnBuild(text) => {
                let config = self.stages[index].config_mut();
                config.on_build.push(text.clone());
                Ok(())
            }
            InstructionKind::Run(run) => run::dispatch(self, index, command, run),
            InstructionKind::Shell(shell) => {
                let words = shell.iter().map(Text::to_string).collect();
                self.stages[index].config_mut().shell = words;
                self.commit(index, format!("SHELL [{}]", shell.join(" ")), false);
                Ok(())
            }
            InstructionKind::StopSignal(signal) => {
                let signal = self.expand(index, instruction, signal)?.into_owned();
                if !is_signal(&signal) {
                    return Err(Mistake::new(format!("invalid signal: {signal}")));
                }
                self.stages[index]
                    .config_mut()
                    .stop_signal
                    .clone_from(&signal);
                self.commit(index, format!("STOPSIGNAL {signal}"), false);
                Ok(())
            }
            InstructionKind::User(user) => {
                let user = self.expand(index, instruction, user)?.into_owned();
                let stage = &mut self.stages[index];
                stage.settings = stage.settings.user(&user);
                stage.config_mut().user.clone_from(&user);
                self.commit(index, format!("USER {user}"), false);
                Ok(())
            }
            InstructionKind::Volume(volumes) => {
                let volumes = self.expand_all(index, instruction, volumes)?;
                for volume in &volumes {
                    if volume.is_empty() {
                        return Err(Mistake::new("VOLUME specified can not be an empty string"));
                    }
                    self.stages[index].config_mut().add_volume(volume.clone());
                }
                self.commit(index, format!("VOLUME [{}]", volumes.join(" ")), false);
                Ok(())
            }
            InstructionKind::Workdir(path) => workdir::dispatch(self, index, instruction, path),
        }
    }

    pub(super) fn report(
        &mut self,
        instruction: &Instruction,
        rule: &'static Rule,
        message: String,
    ) {
        self.linter.report(
            rule,
            Some(instruction.lines),
            &instruction.comments,
            message,
        );
    }

    /// Records that an instruction overrides an earlier one.
    fn used_once(
        &mut self,
        index: usize,
        instruction: &Instruction,
        place: impl for<'s> Fn(&'s mut StageState<'_>) -> &'s mut Option<Lines>,
    ) {
        let before = place(&mut self.stages[index]).replace(instruction.lines);
        if before.is_some() {
            let message = format!(
                "Multiple {} instructions should not be used in the same stage because only the last one will be used",
                instruction.keyword
            );
            let rule = &rule::MULTIPLE_INSTRUCTIONS_DISALLOWED;
            self.linter
                .report(rule, before, &instruction.comments, message);
        }
    }

    /// Prepends a shell to a command line that needs one, and reports that shell form isn't the best choice for what containers
    /// run.
    fn with_image_shell(
        &mut self,
        index: usize,
        instruction: &Instruction,
        line: &crate::instruction::CommandLine,
    ) -> Vec<String> {
        if !line.is_shell {
            return line.words.iter().map(Text::to_string).collect();
        }
        if self.stages[index].image.config.shell.is_empty() {
            let message = format!(
                "JSON arguments recommended for {} to prevent unintended behavior related to OS signals",
                instruction.keyword
            );
            self.report(instruction, &rule::JSON_ARGS_RECOMMENDED, message);
        }
        let line = line.words.join(" ");
        let words = with_shell(&self.stages[index].image.config, &line).into_iter();
        words.map(str::to_owned).collect()
    }

    /// Begins a text for the history, reusing the buffer of the previous one.
    pub(super) fn message(&mut self, keyword: &str) -> String {
        let mut message = std::mem::take(&mut self.message);
        message.clear();
        message.push_str(keyword);
        message
    }

    /// Adds to the history, if it is part of the target's history.
    pub(super) fn commit(&mut self, index: usize, message: String, makes_layer: bool) {
        self.written = self.written.saturating_add(message.len());
        let stage = &mut self.stages[index];
        if stage.keeps_history {
            stage.history.push(Entry::Own {
                created_by: message.as_str().to_owned(),
                makes_layer,
                epoch: self.epoch,
            });
        }
        self.message = message;
    }
}

/// Sets a stage's settings from the config of its base.
fn begin_with_config(stage: &mut StageState<'_>, config: &ContainerConfig, options: &Options) {
    // This includes those that the base set: variables are in the order in which they were last set.
    let variables = config.env.iter();
    let variables = variables.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    stage.settings = stage.settings.envs(variables);
    if let Some(hostname) = &options.process.hostname {
        stage.settings = stage.settings.hostname(hostname);
    }
    if !config.working_dir.is_empty() {
        workdir::enter(stage, &config.working_dir);
    }
    if !config.user.is_empty() {
        stage.settings = stage.settings.user(&config.user);
    }
    if options.process.network != Network::default() {
        stage.settings = stage.settings.network(options.process.network);
    }
}

/// The shell of images that set none.
pub(super) const DEFAULT_SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// Returns the arguments of a command line, run by the image's shell.
pub(super) fn with_shell<'w>(config: &'w ContainerConfig, line: &'w str) -> Vec<&'w str> {
    let shell = &config.shell;
    let mut words = Vec::with_capacity(shell.len().max(DEFAULT_SHELL.len()) + 1);
    if shell.is_empty() {
        words.extend(DEFAULT_SHELL);
    } else {
        words.extend(shell.iter().map(String::as_str));
    }
    words.push(line);
    words
}

/// Reports whether a text is the name or number of a Linux signal.
fn is_signal(text: &str) -> bool {
    const NAMES: [&str; 36] = [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT",
        "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM",
        "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
        "RTMIN", "RTMAX",
    ];
    if let Ok(number) = text.parse::<i64>() {
        return number != 0;
    }
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if NAMES.contains(&name) {
        return true;
    }
    let real_time = |prefix: &str, most: u32| {
        let number = name.strip_prefix(prefix);
        let number = number.filter(|number| !number.starts_with('0'));
        number
            .and_then(|number| number.parse::<u32>().ok())
            .is_some_and(|number| (1..=most).contains(&number))
    };
    real_time("RTMIN+", 15) || real_time("RTMAX-", 14)
}
