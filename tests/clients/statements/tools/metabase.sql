-- What Metabase asks of a server of PostgreSQL 15, by pgJDBC: as it connects, syncs the schema, looks at values, and answers questions.
-- lacks databases: Metabase is given one database, and lists no others
-- lacks views: Metabase reads views as tables, and no definitions
-- lacks functions: Metabase lists no functions
-- lacks sequences: Metabase knows sequences as what columns count up by
-- lacks depends: Metabase asks about no dependencies
-- lacks edit: Metabase writes by what its users write themselves

-- check: session
SET extra_float_digits = 2

SET application_name = 'Metabase v0.50.0 [3d3e0b52-f2a1-4a7e-a6d4-8f3b1d7a0c11]'

SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ UNCOMMITTED

SHOW TRANSACTION ISOLATION LEVEL

SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED

show timezone;

SELECT 1

-- check: schemas
SELECT nspname AS TABLE_SCHEM, current_database() AS TABLE_CATALOG FROM pg_catalog.pg_namespace WHERE nspname <> 'pg_toast'
AND (nspname !~ '^pg_temp_' OR nspname = (pg_catalog.current_schemas(true))[1])
AND (nspname !~ '^pg_toast_temp_' OR nspname = replace((pg_catalog.current_schemas(true))[1], 'pg_temp_', 'pg_toast_temp_')) ORDER BY TABLE_SCHEM

-- check: roles
with table_privileges as (
    select NULL as role, t.schemaname as schema, t.objectname as table,
        pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'update') as update,
        pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'select') as select,
        pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'insert') as insert,
        pg_catalog.has_table_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'delete') as delete
    from (select schemaname, tablename as objectname from pg_catalog.pg_tables
        union select schemaname, viewname as objectname from pg_catalog.pg_views
        union select schemaname, matviewname as objectname from pg_catalog.pg_matviews) t
    where t.schemaname !~ '^pg_' and t.schemaname <> 'information_schema' and t.schemaname = 'shop'
        and pg_catalog.has_schema_privilege(current_user, t.schemaname, 'usage'))
select t.* from table_privileges t order by t.schema, t.table

-- check: tables
SELECT "n"."nspname" AS "schema", "c"."relname" AS "name",
    CASE "c"."relkind" WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
        WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE NULL END AS "type",
    "d"."description" AS "description", "stat"."n_live_tup" IS NOT NULL AS "has_estimated_row_count"
FROM "pg_catalog"."pg_class" AS "c" INNER JOIN "pg_catalog"."pg_namespace" AS "n" ON "c"."relnamespace" = "n"."oid"
LEFT JOIN "pg_catalog"."pg_description" AS "d" ON ("c"."oid" = "d"."objoid") AND ("d"."objsubid" = 0) AND ("d"."classoid" = 'pg_class'::regclass)
LEFT JOIN "pg_stat_user_tables" AS "stat" ON ("n"."nspname" = "stat"."schemaname") AND ("c"."relname" = "stat"."relname")
WHERE ("c"."relnamespace" = "n"."oid") AND ("n"."nspname" !~ '^pg_') AND ("n"."nspname" <> 'information_schema')
AND c.relkind in ('r', 'p', 'v', 'f', 'm') AND ("n"."nspname" IN ('shop')) ORDER BY "type" ASC, "schema" ASC, "name" ASC

-- check: columns
SELECT "c"."column_name" AS "name",
    CASE WHEN "c"."udt_schema" IN ('public', 'pg_catalog') THEN FORMAT('%s', "c"."udt_name") ELSE FORMAT('"%s"."%s"', "c"."udt_schema", "c"."udt_name") END AS "database-type",
    "c"."ordinal_position" - 1 AS "database-position", "c"."table_schema" AS "table-schema", "c"."table_name" AS "table-name",
    "pk"."column_name" IS NOT NULL AS "pk?",
    COL_DESCRIPTION(CAST(CAST(FORMAT('%I.%I', CAST("c"."table_schema" AS TEXT), CAST("c"."table_name" AS TEXT)) AS REGCLASS) AS OID), "c"."ordinal_position") AS "field-comment",
    (("column_default" IS NULL) OR (LOWER("column_default") = 'null')) AND ("is_nullable" = 'NO')
        AND NOT ((("column_default" IS NOT NULL) AND ("column_default" LIKE '%nextval(%')) OR ("is_identity" <> 'NO')) AS "database-required",
    (("column_default" IS NOT NULL) AND ("column_default" LIKE '%nextval(%')) OR ("is_identity" <> 'NO') AS "database-is-auto-increment"
