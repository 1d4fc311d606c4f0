-- What Power BI (Power Query, by Npgsql) asks of a server of PostgreSQL 15: the types that Npgsql loads, its navigator, and folded queries.
-- lacks databases: Power BI is given one database, and lists no others
-- lacks functions: Power Query lists no functions of PostgreSQL
-- lacks indexes: Power Query asks about keys only
-- lacks sequences: Power Query knows no sequences
-- lacks roles: Power Query asks about no roles
-- lacks depends: Power Query asks about no dependencies
-- lacks edit: Power Query only reads

-- check: session
DISCARD ALL

-- shape
SELECT version()

select character_set_name from INFORMATION_SCHEMA.character_sets

-- check: types
-- shape
SELECT ns.nspname, typ_and_elem_type.*, CASE WHEN typtype IN ('b', 'e', 'p') THEN 0 WHEN typtype = 'r' THEN 1 WHEN typtype = 'm' THEN 2 WHEN typtype = 'c' THEN 3
    WHEN typtype = 'd' AND elemtyptype <> 'a' THEN 4 WHEN typtype = 'a' THEN 5 WHEN typtype = 'd' AND elemtyptype = 'a' THEN 6 END AS ord
FROM (SELECT typ.oid, typ.typnamespace, typ.typname, typ.typtype, typ.typrelid, typ.typnotnull, typ.relkind, elemtyp.oid AS elemtypoid, elemtyp.typname AS elemtypname,
    elemcls.relkind AS elemrelkind, CASE WHEN elemproc.proname='array_recv' THEN 'a' ELSE elemtyp.typtype END AS elemtyptype, typ.typcategory
    FROM (SELECT typ.oid, typnamespace, typname, typrelid, typnotnull, relkind, typelem AS elemoid,
        CASE WHEN proc.proname='array_recv' THEN 'a' ELSE typ.typtype END AS typtype,
        CASE WHEN proc.proname='array_recv' THEN typ.typelem WHEN typ.typtype='r' THEN rngsubtype WHEN typ.typtype='m' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = typ.oid)
            WHEN typ.typtype='d' THEN typ.typbasetype END AS elemtypoid, typ.typcategory
        FROM pg_type AS typ LEFT JOIN pg_class AS cls ON (cls.oid = typ.typrelid) LEFT JOIN pg_proc AS proc ON proc.oid = typ.typreceive
        LEFT JOIN pg_range ON (pg_range.rngtypid = typ.oid)) AS typ
    LEFT JOIN pg_type AS elemtyp ON elemtyp.oid = elemtypoid LEFT JOIN pg_class AS elemcls ON (elemcls.oid = elemtyp.typrelid)
    LEFT JOIN pg_proc AS elemproc ON elemproc.oid = elemtyp.typreceive) AS typ_and_elem_type JOIN pg_namespace AS ns ON (ns.oid = typnamespace)
WHERE typtype IN ('b', 'r', 'm', 'e', 'd') OR (typtype = 'c' AND relkind='c') OR (typtype = 'p' AND typname IN ('record', 'void', 'unknown'))
OR (typtype = 'a' AND (elemtyptype IN ('b', 'r', 'm', 'e', 'd') OR (elemtyptype = 'p' AND elemtypname IN ('record', 'void')) OR (elemtyptype = 'c' AND elemrelkind='c')))
ORDER BY ord

SELECT pg_type.oid, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid=enumtypid ORDER BY oid, enumsortorder

SELECT typ.oid, att.attname, att.atttypid FROM pg_type AS typ JOIN pg_namespace AS ns ON (ns.oid = typ.typnamespace) JOIN pg_class AS cls ON (cls.oid = typ.typrelid)
JOIN pg_attribute AS att ON (att.attrelid = typ.typrelid) WHERE (typ.typtype = 'c' AND cls.relkind='c') AND attnum > 0 AND NOT attisdropped ORDER BY typ.oid, att.attnum

-- check: schemas
select distinct TABLE_SCHEMA from INFORMATION_SCHEMA.tables where TABLE_SCHEMA not in ('information_schema', 'pg_catalog', 'vecsql') order by TABLE_SCHEMA

-- check: tables
select TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE from INFORMATION_SCHEMA.tables where TABLE_SCHEMA not in ('information_schema', 'pg_catalog') and TABLE_SCHEMA = 'shop'
order by TABLE_SCHEMA, TABLE_NAME

-- check: views
select TABLE_SCHEMA, TABLE_NAME from INFORMATION_SCHEMA.tables where TABLE_SCHEMA = 'shop' and TABLE_TYPE = 'VIEW' order by TABLE_SCHEMA, TABLE_NAME

