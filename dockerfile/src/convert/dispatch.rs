//! From instructions to steps, stage by stage.

use std::borrow::Cow;
use std::sync::Arc;

use buildkit_gateway::Options;
use buildkit_gateway::image_config::{ContainerConfig, DEFAULT_PATH};
use buildkit_llb::{Network, State};

use super::Conversion;
use super::arguments::ArgumentInfo;
use super::ignored::Ignored;
use super::stage::{Begun, Command, Entry, Origin, StageState, Written};
use super::{copy, ports, run, workdir};
use crate::go;
use crate::instruction::{Argument, Instruction, InstructionKind, Pair};
use crate::lexer::{Environment, Lexer};
use crate::lines::Lines;
use crate::lint::{Rule, rule};
use crate::mistake::{Mistake, similar};
use crate::text::Text;

/// Build arguments that are for the frontend, and that processes don't see.
const NOT_FOR_PROCESSES: [&str; 2] = [SCAN_CONTEXT, SCAN_STAGE];
const SCAN_CONTEXT: &str = "BUILDKIT_SBOM_SCAN_CONTEXT";
const SCAN_STAGE: &str = "BUILDKIT_SBOM_SCAN_STAGE";

/// A name and a value, once their variables are replaced.
type Expanded<'p> = (Cow<'p, str>, Cow<'p, str>);