FROM "information_schema"."columns" AS "c"
LEFT JOIN (SELECT "tc"."table_schema", "tc"."table_name", "kc"."column_name" FROM "information_schema"."table_constraints" AS "tc"
    INNER JOIN "information_schema"."key_column_usage" AS "kc" ON ("tc"."constraint_name" = "kc"."constraint_name") AND ("tc"."table_schema" = "kc"."table_schema")
        AND ("tc"."table_name" = "kc"."table_name") WHERE "tc"."constraint_type" = 'PRIMARY KEY') AS "pk"
    ON ("c"."table_schema" = "pk"."table_schema") AND ("c"."table_name" = "pk"."table_name") AND ("c"."column_name" = "pk"."column_name")
WHERE c.table_schema !~ '^information_schema|catalog_history|pg_' AND ("c"."table_schema" IN ('shop'))
UNION ALL
SELECT "pa"."attname" AS "name",
    CASE WHEN "ptn"."nspname" IN ('public', 'pg_catalog') THEN FORMAT('%s', "pt"."typname") ELSE FORMAT('"%s"."%s"', "ptn"."nspname", "pt"."typname") END AS "database-type",
    "pa"."attnum" - 1 AS "database-position", "pn"."nspname" AS "table-schema", "pc"."relname" AS "table-name", FALSE AS "pk?", NULL AS "field-comment",
    FALSE AS "database-required", FALSE AS "database-is-auto-increment"
FROM "pg_catalog"."pg_class" AS "pc" INNER JOIN "pg_catalog"."pg_namespace" AS "pn" ON "pn"."oid" = "pc"."relnamespace"
INNER JOIN "pg_catalog"."pg_attribute" AS "pa" ON "pa"."attrelid" = "pc"."oid" INNER JOIN "pg_catalog"."pg_type" AS "pt" ON "pt"."oid" = "pa"."atttypid"
INNER JOIN "pg_catalog"."pg_namespace" AS "ptn" ON "ptn"."oid" = "pt"."typnamespace"
WHERE ("pc"."relkind" = 'm') AND ("pa"."attnum" >= 1) AND ("pn"."nspname" IN ('shop')) ORDER BY "table-schema" ASC, "table-name" ASC, "database-position" ASC

-- check: keys
SELECT "fk_ns"."nspname" AS "fk-table-schema", "fk_table"."relname" AS "fk-table-name", "fk_column"."attname" AS "fk-column-name",
    "pk_ns"."nspname" AS "pk-table-schema", "pk_table"."relname" AS "pk-table-name", "pk_column"."attname" AS "pk-column-name"
FROM "pg_constraint" AS "c" INNER JOIN "pg_class" AS "fk_table" ON "c"."conrelid" = "fk_table"."oid"
INNER JOIN "pg_namespace" AS "fk_ns" ON "c"."connamespace" = "fk_ns"."oid"
INNER JOIN "pg_attribute" AS "fk_column" ON "c"."conrelid" = "fk_column"."attrelid"
INNER JOIN "pg_class" AS "pk_table" ON "c"."confrelid" = "pk_table"."oid" INNER JOIN "pg_namespace" AS "pk_ns" ON "pk_table"."relnamespace" = "pk_ns"."oid"
INNER JOIN "pg_attribute" AS "pk_column" ON "c"."confrelid" = "pk_column"."attrelid"
WHERE fk_ns.nspname !~ '^information_schema|catalog_history|pg_' AND ("c"."contype" = 'f'::char) AND ("fk_column"."attnum" = ANY("c"."conkey"))
AND ("pk_column"."attnum" = ANY("c"."confkey")) AND ("fk_ns"."nspname" IN ('shop')) ORDER BY "fk-table-schema" ASC, "fk-table-name" ASC