-- check: columns
select COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, case when (data_type like '%unsigned%') then DATA_TYPE || ' unsigned' else DATA_TYPE end as DATA_TYPE
from INFORMATION_SCHEMA.columns where TABLE_SCHEMA = 'shop' and TABLE_NAME = 'goods' order by TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION

-- check: keys
select i.CONSTRAINT_SCHEMA || '_' || i.CONSTRAINT_NAME as INDEX_NAME, ii.COLUMN_NAME, ii.ORDINAL_POSITION, case when i.CONSTRAINT_TYPE = 'PRIMARY KEY' then 'Y' else 'N' end as PRIMARY_KEY
from INFORMATION_SCHEMA.table_constraints i inner join INFORMATION_SCHEMA.key_column_usage ii on i.CONSTRAINT_SCHEMA = ii.CONSTRAINT_SCHEMA and i.CONSTRAINT_NAME = ii.CONSTRAINT_NAME
    and i.TABLE_SCHEMA = ii.TABLE_SCHEMA and i.TABLE_NAME = ii.TABLE_NAME
where i.TABLE_SCHEMA = 'shop' and i.TABLE_NAME = 'goods' and i.CONSTRAINT_TYPE in ('PRIMARY KEY', 'UNIQUE')
order by i.CONSTRAINT_SCHEMA || '_' || i.CONSTRAINT_NAME, ii.TABLE_SCHEMA, ii.TABLE_NAME, ii.ORDINAL_POSITION

select pkcol.COLUMN_NAME as PK_COLUMN_NAME, fkcol.TABLE_SCHEMA AS FK_TABLE_SCHEMA, fkcol.TABLE_NAME AS FK_TABLE_NAME, fkcol.COLUMN_NAME as FK_COLUMN_NAME,
    fkcol.ORDINAL_POSITION as ORDINAL, fkcon.CONSTRAINT_SCHEMA || '_' || fkcol.TABLE_NAME || '_' || 'goods' || '_' || fkcon.CONSTRAINT_NAME as FK_NAME
from (select distinct constraint_catalog, constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name from INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS) fkcon
inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE fkcol on fkcon.CONSTRAINT_SCHEMA = fkcol.CONSTRAINT_SCHEMA and fkcon.CONSTRAINT_NAME = fkcol.CONSTRAINT_NAME
inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE pkcol on fkcon.UNIQUE_CONSTRAINT_SCHEMA = pkcol.CONSTRAINT_SCHEMA and fkcon.UNIQUE_CONSTRAINT_NAME = pkcol.CONSTRAINT_NAME
where pkcol.TABLE_SCHEMA = 'shop' and pkcol.TABLE_NAME = 'goods' and pkcol.ORDINAL_POSITION = fkcol.ORDINAL_POSITION order by FK_NAME, fkcol.ORDINAL_POSITION

-- check: activity
-- cancels
SELECT pg_cancel_backend({busy})

-- check: preview
-- own: added
select "$Table"."id" as "id", "$Table"."name" as "name", "$Table"."price" as "price", "$Table"."mood"::text as "mood", "$Table"."tags"::text as "tags", "$Table"."added" as "added"
from "shop"."goods" "$Table" order by 1 limit 1000

select count(1) as "$Item" from (select "_"."id", "_"."name" from "shop"."goods" "_") "_"

select * from "shop"."goods" "_" limit 0

-- check: query
select "rows"."goods_id" as "goods_id", sum("rows"."count") as "Total" from (select "_"."goods_id", "_"."count" from "shop"."sales" "_"
    where "_"."sold" >= timestamp '2024-01-01 00:00:00') "rows" group by "goods_id" order by 1

select "_"."name" as "name", "_"."a0" as "a0" from (select "rows"."name" as "name", count(distinct("rows"."id")) + max(case when "rows"."id" is null then 1 else 0 end) as "a0"
    from (select "$Outer"."no", "$Inner"."id", "$Inner"."name" from "shop"."sales" as "$Outer" inner join "shop"."goods" as "$Inner" on ("$Outer"."goods_id" = "$Inner"."id")) "rows"
    group by "name") "_" where not "_"."a0" is null order by 1 limit 1000001

select "_"."id", "_"."name" from "shop"."goods" "_" where ("_"."name" like 'p%' and "_"."name" is not null) and "_"."price" <= 10::numeric order by "_"."id" limit 4096

select cast("_"."price" as double precision) as "c1", coalesce("_"."tags"::text, '') as "c2", date_part('year', "_"."added") > 2000 as "c3" from "shop"."goods" "_" order by 1
