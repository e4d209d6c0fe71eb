//! Reading a schema from `pg_catalog`. Names come out as SQL writes them: quoted where they must be, and with their schema
//! where `search_path`, which is the schema of the run in every transaction of cmf, does not lead to them.

use sqlx::Row;
use sqlx::postgres::PgConnection;

use super::{ColumnDef, ConstraintDef, EnumDef, IndexDef, ObjectDef, Schema, TableDef, TriggerDef};
use crate::db::migrations::LEDGERS;
use crate::error::Result;

/// Tables that keep track of migrations and are no part of what migrations make.
pub(super) fn is_ledger(name: &str) -> bool {
    LEDGERS.contains(&name) || name == "alembic_version"
}

/// Reads what is in these schemas, or in all of the database's own when none is named. In a transaction, so that names
/// resolve in `public`.
pub async fn read(conn: &mut PgConnection, only: &[String]) -> Result<Schema> {
    // What Postgres writes depends on these, and two databases may differ in them.
    let same =
        "SET LOCAL quote_all_identifiers TO off; SET LOCAL DateStyle TO 'ISO, YMD'; SET LOCAL IntervalStyle TO 'postgres'";
    sqlx::raw_sql(same).execute(&mut *conn).await?;
    let schemas: Vec<String> = schemas(conn).await?.into_iter().filter(|name| only.is_empty() || only.contains(name)).collect();
    let mut all = tables(conn, &schemas).await?;
    attach(&mut all, columns(conn, &schemas).await?, |table, column| table.columns.push(column));
    attach(&mut all, constraints(conn, &schemas).await?, |table, constraint| table.constraints.push(constraint));
    attach(&mut all, indexes(conn, &schemas).await?, |table, index| table.indexes.push(index));
    attach(&mut all, triggers(conn, &schemas).await?, |table, trigger| table.triggers.push(trigger));
    attach(&mut all, policies(conn, &schemas).await?, |table, policy| table.policies.push(policy));
    attach(&mut all, partitions(conn, &schemas).await?, |table, partition| table.partitions.push(partition));
    let (mut ledgers, tables): (Vec<_>, Vec<_>) = all.into_iter().partition(|table| is_ledger(&table.name));
    ledgers.retain(|table| table.row_security.is_some() || !table.policies.is_empty());
    Ok(Schema {
        extensions: extensions(conn).await?,
        enums: enums(conn, &schemas).await?,
        types: types(conn, &schemas).await?,
        sequences: sequences(conn, &schemas).await?,
        functions: functions(conn, &schemas).await?,
        views: views(conn, &schemas).await?,
        schemas: schemas.into_iter().filter(|name| name != "public").collect(),
        tables,
        ledgers,
    })
}

fn attach<T>(tables: &mut [TableDef], parts: Vec<(String, T)>, push: impl Fn(&mut TableDef, T)) {
    for (name, part) in parts {
        if let Some(table) = tables.iter_mut().find(|table| table.name == name) {
            push(table, part);
        }
    }
}

async fn schemas(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT nspname::text AS "name!" FROM pg_namespace n
           WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
           ORDER BY 1"#
    )
    .fetch_all(conn)
    .await?)
}

async fn extensions(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(r#"SELECT quote_ident(extname) AS "name!" FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"#)
        .fetch_all(conn)
        .await?)
}

async fn tables(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<TableDef>> {
    let rows = sqlx::query!(
        r#"SELECT c.oid::regclass::text AS "name!", obj_description(c.oid, 'pg_class') AS comment, pg_get_userbyid(c.relowner)::text AS "owner!",
                  pg_get_partkeydef(c.oid) AS divided,
                  nullif(concat_ws(', ', CASE WHEN c.relrowsecurity THEN 'ENABLE ROW LEVEL SECURITY' END,
                                   CASE WHEN c.relforcerowsecurity THEN 'FORCE ROW LEVEL SECURITY' END), '') AS row_security
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = ANY($1)
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
           ORDER BY 1"#,
        schemas
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (name, owner, comment, row_security) = (row.name, row.owner, row.comment, row.row_security);
            TableDef { name, owner, comment, divided: row.divided, row_security, ..TableDef::default() }
        })
        .collect())
}

/// The partitions of tables, at any depth, each after the one that it divides.
async fn partitions(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        r#"SELECT pg_partition_root(c.oid)::text AS "table!",
                  concat_ws(' ', 'CREATE TABLE', c.oid::regclass, 'PARTITION OF', i.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid),
                      'PARTITION BY ' || pg_get_partkeydef(c.oid)) AS "definition!"
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_inherits i ON i.inhrelid = c.oid
           WHERE c.relkind IN ('r', 'p') AND c.relispartition AND n.nspname = ANY($1)
           ORDER BY 1, (SELECT count(*) FROM pg_partition_ancestors(c.oid)), c.oid::regclass::text"#,
        schemas
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.table, row.definition)).collect())
}

