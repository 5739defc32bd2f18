//! Resource limits of processes.

use buildkit_llb::Ulimit;

use super::csv;
use super::error::OptionProblem;

/// Lists the limits that Docker accepts: all except the limit of a process's memory, under which no
/// container starts.
fn names() -> impl Iterator<Item = &'static str> {
    Ulimit::NAMES.into_iter().filter(|name| *name != "as")
}

/// Parses a list of limits, each `NAME=SOFT` or `NAME=SOFT:HARD`.
pub(super) fn parse(value: &str) -> Result<Vec<Ulimit>, OptionProblem> {
    csv::fields(value)?
        .iter()
        .map(|field| parse_one(field))
        .collect()
}

fn parse_one(text: &str) -> Result<Ulimit, OptionProblem> {
    let (name, limits) = text.split_once('=').ok_or(OptionProblem::NotUlimit)?;
    if !names().any(|known| known == name) {
        return Err(OptionProblem::UnknownUlimit {
            allowed: names().collect::<Vec<_>>().join(", "),
        });
    }
    let number = |text: &str| text.parse::<i64>().map_err(|_| OptionProblem::NotUlimit);
    let (soft, hard) = match limits.split_once(':') {
        None => (number(limits)?, number(limits)?),
        Some((soft, hard)) => (number(soft)?, number(hard)?),
    };
    if hard != -1 && (soft == -1 || soft > hard) {
        return Err(OptionProblem::UlimitOrder);
    }
    Ok(Ulimit::new(name, soft, hard))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_docker_reads() {
        let ulimit = |name: &str, soft, hard| Ulimit::new(name, soft, hard);
        assert_eq!(
            parse("nofile=1024,core=0:-1,memlock=-1:-1,nproc=1:2").unwrap(),
            [
                ulimit("nofile", 1024, 1024),
                ulimit("core", 0, -1),
                ulimit("memlock", -1, -1),
                ulimit("nproc", 1, 2),
            ]
        );
        for value in [
            "nofile",
            "nofile=",
            "files=1",
            "as=1",
            "nofile=2:1",
            "nofile=-1:5",
            "nofile=1:2:3",
        ] {
            parse(value).unwrap_err();
        }
    }
}
