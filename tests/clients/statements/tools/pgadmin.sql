-- What pgAdmin 4 asks of a server of PostgreSQL 15: as it connects, opens its tree, shows its dashboard, and runs a query.

-- let database: (SELECT oid FROM pg_database WHERE datname = current_database())
-- let shop: 'shop'::regnamespace::oid
-- let goods: 'shop.goods'::regclass::oid
-- let dear: 'shop.dear'::regclass::oid
-- let index: 'shop.goods_price_idx'::regclass::oid
-- let numbers: 'shop.numbers'::regclass::oid
-- let check: (SELECT oid FROM pg_constraint WHERE conname = 'goods_price_check')
-- let mood: 'shop.mood'::regtype::oid
-- let keeper: 'keeper'::regrole::oid

-- check: session
SET DateStyle=ISO; SET client_min_messages=notice; SELECT set_config('bytea_output','hex',false) FROM pg_show_all_settings() WHERE name = 'bytea_output'; SET client_encoding='utf-8';

-- shape
SELECT version()

SELECT db.oid as did, db.datname, db.datallowconn, pg_encoding_to_char(db.encoding) AS serverencoding,
    has_database_privilege(db.oid, 'CREATE') as cancreate, datistemplate
FROM pg_catalog.pg_database db WHERE db.datname = current_database()

SELECT gss_authenticated, encrypted FROM pg_catalog.pg_stat_gssapi WHERE pid = pg_backend_pid()

SELECT roles.oid as id, roles.rolname as name, roles.rolsuper as is_superuser,
    CASE WHEN roles.rolsuper THEN true ELSE roles.rolcreaterole END as can_create_role,
    CASE WHEN roles.rolsuper THEN true ELSE roles.rolcreatedb END as can_create_db,
    CASE WHEN 'pg_signal_backend'=ANY(ARRAY(WITH RECURSIVE cte AS (
        SELECT pg_roles.oid,pg_roles.rolname FROM pg_catalog.pg_roles WHERE pg_roles.oid = roles.oid
        UNION ALL SELECT m.roleid,pgr.rolname FROM cte cte_1 JOIN pg_catalog.pg_auth_members m ON m.member = cte_1.oid
        JOIN pg_catalog.pg_roles pgr ON pgr.oid = m.roleid)
    SELECT rolname FROM cte)) THEN True ELSE False END as can_signal_backend
FROM pg_catalog.pg_roles as roles WHERE rolname = current_user

SELECT CASE WHEN usesuper THEN pg_catalog.pg_is_in_recovery() ELSE FALSE END as inrecovery,
    CASE WHEN usesuper AND pg_catalog.pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE FALSE END as isreplaypaused
FROM pg_catalog.pg_user WHERE usename=current_user

SELECT CASE WHEN (SELECT count(extname) FROM pg_catalog.pg_extension WHERE extname='bdr') > 0 THEN 'pgd'
    WHEN (SELECT COUNT(*) FROM pg_replication_slots) > 0 THEN 'log' ELSE NULL END as type

-- check: databases
SELECT db.oid as did, db.datname as name, ta.spcname as spcname, db.datallowconn, db.datistemplate AS is_template,
    pg_catalog.has_database_privilege(db.oid, 'CREATE') as cancreate, datdba as owner, descr.description
FROM pg_catalog.pg_database db LEFT OUTER JOIN pg_catalog.pg_tablespace ta ON db.dattablespace = ta.oid
LEFT OUTER JOIN pg_catalog.pg_shdescription descr ON (db.oid=descr.objoid AND descr.classoid='pg_database'::regclass)
WHERE (db.oid > 16383::OID OR db.datname IN ('postgres', 'edb')) ORDER BY datname

-- own: datcollate, datctype
SELECT db.oid AS did, db.datname AS name, db.dattablespace AS spcoid, spcname, datallowconn, pg_catalog.pg_encoding_to_char(encoding) AS encoding,
    pg_catalog.pg_get_userbyid(datdba) AS datowner, (select pg_catalog.current_setting('lc_collate')) as datcollate,
    (select pg_catalog.current_setting('lc_ctype')) as datctype,
    CASE WHEN datlocprovider = 'i' THEN 'icu' ELSE 'libc' END datlocaleprovider, daticulocale, datcollversion, datconnlimit,
    pg_catalog.has_database_privilege(db.oid, 'CREATE') AS cancreate, pg_catalog.current_setting('default_tablespace') AS default_tablespace,
    descr.description AS comments, db.datistemplate AS is_template, pg_catalog.array_to_string(datacl::text[], ', ') AS acl
FROM pg_catalog.pg_database db LEFT OUTER JOIN pg_catalog.pg_tablespace ta ON db.dattablespace=ta.OID
LEFT OUTER JOIN pg_catalog.pg_shdescription descr ON (db.oid=descr.objoid AND descr.classoid='pg_database'::regclass)
WHERE db.oid = {database}::OID ORDER BY datname

SELECT ts.oid, spcname AS name, spcowner as owner, pg_catalog.obj_description(ts.oid, 'pg_tablespace') AS description
FROM pg_catalog.pg_tablespace ts WHERE ts.oid = 1663

SELECT x.oid, pg_catalog.pg_get_userbyid(extowner) AS owner, x.extname AS name, n.nspname AS schema, e.name AS known
FROM pg_catalog.pg_extension x LEFT JOIN pg_catalog.pg_namespace n ON x.extnamespace=n.oid
JOIN pg_catalog.pg_available_extensions() e ON x.extname=e.name WHERE x.extname = 'none'

-- check: schemas
SELECT nsp.oid, nsp.nspname as name, pg_catalog.has_schema_privilege(nsp.oid, 'CREATE') as can_create,
    pg_catalog.has_schema_privilege(nsp.oid, 'USAGE') as has_usage, des.description