async fn columns(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<(String, ColumnDef)>> {
    let rows = sqlx::query!(
        r#"SELECT c.oid::regclass::text AS "table!", quote_ident(a.attname) AS "name!",
                  concat_ws(' ', format_type(a.atttypid, a.atttypmod),
                      CASE WHEN a.attcollation <> t.typcollation THEN 'COLLATE ' || a.attcollation::regcollation::text END) AS "data_type!",
                  a.attnotnull AS not_null,
                  CASE WHEN a.attidentity = 'a' THEN 'GENERATED ALWAYS AS IDENTITY'
                       WHEN a.attidentity = 'd' THEN 'GENERATED BY DEFAULT AS IDENTITY'
                       WHEN a.attgenerated = 's' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED'
                       WHEN a.attgenerated = 'v' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ')'
                       WHEN d.adbin IS NOT NULL THEN 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END AS value,
                  col_description(a.attrelid, a.attnum) AS comment
           FROM pg_attribute a
           JOIN pg_class c ON c.oid = a.attrelid
           JOIN pg_namespace n ON n.oid = c.relnamespace
           JOIN pg_type t ON t.oid = a.atttypid
           LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
           WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY($1) AND a.attnum > 0 AND NOT a.attisdropped
           ORDER BY 1, a.attnum"#,
        schemas
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (name, data_type, value, comment) = (row.name, row.data_type, row.value, row.comment);
            (row.table, ColumnDef { name, data_type, not_null: row.not_null, value, comment })
        })
        .collect())
}

async fn constraints(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<(String, ConstraintDef)>> {
    // Since version 18 NOT NULL is a constraint too; here it is told with the column.
    let rows = sqlx::query!(
        r#"SELECT r.conrelid::regclass::text AS "table!", quote_ident(r.conname) AS "name!", r.contype::text AS "kind!",
                  concat(pg_get_constraintdef(r.oid), CASE WHEN EXISTS (
                      SELECT FROM pg_trigger t WHERE t.tgconstraint = r.oid AND t.tgenabled = 'D') THEN ' (DISABLED)' END) AS "definition!"
           FROM pg_constraint r JOIN pg_namespace n ON n.oid = r.connamespace
           WHERE r.conrelid <> 0 AND r.conparentid = 0 AND r.contype IN ('p', 'u', 'f', 'c', 'x') AND n.nspname = ANY($1)
           ORDER BY 1, array_position(ARRAY['p', 'u', 'f', 'c', 'x'], r.contype::text), 2"#,
        schemas
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.table, ConstraintDef { name: row.name, kind: row.kind, definition: row.definition }))
        .collect())
}

async fn indexes(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<(String, IndexDef)>> {
    let rows = sqlx::query!(
        r#"SELECT i.indrelid::regclass::text AS "table!", quote_ident(c.relname) AS "name!",
                  regexp_replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') AS "definition!", i.indisvalid AS valid
           FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = ANY($1)
             AND NOT EXISTS (SELECT FROM pg_constraint r WHERE r.conindid = i.indexrelid AND r.contype IN ('p', 'u', 'x'))
           ORDER BY 1, 2"#,
        schemas
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.table, IndexDef { name: row.name, definition: row.definition, valid: row.valid }))
        .collect())
}

async fn triggers(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<(String, TriggerDef)>> {
    let rows = sqlx::query!(
        r#"SELECT t.tgrelid::regclass::text AS "table!", quote_ident(t.tgname) AS "name!", pg_get_triggerdef(t.oid) AS "definition!",
                  t.tgenabled::text AS "enabled!"
           FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE NOT t.tgisinternal AND n.nspname = ANY($1)
           ORDER BY 1, 2"#,
        schemas
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.table, TriggerDef { name: row.name, definition: row.definition, enabled: row.enabled }))
        .collect())
}

async fn policies(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<(String, ObjectDef)>> {
    let rows = sqlx::query!(
        r#"SELECT p.polrelid::regclass::text AS "table!", quote_ident(p.polname) AS "name!",
                  concat_ws(' ', 'CREATE POLICY', quote_ident(p.polname), 'ON', p.polrelid::regclass,
                      CASE WHEN p.polpermissive THEN 'AS PERMISSIVE' ELSE 'AS RESTRICTIVE' END, 'FOR',
                      CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                      'TO', (SELECT string_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE role::regrole::text END, ', ' ORDER BY role) FROM unnest(p.polroles) AS role),
                      'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
                      'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')') AS "definition!"
           FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = ANY($1) ORDER BY 1, 2"#,
        schemas
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.table, ObjectDef { name: row.name, definition: row.definition })).collect())
}

