//! What a new private Postgres holds before the first command works on it: the schema and, the first time, the bundled
//! frameworks and a user named after the login.

use serde_json::json;

use crate::db;
use crate::db::audit::Audit;
use crate::domain::text::counted;
use crate::error::Result;
use crate::framework::seed;
use crate::local;
use crate::migrate;
use crate::session::Session;
use crate::tell::Tell;

/// Makes a database of the private Postgres ready and says what was done for it.
pub async fn make_ready(session: &mut Session, tell: &dyn Tell, is_first: bool) -> Result<Vec<String>> {
    let mut done = Vec::new();
    let steps = migrate::bring_up(session, tell, None).await?;
    if !steps.is_empty() {
        done.push(format!("applied {}", counted(steps.len(), "migration")));
    }
    if is_first {
        let seeded = seed::into(session, &seed::defaults(), false).await?;
        let names: Vec<String> = seeded.into_iter().map(|one| one.short_name).collect();
        done.push(format!("seeded {}", names.join(", ")));
        let name = local::login().unwrap_or_else(|| local::USER.to_owned());
        let created = session
            .change(false, async |tx| {
                if !db::users::list(tx).await?.is_empty() {
                    return Ok((false, None));
                }
                let id = db::users::insert(tx, &name, &format!("{name}@localhost")).await?;
                Ok((true, Some(Audit::of("user.create", json!({ "username": name, "user_id": id })))))
            })
            .await?;
        if created {
            done.push(format!("created the user {name}"));
        }
    }
    Ok(done)
}