FROM pg_catalog.pg_namespace nsp LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=nsp.oid AND des.classoid='pg_namespace'::regclass)
WHERE nspname NOT LIKE E'pg\\_%' AND nspname <> 'vecsql' AND NOT (
    (nsp.nspname = 'pg_catalog' AND EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'pg_class' AND relnamespace = nsp.oid LIMIT 1)) OR
    (nsp.nspname = 'information_schema' AND EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'tables' AND relnamespace = nsp.oid LIMIT 1)))
ORDER BY nspname

SELECT CASE WHEN (nspname LIKE E'pg\\_temp\\_%') THEN 1 WHEN (nspname LIKE E'pg\\_%') THEN 0 ELSE 3 END AS nsptyp, nsp.nspname AS name, nsp.oid,
    pg_catalog.array_to_string(nsp.nspacl::text[], ', ') as acl, r.rolname AS namespaceowner, description,
    pg_catalog.has_schema_privilege(nsp.oid, 'CREATE') AS can_create,
    (SELECT pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.array_to_string(defaclacl::text[], ', ') FROM pg_catalog.pg_default_acl
        WHERE defaclobjtype = 'r' AND defaclnamespace = nsp.oid), ', ')) AS tblacl,
    (SELECT pg_catalog.array_agg(provider || '=' || label) FROM pg_catalog.pg_seclabels sl1 WHERE sl1.objoid=nsp.oid) AS seclabels
FROM pg_catalog.pg_namespace nsp LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=nsp.oid AND des.classoid='pg_namespace'::regclass)
LEFT JOIN pg_catalog.pg_roles r ON (r.oid = nsp.nspowner) WHERE nsp.oid={shop}::oid ORDER BY 1, nspname

-- check: tables
SELECT COUNT(*) FROM pg_catalog.pg_class rel WHERE rel.relkind IN ('r','s','t','p') AND rel.relnamespace = {shop}::oid AND NOT rel.relispartition;

SELECT rel.oid, rel.relname AS name,
    (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid=rel.oid AND tgisinternal = FALSE) AS triggercount,
    (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid=rel.oid AND tgisinternal = FALSE AND tgenabled = 'O') AS has_enable_triggers,
    (CASE WHEN rel.relkind = 'p' THEN true ELSE false END) AS is_partitioned,
    (SELECT count(1) FROM pg_catalog.pg_inherits WHERE inhrelid=rel.oid LIMIT 1) as is_inherits,
    (SELECT count(1) FROM pg_catalog.pg_inherits WHERE inhparent=rel.oid LIMIT 1) as is_inherited, des.description
FROM pg_catalog.pg_class rel LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=rel.oid AND des.objsubid=0 AND des.classoid='pg_class'::regclass)
WHERE rel.relkind IN ('r','s','t','p') AND rel.relnamespace = {shop}::oid AND NOT rel.relispartition ORDER BY rel.relname;

-- own: reltuples, hastoasttable
SELECT rel.oid, rel.relname AS name, rel.reltablespace AS spcoid, rel.relacl AS relacl_str,
    (CASE WHEN length(spc.spcname::text) > 0 OR rel.relkind = 'p' THEN spc.spcname ELSE (SELECT sp.spcname FROM pg_catalog.pg_database dtb
        JOIN pg_catalog.pg_tablespace sp ON dtb.dattablespace=sp.oid WHERE dtb.oid = {database}::oid) END) as spcname,
    (CASE rel.relreplident WHEN 'd' THEN 'default' WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index' END) as replica_identity,
    (select nspname FROM pg_catalog.pg_namespace WHERE oid = {shop}::oid) as schema, pg_catalog.pg_get_userbyid(rel.relowner) AS relowner, rel.relkind,
    rel.relhassubclass, rel.reltuples::bigint, des.description, con.conname, con.conkey,
    EXISTS(select 1 FROM pg_catalog.pg_trigger JOIN pg_catalog.pg_proc pt ON pt.oid=tgfoid AND pt.proname='logtrigger'
        JOIN pg_catalog.pg_proc pc ON pc.pronamespace=pt.pronamespace AND pc.proname='slonyversion' WHERE tgrelid=rel.oid) AS isrepl,
    (SELECT ARRAY(SELECT CASE WHEN (nspname NOT LIKE 'pg\_%') THEN pg_catalog.quote_ident(nspname)||'.'||pg_catalog.quote_ident(c.relname)
            ELSE pg_catalog.quote_ident(c.relname) END AS inherited_tables
        FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhparent JOIN pg_catalog.pg_namespace n ON n.oid=c.relnamespace
        WHERE i.inhrelid = rel.oid ORDER BY inhseqno)) AS coll_inherits,
    (CASE WHEN rel.relpersistence = 'u' THEN true ELSE false END) AS relpersistence,
    (SELECT st.setting from pg_catalog.pg_show_all_settings() st WHERE st.name = 'default_table_access_method') as default_amname,
    substring(pg_catalog.array_to_string(rel.reloptions, ',') FROM 'fillfactor=([0-9]*)') AS fillfactor,
    (substring(pg_catalog.array_to_string(rel.reloptions, ',') FROM 'autovacuum_enabled=([a-z|0-9]*)'))::BOOL AS autovacuum_enabled,
    (substring(pg_catalog.array_to_string(tst.reloptions, ',') FROM 'autovacuum_enabled=([a-z|0-9]*)'))::BOOL AS toast_autovacuum_enabled,
    rel.reloptions AS reloptions, tst.reloptions AS toast_reloptions, rel.reloftype, am.amname,
    CASE WHEN typ.typname IS NOT NULL THEN (select pg_catalog.quote_ident(nspname) FROM pg_catalog.pg_namespace WHERE oid = {shop}::oid)
        ||'.'||pg_catalog.quote_ident(typ.typname) ELSE typ.typname END AS typname, typ.typrelid AS typoid,
    rel.relrowsecurity as rlspolicy, rel.relforcerowsecurity as forcerlspolicy,
    (CASE WHEN rel.reltoastrelid = 0 THEN false ELSE true END) AS hastoasttable,
    (SELECT pg_catalog.array_agg(provider || '=' || label) FROM pg_catalog.pg_seclabels sl1 WHERE sl1.objoid=rel.oid AND sl1.objsubid=0) AS seclabels,
    (CASE WHEN rel.relkind = 'p' THEN pg_catalog.pg_get_partkeydef({goods}::oid) ELSE '' END) AS partition_scheme
FROM pg_catalog.pg_class rel LEFT OUTER JOIN pg_catalog.pg_tablespace spc on spc.oid=rel.reltablespace
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=rel.oid AND des.objsubid=0 AND des.classoid='pg_class'::regclass)
LEFT OUTER JOIN pg_catalog.pg_constraint con ON con.conrelid=rel.oid AND con.contype='p'
LEFT OUTER JOIN pg_catalog.pg_class tst ON tst.oid = rel.reltoastrelid LEFT JOIN pg_catalog.pg_type typ ON rel.reloftype=typ.oid
LEFT OUTER JOIN pg_catalog.pg_am am ON am.oid = rel.relam
WHERE rel.relkind IN ('r','s','t','p') AND rel.relnamespace = {shop}::oid AND NOT rel.relispartition AND rel.oid = {goods}::oid ORDER BY rel.relname;

