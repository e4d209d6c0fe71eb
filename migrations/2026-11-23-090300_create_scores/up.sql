-- Computed scores: one row a function and one a framework for each calculation.

CREATE TABLE function_scores (
    id            UUID          NOT NULL DEFAULT gen_random_uuid(),
    framework_id  UUID          NOT NULL,
    function_code VARCHAR(10)   NOT NULL,
    catalog_id    UUID,
    score         DECIMAL(5, 2) NOT NULL,
    rating        VARCHAR(20)   NOT NULL,
    metric_count  INTEGER       NOT NULL,
    calculated_at TIMESTAMP     NOT NULL,
    valid_until   TIMESTAMP,
    CONSTRAINT pk_function_scores PRIMARY KEY (id),
    CONSTRAINT fk_function_scores_framework FOREIGN KEY (framework_id) REFERENCES frameworks (id),
    CONSTRAINT fk_function_scores_catalog FOREIGN KEY (catalog_id) REFERENCES metric_catalogs (id),
    CONSTRAINT ck_function_scores_score CHECK (score <> 'NaN')
);

CREATE INDEX idx_function_scores_lookup ON function_scores (framework_id, function_code, catalog_id);
CREATE INDEX idx_function_scores_date ON function_scores (calculated_at);

CREATE TABLE framework_scores (
    id              UUID          NOT NULL DEFAULT gen_random_uuid(),
    framework_id    UUID          NOT NULL,
    catalog_id      UUID,
    overall_score   DECIMAL(5, 2) NOT NULL,
    overall_rating  VARCHAR(20)   NOT NULL,
    function_scores JSONB         NOT NULL,
    calculated_at   TIMESTAMP     NOT NULL,
    CONSTRAINT pk_framework_scores PRIMARY KEY (id),
    CONSTRAINT fk_framework_scores_framework FOREIGN KEY (framework_id) REFERENCES frameworks (id),
    CONSTRAINT fk_framework_scores_catalog FOREIGN KEY (catalog_id) REFERENCES metric_catalogs (id),
    CONSTRAINT ck_framework_scores_overall_score CHECK (overall_score <> 'NaN')
);

CREATE INDEX idx_framework_scores_lookup ON framework_scores (framework_id, catalog_id);
