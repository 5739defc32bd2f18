//! `completions`: shell completion scripts, generated from the definition of the command line.

use std::fmt::Write as _;

use clap::{Arg, Command, ValueEnum};

/// A shell.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// Returns the completion script for a shell.
pub(super) fn completions(shell: Shell, command: &Command) -> String {
    match shell {
        Shell::Bash => bash(command),
        // Zsh runs the bash completion. If it is autoloaded from a file, it also has to produce completions on
        // the first call.
        Shell::Zsh => format!(
            "#compdef stagefile
autoload -U +X bashcompinit && bashcompinit
{}[[ ${{funcstack[1]}} != _stagefile ]] || _bash_complete -o default -F _stagefile
",
            bash(command)
        ),
        Shell::Fish => fish(command),
    }
}

/// Iterates over the subcommands.
fn verbs(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands()
}

/// Iterates over the options of a subcommand: the name, the possible values, and the argument.
fn options(verb: &Command) -> impl Iterator<Item = (&str, Vec<String>, &Arg)> {
    verb.get_arguments().filter_map(|argument| {
        let name = argument.get_long()?;
        Some((name, words(argument), argument))
    })
}

fn words(argument: &Arg) -> Vec<String> {
    if !argument.get_action().takes_values() {
        return Vec::new();
    }
    let values = argument.get_possible_values().into_iter();
    values.map(|value| value.get_name().to_owned()).collect()
}

fn bash(command: &Command) -> String {
    let names: Vec<&str> = verbs(command).map(Command::get_name).collect();
    let mut cases = String::new();
    for verb in verbs(command) {
        let name = verb.get_name();
        let takes_values =
            options(verb).filter(|(.., argument)| argument.get_action().takes_values());
        // If there are no values, the shell completes files.
        for (option, words, _) in takes_values {
            let words = words.join(" ");
            _ = writeln!(cases, "    {name},--{option}) words='{words}' ;;");
        }
        let positional: Vec<String> = verb.get_positionals().flat_map(words).collect();
        let options: Vec<String> = options(verb)
            .map(|(option, ..)| format!("--{option}"))
            .collect();
        _ = writeln!(
            cases,
            "    {name},*) words='{}' options='{}' ;;",
            positional.join(" "),
            options.join(" ")
        );
    }
    format!(
        "_stagefile() {{
  local now=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words= options= start=
  # `--format=json` is three words to bash, and one to zsh.
  case $before$now in
    *=) before=${{before%=}} now= ;;
    =*) before=${{COMP_WORDS[COMP_CWORD-2]}} ;;
  esac
  case $now in
    --*=*) before=${{now%%=*}} now=${{now#*=}} start=$before= ;;
  esac
  case ${{COMP_WORDS[1]}},$before in
    *,stagefile|*,*/stagefile|,*) words='{}' ;;
{cases}  esac
  case $now in
    -*) words=$options ;;
  esac
  COMPREPLY=($(compgen -P \"$start\" -W \"$words\" -- \"$now\"))
}}
complete -o default -F _stagefile stagefile
",
        names.join(" ")
    )
}

fn fish(command: &Command) -> String {
    let mut text = "complete -c stagefile -n __fish_use_subcommand -f\n".to_owned();
    for verb in verbs(command) {
        let (name, about) = (verb.get_name(), verb.get_about().map(ToString::to_string));
        let about = quoted(&about.unwrap_or_default());
        _ = writeln!(
            text,
            "complete -c stagefile -n __fish_use_subcommand -a {name} -d {about}"
        );
        let within = format!("complete -c stagefile -n '__fish_seen_subcommand_from {name}'");
        for (option, words, argument) in options(verb) {
            let help = argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let values = match (argument.get_action().takes_values(), words.is_empty()) {
                (false, _) => String::new(),
                (true, true) => " -r".to_owned(),
                (true, false) => format!(" -x -a '{}'", words.join(" ")),
            };
            _ = writeln!(text, "{within} -l {option}{values} -d {}", quoted(&help));
        }
        let words: Vec<String> = verb.get_positionals().flat_map(words).collect();
        if !words.is_empty() {
            _ = writeln!(text, "{within} -f -a '{}'", words.join(" "));
        }
    }
    text
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
