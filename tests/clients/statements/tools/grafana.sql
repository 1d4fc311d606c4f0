-- What Grafana asks of a server of PostgreSQL 15: its query builder, panels with macros expanded, and alerts.
-- lacks databases: Grafana is given one database, and lists no others
-- lacks keys: Grafana asks about no keys
-- lacks indexes: Grafana asks about no indexes
-- lacks views: Grafana reads views as tables, and no definitions
-- lacks functions: Grafana knows the functions that it offers
-- lacks sequences: Grafana knows no sequences
-- lacks roles: Grafana has roles of its own
-- lacks depends: Grafana asks about no dependencies
-- lacks edit: Grafana only reads

-- check: session
SELECT current_setting('server_version_num')::int/100 as version

SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'

SELECT 1

-- check: schemas
SELECT schema_name AS "name" FROM information_schema.schemata WHERE schema_name NOT IN ('information_schema', 'pg_catalog', 'pg_toast', 'vecsql',
    '_timescaledb_cache', '_timescaledb_catalog', '_timescaledb_internal', '_timescaledb_config', 'timescaledb_information', 'timescaledb_experimental')
AND schema_name NOT LIKE 'pg\_%' ORDER BY schema_name

-- check: tables
SELECT quote_ident(table_name) AS "table" FROM information_schema.tables WHERE quote_ident(table_schema) = 'shop' ORDER BY 1

SELECT CASE WHEN quote_ident(table_schema) IN (SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
        FROM generate_series(array_lower(string_to_array(current_setting('search_path'),','),1), array_upper(string_to_array(current_setting('search_path'),','),1)) as i,
        string_to_array(current_setting('search_path'),',') s)
    THEN quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS "table"
FROM information_schema.tables WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', '_timescaledb_cache', 'vecsql') AND table_name IN ('goods', 'sample', 'dear')
ORDER BY CASE WHEN quote_ident(table_schema) IN (SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
        FROM generate_series(array_lower(string_to_array(current_setting('search_path'),','),1), array_upper(string_to_array(current_setting('search_path'),','),1)) as i,
        string_to_array(current_setting('search_path'),',') s) THEN 0 ELSE 1 END, 1

-- check: columns
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns
WHERE CASE WHEN array_length(parse_ident('shop.goods'),1) = 2 THEN quote_ident(table_schema) = (parse_ident('shop.goods'))[1] AND quote_ident(table_name) = (parse_ident('shop.goods'))[2]
    ELSE quote_ident(table_name) = 'shop.goods' AND quote_ident(table_schema) IN (SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
        FROM generate_series(array_lower(string_to_array(current_setting('search_path'),','),1), array_upper(string_to_array(current_setting('search_path'),','),1)) as i,
        string_to_array(current_setting('search_path'),',') s) END

-- check: types
SELECT typname, typcategory FROM pg_type WHERE oid IN (23, 701, 1184, 1700) ORDER BY 1

-- check: activity
-- cancels
SELECT pg_cancel_backend({busy})

-- check: preview
-- own: added
SELECT * FROM shop.goods ORDER BY id LIMIT 50

SELECT DISTINCT name FROM shop.goods ORDER BY 1

-- check: query
SELECT floor(extract(epoch from sold)/86400)*86400 AS "time", sum(count) AS "count" FROM shop.sales
WHERE sold BETWEEN '2024-01-01T00:00:00Z' AND '2024-12-31T23:59:59.999Z' GROUP BY 1 ORDER BY 1

SELECT sold::timestamptz AS "time", goods_id::text AS metric, avg(count::float8) OVER (PARTITION BY goods_id ORDER BY sold ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS value
FROM shop.sales WHERE sold::timestamptz BETWEEN '2024-02-01T00:00:00Z' AND '2024-04-01T00:00:00Z' ORDER BY 1, 2

SELECT extract(epoch from date_trunc('hour', added)) > 1700000000 AS recent, count(*) FROM shop.goods WHERE extract(epoch from added) >= 1000000000 GROUP BY 1

SELECT $__d$cpu$__d$ AS metric, 1.5::numeric AS value, to_timestamp(1709164800) AS "time"

SELECT time_bucket, max(n) AS value FROM (SELECT to_timestamp(floor(n / 1000) * 1000) AS time_bucket, n FROM numbered) AS b GROUP BY time_bucket ORDER BY 1
