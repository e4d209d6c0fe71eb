DROP TABLE metric_history;
DROP TABLE metrics;