-- check: columns
SELECT DISTINCT att.attname as name, att.attnum as OID, pg_catalog.format_type(ty.oid,NULL) AS datatype,
    pg_catalog.format_type(ty.oid,att.atttypmod) AS displaytypname, att.attnotnull as not_null,
    CASE WHEN att.atthasdef OR att.attidentity != '' OR ty.typdefault IS NOT NULL THEN True ELSE False END as has_default_val, des.description, seq.seqtypid
FROM pg_catalog.pg_attribute att JOIN pg_catalog.pg_type ty ON ty.oid=atttypid JOIN pg_catalog.pg_namespace tn ON tn.oid=ty.typnamespace
JOIN pg_catalog.pg_class cl ON cl.oid=att.attrelid JOIN pg_catalog.pg_namespace na ON na.oid=cl.relnamespace
LEFT OUTER JOIN pg_catalog.pg_type et ON et.oid=ty.typelem
LEFT OUTER JOIN pg_catalog.pg_attrdef def ON adrelid=att.attrelid AND adnum=att.attnum
LEFT OUTER JOIN (pg_catalog.pg_depend JOIN pg_catalog.pg_class cs ON classid='pg_class'::regclass AND objid=cs.oid AND cs.relkind='S')
    ON refobjid=att.attrelid AND refobjsubid=att.attnum
LEFT OUTER JOIN pg_catalog.pg_namespace ns ON ns.oid=cs.relnamespace
LEFT OUTER JOIN pg_catalog.pg_index pi ON pi.indrelid=att.attrelid AND indisprimary
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=att.attrelid AND des.objsubid=att.attnum AND des.classoid='pg_class'::regclass)
LEFT OUTER JOIN pg_catalog.pg_sequence seq ON cs.oid=seq.seqrelid
WHERE att.attrelid = {goods}::oid AND att.attnum > 0 AND att.attisdropped IS FALSE ORDER BY att.attnum

-- own: attoptions
SELECT DISTINCT ON (att.attnum) att.attname as name, att.atttypid, att.attlen, att.attnum, att.attndims, att.atttypmod, att.attacl, att.attnotnull,
    att.attoptions, att.attfdwoptions, att.attstattarget, att.attstorage, att.attidentity, pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS defval,
    pg_catalog.format_type(ty.oid,NULL) AS typname, pg_catalog.format_type(ty.oid,att.atttypmod) AS cltype,
    CASE WHEN ty.typelem > 0 THEN ty.typelem ELSE ty.oid END as elemoid,
    (SELECT nspname FROM pg_catalog.pg_namespace WHERE oid = ty.typnamespace) as typnspname, ty.typstorage AS defaultstorage, description, pi.indkey,
    (SELECT count(1) FROM pg_catalog.pg_type t2 WHERE t2.typname=ty.typname) > 1 AS isdup,
    CASE WHEN length(coll.collname::text) > 0 AND length(nspc.nspname::text) > 0
        THEN pg_catalog.concat(pg_catalog.quote_ident(nspc.nspname),'.',pg_catalog.quote_ident(coll.collname)) ELSE '' END AS collspcname,
    EXISTS(SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid=att.attrelid AND contype='f' AND att.attnum=ANY(conkey)) As is_fk,
    (CASE WHEN (att.attidentity in ('a', 'd')) THEN 'i' WHEN (att.attgenerated in ('s')) THEN 'g' ELSE 'n' END) AS colconstype,
    (CASE WHEN (att.attgenerated in ('s')) THEN pg_catalog.pg_get_expr(def.adbin, def.adrelid) END) AS genexpr, tab.relname as relname,
    (CASE WHEN att.attcompression = 'p' THEN 'pglz' WHEN att.attcompression = 'l' THEN 'lz4' END) AS attcompression,
    (SELECT dsd.refobjid FROM pg_catalog.pg_depend dsd JOIN pg_catalog.pg_class dsc ON dsd.refclassid='pg_catalog.pg_class'::regclass
        AND dsd.refobjid=dsc.oid AND dsc.relkind='S' WHERE dsd.classid='pg_catalog.pg_attrdef'::regclass AND dsd.objid=def.oid AND dsd.deptype='n'
        ORDER BY dsd.refobjid LIMIT 1) AS defseqrelid, seq.*
