//! `cmf config`: what is set for this run, and where it comes from.

use crate::config::{KEYS, Origin};
use crate::context::Context;
use crate::db::Address;
use crate::domain::secret;
use crate::error::{Exit, Result};
use crate::home::OutOfReach;
use crate::output::{Columns, Shape, columns};

const SHOWN: Columns<(&str, Option<String>, String)> = columns! { |(key, value, origin)| key = *key, value, origin };

noun! {
    /// Runs `cmf config`. Exit 78 when the configuration makes no sense. An address that cannot be used is shown with the reason.
    |context|
    /// Show each value with its origin, passwords left out
    Show, Reads(Reader), Shape::rows(&SHOWN) => show(context);
}

fn show(context: &Context) -> Result<Exit> {
    let config = context.config();
    let profile = config.profile.as_deref();
    let in_profile = || format!("profile {}", profile.unwrap_or_default());
    let file = config.file.as_ref().map(|file| file.display().to_string());
    let found = match &config.out_of_reach {
        Some(missed) => format!("cannot be read and is not used: {}", missed.reason),
        None if config.file.as_ref().is_some_and(|file| file.exists()) => "found".to_owned(),
        None => "not there".to_owned(),
    };
    let mut rows = vec![("config_file", file, found), ("profile", profile.map(str::to_owned), context.profile_origin().into())];
    let mut missed = Vec::new();
    for key in KEYS {
        let (value, origin) = match key.name {
            "database_url" => match context.database_url()? {
                // Only what an address shows of itself is printed: no password.
                Some((url, origin)) => match Address::parse_from(&url, &origin) {
                    Ok(address) => {
                        missed.extend(address.out_of_reach().cloned());
                        (Some(address.url()), origin)
                    }
                    Err(error) => (Some(secret::without_login(&url)), format!("{origin}; cannot be used: {}", error.message())),
                },
                None if config.out_of_reach.is_some() => (None, "the configuration file may name one".to_owned()),
                None => (None, "default: the private Postgres".to_owned()),
            },
            "confirm" if config.confirm() => (Some("true".to_owned()), in_profile()),
            "confirm" => (Some("false".to_owned()), "default".to_owned()),
            name => match (config.get(name), context.schema()) {
                (_, Some((schema, origin))) if name == "schema" => (Some(schema.to_owned()), origin),
                (Some(setting), _) => {
                    let origin = match setting.origin {
                        Origin::Variable(name) => name.to_owned(),
                        Origin::Profile => in_profile(),
                    };
                    (Some(setting.values.join(" ")), origin)
                }
                (None, _) => (None, "default".to_owned()),
            },
        };
        rows.push((key.name, value, origin));
    }
    for OutOfReach { file, reason } in missed {
        rows.push(("file", Some(file.display().to_string()), format!("cannot be read and is not used: {reason}")));
    }
    context.output.results(SHOWN.table_of(rows))?;
    Ok(Exit::Success)
}