impl Conversion<'_> {
    /// Turns the instructions of all stages that count into steps.
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
            self.begin(index);
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
            self.stages[index].commands = commands;
            self.note_scans(index);
        }
        let target = self.target;
        self.use_path(target, || "/".to_owned());
        Ok(())
    }

    /// Gives a stage what it has from its base.
    fn begin(&mut self, index: usize) {
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
                    // Which files it has makes no difference for its settings.
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
        if stage.platform.is_none() {
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
                self.begun = Begun::of(stage);
            }
        }
    }

    /// Finds out what of a stage the list of software covers.
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

    fn env(
        &mut self,
        index: usize,
        instruction: &Instruction,
        pairs: &[Pair],
    ) -> Result<(), Mistake> {
        let mut message = self.message("ENV");
        for (name, value) in self.pairs(index, instruction, pairs)? {
            self.check_secret(instruction, "ENV", &name);
            push_pair(&mut message, &name, Some(&value));
            let stage = &mut self.stages[index];
            stage.settings.set_env(&name, &value);
            stage.set_variable(&name, &value);
        }
        self.commit(index, message, false);
        Ok(())
    }

    fn label(
        &mut self,
        index: usize,
        instruction: &Instruction,
        pairs: &[Pair],
    ) -> Result<(), Mistake> {
        let mut message = self.message("LABEL");
        for (name, value) in self.pairs(index, instruction, pairs)? {
            push_pair(&mut message, &name, Some(&value));
            self.stages[index]
                .config_mut()
                .labels
                .insert(name.into_owned(), value.into_owned());
        }
        self.commit(index, message, false);
        Ok(())
    }

    /// Replaces the variables of names and values, all before any of them counts.
    fn pairs<'p>(
        &mut self,
        index: usize,
        instruction: &Instruction,
        pairs: &'p [Pair],
    ) -> Result<Vec<Expanded<'p>>, Mistake> {
        let mut expanded = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let name = self.expand(index, instruction, &pair.name)?;
            let value = self.expand(index, instruction, &pair.value)?;
            expanded.push((name, value));
        }
        for pair in pairs {
            if pair.legacy {
                let keyword = &instruction.keyword;
                let message = format!(
                    "\"{keyword} key=value\" should be used instead of legacy \"{keyword} key value\" format"
                );
                self.report(instruction, &rule::LEGACY_KEY_VALUE_FORMAT, message);
            }
        }
        Ok(expanded)
    }

    fn arg(
        &mut self,
        index: usize,
        instruction: &Instruction,
        arguments: &[Argument],
    ) -> Result<(), Mistake> {
        let mut message = self.message("ARG");
        for argument in arguments {
            let Argument {
                name, description, ..
            } = argument;
            self.check_secret(instruction, "ARG", name);
            let mut is_global = false;
            let value = match (self.build_args.get(name), &argument.value) {
                (Some(given), _) => Some(given.clone()),
                (None, Some(default)) => {
                    Some(self.expand(index, instruction, default)?.into_owned())
                }
                (None, None) => {
                    let value = self.globals.get(name).map(str::to_owned);
                    is_global = value.is_some();
                    value
                }
            };
            push_pair(&mut message, name, value.as_deref());
            let stage = &mut self.stages[index];
            if let Some(value) = &value
                && !NOT_FOR_PROCESSES.contains(&name.as_str())
            {
                stage.environment += name.len() + value.len();
                if let Some(before) = stage.settings.get(name) {
                    let before = name.len() + before.len();
                    stage.environment = stage.environment.saturating_sub(before);
                }
                stage.settings.set_env(name, value);
            }
            if !is_global {
                let info = ArgumentInfo {
                    value: value.clone().unwrap_or_default(),
                    description: description.clone(),
                    lines: instruction.lines,
                    ..ArgumentInfo::default()
                };
                stage.outlined.args.insert(name.clone(), info);
            }
            stage.outlined.used_args.insert(name.clone());
            let arguments = stage.arguments.get_or_insert_default();
            arguments.push_back_mut(Argument {
                value,
                ..argument.clone()
            });
        }
        self.commit(index, message, false);
        Ok(())
    }

    /// Replaces the variables of a text.
    pub(super) fn expand<'t>(
        &mut self,
        index: usize,
        instruction: &Instruction,
        text: &'t str,
    ) -> Result<Cow<'t, str>, Mistake> {
        self.expand_by(self.lexer, index, instruction, text)
    }

    pub(super) fn expand_by<'t>(
        &mut self,
        lexer: Lexer,
        index: usize,
        instruction: &Instruction,
        text: &'t str,
    ) -> Result<Cow<'t, str>, Mistake> {
        if let Some(plain) = lexer.plain(text) {
            return Ok(Cow::Borrowed(plain));
        }
        let (word, unmatched) = lexer.word_and_unmatched(text, &self.stages[index].settings);
        for name in &unmatched {
            self.check_variable(index, instruction, name);
        }
        let text = word?.text;
        // Before the next word, of which an instruction may have thousands.
        self.expanded = self.expanded.saturating_add(text.len());
        self.check_written(self.expanded)?;
        Ok(Cow::Owned(text))
    }

    fn expand_all(
        &mut self,
        index: usize,
        instruction: &Instruction,
        texts: &[Text],
    ) -> Result<Vec<String>, Mistake> {
        let texts = texts
            .iter()
            .map(|text| Ok(self.expand(index, instruction, text)?.into_owned()));
        texts.collect()
    }

    /// Notes a variable that nothing has set. Arguments without a value are meant to be empty.
    fn check_variable(&mut self, index: usize, instruction: &Instruction, name: &str) {
        let stage = &self.stages[index];
        if NOT_FOR_PROCESSES.contains(&name)
            || (stage.arguments.iter().flatten()).any(|argument| argument.name == name)
        {
            return;
        }
        // Nobody reads so many suggestions that this ends.
        let suggestion = if self.compared < MOST_COMPARED {
            let names = stage.settings.names();
            self.compared += names.len();
            similar(name, names)
        } else {
            None
        };
        let suggestion = suggestion.map(|name| format!(" (did you mean ${name}?)"));
        let message = format!(
            "Usage of undefined variable '${name}'{}",
            suggestion.unwrap_or_default()
        );
        self.report(instruction, &rule::UNDEFINED_VAR, message);
    }

    fn check_secret(&mut self, instruction: &Instruction, keyword: &str, name: &str) {
        if is_secret(name) {
            let message = format!(
                "Do not use ARG or ENV instructions for sensitive data ({keyword} {})",
                go::quote(name)
            );
            self.report(instruction, &rule::SECRETS_USED_IN_ARG_OR_ENV, message);
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

    /// Notes that an instruction counts in place of an earlier one.
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

    /// Puts a shell before a line that needs one, and says that this isn't the best for what containers run.
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

    /// Refuses what is more than any daemon takes: a few instructions can repeat a long variable, or list thousands of ports. `more`
    /// is what an instruction has that isn't in the history yet.
    pub(super) fn check_written(&self, more: usize) -> Result<(), Mistake> {
        let message = if self.written.saturating_add(more) > MOST_WRITTEN {
            format!(
                "with their variables and ranges written out, the instructions are larger than {} MiB together",
                MOST_WRITTEN >> 20
            )
        } else if self.given > MOST_GIVEN {
            format!(
                "the variables that all processes are given are larger than {} MiB together",
                MOST_GIVEN >> 20
            )
        } else if self.inherited > MOST_INHERITED {
            format!(
                "what the stages inherit from their bases, such as variables and labels, is larger than {} MiB together",
                MOST_INHERITED >> 20
            )
        } else {
            return Ok(());
        };
        Err(Mistake {
            is_of_the_whole: true,
            ..Mistake::new(message)
        })
    }

    /// Begins a text for the history, in the memory of the one before.
    pub(super) fn message(&mut self, keyword: &str) -> String {
        let mut message = std::mem::take(&mut self.message);
        message.clear();
        message.push_str(keyword);
        message
    }

    /// Adds to the history, if it is that of the target.
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

/// Gives a stage the settings that the config of its base says.
fn begin_with_config(stage: &mut StageState<'_>, config: &ContainerConfig, options: &Options) {
    // Also those that the base set: variables are in the order in which they were last set.
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

/// Adds ` NAME=value`, or only the name.
fn push_pair(message: &mut String, name: &str, value: Option<&str>) {
    message.push(' ');
    message.push_str(name);
    if let Some(value) = value {
        message.push('=');
        message.push_str(value);
    }
}

/// How many bytes all instructions may have, as history tells of them. A message to a daemon holds 16 MiB.
const MOST_WRITTEN: usize = 16 << 20;

/// How many bytes of variables all processes may be given. Those of stages that the target doesn't need count as well, so it is more than
/// a message holds.
const MOST_GIVEN: usize = 64 << 20;

/// How many bytes the configs may have that stages inherit, as [`size_of`] counts them: each stage of a chain may have one of its own.
const MOST_INHERITED: usize = 64 << 20;

/// About how much memory an entry of a list takes besides its text.
const ENTRY: usize = 64;

/// Returns about how much memory the lists of a config take.
fn size_of(config: &ContainerConfig) -> usize {
    let lists = config.env.iter().chain(&config.on_build);
    let sets = config.volumes.iter().chain(&config.exposed_ports);
    let names: usize = lists.chain(sets).map(|one| one.len() + ENTRY).sum();
    let labels = config.labels.iter();
    let labels: usize = labels
        .map(|(name, value)| name.len() + value.len() + 2 * ENTRY)
        .sum();
    names + labels
}

/// How many names all undefined variables of a file are compared with.
const MOST_COMPARED: usize = 500_000;

/// The shell of images that name none.
pub(super) const DEFAULT_SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// Lists the words of a line, with the shell of an image that takes it.
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

/// Reports whether a name looks like that of a secret: one of its words is, and none says otherwise.
fn is_secret(name: &str) -> bool {
    const SECRET: [&str; 10] = [
        "apikey",
        "auth",
        "credential",
        "credentials",
        "key",
        "password",
        "pword",
        "passwd",
        "secret",
        "token",
    ];
    const OTHERWISE: [&str; 3] = ["public", "file", "version"];
    let has = |words: &[&str]| {
        let mut parts = name.split('_');
        parts.any(|part| words.iter().any(|word| word.eq_ignore_ascii_case(part)))
    };
    has(&SECRET) && !has(&OTHERWISE)
}

/// Reports whether something names a signal of Linux.
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