FROM pg_catalog.pg_attribute att JOIN pg_catalog.pg_type ty ON ty.oid=atttypid
LEFT OUTER JOIN pg_catalog.pg_attrdef def ON adrelid=att.attrelid AND adnum=att.attnum
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=att.attrelid AND des.objsubid=att.attnum AND des.classoid='pg_class'::regclass)
LEFT OUTER JOIN (pg_catalog.pg_depend dep JOIN pg_catalog.pg_class cs ON dep.classid='pg_class'::regclass AND dep.objid=cs.oid AND cs.relkind='S')
    ON dep.refobjid=att.attrelid AND dep.refobjsubid=att.attnum
LEFT OUTER JOIN pg_catalog.pg_index pi ON pi.indrelid=att.attrelid AND indisprimary
LEFT OUTER JOIN pg_catalog.pg_collation coll ON att.attcollation=coll.oid LEFT OUTER JOIN pg_catalog.pg_namespace nspc ON coll.collnamespace=nspc.oid
LEFT OUTER JOIN pg_catalog.pg_sequence seq ON cs.oid=seq.seqrelid LEFT OUTER JOIN pg_catalog.pg_class tab on tab.oid = att.attrelid
WHERE att.attrelid = {goods}::oid AND att.attnum > 0 AND att.attisdropped IS FALSE ORDER BY att.attnum;

-- check: keys
SELECT cls.oid, cls.relname as name, indnkeyatts as col_count, indnullsnotdistinct,
    CASE contype WHEN 'p' THEN desp.description WHEN 'u' THEN desp.description WHEN 'x' THEN desp.description ELSE des.description END AS comment,
    condeferrable, condeferred, conislocal, substring(pg_catalog.array_to_string(cls.reloptions, ',') from 'fillfactor=([0-9]*)') AS fillfactor
FROM pg_catalog.pg_index idx JOIN pg_catalog.pg_class cls ON cls.oid=indexrelid
LEFT JOIN pg_catalog.pg_depend dep ON (dep.classid = cls.tableoid AND dep.objid = cls.oid AND dep.refobjsubid = '0'
    AND dep.refclassid=(SELECT oid FROM pg_catalog.pg_class WHERE relname='pg_constraint') AND dep.deptype='i')
LEFT OUTER JOIN pg_catalog.pg_constraint con ON (con.tableoid = dep.refclassid AND con.oid = dep.refobjid)
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=cls.oid AND des.classoid='pg_class'::regclass)
LEFT OUTER JOIN pg_catalog.pg_description desp ON (desp.objoid=con.oid AND desp.objsubid = 0 AND desp.classoid='pg_constraint'::regclass)
WHERE indrelid = {goods}::oid AND contype IN ('p', 'u') ORDER BY cls.relname

SELECT c.oid, conname as name, relname, nspname, description as comment, pg_catalog.pg_get_expr(conbin, conrelid, true) as consrc, connoinherit,
    NOT convalidated as convalidated, conislocal
FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class cl ON cl.oid=conrelid JOIN pg_catalog.pg_namespace nl ON nl.oid=relnamespace
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=c.oid AND des.classoid='pg_constraint'::regclass)
WHERE contype = 'c' AND conrelid = {goods}::oid AND c.oid = {check}::oid

SELECT ct.oid, conname as name, condeferrable, condeferred, confupdtype, confdeltype,
    CASE confmatchtype WHEN 's' THEN FALSE WHEN 'f' THEN TRUE END AS confmatchtype, conkey, confkey, confrelid, nl.nspname as fknsp, cl.relname as fktab,
    nr.oid as refnspoid, nr.nspname as refnsp, cr.relname as reftab, description as comment, convalidated, conislocal
FROM pg_catalog.pg_constraint ct JOIN pg_catalog.pg_class cl ON cl.oid=conrelid JOIN pg_catalog.pg_namespace nl ON nl.oid=cl.relnamespace
JOIN pg_catalog.pg_class cr ON cr.oid=confrelid JOIN pg_catalog.pg_namespace nr ON nr.oid=cr.relnamespace
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=ct.oid AND des.classoid='pg_constraint'::regclass)
WHERE contype='f' AND conrelid = 'shop.sales'::regclass ORDER BY conname

-- check: indexes
SELECT DISTINCT ON (cls.relname) cls.oid, cls.relname AS name, idx.indrelid, idx.indkey, idx.indisclustered, idx.indisvalid, idx.indisunique,
    idx.indisprimary, n.nspname, idx.indnatts, COALESCE(cls.reltablespace, 0) AS spcoid, idx.indnullsnotdistinct, con.conname, tab.relname AS tabname,
    idx.indclass, con.oid AS conoid, CASE WHEN con.contype IN ('p', 'u', 'x') THEN desp.description ELSE des.description END AS description,
    (SELECT array_agg(DISTINCT e.extname) FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON d.refobjid = e.oid WHERE d.objid = cls.oid)
        AS dependsonextensions,
    pg_catalog.pg_get_expr(idx.indpred, idx.indrelid, true) AS indconstraint, con.contype, con.condeferrable, con.condeferred, am.amname,
    EXISTS (SELECT 1 FROM pg_catalog.pg_inherits inh WHERE inh.inhrelid = cls.oid) AS is_inherited,
    substring(array_to_string(cls.reloptions, ',') FROM 'fillfactor=([0-9]*)')::int AS fillfactor,
    substring(array_to_string(cls.reloptions, ',') FROM 'deduplicate_items=([a-z]*)')::boolean AS deduplicate_items
FROM pg_catalog.pg_index idx JOIN pg_catalog.pg_class cls ON cls.oid = idx.indexrelid JOIN pg_catalog.pg_class tab ON tab.oid = idx.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = tab.relnamespace JOIN pg_catalog.pg_am am ON am.oid = cls.relam
LEFT JOIN pg_catalog.pg_depend dep ON dep.classid = cls.tableoid AND dep.objid = cls.oid AND dep.refobjsubid = 0
    AND dep.refclassid = (SELECT oid FROM pg_catalog.pg_class WHERE relname = 'pg_constraint') AND dep.deptype = 'i'
