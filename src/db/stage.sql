DROP TABLE IF EXISTS pg_temp.import_items, pg_temp.import_updates, pg_temp.import_mappings;
CREATE TEMPORARY TABLE import_items (LIKE metric_catalog_items INCLUDING DEFAULTS, PRIMARY KEY (id)) ON COMMIT DROP;
CREATE TEMPORARY TABLE import_updates (LIKE metric_catalog_items INCLUDING DEFAULTS) ON COMMIT DROP;
CREATE TEMPORARY TABLE import_mappings (LIKE metric_catalog_framework_mappings INCLUDING DEFAULTS) ON COMMIT DROP;
