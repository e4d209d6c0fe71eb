-- Who changed what, by which means; one row for each command that writes.

CREATE TABLE ai_change_log (
    id          UUID        NOT NULL DEFAULT gen_random_uuid(),
    timestamp   TIMESTAMP   NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    action      VARCHAR(50) NOT NULL,
    source      VARCHAR(50) NOT NULL,
    mode        VARCHAR(50),
    user_id     UUID,
    prompt      TEXT,
    result      JSONB,
    ai_provider VARCHAR(50),
    ai_model    VARCHAR(100),
    tokens_used INTEGER,
    created_at  TIMESTAMP   NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    CONSTRAINT pk_ai_change_log PRIMARY KEY (id),
    CONSTRAINT fk_ai_change_log_user FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE INDEX idx_changelog_date ON ai_change_log (timestamp);
CREATE INDEX idx_changelog_action ON ai_change_log (action);
CREATE INDEX idx_changelog_user ON ai_change_log (user_id);