-- check: indexes
SELECT tmp.table_schema, tmp.table_name, trim(both '"' from pg_catalog.pg_get_indexdef(tmp.ci_oid, tmp.pos, false)) AS field_name
FROM (SELECT n.nspname AS table_schema, ct.relname AS table_name, ci.oid AS ci_oid, (information_schema._pg_expandarray(i.indkey)).n AS pos, i.indpred, i.indexprs, ci.relname
    FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid) JOIN pg_catalog.pg_index i ON (ct.oid = i.indrelid)
    JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid)
    WHERE n.nspname !~ '^information_schema|catalog_history|pg_' AND n.nspname = 'shop') tmp
WHERE tmp.pos = 1 AND tmp.indpred IS NULL AND tmp.indexprs IS NULL ORDER BY tmp.table_name, field_name

-- check: types
SELECT nspname, typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid IN (SELECT DISTINCT enumtypid FROM pg_enum e)
AND nspname = 'shop'

-- check: activity
SELECT EXISTS(SELECT 1 FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'goods') AS found

-- cancels
SELECT pg_cancel_backend({busy})

-- check: preview
-- own: added
SELECT "shop"."goods"."id" AS "id", "shop"."goods"."name" AS "name", "shop"."goods"."price" AS "price", "shop"."goods"."mood" AS "mood", "shop"."goods"."added" AS "added"
FROM "shop"."goods" ORDER BY "shop"."goods"."id" ASC LIMIT 2000

SELECT COUNT(*) AS "count" FROM "shop"."goods"

SELECT TRUE AS "_" FROM "shop"."goods" WHERE 1 <> 1 LIMIT 0

SELECT "shop"."goods"."mood" AS "mood" FROM "shop"."goods" GROUP BY "shop"."goods"."mood" ORDER BY "shop"."goods"."mood" ASC LIMIT 1000

SELECT SUBSTRING("shop"."goods"."name", 1, 1234) AS "substring1" FROM "shop"."goods" ORDER BY 1 LIMIT 10000

-- check: query
/* Metabase:: userID: 1 queryType: MBQL queryHash: 0a2f */ SELECT DATE_TRUNC('month', CAST("shop"."sales"."sold" AS date)) AS "sold", SUM("shop"."sales"."count") AS "sum",
    COUNT(DISTINCT "shop"."sales"."goods_id") AS "count"
FROM "shop"."sales" WHERE ("shop"."sales"."sold" >= CAST('2024-01-01' AS date)) AND ("shop"."sales"."sold" < CAST('2025-01-01' AS date))
GROUP BY DATE_TRUNC('month', CAST("shop"."sales"."sold" AS date)) ORDER BY DATE_TRUNC('month', CAST("shop"."sales"."sold" AS date)) ASC

SELECT (CAST(EXTRACT(DOW FROM "shop"."sales"."sold") AS INTEGER) + 1) AS "day", PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY "shop"."sales"."count") AS "p90",
    STDDEV_POP("shop"."sales"."count") AS "stddev" FROM "shop"."sales" GROUP BY 1 ORDER BY 1 ASC

SELECT "source"."Goods__mood" AS "mood", AVG("source"."count") AS "avg" FROM (SELECT "shop"."sales"."count" AS "count", "Goods"."mood" AS "Goods__mood"
    FROM "shop"."sales" LEFT JOIN "shop"."goods" AS "Goods" ON "shop"."sales"."goods_id" = "Goods"."id") AS "source" GROUP BY "source"."Goods__mood" ORDER BY 1

SELECT FLOOR((("shop"."goods"."price" - 0.0) / 50.0)) * 50.0 + 0.0 AS "price", COUNT(*) AS "count",
    SUM(CASE WHEN "shop"."goods"."mood" = CAST('ok' AS "shop"."mood") THEN 1 ELSE 0.0 END) / CAST(COUNT(*) AS double precision) AS "share"
FROM "shop"."goods" WHERE (LOWER("shop"."goods"."name") LIKE '%e%') GROUP BY 1 ORDER BY 1 ASC

SELECT CAST("shop"."sales"."sold" AS timestamp) AT TIME ZONE 'UTC' < NOW() + INTERVAL '-30 day' AS "old", (DATE '2024-03-01' + (INTERVAL '-1 month'))::date AS "since"
FROM "shop"."sales" ORDER BY "shop"."sales"."no" LIMIT 1
