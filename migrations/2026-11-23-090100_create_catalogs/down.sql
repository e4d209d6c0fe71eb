DROP TABLE metric_catalog_framework_mappings;
DROP TABLE metric_catalog_items;
ALTER TABLE users DROP CONSTRAINT fk_users_active_catalog;
DROP TABLE metric_catalogs;
DROP TABLE users;
DROP TYPE metric_priority;
DROP TYPE metric_direction;
