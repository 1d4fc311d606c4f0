-- What DBeaver asks of a server of PostgreSQL 15, by pgJDBC: as it connects, opens its tree, and shows and changes a table.
-- lacks query: DBeaver asks what its users write

-- let database: (SELECT oid FROM pg_database WHERE datname = current_database())
-- let shop: 'shop'::regnamespace::oid
-- let goods: 'shop.goods'::regclass::oid
-- let dear: 'shop.dear'::regclass::oid
-- let index: 'shop.goods_price_idx'::regclass::oid
-- let total: 'shop.total'::regproc::oid
-- let keeper: 'keeper'::regrole::oid

-- check: session
SET extra_float_digits = 3

SET application_name = 'DBeaver 24.2.3 - Main <vecsql>'

SELECT current_schema(),session_user

SHOW search_path

-- shape
SELECT version()

select string_agg(word, ',') from pg_catalog.pg_get_keywords() where word <> ALL ('{a,abs,absolute,action,ada,add,admin,after,all,allocate,alter}'::text[])
    AND word LIKE 'c%'

SELECT typcategory FROM pg_catalog.pg_type WHERE 1<>1 LIMIT 1

select * from pg_catalog.pg_enum where 1<>1 limit 1

select reltype FROM pg_catalog.pg_class WHERE 1<>1 LIMIT 1

-- own: category, short_desc, sourcefile, sourceline
select * from pg_catalog.pg_settings where name='standard_conforming_strings'

-- check: databases
-- own: datfrozenxid, datminmxid, datcollate, datctype
SELECT db.oid,db.* FROM pg_catalog.pg_database db WHERE datname='tools'

SELECT db.datname FROM pg_catalog.pg_database db WHERE datallowconn AND NOT datistemplate ORDER BY db.datname

SELECT db.datname FROM pg_catalog.pg_database db WHERE datistemplate ORDER BY 1

SELECT t.oid,t.*,pg_catalog.pg_tablespace_location(t.oid) loc FROM pg_catalog.pg_tablespace t ORDER BY t.oid

select description from pg_shdescription join pg_database on objoid = pg_database.oid where datname = 'tools'

-- shape
SELECT name,default_version,installed_version,comment FROM pg_catalog.pg_available_extensions ORDER BY name

-- shape
SELECT e.oid, cfg.tbls, e.* FROM pg_catalog.pg_extension e join pg_namespace n on n.oid =e.extnamespace
left join (select ARRAY_AGG(ns.nspname || '.' || cls.relname) tbls, oid_ext
    from (select unnest(e1.extconfig) oid , e1.oid oid_ext from pg_catalog.pg_extension e1) c
    join pg_class cls on cls.oid = c.oid join pg_namespace ns on ns.oid = cls.relnamespace group by oid_ext) cfg on cfg.oid_ext = e.oid ORDER BY e.oid

-- check: schemas
-- own: nspacl, nspowner
SELECT n.oid,n.*,d.description FROM pg_catalog.pg_namespace n
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=n.oid AND d.objsubid=0 AND d.classoid='pg_namespace'::regclass
WHERE nspname !~ '^pg_|^information_schema|^vecsql' ORDER BY nspname

SELECT 1 FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = 'shop'

SELECT * FROM pg_default_acl WHERE defaclnamespace = {shop}

-- check: tables
-- own: reltype, relfilenode, relpages, reltuples, relallvisible, reltoastrelid, relfrozenxid, relminmxid, relhastriggers
SELECT c.oid,c.*,d.description,pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_expr, pg_catalog.pg_get_partkeydef(c.oid) as partition_key
FROM pg_catalog.pg_class c
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_class'::regclass
WHERE c.relnamespace={shop} AND c.relkind not in ('i','I','c') ORDER BY c.relname

SELECT i.*,c.relnamespace FROM pg_catalog.pg_inherits i,pg_catalog.pg_class c WHERE i.inhrelid={goods} AND c.oid=i.inhparent ORDER BY i.inhseqno

select pg_get_expr(c.relpartbound, c.oid, true) as partition_range from "pg_catalog".pg_class c where relname = 'goods' and relnamespace = {shop}

select * from pg_catalog.pg_policies where schemaname='shop' and tablename='goods'

SELECT x.oid,x.*,p.pronamespace as func_schema_id,d.description FROM pg_catalog.pg_trigger x
LEFT OUTER JOIN pg_catalog.pg_proc p ON p.oid=x.tgfoid LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=x.oid AND d.objsubid=0
WHERE x.tgrelid={goods} AND NOT x.tgisinternal

select distinct fs.oid,fs.* from pg_catalog.pg_foreign_server fs, pg_catalog.pg_foreign_table ft where ft.ftserver = fs.oid

