-- What Tableau asks of a server of PostgreSQL 15: its probes, the calls of pgJDBC's DatabaseMetaData that it makes, extracts and worksheets.
-- lacks databases: Tableau is given one database, and lists no others
-- lacks views: Tableau reads views as tables, and no definitions
-- lacks functions: Tableau knows the functions of PostgreSQL, and lists none
-- lacks sequences: Tableau knows no sequences
-- lacks roles: Tableau has roles of its own
-- lacks depends: Tableau asks about no dependencies

-- check: session
SET extra_float_digits = 3

SET application_name = 'Tableau 2024.2'

SELECT "SUBCOL" AS "COL" FROM (SELECT 1 AS "SUBCOL") "SUBQUERY" GROUP BY 1

SELECT 1 AS "COL" FROM (SELECT 1 AS "SUBCOL") AS "CHECKTOP" LIMIT 1

-- check: schemas
SELECT nspname AS TABLE_SCHEM, NULL AS TABLE_CATALOG FROM pg_catalog.pg_namespace WHERE nspname <> 'pg_toast' AND (nspname !~ '^pg_temp_'
OR nspname = (pg_catalog.current_schemas(true))[1]) AND (nspname !~ '^pg_toast_temp_'
OR nspname = replace((pg_catalog.current_schemas(true))[1], 'pg_temp_', 'pg_toast_temp_')) AND nspname LIKE E'%' ORDER BY TABLE_SCHEM

-- check: tables
SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, c.relname AS TABLE_NAME,
    CASE n.nspname ~ '^pg_' OR n.nspname = 'information_schema'
    WHEN true THEN CASE WHEN n.nspname = 'pg_catalog' OR n.nspname = 'information_schema' THEN CASE c.relkind WHEN 'r' THEN 'SYSTEM TABLE' WHEN 'v' THEN 'SYSTEM VIEW'
        WHEN 'i' THEN 'SYSTEM INDEX' ELSE NULL END ELSE NULL END
    WHEN false THEN CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'i' THEN 'INDEX' WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'
        WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE NULL END ELSE NULL END AS TABLE_TYPE,
    d.description AS REMARKS, '' as TYPE_CAT, '' as TYPE_SCHEM, '' as TYPE_NAME, '' AS SELF_REFERENCING_COL_NAME, '' AS REF_GENERATION
FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 and d.classoid = 'pg_class'::regclass)
WHERE c.relnamespace = n.oid AND n.nspname LIKE E'shop' AND (false OR (c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
OR (c.relkind = 'v' AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema')) ORDER BY TABLE_TYPE, TABLE_SCHEM, TABLE_NAME

-- check: columns
SELECT * FROM (SELECT n.nspname, c.relname, a.attname, a.atttypid, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS attnotnull, a.atttypmod, a.attlen, t.typtypmod,
    row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS attnum, nullif(a.attidentity, '') as attidentity, nullif(a.attgenerated, '') as attgenerated,
    pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc, dsc.description, t.typbasetype, t.typtype
    FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid) JOIN pg_catalog.pg_attribute a ON (a.attrelid = c.oid)
    JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid) LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid = def.adrelid AND a.attnum = def.adnum)
    LEFT JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid)
    LEFT JOIN pg_catalog.pg_class dc ON (dc.oid = dsc.classoid AND dc.relname = 'pg_class') LEFT JOIN pg_catalog.pg_namespace dn ON (dc.relnamespace = dn.oid AND dn.nspname = 'pg_catalog')
    WHERE c.relkind in ('r', 'p', 'v', 'f', 'm') and a.attnum > 0 AND NOT a.attisdropped AND n.nspname LIKE E'shop' AND c.relname LIKE E'goods') c
WHERE true ORDER BY nspname, c.relname, attnum

-- check: keys
SELECT result.TABLE_CAT, result.TABLE_SCHEM, result.TABLE_NAME, result.COLUMN_NAME, result.KEY_SEQ, result.PK_NAME
FROM (SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, ct.relname AS TABLE_NAME, a.attname AS COLUMN_NAME,
    (information_schema._pg_expandarray(i.indkey)).n AS KEY_SEQ, ci.relname AS PK_NAME, information_schema._pg_expandarray(i.indkey) AS KEYS, a.attnum AS A_ATTNUM
    FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid)
    JOIN pg_catalog.pg_index i ON (a.attrelid = i.indrelid) JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid)
    WHERE true AND n.nspname = E'shop' AND ct.relname = E'goods' AND i.indisprimary) result
