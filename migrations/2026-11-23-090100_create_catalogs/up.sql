-- Who owns catalogs, the catalogs, and their items as they came from the sheet.

CREATE TYPE metric_direction AS ENUM ('higher_is_better', 'lower_is_better', 'target_range', 'binary');
CREATE TYPE metric_priority AS ENUM ('High', 'Medium', 'Low');

CREATE TABLE users (
    id                UUID         NOT NULL DEFAULT gen_random_uuid(),
    username          VARCHAR(100) NOT NULL,
    email             VARCHAR(255) NOT NULL,
    password_hash     VARCHAR(255),
    active_catalog_id UUID,
    preferences       JSONB,
    is_active         BOOLEAN      NOT NULL DEFAULT TRUE,
    created_at        TIMESTAMP    NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    last_login        TIMESTAMP,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_username UNIQUE (username),
    CONSTRAINT uq_users_email UNIQUE (email)
);

CREATE TABLE metric_catalogs (
    id              UUID         NOT NULL DEFAULT gen_random_uuid(),
    name            VARCHAR(200) NOT NULL,
    description     TEXT,
    owner_id        UUID         NOT NULL,
    is_active       BOOLEAN      NOT NULL DEFAULT FALSE,
    source_file     VARCHAR(500),
    import_metadata JSONB,
    created_at      TIMESTAMP    NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    updated_at      TIMESTAMP    NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    CONSTRAINT pk_metric_catalogs PRIMARY KEY (id),
    CONSTRAINT fk_metric_catalogs_owner FOREIGN KEY (owner_id) REFERENCES users (id)
);

CREATE INDEX idx_catalogs_owner ON metric_catalogs (owner_id);
CREATE INDEX idx_catalogs_active ON metric_catalogs (is_active);
-- An owner has at most one active catalog.
CREATE UNIQUE INDEX uq_metric_catalogs_one_active ON metric_catalogs (owner_id) WHERE is_active;

ALTER TABLE users
    ADD CONSTRAINT fk_users_active_catalog FOREIGN KEY (active_catalog_id) REFERENCES metric_catalogs (id);

CREATE TABLE metric_catalog_items (
    id            UUID         NOT NULL DEFAULT gen_random_uuid(),
    catalog_id    UUID         NOT NULL,
    original_data JSONB        NOT NULL,
    name          VARCHAR(200) NOT NULL,
    description   TEXT,
    current_value DECIMAL(15, 4),
    target_value  DECIMAL(15, 4),
    unit          VARCHAR(50),
    direction     metric_direction,
    priority      metric_priority,
    is_enhanced   BOOLEAN      NOT NULL DEFAULT FALSE,
    created_at    TIMESTAMP    NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    updated_at    TIMESTAMP    NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    CONSTRAINT pk_metric_catalog_items PRIMARY KEY (id),
    CONSTRAINT fk_metric_catalog_items_catalog FOREIGN KEY (catalog_id) REFERENCES metric_catalogs (id),
    CONSTRAINT ck_metric_catalog_items_current_value CHECK (current_value <> 'NaN'),
    CONSTRAINT ck_metric_catalog_items_target_value CHECK (target_value <> 'NaN')
);

CREATE INDEX idx_catalog_items_catalog ON metric_catalog_items (catalog_id);

CREATE TABLE metric_catalog_framework_mappings (
    id               UUID        NOT NULL DEFAULT gen_random_uuid(),
    catalog_item_id  UUID        NOT NULL,
    framework_id     UUID        NOT NULL,
    function_code    VARCHAR(10) NOT NULL,
    category_code    VARCHAR(20),
    subcategory_code VARCHAR(30),
    confidence       DECIMAL(5, 4),
    is_ai_suggested  BOOLEAN     NOT NULL DEFAULT FALSE,
    is_confirmed     BOOLEAN     NOT NULL DEFAULT FALSE,
    created_at       TIMESTAMP   NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    CONSTRAINT pk_metric_catalog_framework_mappings PRIMARY KEY (id),
    CONSTRAINT fk_mappings_catalog_item FOREIGN KEY (catalog_item_id) REFERENCES metric_catalog_items (id),
    CONSTRAINT fk_mappings_framework FOREIGN KEY (framework_id) REFERENCES frameworks (id),
    CONSTRAINT ck_mappings_confidence CHECK (confidence BETWEEN 0 AND 1)
);

CREATE INDEX idx_mappings_item_framework ON metric_catalog_framework_mappings (catalog_item_id, framework_id);