LEFT JOIN pg_catalog.pg_constraint con ON con.tableoid = dep.refclassid AND con.oid = dep.refobjid
LEFT JOIN pg_catalog.pg_description des ON des.objoid = cls.oid AND des.classoid = 'pg_class'::regclass
LEFT JOIN pg_catalog.pg_description desp ON desp.objoid = con.oid AND desp.objsubid = 0 AND desp.classoid = 'pg_constraint'::regclass
WHERE idx.indrelid = {goods}::OID AND con.conname IS NULL ORDER BY cls.relname;

SELECT i.indexrelid, CASE i.indoption[i.attnum - 1] WHEN 0 THEN ARRAY['ASC', 'NULLS LAST'] WHEN 1 THEN ARRAY['DESC', 'NULLS LAST']
        WHEN 2 THEN ARRAY['ASC', 'NULLS FIRST'] WHEN 3 THEN ARRAY['DESC', 'NULLS FIRST'] ELSE ARRAY['UNKNOWN OPTION' || i.indoption[i.attnum - 1]::text, ''] END::text[] AS options,
    i.attnum, pg_catalog.pg_get_indexdef(i.indexrelid, i.attnum, true) as attdef,
    CASE WHEN pg_catalog.pg_get_indexdef(i.indexrelid, i.attnum, true) = a.attname THEN FALSE ELSE TRUE END AS is_exp,
    CASE WHEN (o.opcdefault = FALSE) THEN o.opcname ELSE null END AS opcname, op.oprname AS oprname, a.attcollation
FROM (SELECT indexrelid, i.indoption, i.indclass, pg_catalog.unnest(ARRAY(SELECT pg_catalog.generate_series(1, i.indnatts) AS n)) AS attnum
    FROM pg_catalog.pg_index i WHERE i.indexrelid = {index}::OID) i
LEFT JOIN pg_catalog.pg_opclass o ON (o.oid = i.indclass[i.attnum - 1])
LEFT OUTER JOIN pg_catalog.pg_constraint c ON (c.conindid = i.indexrelid) LEFT OUTER JOIN pg_catalog.pg_operator op ON (op.oid = c.conexclop[i.attnum])
LEFT JOIN pg_catalog.pg_attribute a ON (a.attrelid = i.indexrelid AND a.attnum = i.attnum) ORDER BY i.attnum;

-- check: views
SELECT c.oid, c.xmin::text <> '' AS has_xmin, c.relkind, description AS comment,
    (CASE WHEN length(spc.spcname::text) > 0 THEN spc.spcname ELSE 'pg_default' END) as spcname, c.relname AS name, c.reltablespace AS spcoid,
    nsp.nspname AS schema, c.relispopulated AS ispopulated, pg_catalog.pg_get_userbyid(c.relowner) AS owner,
    pg_catalog.array_to_string(c.relacl::text[], ', ') AS acl, pg_catalog.pg_get_viewdef(c.oid, true) AS definition,
    substring(pg_catalog.array_to_string(c.reloptions, ',') FROM 'check_option=([a-z]*)') AS check_option,
    (substring(pg_catalog.array_to_string(c.reloptions, ',') FROM 'security_barrier=([a-z|0-9]*)'))::boolean AS security_barrier
FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_namespace nsp on nsp.oid = c.relnamespace
LEFT OUTER JOIN pg_catalog.pg_tablespace spc on spc.oid=c.reltablespace
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=c.oid and des.objsubid=0 AND des.classoid='pg_class'::regclass)
WHERE ((c.relhasrules AND (EXISTS (SELECT r.rulename FROM pg_catalog.pg_rewrite r
    WHERE ((r.ev_class = c.oid) AND (bpchar(r.ev_type) = '1'::bpchar))))) AND (c.relkind = 'v'::char)) AND c.oid = {dear}::oid

SELECT rw.oid, rw.rulename AS name, relname AS view, pg_catalog.pg_get_ruledef(rw.oid, true) AS definition, rw.ev_enabled, rw.is_instead
FROM pg_catalog.pg_rewrite rw JOIN pg_catalog.pg_class cl ON cl.oid=rw.ev_class WHERE rw.ev_class = {dear} ORDER BY rw.rulename

-- check: functions
SELECT pr.oid, pr.proname || '(' || COALESCE(pg_catalog.pg_get_function_identity_arguments(pr.oid), '') || ')' as name, lanname,
    pg_catalog.pg_get_userbyid(proowner) as funcowner, description
FROM pg_catalog.pg_proc pr JOIN pg_catalog.pg_type typ ON typ.oid=prorettype JOIN pg_catalog.pg_language lng ON lng.oid=prolang
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=pr.oid AND des.classoid='pg_proc'::regclass)
WHERE pr.prokind IN ('f', 'w') AND pronamespace = {shop}::oid AND typname NOT IN ('trigger', 'event_trigger') ORDER BY proname;

SELECT pr.oid, pr.xmin IS NOT NULL AS has_xmin, CASE WHEN pr.prokind = 'w' THEN true ELSE false END AS proiswindow, pr.prosrc, pr.pronamespace, pr.prolang,
    pr.procost, pr.prorows, pr.prokind, pr.prosecdef, pr.proleakproof, pr.proisstrict, pr.proretset, pr.provolatile, pr.proparallel, pr.pronargs,
    pr.prorettype, pr.proallargtypes, pr.proargmodes, pr.probin, pr.proacl, pr.proname, pg_catalog.pg_get_function_result(pr.oid) AS prorettypename,
    typns.nspname AS typnsp, lanname, proargnames, pg_catalog.oidvectortypes(proargtypes) AS proargtypenames,
    pg_catalog.pg_get_expr(proargdefaults, 'pg_catalog.pg_class'::regclass) AS proargdefaultvals,
    pg_catalog.pg_get_function_sqlbody(pr.oid) AS prosrc_sql, CASE WHEN pr.prosqlbody IS NOT NULL THEN true ELSE false END as is_pure_sql,
    pr.pronargdefaults, proconfig, pg_catalog.pg_get_userbyid(proowner) AS funcowner, description,
    CASE WHEN prosupport = 0::oid THEN '' ELSE (SELECT pg_catalog.quote_ident(nspname) || '.' || pg_catalog.quote_ident(proname) AS tfunctions
        FROM pg_catalog.pg_proc p, pg_catalog.pg_namespace n WHERE p.pronamespace = n.oid AND p.oid = pr.prosupport::OID) END AS prosupportfunc
