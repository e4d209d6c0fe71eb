//! `cmf tenant`: makes and drops the schema of a tenant.

use crate::context::Context;
use crate::db::{self, PUBLIC, schemas, views};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result, shell_word};
use crate::framework::seed;
use crate::migrate;
use crate::output::{Columns, Shape, columns};
use crate::session::Session;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Args)]
struct Create {
    /// The name of the schema
    name: String,
    /// The user who owns the catalogs
    #[arg(id = "first_user", long = "owner", value_name = "NAME", requires = "email")]
    owner: Option<String>,
    /// The user's address
    #[arg(long, value_name = "ADDRESS", requires = "first_user")]
    email: Option<String>,
    /// On Citus: keep its tables on a worker, and check that they are there
    #[arg(long)]
    distributed: bool,
}

#[derive(Debug, clap::Args)]
struct Drop {
    /// The name of the schema
    name: String,
    /// The name again, as the confirmation
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
}

const CHANGED: Columns<(String, bool)> = columns! { |(schema, changed)| schema, changed };

/// Runs `cmf tenant`. Exit 1 when the tenant exists already, or others depend on what is to be dropped; exit 2 for a name that no
/// tenant can have, and without a confirmation.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    if let Some((schema, origin)) = context.schema() {
        return Err(Error::usage(format!("the command names the tenant, but {origin} also names the schema `{schema}`"))
            .hint("leave out the schema"));
    }
    context.output.check_outcome(&CHANGED.table())?;
    args.command.run(context).await
}

verbs! { |context|
    /// Make the schema of a tenant with the tables, the frameworks and its first user
    Create(args: Create), Changes(Migrator), Shape::one(&CHANGED) => create(context, args).await;
    /// Drop the schema of a tenant with everything in it
    Drop(args: Drop), Changes(Migrator), Shape::one(&CHANGED) => drop(context, args).await;
}

async fn create(context: &Context, args: Create) -> Result<Exit> {
    let name = &args.name;
    let mut session = context.in_schema(name).open().await?;
    let tables = session.look(async |tx| db::dumps::tables(tx, Some(name)).await).await?;
    if tables > 0 || name == PUBLIC {
        return Err(Error::failed(format!("the schema `{name}` exists already, with {}", counted(tables, "table"))).hint(
            format!("apply its migrations with `cmf --schema {} migrate up`, or choose another name", shell_word(name)),
        ));
    }
    if name.contains(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')) {
        context
            .output
            .notice(&format!("note: the name has to be written exactly so in every command: --schema {}", shell_word(name)));
    }
    if name.len() > views::LONGEST {
        context.output.notice(&format!(
            "note: `cmf db views` cannot make views for this tenant: its name has {} bytes, and may have {}",
            name.len(),
            views::LONGEST
        ));
    }
    context.agree()?;
    if let Err(error) = fill(context, &mut session, &args).await {
        // Nothing was in it before, so nothing is lost.
        migrate::tenant::take_back(&mut session).await?;
        return Err(error.changed(format!("Nothing is left of the schema `{name}`.")));
    }
    session.close().await?;
    context.output.outcome(&format!("made the tenant {name}"), CHANGED.one(&(name.clone(), true)))?;
    Ok(Exit::Success)
}

async fn fill(context: &Context, session: &mut Session, args: &Create) -> Result<()> {
    if args.distributed {
        migrate::distributed::prepare(session).await?;
    }
    migrate::bring_up(session, &context.output, context.place()?.address()).await?;
    if args.distributed {
        migrate::distributed::check(session).await?;
    }
    seed::into(session, &seed::defaults(), false).await?;
    if let (Some(owner), Some(email)) = (&args.owner, &args.email) {
        let words = ["user", "create", owner, "--email", email].map(str::to_owned);
        context.in_schema(&args.name).muted().perform(&words).await?;
    }
    Ok(())
}

async fn drop(context: &Context, args: Drop) -> Result<Exit> {
    let name = &args.name;
    let mut session = context.in_schema(name).open().await?;
    let mut tx = session.read().await?;
    let tenants = schemas::migrated(&mut tx).await?;
    let views = views::schema_of(name);
    let dependents = schemas::dependents(&mut tx, name, &views).await?;
    let tables = db::dumps::tables(&mut tx, Some(name)).await?;
    let owner = schemas::owner(&mut tx, name).await?;
    tx.end().await?;
    if name == PUBLIC || !tenants.contains(name) {
        let hint =
            if name == PUBLIC { "it is the main schema: `cmf db reset` empties the database" } else { "see `cmf db schemas`" };
        return Err(Error::usage(format!("there is no tenant `{name}`")).hint(hint));
    }
    if !dependents.is_empty() {
        return Err(Error::failed(format!("{} on tables in `{name}`: {}", dependents.len(), dependents.join(", ")))
            .hint("drop these first"));
    }
    let question = format!(
        "This drops the schema `{name}` of {} with its {}. This cannot be undone.",
        context.place()?,
        counted(tables, "table")
    );
    let confirmed = context.output.confirm_by_name(&question, name, args.confirm.as_deref())?;
    context.agree()?;
    let dropped = migrate::tenant::drop(&mut session, name, &confirmed).await;
    dropped.map_err(|error| error.owned_by(owner))?;
    session.close().await?;
    context.output.outcome(&format!("dropped the tenant {name}"), CHANGED.one(&(name.clone(), true)))?;
    Ok(Exit::Success)
}