async fn enums(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<EnumDef>> {
    Ok(sqlx::query_as!(
        EnumDef,
        r#"SELECT t.oid::regtype::text AS "name!", array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS "labels!"
           FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid JOIN pg_namespace n ON n.oid = t.typnamespace
           WHERE n.nspname = ANY($1)
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
           GROUP BY t.oid ORDER BY 1"#,
        schemas
    )
    .fetch_all(conn)
    .await?)
}

async fn types(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<ObjectDef>> {
    Ok(sqlx::query_as!(
        ObjectDef,
        r#"SELECT t.oid::regtype::text AS "name!",
                  CASE WHEN t.typtype = 'd' THEN concat_ws(' ', 'CREATE DOMAIN', t.oid::regtype, 'AS', format_type(t.typbasetype, t.typtypmod),
                      'DEFAULT ' || t.typdefault, CASE WHEN t.typnotnull THEN 'NOT NULL' END,
                      (SELECT string_agg('CONSTRAINT ' || quote_ident(r.conname) || ' ' || pg_get_constraintdef(r.oid), ' ' ORDER BY r.conname)
                       FROM pg_constraint r WHERE r.contypid = t.oid AND r.contype = 'c'))
                  ELSE concat('CREATE TYPE ', t.oid::regtype, ' AS (',
                      (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
                       FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), ')') END AS "definition!"
           FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
           WHERE (t.typtype = 'd' OR c.relkind = 'c') AND n.nspname = ANY($1)
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
           ORDER BY 1"#,
        schemas
    )
    .fetch_all(conn)
    .await?)
}

async fn sequences(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<ObjectDef>> {
    Ok(sqlx::query_as!(
        ObjectDef,
        r#"SELECT c.oid::regclass::text AS "name!",
                  concat('CREATE SEQUENCE ', c.oid::regclass, ' AS ', format_type(s.seqtypid, NULL), ' START ', s.seqstart, ' INCREMENT ',
                      s.seqincrement, ' MINVALUE ', s.seqmin, ' MAXVALUE ', s.seqmax, ' CACHE ', s.seqcache,
                      CASE WHEN s.seqcycle THEN ' CYCLE' END) AS "definition!"
           FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = ANY($1)
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'i'))
           ORDER BY 1"#,
        schemas
    )
    .fetch_all(conn)
    .await?)
}

async fn functions(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<ObjectDef>> {
    Ok(sqlx::query_as!(
        ObjectDef,
        r#"SELECT p.oid::regprocedure::text AS "name!", pg_get_functiondef(p.oid) AS "definition!"
           FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
           WHERE p.prokind IN ('f', 'p', 'w') AND n.nspname = ANY($1)
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
           ORDER BY 1"#,
        schemas
    )
    .fetch_all(conn)
    .await?)
}

async fn views(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<ObjectDef>> {
    Ok(sqlx::query_as!(
        ObjectDef,
        r#"SELECT c.oid::regclass::text AS "name!",
                  concat('CREATE ', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' END, 'VIEW ', c.oid::regclass, ' AS', chr(10),
                         rtrim(pg_get_viewdef(c.oid), ';')) AS "definition!"
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('v', 'm') AND n.nspname = ANY($1)
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
           ORDER BY c.oid"#,
        schemas
    )
    .fetch_all(conn)
    .await?)
}

/// Which of these tables are there, in the schema of the run.
pub async fn there(conn: &mut PgConnection, names: &[String]) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT c.relname::text AS "name!" FROM pg_class c
           WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind IN ('r', 'p') AND c.relname = ANY($1) ORDER BY 1"#,
        names
    )
    .fetch_all(conn)
    .await?)
}

/// What alembic says of the database, where it has been at work.
pub async fn alembic_version(conn: &mut PgConnection) -> Result<Option<String>> {
    let there: bool =
        sqlx::raw_sql("SELECT to_regclass('alembic_version') IS NOT NULL").fetch_one(&mut *conn).await?.try_get(0)?;
    if !there {
        return Ok(None);
    }
    // No migration makes this table, so the compiler's database does not have it.
    Ok(sqlx::query_scalar("SELECT version_num FROM alembic_version LIMIT 1").fetch_optional(conn).await?)
}
