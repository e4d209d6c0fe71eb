-- The tables as a web application makes them with SQLAlchemy and alembic: types named after classes, constraints without names,
-- indexes ix_..., no defaults in the database, times with a zone, and more columns, tables and views than cmf knows.
CREATE TYPE metricdirection AS ENUM ('higher_is_better', 'lower_is_better', 'target_range', 'binary');
CREATE TYPE metricpriority AS ENUM ('HIGH', 'MEDIUM', 'LOW');
CREATE SEQUENCE ticket_number;

CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('7f3a91c0d2e4');

CREATE TABLE frameworks (
    id UUID NOT NULL, name VARCHAR(100) NOT NULL, version VARCHAR(20) NOT NULL, description TEXT,
    is_active BOOLEAN NOT NULL, created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id), UNIQUE (name, version));
CREATE TABLE framework_functions (
    id UUID NOT NULL, framework_id UUID NOT NULL, code VARCHAR(10) NOT NULL, name VARCHAR(100) NOT NULL, description TEXT,
    sort_order INTEGER NOT NULL, created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id), UNIQUE (framework_id, code), FOREIGN KEY (framework_id) REFERENCES frameworks (id) ON DELETE CASCADE);
CREATE TABLE framework_categories (
    id UUID NOT NULL, function_id UUID NOT NULL, code VARCHAR(20) NOT NULL, name VARCHAR(200) NOT NULL, description TEXT,
    sort_order INTEGER NOT NULL, created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id), UNIQUE (function_id, code), FOREIGN KEY (function_id) REFERENCES framework_functions (id));
CREATE TABLE framework_subcategories (
    id UUID NOT NULL, category_id UUID NOT NULL, code VARCHAR(30) NOT NULL, description TEXT NOT NULL,
    sort_order INTEGER NOT NULL, created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id), UNIQUE (category_id, code), FOREIGN KEY (category_id) REFERENCES framework_categories (id));
CREATE TABLE users (
    id UUID NOT NULL, username VARCHAR(100) NOT NULL, email VARCHAR NOT NULL, password_hash VARCHAR(255), active_catalog_id UUID,
    preferences JSONB, is_active BOOLEAN NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, last_login TIMESTAMP,
    locale VARCHAR(10) DEFAULT 'en' NOT NULL, PRIMARY KEY (id));
CREATE UNIQUE INDEX ix_users_username ON users (username);
CREATE UNIQUE INDEX ix_users_email ON users (email);
CREATE TABLE teams (id SERIAL NOT NULL, name VARCHAR(50) NOT NULL, PRIMARY KEY (id), UNIQUE (name));
CREATE TABLE metric_catalogs (
    id UUID NOT NULL, name VARCHAR(200) NOT NULL, description TEXT, owner_id UUID NOT NULL, is_active BOOLEAN,
    source_file VARCHAR(500), import_metadata JSONB, created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY (owner_id) REFERENCES users (id));
CREATE INDEX ix_metric_catalogs_owner_id ON metric_catalogs (owner_id);
ALTER TABLE users ADD FOREIGN KEY (active_catalog_id) REFERENCES metric_catalogs (id);
CREATE TABLE metric_catalog_items (
    id UUID NOT NULL, catalog_id UUID NOT NULL, original_data JSONB NOT NULL, name VARCHAR(200) NOT NULL, description TEXT,
    current_value NUMERIC(15, 4), target_value NUMERIC(15, 4), unit VARCHAR(50), direction metricdirection,
    priority metricpriority, is_enhanced BOOLEAN NOT NULL, created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY (catalog_id) REFERENCES metric_catalogs (id));
CREATE TABLE metric_catalog_framework_mappings (
    id UUID NOT NULL, catalog_item_id UUID NOT NULL, framework_id UUID NOT NULL, function_code VARCHAR(10) NOT NULL,
    category_code VARCHAR(20), subcategory_code VARCHAR(30), confidence NUMERIC(5, 4), is_ai_suggested BOOLEAN NOT NULL,
    is_confirmed BOOLEAN NOT NULL, created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY (catalog_item_id) REFERENCES metric_catalog_items (id),
    FOREIGN KEY (framework_id) REFERENCES frameworks (id));
