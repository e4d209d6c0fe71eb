DROP TABLE framework_subcategories;
DROP TABLE framework_categories;
DROP TABLE framework_functions;
DROP TABLE frameworks;
