-- A framework and its three levels: Framework > Function > Category > Subcategory.
-- Every TIMESTAMP in this schema is UTC.

CREATE TABLE frameworks (
    id          UUID         NOT NULL DEFAULT gen_random_uuid(),
    name        VARCHAR(100) NOT NULL,
    version     VARCHAR(20)  NOT NULL,
    description TEXT,
    is_active   BOOLEAN      NOT NULL DEFAULT TRUE,
    created_at  TIMESTAMP    NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    updated_at  TIMESTAMP    NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    CONSTRAINT pk_frameworks PRIMARY KEY (id),
    CONSTRAINT uq_frameworks_name_version UNIQUE (name, version)
);

CREATE TABLE framework_functions (
    id           UUID         NOT NULL DEFAULT gen_random_uuid(),
    framework_id UUID         NOT NULL,
    code         VARCHAR(10)  NOT NULL,
    name         VARCHAR(100) NOT NULL,
    description  TEXT,
    sort_order   INTEGER      NOT NULL,
    created_at   TIMESTAMP    NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    CONSTRAINT pk_framework_functions PRIMARY KEY (id),
    CONSTRAINT fk_framework_functions_framework FOREIGN KEY (framework_id) REFERENCES frameworks (id),
    CONSTRAINT uq_framework_functions_code UNIQUE (framework_id, code)
);

CREATE TABLE framework_categories (
    id          UUID         NOT NULL DEFAULT gen_random_uuid(),
    function_id UUID         NOT NULL,
    code        VARCHAR(20)  NOT NULL,
    name        VARCHAR(200) NOT NULL,
    description TEXT,
    sort_order  INTEGER      NOT NULL,
    created_at  TIMESTAMP    NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    CONSTRAINT pk_framework_categories PRIMARY KEY (id),
    CONSTRAINT fk_framework_categories_function FOREIGN KEY (function_id) REFERENCES framework_functions (id),
    CONSTRAINT uq_framework_categories_code UNIQUE (function_id, code)
);

CREATE TABLE framework_subcategories (
    id          UUID        NOT NULL DEFAULT gen_random_uuid(),
    category_id UUID        NOT NULL,
    code        VARCHAR(30) NOT NULL,
    description TEXT        NOT NULL,
    sort_order  INTEGER     NOT NULL,
    created_at  TIMESTAMP   NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    CONSTRAINT pk_framework_subcategories PRIMARY KEY (id),
    CONSTRAINT fk_framework_subcategories_category FOREIGN KEY (category_id) REFERENCES framework_categories (id),
    CONSTRAINT uq_framework_subcategories_code UNIQUE (category_id, code)
);
