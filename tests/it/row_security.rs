//! Row-level security: what a policy hides is never left out without a word.

use crate::doctor::active;
use crate::support::{Db, Run, cmf, run};

/// A role for one test, with the rights of one of `cmf db grants`; gone with the test.
pub struct Role<'a> {
    db: &'a Db,
    pub name: String,
}

impl<'a> Role<'a> {
    /// One without rights.
    pub fn new(db: &'a Db, name: &str) -> Self {
        let name = format!("{}_{name}", db.name);
        db.execute(&format!("CREATE ROLE {name} LOGIN"));
        Role { db, name }
    }

    pub fn granted(db: &'a Db, role: &str) -> Self {
        let granted = Role::new(db, role);
        db.cmf(["db", "grants", "--role", role, &granted.name, "--apply", "--yes"]).ok();
        granted
    }

    pub fn cmf(&self, args: &[&str]) -> Run {
        let url = self.db.url.replacen(&format!("{}@", self.db.one("SELECT session_user")), &format!("{}@", self.name), 1);
        run(cmf().env("CMF_DATABASE_URL", url).args(args))
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        self.db.execute(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.name));
    }
}

#[test]
fn a_score_of_a_part_of_the_metrics_is_refused() {
    let db = active();
    db.execute("ALTER TABLE metrics ENABLE ROW LEVEL SECURITY; CREATE POLICY part ON metrics USING (name = 'MFA')");
    let reader = Role::granted(&db, "reader");
    let importer = Role::granted(&db, "importer");
    for refused in [
        reader.cmf(&["metric", "list"]),
        reader.cmf(&["history", "MFA"]),
        importer.cmf(&["score"]),
        importer.cmf(&["record", "MFA", "91"]),
    ] {
        let refused = refused.fails(77, "row-level security hides rows from this database role");
        assert!(
            refused.stderr.contains("a superuser runs `ALTER ROLE \"") && refused.stderr.contains("\" BYPASSRLS`"),
            "{}",
            refused.stderr
        );
        assert!(refused.stderr.contains("`ALTER TABLE \"metrics\" DISABLE ROW LEVEL SECURITY`"), "{}", refused.stderr);
        assert!(refused.stdout.is_empty(), "{}", refused.stdout);
    }
    // Who sees all rows is not hindered.
    db.execute(&format!("ALTER ROLE {} BYPASSRLS", reader.name));
    reader.cmf(&["metric", "list"]).ok();
}

#[test]
fn a_recorder_that_sees_no_audit_row_does_not_begin_the_chain_anew() {
    let db = active();
    db.execute(
        "ALTER TABLE ai_change_log ENABLE ROW LEVEL SECURITY; CREATE POLICY adds ON ai_change_log FOR INSERT WITH CHECK (true)",
    );
    let recorder = Role::granted(&db, "recorder");
    let before = db.one("SELECT count(*) FROM ai_change_log");
    recorder.cmf(&["record", "MFA", "91"]).fails(77, "row-level security");
    assert_eq!(db.one("SELECT count(*) FROM metric_history WHERE value = 91"), "0");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), before);
    db.cmf(["audit", "verify"]).ok();
}

#[test]
fn drift_and_the_doctor_name_the_policies() {
    let db = active();
    db.execute(
        "ALTER TABLE metrics ENABLE ROW LEVEL SECURITY; ALTER TABLE metrics FORCE ROW LEVEL SECURITY;
         CREATE POLICY part ON metrics AS RESTRICTIVE FOR SELECT TO PUBLIC USING (name = 'MFA')",
    );
    let drift = db.cmf(["migrate", "drift", "--format", "json"]).fails(4, "").json();
    let found: Vec<String> = drift
        .as_array()
        .expect("differences")
        .iter()
        .map(|one| format!("{} {} {}: {}", one["change"], one["kind"], one["name"], one["found"]).replace('"', ""))
        .collect();
    assert_eq!(found.len(), 2, "{found:?}");
    let policy = "extra policy metrics.part: CREATE POLICY part ON metrics AS RESTRICTIVE FOR SELECT TO PUBLIC USING (";
    assert!(found[0].starts_with(policy), "{}", found[0]);
    assert_eq!(found[1], "extra row-level security metrics: ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
    // What is printed makes it anew.
    let dumped = db.cmf(["migrate", "dump"]).ok().stdout;
    let copy = Db::empty();
    copy.execute(&dumped);
    assert_eq!(copy.cmf(["migrate", "dump"]).ok().stdout, dumped);

    let looked = db.cmf(["doctor"]).ok().stdout;
    assert!(looked.contains("row-level security") && looked.contains("metrics (part)"), "{looked}");
    let reader = Role::granted(&db, "reader");
    let looked = reader.cmf(&["doctor"]).fails(4, "").stdout;
    assert!(looked.contains("hides rows from this role") && looked.contains("BYPASSRLS"), "{looked}");
    // The list of applied migrations is a table too.
    db.execute(
        "ALTER TABLE metrics DISABLE ROW LEVEL SECURITY; ALTER TABLE cmf_migrations ENABLE ROW LEVEL SECURITY;
         CREATE POLICY none ON cmf_migrations USING (false)",
    );
    let looked = reader.cmf(&["doctor"]).fails(4, "").stdout;
    assert!(looked.contains("hides rows from this role") && looked.contains("cmf_migrations (none)"), "{looked}");
}

#[test]
fn drift_names_the_policies_on_the_lists_of_applied_migrations() {
    let db = active();
    let ledgers = ["__diesel_schema_migrations", "cmf_migrations"];
    for ledger in ledgers {
        db.execute(&format!(
            "ALTER TABLE {ledger} ENABLE ROW LEVEL SECURITY; CREATE POLICY part ON {ledger} FOR SELECT USING (true)"
        ));
    }
    let drift = db.cmf(["migrate", "drift"]).fails(4, "").stdout;
    let mut lines: Vec<&str> = drift.lines().collect();
    lines.sort_unstable();
    let expected: Vec<String> = ledgers
        .iter()
        .map(|ledger| {
            format!(
                "extra policy {ledger}.part: CREATE POLICY part ON {ledger} AS PERMISSIVE FOR SELECT TO PUBLIC USING (true)"
            )
        })
        .chain(ledgers.iter().map(|ledger| format!("extra row-level security {ledger}: ENABLE ROW LEVEL SECURITY")))
        .collect();
    assert_eq!(lines, expected);
    let by_hand = db.cmf(["migrate", "drift", "--sql"]).ok().stdout;
    assert!(by_hand.contains("ALTER TABLE cmf_migrations DISABLE ROW LEVEL SECURITY"), "{by_hand}");
    // They are no part of the schema for all that.
    assert!(!db.cmf(["migrate", "dump"]).ok().stdout.contains("cmf_migrations"));
}

#[test]
fn a_dump_says_that_policies_hide_rows_from_it() {
    let db = active();
    db.execute("ALTER TABLE metrics ENABLE ROW LEVEL SECURITY; CREATE POLICY part ON metrics USING (name = 'MFA')");
    let role = Role::granted(&db, "reader");
    db.execute(&format!(
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {0}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {0}",
        role.name
    ));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("part.dump");
    let refused = role.cmf(&["db", "dump", file.to_str().expect("a path")]).fails(77, "row-level security");
    assert!(refused.stderr.contains("BYPASSRLS"), "{}", refused.stderr);
    assert!(!file.exists());
}