FROM pg_catalog.pg_proc pr JOIN pg_catalog.pg_type typ ON typ.oid=prorettype JOIN pg_catalog.pg_namespace typns ON typns.oid=typ.typnamespace
JOIN pg_catalog.pg_language lng ON lng.oid=prolang
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=pr.oid AND des.classoid='pg_proc'::regclass and des.objsubid = 0)
WHERE pr.prokind IN ('f', 'w') AND typname NOT IN ('trigger', 'event_trigger') AND pronamespace = {shop}::oid ORDER BY proname;

SELECT pg_catalog.pg_get_functiondef(p.oid) FROM pg_catalog.pg_proc p WHERE p.pronamespace = {shop}::oid ORDER BY proname

-- check: types
SELECT t.oid, t.typname AS name, des.description, ra.rngmultitypid as rngmultirangetype
FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_type e ON e.oid=t.typelem LEFT OUTER JOIN pg_catalog.pg_range ra ON ra.rngtypid=t.oid
LEFT OUTER JOIN pg_catalog.pg_class ct ON ct.oid=t.typrelid AND ct.relkind <> 'c' LEFT OUTER JOIN pg_catalog.pg_namespace nsp ON nsp.oid = t.typnamespace
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=t.oid AND des.classoid='pg_type'::regclass)
WHERE t.typtype != 'd' AND t.typname NOT LIKE E'\\_%' AND t.typnamespace = {shop}::oid AND ct.oid is NULL ORDER BY t.typname;

SELECT t.oid, t.typname AS name, (CASE WHEN CAST(coalesce(t.typcollation, '0') AS integer) = 100 THEN true ElSE false END) AS is_collatable,
    t.typacl AS type_acl, t.typnamespace, t.typlen, t.typbyval, t.typtype, t.typcategory, t.typispreferred, t.typisdefined, t.typdelim, t.typrelid,
    t.typelem, t.typarray, t.typalign, t.typstorage, t.typnotnull, t.typbasetype, t.typtypmod, t.typndims, t.typcollation, t.typdefaultbin, t.typdefault,
    (SELECT pg_catalog.concat(nspname, '.', proname,'') FROM pg_catalog.pg_proc pr JOIN pg_catalog.pg_namespace nsp ON pr.pronamespace = nsp.oid
        WHERE pr.oid = t.typinput::oid) AS typinput,
    (SELECT pg_catalog.concat(nspname, '.', proname,'') FROM pg_catalog.pg_proc pr JOIN pg_catalog.pg_namespace nsp ON pr.pronamespace = nsp.oid
        WHERE pr.oid = t.typsend::oid) AS typsend,
    pg_catalog.format_type(t.oid, null) AS alias, pg_catalog.pg_get_userbyid(t.typowner) as typeowner, e.typname as element, description, ct.oid AS taboid,
    nsp.nspname AS schema
FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_type e ON e.oid=t.typelem
LEFT OUTER JOIN pg_catalog.pg_class ct ON ct.oid=t.typrelid AND ct.relkind <> 'c'
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=t.oid AND des.classoid='pg_type'::regclass)
LEFT OUTER JOIN pg_catalog.pg_namespace nsp ON nsp.oid = t.typnamespace WHERE t.oid = {mood}::oid

SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = {mood}::oid ORDER BY enumsortorder

-- check: sequences
SELECT cl.oid as oid, relname as name, relnamespace as schema, description as comment
FROM pg_catalog.pg_class cl LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=cl.oid AND des.classoid='pg_class'::regclass)
LEFT JOIN pg_catalog.pg_depend d1 ON d1.refobjid = cl.oid AND d1.deptype = 'i' WHERE relkind = 'S' AND relnamespace = {shop}::oid ORDER BY relname

SELECT cl.oid as oid, cl.relname as name, nsp.nspname as schema, pg_catalog.pg_get_userbyid(cl.relowner) AS seqowner, description as comment,
    pg_catalog.array_to_string(cl.relacl::text[], ', ') as acl, depcl.relname AS owned_table, att.attname AS owned_column
FROM pg_catalog.pg_class cl LEFT OUTER JOIN pg_catalog.pg_namespace nsp ON cl.relnamespace = nsp.oid
LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid=cl.oid AND des.classoid='pg_class'::regclass)
LEFT OUTER JOIN pg_catalog.pg_depend dep ON (dep.objid=cl.oid and deptype = 'a')
LEFT JOIN pg_catalog.pg_attribute att ON dep.refobjid=att.attrelid AND dep.refobjsubid=att.attnum
LEFT JOIN pg_catalog.pg_class depcl ON depcl.oid = att.attrelid WHERE cl.relkind = 'S' AND cl.relnamespace = {shop}::oid ORDER BY cl.relname

SELECT last_value, seqmin AS min_value, seqmax AS max_value, seqstart AS start_value, seqcache AS cache_value, seqcycle AS is_cycled,
    seqincrement AS increment_by, is_called FROM pg_catalog.pg_sequence, shop.numbers WHERE seqrelid = {numbers}::oid

-- check: roles
SELECT r.oid, r.rolname, r.rolcanlogin, r.rolsuper, d.description FROM pg_catalog.pg_roles r
LEFT JOIN pg_catalog.pg_shdescription d ON d.objoid = r.oid AND d.classoid = 'pg_catalog.pg_authid'::regclass
WHERE r.oid = {keeper}::oid ORDER BY r.rolcanlogin, r.rolname

