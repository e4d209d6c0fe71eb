-- What is measured and scored, and every reading of it.

CREATE TABLE metrics (
    id            UUID            NOT NULL DEFAULT gen_random_uuid(),
    metric_number VARCHAR(20),
    name          VARCHAR(200)    NOT NULL,
    description   TEXT,
    current_value DECIMAL(15, 4),
    target_value  DECIMAL(15, 4),
    target_lower  DECIMAL(15, 4),
    target_upper  DECIMAL(15, 4),
    unit          VARCHAR(50),
    direction     metric_direction NOT NULL,
    csf_function  VARCHAR(10)     NOT NULL,
    csf_category  VARCHAR(20),
    priority      metric_priority NOT NULL,
    is_locked     BOOLEAN         NOT NULL DEFAULT FALSE,
    catalog_id    UUID,
    created_at    TIMESTAMP       NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    updated_at    TIMESTAMP       NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    CONSTRAINT pk_metrics PRIMARY KEY (id),
    CONSTRAINT fk_metrics_catalog FOREIGN KEY (catalog_id) REFERENCES metric_catalogs (id),
    CONSTRAINT ck_metrics_current_value CHECK (current_value <> 'NaN'),
    CONSTRAINT ck_metrics_target_value CHECK (target_value <> 'NaN'),
    CONSTRAINT ck_metrics_target_lower CHECK (target_lower <> 'NaN'),
    CONSTRAINT ck_metrics_target_upper CHECK (target_upper <> 'NaN'),
    CONSTRAINT ck_metrics_bounds CHECK (target_lower <= target_upper)
);

CREATE INDEX idx_metrics_function ON metrics (csf_function);
CREATE INDEX idx_metrics_category ON metrics (csf_category);
CREATE INDEX idx_metrics_priority ON metrics (priority);
CREATE INDEX idx_metrics_catalog ON metrics (catalog_id);

CREATE TABLE metric_history (
    id          UUID           NOT NULL DEFAULT gen_random_uuid(),
    metric_id   UUID           NOT NULL,
    value       DECIMAL(15, 4) NOT NULL,
    recorded_at TIMESTAMP      NOT NULL,
    note        TEXT,
    recorded_by UUID,
    created_at  TIMESTAMP      NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    CONSTRAINT pk_metric_history PRIMARY KEY (id),
    CONSTRAINT fk_metric_history_metric FOREIGN KEY (metric_id) REFERENCES metrics (id),
    CONSTRAINT fk_metric_history_recorded_by FOREIGN KEY (recorded_by) REFERENCES users (id),
    CONSTRAINT ck_metric_history_value CHECK (value <> 'NaN'),
    CONSTRAINT ck_metric_history_recorded_at CHECK (isfinite(recorded_at))
);

CREATE INDEX idx_history_metric_date ON metric_history (metric_id, recorded_at);
