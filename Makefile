.PHONY: said demo test test-versions check postgres sqlx completions bless

# From nothing to scores: the bundled catalog in a Postgres of cmf's own.
demo: postgres
	cargo build --release --locked
	./target/release/cmf demo

# All tests, on a throwaway Postgres that they start and remove.
test: postgres
	@.ci/test

# All tests on each major version of Postgres whose programs are found; CMF_PG_BIN lists their folders, as PATH does.
test-versions:
	@.ci/test-versions

# What a change must pass beside the tests.
check:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	.ci/sqlx --check

# Postgres's programs, by the system's package manager where there are none.
postgres:
	@.ci/postgres

# The data that checks the SQL at compile time.
sqlx: postgres
	.ci/sqlx

# Everything that is generated: completions, manual pages, help, the workbooks of the fixtures.
bless: postgres
	CMF_BLESS=1 cargo test --locked --test it -- generated starter_catalogs

completions: bless

# All that cmf says, in one list: for an editor or a translator.
said:
	@CMF_SAID=$(CURDIR)/target/said.txt cargo test --locked --quiet --test it -- --ignored --exact voice::the_list >/dev/null
	@cat target/said.txt