SELECT r.oid, r.*, pg_catalog.shobj_description(r.oid, 'pg_authid') AS description,
    ARRAY(SELECT CASE WHEN am.admin_option THEN '1' ELSE '0' END || rm.rolname
        FROM (SELECT * FROM pg_catalog.pg_auth_members WHERE member = r.oid) am LEFT JOIN pg_catalog.pg_roles rm ON (rm.oid = am.roleid) ORDER BY rm.rolname)
        AS rolmembership,
    (SELECT pg_catalog.array_agg(provider || '=' || label) FROM pg_catalog.pg_shseclabel sl1 WHERE sl1.objoid=r.oid) AS seclabels
FROM pg_catalog.pg_roles r WHERE r.oid = {keeper}::oid ORDER BY r.rolcanlogin, r.rolname

SELECT 'relacl' as deftype, COALESCE(gt.rolname, 'PUBLIC') grantee, g.rolname grantor, pg_catalog.array_agg(privilege_type) as privileges,
    pg_catalog.array_agg(is_grantable) as grantable
FROM (SELECT d.grantee, d.grantor, d.is_grantable, CASE d.privilege_type WHEN 'SELECT' THEN 'r' WHEN 'UPDATE' THEN 'w' ELSE 'UNKNOWN' END AS privilege_type
    FROM (SELECT (d).grantee AS grantee, (d).grantor AS grantor, (d).is_grantable AS is_grantable, (d).privilege_type AS privilege_type
        FROM (SELECT aclexplode(rel.relacl) as d FROM pg_catalog.pg_class rel WHERE rel.oid = {goods}::oid) a) d) d
LEFT JOIN pg_catalog.pg_roles g ON (d.grantor = g.oid) LEFT JOIN pg_catalog.pg_roles gt ON (d.grantee = gt.oid) GROUP BY g.rolname, gt.rolname ORDER BY grantee

SELECT COALESCE(gt.rolname, 'PUBLIC') grantee, g.rolname grantor, d.privilege_type, d.is_grantable
FROM pg_catalog.pg_database db, pg_catalog.aclexplode(COALESCE(db.datacl, pg_catalog.acldefault('d', db.datdba))) d
LEFT JOIN pg_catalog.pg_roles g ON (d.grantor = g.oid) LEFT JOIN pg_catalog.pg_roles gt ON (d.grantee = gt.oid) WHERE db.oid = {database}::oid

-- check: depends
SELECT DISTINCT dep.deptype, dep.refclassid::regclass, cl.relkind, COALESCE(cl.relname, co.conname, pr.proname, ty.typname, ns.nspname) AS refname
FROM pg_catalog.pg_depend dep LEFT JOIN pg_catalog.pg_class cl ON dep.refobjid=cl.oid
LEFT JOIN pg_catalog.pg_attribute att ON dep.refobjid=att.attrelid AND dep.refobjsubid=att.attnum
LEFT JOIN pg_catalog.pg_proc pr ON dep.refobjid=pr.oid LEFT JOIN pg_catalog.pg_type ty ON dep.refobjid=ty.oid
LEFT JOIN pg_catalog.pg_constraint co ON dep.refobjid=co.oid LEFT JOIN pg_catalog.pg_namespace ns ON dep.refobjid=ns.oid
WHERE dep.objid={goods}::oid AND refclassid IN (SELECT oid FROM pg_catalog.pg_class WHERE relname IN
    ('pg_class', 'pg_constraint', 'pg_language', 'pg_proc', 'pg_rewrite', 'pg_namespace', 'pg_trigger', 'pg_type', 'pg_attrdef'))
ORDER BY dep.refclassid::regclass, cl.relkind

SELECT DISTINCT dep.deptype, dep.classid::regclass, cl.relkind, pg_get_expr(ad.adbin, ad.adrelid) as adsrc,
    COALESCE(coc.relname, clrw.relname) AS ownertable, COALESCE(cl.relname, co.conname, ty.typname, rw.rulename) AS refname
FROM pg_catalog.pg_depend dep LEFT JOIN pg_catalog.pg_class cl ON dep.objid=cl.oid LEFT JOIN pg_catalog.pg_type ty ON dep.objid=ty.oid
LEFT JOIN pg_catalog.pg_constraint co ON dep.objid=co.oid LEFT JOIN pg_catalog.pg_class coc ON co.conrelid=coc.oid
LEFT JOIN pg_catalog.pg_rewrite rw ON dep.objid=rw.oid LEFT JOIN pg_catalog.pg_class clrw ON clrw.oid=rw.ev_class
LEFT JOIN pg_catalog.pg_attrdef ad ON ad.oid=dep.objid
WHERE dep.refobjid={goods}::oid AND cl.relkind IS DISTINCT FROM 't' AND classid IN (SELECT oid FROM pg_catalog.pg_class WHERE relname IN
    ('pg_class', 'pg_constraint', 'pg_language', 'pg_proc', 'pg_rewrite', 'pg_namespace', 'pg_attrdef'))

-- check: activity
-- own: chart_data
SELECT 'session_stats' AS chart_name, pg_catalog.row_to_json(t) AS chart_data FROM (SELECT
    (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = (SELECT datname FROM pg_catalog.pg_database WHERE oid = {database})) AS "Total",
    (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE state = 'active') AS "Active",
    (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE state = 'idle') AS "Idle") t
UNION ALL SELECT 'tps_stats' AS chart_name, pg_catalog.row_to_json(t) AS chart_data FROM (SELECT
    (SELECT sum(xact_commit) + sum(xact_rollback) FROM pg_catalog.pg_stat_database WHERE datname = (SELECT datname FROM pg_catalog.pg_database WHERE oid = {database})) AS "Transactions",
    (SELECT sum(xact_commit) FROM pg_catalog.pg_stat_database) AS "Commits", (SELECT sum(xact_rollback) FROM pg_catalog.pg_stat_database) AS "Rollbacks") t
