//! `cmf db grants`: database roles that may do their work and nothing else.

use crate::commands::Role;
use crate::context::Context;
use crate::db::grants::Work;
use crate::error::{Error, Exit, Result};
use crate::migrate::grants::{self, Grants};
use crate::output::{Columns, Format, Results, columns, words};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The role in the database to give the rights to
    #[arg(value_name = "NAME")]
    name: String,
    /// What it is for
    #[arg(long, value_enum)]
    role: Role,
    /// With --role recorder: also lets it undo its own readings with `cmf undo`. The server cannot tell them from those
    /// of others, so outside of cmf the role can then delete any reading
    #[arg(long)]
    undo: bool,
    /// Grant the rights instead of printing them, and revoke all others of the role
    #[arg(long)]
    apply: bool,
    /// Do not ask before tables get another owner
    #[arg(long, requires = "apply")]
    yes: bool,
}

impl Role {
    const ALL: [Self; 4] = [Role::Migrator, Role::Importer, Role::Recorder, Role::Reader];

    const fn work(self) -> Work {
        match self {
            Role::Migrator => Work::Migrator,
            Role::Importer => Work::Importer,
            Role::Recorder => Work::Recorder,
            Role::Reader => Work::Reader,
        }
    }
}

words!(Role: name);
pub(super) const GRANTED: Columns<(String, Role, String, usize, Option<String>)> =
    columns! { |(name, role, schema, statements, beyond)| name, role, schema, statements, beyond };
pub(super) const STATEMENT: Columns<String> = columns! { |statement| statement = statement };

/// Prints or grants the rights that a role needs. Exit 1 when the role or the tables are not there, or when whoever is logged
/// in may not grant all of it; nothing is granted then.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let Args { name, role, undo, apply, yes } = args;
    let work = match (role, undo) {
        (Role::Recorder, true) => Work::Corrector,
        (_, true) => return Err(Error::usage("--undo is for --role recorder").hint("leave out --undo")),
        (_, false) => role.work(),
    };
    let mut session = context.open().await?;
    let Grants { statements, taken } = grants::statements(&mut session, &context.output, (&name, work), apply).await?;
    if !apply {
        let script: String = statements.iter().map(|statement| format!("{statement};\n")).collect();
        let script = format!("BEGIN;\n{script}COMMIT;\n");
        let results = Results::from(STATEMENT.table_of(&statements)).written_as(Format::Table, script);
        return context.output.results(results).map(|()| Exit::Success);
    }
    context.output.check_outcome(&GRANTED.table())?;
    if let Some(taken) = &taken {
        context.output.confirm(&format!("This takes {taken}: {name} owns them then."), yes)?;
    }
    let beyond = grants::apply(&mut session, (&name, &role.name(), work), &statements).await?.join("; ");
    let told = Some(beyond.clone()).filter(|beyond| !beyond.is_empty());
    if let Some(taken) = taken {
        context.output.notice(&format!("took {taken}: {name} owns them now"));
    }
    let granted = (name.clone(), role, session.schema().to_owned(), statements.len(), told);
    context.output.outcome(&format!("{name} is a {} now", role.name()), GRANTED.one(&granted))?;
    if !beyond.is_empty() {
        context
            .output
            .notice(&format!("{name} can do more than that, through PUBLIC or a role that it is a member of: {beyond}"));
    }
    Ok(Exit::Success)
}