where result.A_ATTNUM = (result.KEYS).x ORDER BY result.table_name, result.pk_name, result.key_seq

SELECT NULL::text AS PKTABLE_CAT, pkn.nspname AS PKTABLE_SCHEM, pkc.relname AS PKTABLE_NAME, pka.attname AS PKCOLUMN_NAME, NULL::text AS FKTABLE_CAT,
    fkn.nspname AS FKTABLE_SCHEM, fkc.relname AS FKTABLE_NAME, fka.attname AS FKCOLUMN_NAME, pos.n AS KEY_SEQ,
    CASE con.confupdtype WHEN 'c' THEN 0 WHEN 'n' THEN 2 WHEN 'd' THEN 4 WHEN 'r' THEN 1 WHEN 'p' THEN 1 WHEN 'a' THEN 3 ELSE NULL END AS UPDATE_RULE,
    CASE con.confdeltype WHEN 'c' THEN 0 WHEN 'n' THEN 2 WHEN 'd' THEN 4 WHEN 'r' THEN 1 WHEN 'p' THEN 1 WHEN 'a' THEN 3 ELSE NULL END AS DELETE_RULE,
    con.conname AS FK_NAME, pkic.relname AS PK_NAME,
    CASE WHEN con.condeferrable AND con.condeferred THEN 5 WHEN con.condeferrable THEN 6 ELSE 7 END AS DEFERRABILITY
FROM pg_catalog.pg_namespace pkn, pg_catalog.pg_class pkc, pg_catalog.pg_attribute pka, pg_catalog.pg_namespace fkn, pg_catalog.pg_class fkc, pg_catalog.pg_attribute fka,
    pg_catalog.pg_constraint con, pg_catalog.generate_series(1, 32) pos(n), pg_catalog.pg_class pkic
WHERE pkn.oid = pkc.relnamespace AND pkc.oid = pka.attrelid AND pka.attnum = con.confkey[pos.n] AND con.confrelid = pkc.oid AND fkn.oid = fkc.relnamespace
AND fkc.oid = fka.attrelid AND fka.attnum = con.conkey[pos.n] AND con.conrelid = fkc.oid AND con.contype = 'f' AND (pkic.relkind = 'i' OR pkic.relkind = 'I')
AND pkic.oid = con.conindid AND fkn.nspname = E'shop' AND fkc.relname = E'sales' ORDER BY pkn.nspname, pkc.relname, con.conname, pos.n

-- check: indexes
SELECT tmp.TABLE_CAT, tmp.TABLE_SCHEM, tmp.TABLE_NAME, tmp.NON_UNIQUE, tmp.INDEX_QUALIFIER, tmp.INDEX_NAME, tmp.TYPE, tmp.ORDINAL_POSITION,
    trim(both '"' from pg_catalog.pg_get_indexdef(tmp.CI_OID, tmp.ORDINAL_POSITION, false)) AS COLUMN_NAME,
    CASE tmp.AM_NAME WHEN 'btree' THEN CASE tmp.I_INDOPTION[tmp.ORDINAL_POSITION - 1] & 1::smallint WHEN 1 THEN 'D' ELSE 'A' END ELSE NULL END AS ASC_OR_DESC,
    tmp.FILTER_CONDITION
FROM (SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, ct.relname AS TABLE_NAME, NOT i.indisunique AS NON_UNIQUE, NULL AS INDEX_QUALIFIER, ci.relname AS INDEX_NAME,
    CASE i.indisclustered WHEN true THEN 1 ELSE CASE am.amname WHEN 'hash' THEN 2 ELSE 3 END END AS TYPE, (information_schema._pg_expandarray(i.indkey)).n AS ORDINAL_POSITION,
    ci.reltuples AS CARDINALITY, ci.relpages AS PAGES, pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS FILTER_CONDITION, ci.oid AS CI_OID, i.indoption AS I_INDOPTION,
    am.amname AS AM_NAME
    FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid) JOIN pg_catalog.pg_index i ON (ct.oid = i.indrelid)
    JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid) JOIN pg_catalog.pg_am am ON (ci.relam = am.oid) WHERE true AND n.nspname = E'shop' AND ct.relname = E'goods') AS tmp
