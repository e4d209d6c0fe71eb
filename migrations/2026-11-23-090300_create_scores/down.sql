DROP TABLE framework_scores;
DROP TABLE function_scores;