CREATE TABLE metrics (
    id UUID NOT NULL, metric_number VARCHAR(20), name VARCHAR(200) NOT NULL, description TEXT, current_value NUMERIC(15, 4),
    target_value NUMERIC(15, 4), target_lower NUMERIC(15, 4), target_upper NUMERIC(15, 4), unit VARCHAR(50),
    direction metricdirection NOT NULL, csf_function VARCHAR(10) NOT NULL, csf_category VARCHAR(20),
    priority metricpriority NOT NULL DEFAULT 'MEDIUM', is_locked BOOLEAN NOT NULL, catalog_id UUID,
    created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL, team_id INTEGER, legacy_code TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY (catalog_id) REFERENCES metric_catalogs (id), FOREIGN KEY (team_id) REFERENCES teams (id));
CREATE INDEX ix_metrics_csf_function ON metrics (csf_function);
CREATE INDEX ix_metrics_catalog_id ON metrics (catalog_id);
CREATE INDEX ix_metrics_legacy_code ON metrics (legacy_code) WHERE priority = 'HIGH';
CREATE TABLE metric_history (
    id UUID NOT NULL, metric_id UUID NOT NULL, value NUMERIC(15, 4) NOT NULL, recorded_at TIMESTAMP NOT NULL, note TEXT,
    recorded_by UUID, created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY (metric_id) REFERENCES metrics (id), FOREIGN KEY (recorded_by) REFERENCES users (id));
CREATE INDEX ix_metric_history_metric_id_recorded_at ON metric_history (metric_id, recorded_at);
CREATE TABLE function_scores (
    id UUID NOT NULL, framework_id UUID NOT NULL, function_code VARCHAR(10) NOT NULL, catalog_id UUID, score NUMERIC(5, 2) NOT NULL,
    rating VARCHAR(20) NOT NULL, metric_count INTEGER NOT NULL, calculated_at TIMESTAMP NOT NULL, valid_until TIMESTAMP,
    PRIMARY KEY (id), FOREIGN KEY (framework_id) REFERENCES frameworks (id), FOREIGN KEY (catalog_id) REFERENCES metric_catalogs (id));
CREATE TABLE framework_scores (
    id UUID NOT NULL, framework_id UUID NOT NULL, catalog_id UUID, overall_score NUMERIC(5, 2) NOT NULL,
    overall_rating VARCHAR(20) NOT NULL, function_scores JSONB NOT NULL, calculated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY (framework_id) REFERENCES frameworks (id), FOREIGN KEY (catalog_id) REFERENCES metric_catalogs (id));
CREATE TABLE ai_change_log (
    id UUID NOT NULL, timestamp TIMESTAMP NOT NULL, action VARCHAR(50) NOT NULL, source VARCHAR(50) NOT NULL, mode VARCHAR(50),
    user_id UUID, prompt TEXT, result JSONB, ai_provider VARCHAR(50), ai_model VARCHAR(100), tokens_used INTEGER,
    created_at TIMESTAMP NOT NULL, PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id));
CREATE TABLE sessions (token TEXT NOT NULL, data JSONB, PRIMARY KEY (token));
CREATE VIEW high_metrics AS SELECT id, name FROM metrics WHERE priority = 'HIGH';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.legacy_code := coalesce(NEW.legacy_code, ''''); RETURN NEW; END';
CREATE TRIGGER touch_metrics BEFORE INSERT ON metrics FOR EACH ROW EXECUTE FUNCTION touch();

INSERT INTO teams (name) VALUES ('blue'), ('red');
INSERT INTO users (id, username, email, is_active) VALUES ('00000000-0000-0000-0000-000000000001', 'ada', 'ada@example.org', TRUE);
INSERT INTO metric_catalogs VALUES
    ('00000000-0000-0000-0000-0000000000c1', 'Plant', NULL, '00000000-0000-0000-0000-000000000001', TRUE, NULL, NULL, now(), now());
UPDATE users SET active_catalog_id = '00000000-0000-0000-0000-0000000000c1';
INSERT INTO metrics (id, metric_number, name, direction, csf_function, priority, target_value, is_locked, created_at, updated_at, team_id, legacy_code)
SELECT ('10000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'M-' || n, 'Metric ' || n, 'higher_is_better', 'PR', 'HIGH', 100, FALSE,
       now(), now(), 1, 'L' || n
FROM generate_series(1, 1000) AS n;
INSERT INTO metric_history
SELECT gen_random_uuid(), id, 50, now() - interval '1 day', NULL, NULL, now() FROM metrics;
UPDATE metrics SET current_value = 50;