ORDER BY NON_UNIQUE, TYPE, INDEX_NAME, ORDINAL_POSITION

-- check: types
select oid, typbasetype from pg_type where typname = 'lo'

SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid
WHERE t.oid = 'shop.mood'::regtype

SELECT typinput='array_in'::regproc as is_array, typtype, typname, pg_type.oid FROM pg_catalog.pg_type LEFT JOIN (select ns.oid as nspoid, ns.nspname, r.r
    from pg_namespace as ns join (select s.r, (current_schemas(false))[s.r] as nspname from generate_series(1, array_upper(current_schemas(false), 1)) as s(r)) as r
    using (nspname)) as sp ON sp.nspoid = typnamespace WHERE typname = 'mood' ORDER BY sp.r, pg_type.oid DESC LIMIT 1

-- check: activity
-- cancels
SELECT pg_cancel_backend({busy})

-- check: preview
SELECT * FROM "shop"."goods" LIMIT 0

SELECT "goods"."id" AS "id", CAST("goods"."name" AS TEXT) AS "name", "goods"."price" AS "price", CAST("goods"."mood" AS TEXT) AS "mood"
FROM "shop"."goods" "goods" ORDER BY 1 LIMIT 100

SELECT COUNT(1) AS "X__alias__0" FROM "shop"."goods" "goods" HAVING (COUNT(1) > 0)

-- check: query
SELECT CAST("goods"."name" AS TEXT) AS "name", SUM("sales"."count") AS "sum:count:ok" FROM "shop"."sales" "sales"
INNER JOIN "shop"."goods" "goods" ON ("sales"."goods_id" = "goods"."id") GROUP BY 1 ORDER BY 1

SELECT CAST(TRUNC(EXTRACT(YEAR FROM "sales"."sold")) AS INTEGER) AS "yr:sold:ok", CAST(TRUNC(EXTRACT(QUARTER FROM "sales"."sold")) AS INTEGER) AS "qr:sold:ok",
    SUM("sales"."count") AS "sum" FROM "shop"."sales" "sales" WHERE ("sales"."sold" >= (DATE '2024-01-01')) GROUP BY 1, 2 ORDER BY 1, 2

SELECT DATE_TRUNC( 'MONTH', CAST("sales"."sold" AS DATE) ) AS "tmn:sold:ok",
    (DATE_TRUNC( 'WEEK', CAST("sales"."sold" AS DATE) ) + (-EXTRACT(DOW FROM "sales"."sold") * INTERVAL '1 DAY')) AS "twk", AVG(CAST("sales"."count" AS DOUBLE PRECISION)) AS "avg"
FROM "shop"."sales" "sales" GROUP BY 1, 2 ORDER BY 1, 2

SELECT (CASE WHEN ("goods"."price" > 100) THEN 'dear' ELSE 'cheap' END) AS "Calculation_1", COUNT(DISTINCT "goods"."id") AS "ctd", SUM(1) AS "sum:Number of Records:ok"
FROM "shop"."goods" "goods" INNER JOIN (SELECT "sales"."goods_id" AS "id", SUM("sales"."count") AS "$__alias__0" FROM "shop"."sales" "sales" GROUP BY 1
ORDER BY "$__alias__0" DESC NULLS LAST LIMIT 10) "t0" ON ("goods"."id" = "t0"."id") GROUP BY 1 ORDER BY 1

begin

declare "SQL_CUR0x7f" cursor with hold for SELECT "numbered"."n" AS "n" FROM "numbered" ORDER BY 1

fetch 3 in "SQL_CUR0x7f"

close "SQL_CUR0x7f"

commit

-- check: edit
CREATE LOCAL TEMPORARY TABLE "#Tableau_1_2_Connect_CheckCreateTempTableCap" ("COL" INTEGER) ON COMMIT PRESERVE ROWS

DROP TABLE "#Tableau_1_2_Connect_CheckCreateTempTableCap"

SELECT * INTO TEMPORARY TABLE "#Tableau_1_1_Connect_CheckSelectIntoCap" FROM (SELECT 1 AS COL) AS CHECKTEMP

DROP TABLE "#Tableau_1_1_Connect_CheckSelectIntoCap"
