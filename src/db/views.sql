-- The views for BI tools. `cmf db views` runs this with the schema of the run as search path, and with the name of the views' schema
-- in place of cmf_views; what stands in braces comes from the rules of cmf.

CREATE SCHEMA cmf_views;
COMMENT ON SCHEMA cmf_views IS 'Views for BI tools, made by `cmf db views`. Times are UTC.';

CREATE FUNCTION cmf_views.score(direction text, value numeric, target numeric, low numeric, high numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT round(CASE
        WHEN v IS NULL THEN NULL
        WHEN direction = 'binary' THEN CASE WHEN v = coalesce(t, 1) THEN 100 ELSE 0 END
        WHEN direction = 'target_range' THEN
            CASE WHEN l IS NULL OR h IS NULL THEN NULL
                 WHEN v BETWEEN l AND h THEN 100
                 WHEN greatest(l - v, v - h) >= h - l THEN 0
                 ELSE 100 - greatest(l - v, v - h) * 100.000000000000000000000000000000 / (h - l) END
        WHEN t IS NULL THEN NULL
        WHEN CASE direction WHEN 'higher_is_better' THEN v >= t ELSE v <= t END THEN 100
        WHEN v <= 0 OR t <= 0 THEN 0
        ELSE least(v, t) * 100.000000000000000000000000000000 / greatest(v, t)
    END, 2)
    FROM (SELECT nullif(value, 'NaN'), nullif(target, 'NaN'), nullif(low, 'NaN'), nullif(high, 'NaN')) AS known (v, t, l, h)
$$;
COMMENT ON FUNCTION cmf_views.score IS 'The score of a metric in percent, as `cmf score explain` has it; null where something is missing.';

CREATE FUNCTION cmf_views.period(said text) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN w.days IS NOT NULL THEN make_interval(days => w.days)
        WHEN p.span BETWEEN 0.001 AND 3153600000 THEN justify_hours(make_interval(secs => p.span))
        WHEN p.text IN ({hourly}) THEN interval '1 hour'
        WHEN p.unit IN ({hours}) AND p.count BETWEEN 1 AND 1000 THEN make_interval(hours => p.count)
        WHEN p.unit <> p.text AND p.count BETWEEN 1 AND 1000 THEN make_interval(days => p.count * u.days)
    END
    FROM (SELECT regexp_replace(regexp_replace(btrim(regexp_replace(regexp_replace(
                     translate(lower(normalize(said, NFKC)), 'ÄÖÜÉÈÊÀÑÍÓÚÇ', 'äöüéèêàñíóúç'),
                     '[*\uFEFF\u00AD\u200C\u200D\u2060]', '', 'g'), '[\s\u00A0\u200B_-]+', ' ', 'g')), '[:? ]+$', ''), '\.+$', ''))
             AS n (text),
         LATERAL (SELECT regexp_match(n.text, '^([0-9]{1,12}) ?(ms|s|min|m|h|d|w)$'),
                         regexp_match(regexp_replace(n.text, '^(({every}) )+', ''), '^([0-9]{1,9} )?([^ ]+)$')) AS m (span, rest),
         LATERAL (SELECT n.text, m.rest[2], coalesce(m.rest[1]::integer, 1),
                         m.span[1]::float8 * CASE m.span[2] WHEN 'ms' THEN 0.001 WHEN 's' THEN 1 WHEN 'm' THEN 60 WHEN 'min' THEN 60
                                                            WHEN 'h' THEN 3600 WHEN 'd' THEN 86400 ELSE 604800 END)
             AS p (text, unit, count, span)
         LEFT JOIN (VALUES {words}) AS w (word, days) ON w.word = p.text
         LEFT JOIN (VALUES {units}) AS u (unit, days) ON u.unit = p.unit
$$;
COMMENT ON FUNCTION cmf_views.period IS 'The time between two readings of a metric, by the frequency that its sheet says; null where it names none.';

CREATE VIEW cmf_views.current_metrics {invoker} AS
SELECT m.id, c.name AS catalog, m.catalog_id, u.username AS owner, m.metric_number, m.name, m.description,
       m.csf_function AS function_code, m.csf_category AS category_code, m.unit, m.direction::text AS direction,
       coalesce(i.direction IS NULL AND i.original_data ? 'source' OR i.original_data #> '{parsed,direction_told}' IS NOT NULL, FALSE)
           AS direction_is_assumed,
       m.priority::text AS priority, m.is_locked, m.current_value, m.target_value, m.target_lower, m.target_upper,
       cmf_views.score(m.direction::text, m.current_value, m.target_value, m.target_lower, m.target_upper) AS score,
       CASE WHEN nullif(m.current_value, 'NaN') IS NULL THEN 'no reading'
            WHEN m.direction IN ('higher_is_better', 'lower_is_better') AND nullif(m.target_value, 'NaN') IS NULL THEN 'no target'
            WHEN m.direction = 'target_range' AND (nullif(m.target_lower, 'NaN') IS NULL OR nullif(m.target_upper, 'NaN') IS NULL)
            THEN 'no bounds' END AS missing,
       newest.recorded_at, i.original_data #>> '{parsed,frequency}' AS frequency, fresh.stale_after,
       coalesce(newest.recorded_at < (now() AT TIME ZONE 'utc') - fresh.stale_after, TRUE) AS is_stale
FROM metrics m
LEFT JOIN metric_catalogs c ON c.id = m.catalog_id
LEFT JOIN users u ON u.id = c.owner_id
LEFT JOIN metric_catalog_items i ON i.id = m.id
LEFT JOIN LATERAL (SELECT max(h.recorded_at) FROM metric_history h WHERE h.metric_id = m.id) AS newest (recorded_at) ON TRUE
CROSS JOIN LATERAL (SELECT {stale_after}) AS fresh (stale_after)
WHERE m.catalog_id IS NULL OR c.is_active;
COMMENT ON VIEW cmf_views.current_metrics IS 'The metrics of active catalogs and of the default library (catalog is null), with their scores.';
COMMENT ON COLUMN cmf_views.current_metrics.score IS 'In percent, 0 to 100; null where something is missing for it.';
COMMENT ON COLUMN cmf_views.current_metrics.missing IS 'What is missing for a score: a reading, a target or bounds.';
COMMENT ON COLUMN cmf_views.current_metrics.direction_is_assumed IS 'Whether nobody said the direction.';
COMMENT ON COLUMN cmf_views.current_metrics.function_code IS 'One function; a metric of a catalog can have more in metric_catalog_framework_mappings.';
COMMENT ON COLUMN cmf_views.current_metrics.recorded_at IS 'When the newest reading was taken.';
COMMENT ON COLUMN cmf_views.current_metrics.frequency IS 'How often it is measured, as the sheet says.';
COMMENT ON COLUMN cmf_views.current_metrics.stale_after IS 'The age that its newest reading may have.';
COMMENT ON COLUMN cmf_views.current_metrics.is_stale IS 'Whether its newest reading is older, or it has none.';

CREATE VIEW cmf_views.stale_metrics {invoker} AS
SELECT catalog, catalog_id, owner, id, metric_number, name, current_value, recorded_at, frequency, stale_after
FROM cmf_views.current_metrics WHERE is_stale;
COMMENT ON VIEW cmf_views.stale_metrics IS 'The current metrics without a reading that is young enough.';

CREATE VIEW cmf_views.readings {invoker} AS
SELECT h.id, h.metric_id, c.name AS catalog, m.catalog_id, m.metric_number, m.name, m.csf_function AS function_code,
       m.csf_category AS category_code, m.unit, m.direction::text AS direction, h.recorded_at, h.value, m.target_value,
       m.target_lower, m.target_upper,
       cmf_views.score(m.direction::text, h.value, m.target_value, m.target_lower, m.target_upper) AS score, h.note,
       u.username AS recorded_by
FROM metric_history h
JOIN metrics m ON m.id = h.metric_id
LEFT JOIN metric_catalogs c ON c.id = m.catalog_id
LEFT JOIN users u ON u.id = h.recorded_by;
COMMENT ON VIEW cmf_views.readings IS 'All readings, each with the target of today.';
COMMENT ON COLUMN cmf_views.readings.score IS 'The score of this value against the target of today, in percent.';

CREATE VIEW cmf_views.scores {invoker} AS
SELECT s.id, c.name AS catalog, s.catalog_id, f.name || ' ' || f.version AS framework, s.framework_id, s.function_code,
       CASE WHEN s.function_code IS NULL THEN 'Overall' ELSE p.name END AS function, s.score, s.rating, s.metric_count, s.calculated_at,
       CASE WHEN jsonb_typeof(s.certain -> 'fresh_share') = 'number' THEN (s.certain ->> 'fresh_share')::numeric END AS fresh_share,
       CASE WHEN jsonb_typeof(s.certain -> 'score_low') = 'number' THEN (s.certain ->> 'score_low')::numeric END AS score_low,
       CASE WHEN jsonb_typeof(s.certain -> 'score_high') = 'number' THEN (s.certain ->> 'score_high')::numeric END AS score_high
FROM (SELECT o.id, o.framework_id, o.catalog_id, NULL::text AS function_code, o.overall_score AS score, o.overall_rating AS rating,
             CASE WHEN jsonb_typeof(o.function_scores -> 'metric_count') = 'number'
                  THEN (o.function_scores ->> 'metric_count')::numeric END AS metric_count,
             o.calculated_at, o.function_scores -> 'certain' AS certain
      FROM framework_scores o
      UNION ALL
      SELECT n.id, n.framework_id, n.catalog_id, n.function_code, n.score, n.rating, n.metric_count, n.calculated_at,
             jsonb_path_query_first(w.function_scores, '$.functions[*] ? (@.function_code == $code)',
                                    jsonb_build_object('code', n.function_code), TRUE)
      FROM function_scores n
      LEFT JOIN (SELECT DISTINCT ON (framework_id, catalog_id, calculated_at) framework_id, catalog_id, calculated_at, function_scores
                 FROM framework_scores ORDER BY framework_id, catalog_id, calculated_at, id DESC) AS w
          ON w.framework_id = n.framework_id AND w.calculated_at = n.calculated_at AND w.catalog_id IS NOT DISTINCT FROM n.catalog_id)
     AS s
JOIN frameworks f ON f.id = s.framework_id
LEFT JOIN framework_functions p ON p.framework_id = s.framework_id AND p.code = s.function_code
LEFT JOIN metric_catalogs c ON c.id = s.catalog_id;
COMMENT ON VIEW cmf_views.scores IS 'All stored scores: of functions, and overall (function_code is null).';
COMMENT ON COLUMN cmf_views.scores.rating IS 'The risk that the score stands for.';
COMMENT ON COLUMN cmf_views.scores.metric_count IS 'How many metrics the score is computed from.';
COMMENT ON COLUMN cmf_views.scores.fresh_share IS 'The share of its weight that had a recent reading, in percent; null where nobody looked.';
COMMENT ON COLUMN cmf_views.scores.score_low IS 'The score if every stale metric stood at 0.';
COMMENT ON COLUMN cmf_views.scores.score_high IS 'The score if every stale metric stood at 100.';

CREATE VIEW cmf_views.latest_scores {invoker} AS
SELECT s.* FROM cmf_views.scores s
WHERE s.calculated_at = (SELECT max(n.calculated_at) FROM framework_scores n
                         WHERE n.framework_id = s.framework_id AND n.catalog_id IS NOT DISTINCT FROM s.catalog_id);
COMMENT ON VIEW cmf_views.latest_scores IS 'The scores of the newest calculation of each catalog and framework.';