-- check: columns
-- own: attoptions, objid
-- text: attmissingval
SELECT c.relname,a.*,pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) as def_value,dsc.description,dep.objid
FROM pg_catalog.pg_attribute a INNER JOIN pg_catalog.pg_class c ON (a.attrelid=c.oid)
LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid=ad.adrelid AND a.attnum = ad.adnum)
LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid=dsc.objoid AND a.attnum = dsc.objsubid)
LEFT OUTER JOIN pg_depend dep on dep.refobjid = a.attrelid AND dep.deptype = 'i' and dep.refobjsubid = a.attnum and dep.classid = dep.refclassid
WHERE NOT a.attisdropped AND c.relkind not in ('i','I','c') AND c.oid={goods} AND a.attnum > 0 ORDER BY a.attnum

SELECT c.relname, a.attname, a.atttypid FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
WHERE c.relkind IN ('r','t','S','v','f') AND c.relnamespace IN ({shop}) AND a.attname ILIKE '%na%' ORDER BY a.attname, c.relname LIMIT 100

-- check: keys
-- own: conbin, conparentid
SELECT c.oid,c.*,t.relname as tabrelname,rt.relnamespace as refnamespace,d.description,
    case when c.contype='c' then "substring"(pg_get_constraintdef(c.oid), 7) else null end consrc_copy
FROM pg_catalog.pg_constraint c INNER JOIN pg_catalog.pg_class t ON t.oid=c.conrelid
LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid=c.confrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_constraint'::regclass
WHERE t.relnamespace={shop} ORDER BY c.conname

SELECT DISTINCT connamespace FROM pg_catalog.pg_constraint WHERE confrelid={goods}

SELECT conname, pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint WHERE connamespace = {shop} ORDER BY conname

-- check: indexes
-- own: index_rel_size, index_num_scans
SELECT i.*,i.indkey as keys,c.relname,c.relnamespace,c.relam,c.reltablespace,tc.relname as tabrelname,dsc.description,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid) as pred_expr,pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) as expr,
    pg_catalog.pg_relation_size(i.indexrelid) as index_rel_size,pg_catalog.pg_stat_get_numscans(i.indexrelid) as index_num_scans
FROM pg_catalog.pg_index i INNER JOIN pg_catalog.pg_class c ON c.oid=i.indexrelid INNER JOIN pg_catalog.pg_class tc ON tc.oid=i.indrelid
LEFT OUTER JOIN pg_catalog.pg_description dsc ON i.indexrelid=dsc.objoid WHERE i.indrelid={goods} ORDER BY c.relname

select pg_catalog.pg_get_indexdef({index}, 1, true), pg_catalog.pg_get_indexdef({index}, 2, true), pg_catalog.pg_get_indexdef({index})

-- own: amhandler
SELECT am.oid,am.* FROM pg_catalog.pg_am am WHERE amname IN ('heap', 'btree', 'hash', 'gin') ORDER BY am.oid

SELECT oc.opcmethod, oc.opcname, oc.opcfamily, oc.opcintype, oc.opcdefault, oc.opckeytype FROM pg_catalog.pg_opclass oc
WHERE oc.opcmethod=403 AND oc.opcname IN ('int4_ops', 'text_ops', 'numeric_ops', 'timestamptz_ops') ORDER BY oc.opcname

-- check: views
SELECT pg_get_viewdef({dear}, true)

SELECT definition FROM PG_CATALOG.PG_VIEWS WHERE SchemaName='shop' and ViewName='dear'

SELECT r.oid,r.rulename,r.ev_class,r.ev_type,r.ev_enabled,r.is_instead, pg_get_ruledef(r.oid) AS definition FROM pg_rewrite r
WHERE r.ev_class={dear} ORDER BY 1

-- check: functions
-- own: proargdefaults
SELECT p.oid as poid,p.*,pg_catalog.pg_get_expr(p.proargdefaults, 0) as arg_defaults,d.description FROM pg_catalog.pg_proc p
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=p.oid and d.classoid='pg_proc'::regclass AND d.objsubid = 0
WHERE p.pronamespace={shop} ORDER BY p.proname

SELECT pg_get_functiondef({total})

SELECT prosrc FROM pg_proc where oid = {total}

SELECT p.oid AS proc_oid,p.proname AS proc_name,a.* FROM pg_catalog.pg_aggregate a,pg_catalog.pg_proc p
WHERE p.oid=a.aggfnoid AND p.pronamespace={shop} ORDER BY p.proname

SELECT l.oid,l.lanname,l.lanispl,l.lanpltrusted FROM pg_catalog.pg_language l WHERE lanname <> 'plpgsql' ORDER BY l.oid

-- check: types
-- own: typsubscript, typanalyze
SELECT t.oid,t.*,c.relkind,format_type(nullif(t.typbasetype, 0), t.typtypmod) as base_type_name, d.description
FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_type et ON et.oid=t.typelem LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid=t.typrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid=d.objoid
WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c') AND (et.typcategory IS NULL OR et.typcategory <> 'C') AND t.typnamespace={shop}
ORDER BY t.oid

-- own: description, typsubscript, typanalyze
SELECT t.oid,t.*,c.relkind,format_type(nullif(t.typbasetype, 0), t.typtypmod) as base_type_name, NULL as description
FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid=t.typrelid
WHERE t.oid IN (16, 20, 21, 23, 25, 114, 700, 701, 1042, 1043, 1082, 1083, 1114, 1184, 1186, 1560, 1700, 2950, 3802, 1007, 1009, 2202, 2205) ORDER BY t.oid

