//! `cmf db grants`: database roles that may do their work and nothing else.

use clap::ValueEnum;
use serde_json::json;

use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::grants::{self, Ground, Work};
use crate::db::{migrations, views};
use crate::error::{Error, Exit, Result};
use crate::output::{Columns, Format, columns, words};

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
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Role {
    /// Owns the tables: `migrate`, `seed`, `framework import`, `user`, and all that the others do
    Migrator,
    /// `import`, `map`, `catalog`, `metric`, `score`, `record undo`, and all that recorder and reader do
    Importer,
    /// `record` and `history`: adds readings and brings current values up to date, nothing else
    Recorder,
    /// Looks at everything but password hashes, and writes nothing
    Reader,
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

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

words!(Role: name);
pub(super) const GRANTED: Columns<(String, Role, String, usize, Option<String>)> =
    columns! { |(name, role, schema, statements, beyond)| name, role, schema, statements, beyond };
pub(super) const STATEMENT: Columns<String> = columns! { |statement| statement = statement };

/// Prints or grants the rights that a role needs. Exit 1 when the role or the tables are not there, or when whoever is logged
/// in may not grant all of it; nothing is granted then.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let Args { name, role, undo, apply } = args;
    let work = match (role, undo) {
        (Role::Recorder, true) => Work::Corrector,
        (_, true) => return Err(Error::usage("--undo is for --role recorder").hint("leave out --undo")),
        (_, false) => role.work(),
    };
    let mut session = context.open().await?;
    let schema = session.schema().to_owned();
    let mut tx = session.read().await?;
    let ground = grants::ground(&mut tx, &schema, &name).await?;
    let of_views = views::schema_of(&schema);
    let has_views = views::are_there(&mut tx, &of_views).await?;
    tx.end().await?;
    check(context, &ground, work, &schema, &name, apply)?;
    let mut statements = ground.statements(work, &schema, &name);
    if has_views && work != Work::Migrator {
        statements.extend(views::rights(&of_views, &name, !matches!(work, Work::Recorder | Work::Corrector)));
    }
    if !apply {
        return print(context, &statements);
    }
    session.agree()?;
    let mut tx = session.plain().await?;
    for statement in &statements {
        grants::apply(&mut tx, statement).await?;
    }
    // Who may not grant something is told so by a warning only.
    let comparison = grants::compare(&mut tx, work, &schema, &name).await?;
    if !comparison.lacks.is_empty() {
        let error = Error::new(Exit::Auth, format!("some rights could not be granted to {name}, so none was"));
        let error = comparison.lacks.iter().fold(error, Error::detail);
        return Err(error.hint("run the command as the owner of the tables"));
    }
    context.output.check_outcome(&GRANTED.table())?;
    if migrations::has_audit(&mut tx).await? {
        let result = json!({ "name": name, "role": role.name(), "undo": undo, "schema": schema, "beyond": comparison.exceeds });
        tx.finish(Audit::of("db.grants", result)).await?;
    } else {
        tx.commit().await?;
    }
    let beyond = (!comparison.exceeds.is_empty()).then(|| comparison.exceeds.join("; "));
    let granted = (name.clone(), role, schema, statements.len(), beyond);
    context.output.outcome(&format!("{name} is a {} now", role.name()), GRANTED.one(&granted))?;
    if !comparison.exceeds.is_empty() {
        context.output.notice(&format!(
            "{name} can do more than that, through PUBLIC or a role that it is a member of: {}",
            comparison.exceeds.join("; ")
        ));
    }
    Ok(Exit::Success)
}

/// Says what grants cannot do here.
fn check(context: &Context, ground: &Ground, work: Work, schema: &str, name: &str, apply: bool) -> Result<()> {
    if !ground.has_role {
        let create = format!("CREATE ROLE {} LOGIN PASSWORD '...'", migrations::quote(name));
        if apply {
            return Err(Error::failed(format!("the server has no role `{name}`"))
                .hint(format!("create it first, as a superuser in psql: {create}; \\password sets another password")));
        }
        context
            .output
            .notice(&format!("the server has no role `{name}` yet: create it first, as a superuser in psql: {create}"));
    }
    if ground.tables.is_empty() && work != Work::Migrator {
        return Err(Error::failed(format!("schema {schema} has no tables of cmf to grant rights on")).hint(
            "run `cmf migrate up` first; to make a role that can do that: `cmf db grants --role migrator NAME --apply`",
        ));
    }
    if ground.is_superuser {
        context.output.notice(&format!("{name} is a superuser: no grant limits it"));
    }
    if work != Work::Migrator && !ground.owned.is_empty() {
        return Err(Error::failed(format!("{name} owns tables here, and an owner can do everything with them"))
            .detail(ground.owned.join(", "))
            .hint("name another role, or make another role the owner: `cmf db grants --role migrator OTHER --apply`"));
    }
    Ok(())
}

fn print(context: &Context, statements: &[String]) -> Result<Exit> {
    if context.output.format() == Format::Table {
        let lines: String = statements.iter().map(|statement| format!("{statement};\n")).collect();
        context.output.text(&format!("BEGIN;\n{lines}COMMIT;\n"))?;
    } else {
        context.output.results(STATEMENT.table_of(statements))?;
    }
    Ok(Exit::Success)
}