UNION ALL SELECT 'ti_stats' AS chart_name, pg_catalog.row_to_json(t) AS chart_data FROM (SELECT
    (SELECT sum(tup_inserted) FROM pg_catalog.pg_stat_database) AS "Inserts", (SELECT sum(tup_updated) FROM pg_catalog.pg_stat_database) AS "Updates",
    (SELECT sum(tup_deleted) FROM pg_catalog.pg_stat_database) AS "Deletes") t
UNION ALL SELECT 'bio_stats' AS chart_name, pg_catalog.row_to_json(t) AS chart_data FROM (SELECT
    (SELECT sum(blks_read) FROM pg_catalog.pg_stat_database) AS "Reads", (SELECT sum(blks_hit) FROM pg_catalog.pg_stat_database) AS "Hits") t

-- own: pid, client_addr, backend_start, state_change, query_start, xact_start, active_since
SELECT pid, datname, usename, application_name, pg_catalog.to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS TZ') AS backend_start, state,
    wait_event_type || ': ' || wait_event AS wait_event, array_to_string(pg_catalog.pg_blocking_pids(pid), ', ') AS blocking_pids,
    pg_catalog.to_char(state_change, 'YYYY-MM-DD HH24:MI:SS TZ') AS state_change, pg_catalog.to_char(query_start, 'YYYY-MM-DD HH24:MI:SS TZ') AS query_start,
    pg_catalog.to_char(xact_start, 'YYYY-MM-DD HH24:MI:SS TZ') AS xact_start, backend_type,
    CASE WHEN state = 'active' THEN ROUND((extract(epoch from now() - query_start) / 60)::numeric, 2) ELSE 0 END AS active_since
FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid() ORDER BY pid

-- shape
SELECT pid, locktype, datname, relation::regclass, page, tuple, virtualxid transactionid, classid::regclass, objid, objsubid, virtualtransaction, mode,
    granted, fastpath FROM pg_catalog.pg_locks l LEFT OUTER JOIN pg_catalog.pg_database d ON (l.database = d.oid) ORDER BY pid, locktype

SELECT gid, database, owner, transaction, pg_catalog.to_char(prepared, 'YYYY-MM-DD HH24:MI:SS TZ') AS prepared FROM pg_catalog.pg_prepared_xacts
ORDER BY gid, database, owner

SELECT name, setting, unit FROM pg_catalog.pg_show_all_settings() WHERE name IN ('DateStyle', 'bytea_output', 'max_identifier_length') ORDER BY name

SELECT (SELECT count(*) FROM pg_catalog.pg_stat_all_tables WHERE relid = {goods}) AS known, pg_catalog.pg_size_pretty(1234567::bigint) AS size

-- cancels
SELECT pg_catalog.pg_cancel_backend({busy})

-- cancels
SELECT pg_catalog.pg_terminate_backend({busy})

-- check: preview
-- own: added
SELECT * FROM shop.goods ORDER BY id LIMIT 100

SELECT at.attname, at.attnum, ty.typname FROM pg_catalog.pg_attribute at LEFT JOIN pg_catalog.pg_type ty ON (ty.oid = at.atttypid)
JOIN pg_catalog.pg_class as cl ON cl.oid=AT.attrelid JOIN pg_catalog.pg_namespace as nsp ON nsp.oid=cl.relnamespace
WHERE attrelid={goods}::oid AND attnum = ANY ((SELECT con.conkey FROM pg_catalog.pg_class rel LEFT OUTER JOIN pg_catalog.pg_constraint con ON con.conrelid=rel.oid
JOIN pg_catalog.pg_namespace as nsp ON nsp.oid=REL.relnamespace AND con.contype='p' WHERE rel.relkind IN ('r','s','t', 'p') AND rel.oid = ({goods})::oid)::oid[])

SELECT at.attname, ty.typname, at.attnum FROM pg_catalog.pg_attribute at LEFT JOIN pg_catalog.pg_type ty ON (ty.oid = at.atttypid)
JOIN pg_catalog.pg_class as cl ON cl.oid=at.attrelid JOIN pg_catalog.pg_namespace as nsp ON nsp.oid=cl.relnamespace
WHERE attrelid={goods}::oid AND at.attnum > 0 AND at.attisdropped = FALSE

SELECT oid, pg_catalog.format_type(oid, NULL) AS typname FROM pg_catalog.pg_type WHERE oid = ANY(ARRAY[23,1043,1700,1009,1184]) ORDER BY oid

-- check: edit
BEGIN; UPDATE shop.goods SET name = 'pencil'::character varying WHERE id = 1 AND name = 'pen'; SELECT name FROM shop.goods WHERE id = 1; ROLLBACK;

BEGIN; INSERT INTO shop.goods (name, price) VALUES ('shelf'::character varying, '20'::numeric) returning name, twice; ROLLBACK;

BEGIN; ALTER TABLE IF EXISTS shop.goods ADD COLUMN weight numeric(8, 3); COMMENT ON COLUMN shop.goods.weight IS 'in kilograms'; ROLLBACK;

-- check: query
-- shape
EXPLAIN (FORMAT JSON, ANALYZE OFF, VERBOSE OFF, COSTS ON, BUFFERS OFF, TIMING OFF, SUMMARY OFF, SETTINGS OFF, WAL OFF) SELECT * FROM shop.goods

BEGIN; DECLARE "CURSOR:1" CURSOR WITHOUT HOLD FOR SELECT n, body FROM numbered ORDER BY n; FETCH FORWARD 3 FROM "CURSOR:1"; FETCH FORWARD 2 FROM "CURSOR:1"; CLOSE "CURSOR:1"; ROLLBACK;
