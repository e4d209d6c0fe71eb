DROP TABLE ai_change_log;
