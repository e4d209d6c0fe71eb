//! A tenant on a worker of Citus.

use crate::db::citus;
use crate::error::{Error, Result};
use crate::session::Session;

/// Has Citus put the tables of the schema that this session makes next on a worker. Fails if there is no Citus that shards by
/// schemas.
pub async fn prepare(session: &mut Session) -> Result<()> {
    let (version, shards) = session.look(async |tx| Ok((citus::version(tx).await?, citus::shards_schemas(tx).await?))).await?;
    match version {
        None => Err(Error::failed("--distributed needs Citus, which this database does not have")
            .hint("install Citus on the server, then run `psql URL -c 'CREATE EXTENSION citus'`; or leave out --distributed")),
        Some(version) if !shards => Err(Error::failed(format!("Citus {version} cannot distribute schemas"))
            .hint("update it to version 12 or newer, or leave out --distributed")),
        Some(_) => citus::shard_new_schemas(session.connection()).await,
    }
}

/// Checks that the tables of the session's schema are where Citus keeps those of a tenant. Fails with those that are not.
pub async fn check(session: &mut Session) -> Result<()> {
    let schema = session.schema().to_owned();
    let elsewhere = session.look(async |tx| citus::undistributed(tx, &schema).await).await?;
    if elsewhere.is_empty() {
        return Ok(());
    }
    Err(Error::failed(format!("these tables of `{schema}` are not on a worker: {}", elsewhere.join(", ")))
        .hint(format!("move them with SELECT citus_schema_distribute('{}')", schema.replace('\'', "''"))))
}
