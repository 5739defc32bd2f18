//! Additional lines for `/etc/hosts`.

use std::net::IpAddr;

use super::csv;
use super::error::OptionProblem;

/// A line for `/etc/hosts`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtraHost {
    /// The host name, in lower case.
    pub host: String,
    /// The address.
    pub address: IpAddr,
}

pub(super) fn parse(value: &str) -> Result<Vec<ExtraHost>, OptionProblem> {
    let host = |field: String| {
        let field = field.to_lowercase();
        let (host, address) = field.split_once('=').ok_or(OptionProblem::NotHost)?;
        let address = address.parse().map_err(|_| OptionProblem::NotHost)?;
        Ok(ExtraHost {
            host: host.to_owned(),
            address,
        })
    };
    csv::fields(value)?.into_iter().map(host).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_lower_case_and_addresses_of_both_kinds() {
        let hosts = parse("DB=10.0.0.1,six=2001:DB8::1").unwrap();
        let hosts: Vec<_> = hosts
            .iter()
            .map(|it| (it.host.as_str(), it.address))
            .collect();
        let expected = [("db", "10.0.0.1"), ("six", "2001:db8::1")];
        assert_eq!(
            hosts,
            expected.map(|(host, address)| (host, address.parse().unwrap()))
        );
        for value in ["db", "db=", "db=host", "db=[::1]", "db=10.0.0.1,"] {
            parse(value).unwrap_err();
        }
    }
}
