-- What Superset asks of a server of PostgreSQL 15, by SQLAlchemy (whose own row has the rest) and psycopg2: its lists, previews, charts and SQL Lab.
-- lacks databases: Superset is given one database, and lists no others
-- lacks functions: Superset completes by a list of its own
-- lacks sequences: Superset knows no sequences
-- lacks roles: Superset has roles of its own
-- lacks depends: Superset asks about no dependencies
-- lacks edit: Superset writes by what its users write themselves

-- check: session
select pg_catalog.version() is not null as known

select current_schema()

show transaction isolation level

show standard_conforming_strings

SET search_path = "shop"

SELECT current_schema()

set search_path = public

-- check: schemas
SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' AND nspname <> 'vecsql' ORDER BY nspname

-- check: tables
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'shop' AND c.relkind in ('r', 'p') ORDER BY 1

SELECT pgd.description as table_comment FROM pg_catalog.pg_description pgd WHERE pgd.objsubid = 0 AND pgd.objoid = 'shop.goods'::regclass

-- check: views
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'shop' AND c.relkind IN ('v', 'm') ORDER BY 1

SELECT pg_get_viewdef(c.oid) view_def FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'shop' AND c.relname = 'dear' AND c.relkind IN ('v', 'm')

-- check: columns
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
    (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) AS DEFAULT,
    a.attnotnull, a.attrelid as table_oid, pgd.description as comment, a.attgenerated as generated,
    (SELECT json_build_object('always', a.attidentity = 'a', 'start', s.seqstart, 'increment', s.seqincrement, 'minvalue', s.seqmin, 'maxvalue', s.seqmax,
        'cache', s.seqcache, 'cycle', s.seqcycle) FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c on s.seqrelid = c."oid"
        WHERE c.relkind = 'S' AND a.attidentity != '' AND s.seqrelid = pg_catalog.pg_get_serial_sequence(a.attrelid::regclass::text, a.attname)::regclass::oid) as identity_options
FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_description pgd ON (pgd.objoid = a.attrelid AND pgd.objsubid = a.attnum)
WHERE a.attrelid = 'shop.goods'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum

-- check: keys
SELECT r.conname, pg_catalog.pg_get_constraintdef(r.oid, true) as condef, n.nspname as conschema FROM pg_catalog.pg_constraint r, pg_namespace n, pg_class c
WHERE r.conrelid = 'shop.sales'::regclass AND r.contype = 'f' AND c.oid = confrelid AND n.oid = c.relnamespace ORDER BY 1

-- check: indexes
SELECT i.relname as relname, ix.indisunique, ix.indexprs, a.attname, a.attnum, c.conrelid, ix.indkey::varchar, ix.indoption::varchar, i.reloptions, am.amname,
    pg_get_expr(ix.indpred, ix.indrelid), ix.indnkeyatts as indnkeyatts
FROM pg_class t join pg_index ix on t.oid = ix.indrelid join pg_class i on i.oid = ix.indexrelid
left outer join pg_attribute a on t.oid = a.attrelid and a.attnum = ANY(ix.indkey)
left outer join pg_constraint c on (ix.indrelid = c.conrelid and ix.indexrelid = c.conindid and c.contype in ('p', 'u', 'x'))
left outer join pg_am am on i.relam = am.oid WHERE t.relkind IN ('r', 'v', 'f', 'm', 'p') and t.oid = 'shop.goods'::regclass and ix.indisprimary = 'f'
ORDER BY t.relname, i.relname, a.attnum

-- check: types
SELECT t.typname as "name", pg_catalog.pg_type_is_visible(t.oid) as "visible", n.nspname as "schema", e.enumlabel as "label"
FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_enum e ON t.oid = e.enumtypid
WHERE t.typtype = 'e' AND n.nspname = 'shop' ORDER BY "schema", "name", e.enumsortorder

-- check: activity
-- own: pg_backend_pid
SELECT pg_backend_pid()

-- cancels
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid='{busy}'

-- check: preview
-- own: added
SELECT * FROM "shop".goods ORDER BY id LIMIT 100

SELECT * FROM (SELECT g.name, g.price FROM shop.goods g) AS virtual_table LIMIT 0

-- shape
EXPLAIN SELECT * FROM shop.goods WHERE price > 10

-- check: query
SELECT DATE_TRUNC('month', sold) AS __timestamp, sum(count) AS "SUM(count)", COUNT(*) AS count FROM shop.sales
WHERE sold >= TO_DATE('2024-01-01', 'YYYY-MM-DD') AND sold < TO_DATE('2025-01-01', 'YYYY-MM-DD') GROUP BY DATE_TRUNC('month', sold) ORDER BY "SUM(count)" DESC LIMIT 10000

SELECT goods_id AS goods_id, DATE_TRUNC('week', sold) AS __timestamp, AVG(count) AS "AVG(count)" FROM shop.sales
JOIN (SELECT goods_id AS goods_id__, AVG(count) AS mme_inner__ FROM shop.sales GROUP BY goods_id ORDER BY mme_inner__ DESC LIMIT 5) AS series_limit ON goods_id = goods_id__
GROUP BY goods_id, DATE_TRUNC('week', sold) ORDER BY 1, 2 LIMIT 10000

SELECT name AS name, MAX(price) AS "MAX(price)" FROM (SELECT * FROM shop.goods WHERE price IS NOT NULL) AS virtual_table
WHERE name IN ('pen', 'desk') GROUP BY name HAVING (MAX(price) > 1) ORDER BY "MAX(price)" DESC LIMIT 1000

SELECT COUNT(*) AS rowcount FROM (SELECT mood AS mood, COUNT(*) AS count FROM shop.goods GROUP BY mood LIMIT 50000) AS rowcount_qry