SELECT e.enumlabel FROM pg_catalog.pg_enum e WHERE e.enumtypid='shop.mood'::regtype ORDER BY e.enumsortorder

SELECT n.nspname = ANY(current_schemas(true)), n.nspname, t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid
WHERE t.oid = 'shop.mood'::regtype

-- check: sequences
SELECT * from pg_catalog.pg_sequences WHERE schemaname='shop' AND sequencename='numbers'

SELECT * from shop.numbers

-- check: roles
SELECT a.oid,a.*,pd.description FROM pg_catalog.pg_roles a
LEFT JOIN pg_catalog.pg_shdescription pd ON a.oid = pd.objoid WHERE a.rolname IN ('keeper', 'vecsql') ORDER BY a.rolname

SELECT * FROM pg_catalog.pg_auth_members WHERE member={keeper}

SELECT * FROM information_schema.table_privileges WHERE table_catalog='tools' AND grantee='keeper'

SELECT * FROM information_schema.routine_privileges WHERE specific_catalog='tools' AND grantee='keeper'

SELECT * FROM information_schema.table_privileges WHERE table_catalog='tools' AND table_schema = 'shop' AND table_name = 'goods' ORDER BY privilege_type

-- check: depends
SELECT DISTINCT dep.deptype, dep.classid::regclass, cl.relkind, attr.attname,pg_get_expr(ad.adbin, ad.adrelid) adefval,
    COALESCE(coc.relname, clrw.relname) AS ownertable, COALESCE(cl.relname, co.conname, pr.proname, rw.rulename) AS refname
FROM pg_depend dep LEFT JOIN pg_class cl ON dep.objid=cl.oid LEFT JOIN pg_attribute attr ON dep.objid=attr.attrelid AND dep.objsubid=attr.attnum
LEFT JOIN pg_proc pr ON dep.objid=pr.oid LEFT JOIN pg_constraint co ON dep.objid=co.oid LEFT JOIN pg_class coc ON co.conrelid=coc.oid
LEFT JOIN pg_rewrite rw ON dep.objid=rw.oid LEFT JOIN pg_class clrw ON clrw.oid=rw.ev_class LEFT JOIN pg_attrdef ad ON ad.oid=dep.objid
WHERE dep.refobjid={goods} AND cl.relkind IS DISTINCT FROM 't' AND dep.classid <> 'pg_type'::regclass

-- check: activity
-- own: pid, backend_start, xact_start, query_start, state_change, backend_xid, backend_xmin, query_id, query, client_port, wait_event, wait_event_type
-- text: client_addr
SELECT sa.* FROM pg_catalog.pg_stat_activity sa WHERE pid = pg_backend_pid()

-- own: total_rel_size, rel_size
select c.oid,pg_catalog.pg_total_relation_size(c.oid) as total_rel_size,pg_catalog.pg_relation_size(c.oid) as rel_size FROM pg_class c
WHERE c.relnamespace={shop} ORDER BY c.relname

-- own: pg_database_size
SELECT db.datname,pg_database_size(db.oid) FROM pg_catalog.pg_database db WHERE datname='tools'

-- shape
with locks as (select pid,locktype, mode,granted,transactionid tid,relation,page,tuple from pg_locks),
    conflict as (select * from (values ('AccessShareLock','AccessExclusiveLock',1), ('RowShareLock','ExclusiveLock',1)) as t (mode1,mode2,prt)),
    real_locks as (select la.pid as blocked_pid, blocked_activity.usename as blocked_user, la.mode, la.granted, lb.pid as blocking_pid
        from locks lb join conflict c on c.mode2 = lb.mode join locks la on la.mode = c.mode1 and la.pid <> lb.pid
        join pg_stat_activity blocked_activity on blocked_activity.pid = la.pid where not la.granted)
select blocking_pid, blocked_pid, blocked_user, mode, granted from real_locks

-- cancels
SELECT pg_catalog.pg_terminate_backend({busy})

-- check: preview
-- own: added
SELECT x.* FROM shop.goods x ORDER BY id LIMIT 200

select count(*) from shop.goods

-- own: added
SELECT x.* FROM shop.goods x WHERE name ILIKE '%e%' ORDER BY x.price DESC

-- check: edit
BEGIN

UPDATE shop.goods SET price=2.5 WHERE id=1

SELECT id, name, price, mood, tags FROM shop.goods WHERE id=1

INSERT INTO shop.goods ("name", price, mood, tags) VALUES('chair', 12, 'sad'::shop.mood, '{"wood","oak"}')

DELETE FROM shop.goods WHERE id=2

ALTER TABLE shop.goods ADD weight numeric NULL

ALTER TABLE shop.goods ALTER COLUMN weight TYPE float8 USING weight::float8

CREATE INDEX goods_weight_idx ON shop.goods (weight)

COMMENT ON TABLE shop.goods IS 'sold'

SELECT "name", weight FROM shop.goods ORDER BY 1

ROLLBACK
