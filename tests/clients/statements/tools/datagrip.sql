-- What DataGrip and the other JetBrains programs ask of a server of PostgreSQL 15, by pgJDBC: their introspection reads what is newer than
-- what they have read, so that every row of the catalog has to have an xmin.
-- lacks query: DataGrip asks what its users write

-- let shop: 'shop'::regnamespace::oid
-- let goods: 'shop.goods'::regclass::oid

-- check: session
SET application_name = 'DataGrip 2024.2'

-- shape
select version()

select current_database() as a, current_schemas(false) as b

SHOW TRANSACTION ISOLATION LEVEL

SHOW DateStyle

-- own: startup_time
select round(extract(epoch from pg_postmaster_start_time() at time zone 'UTC')) as startup_time

select pg_catalog.current_setting('server_version_num')::int / 10000 as version, pg_catalog.current_setting('is_superuser') as super

-- own: current_txid
select case when pg_catalog.pg_is_in_recovery() then null else (pg_catalog.txid_current() % 4294967296)::varchar::bigint end as current_txid

select L.transactionid::varchar::bigint as transaction_id from pg_catalog.pg_locks L where L.transactionid is not null and L.pid <> pg_backend_pid()
order by pg_catalog.age(L.transactionid) desc limit 1

-- shape
select name, is_dst from pg_catalog.pg_timezone_names union distinct select abbrev as name, is_dst from pg_catalog.pg_timezone_abbrevs

-- check: databases
-- own: tablespace_id
select N.oid::bigint as id, datname as name, D.description, datistemplate as is_template, datallowconn as allow_connections,
    pg_catalog.pg_get_userbyid(N.datdba) as "owner", N.dattablespace as tablespace_id
from pg_catalog.pg_database N left join pg_catalog.pg_shdescription D on N.oid = D.objoid
order by case when datname = pg_catalog.current_database() then -1::bigint else N.oid::bigint end

select T.oid::bigint as id, T.spcname as name, T.xmin::varchar::bigint > 0 as has_state_number, pg_catalog.pg_get_userbyid(T.spcowner) as owner,
    pg_catalog.pg_tablespace_location(T.oid) as location, T.spcoptions as options, D.description as comment
from pg_catalog.pg_tablespace T left join pg_catalog.pg_shdescription D on D.objoid = T.oid
where pg_catalog.age(T.xmin) <= coalesce(nullif(greatest(pg_catalog.age('1'::varchar::xid), -1), -1), 2147483647)

select T.oid as object_id, T.spcacl as acl from pg_catalog.pg_tablespace T
union all select T.oid as object_id, T.datacl as acl from pg_catalog.pg_database T where T.datname = current_database()

-- check: schemas
-- own: "owner", owner
select N.oid::bigint as id, N.xmin::varchar::bigint > 0 as has_state_number, nspname as name, D.description, pg_catalog.pg_get_userbyid(N.nspowner) as "owner"
from pg_catalog.pg_namespace N left join pg_catalog.pg_description D on N.oid = D.objoid
where N.nspname not like 'pg\_%' and N.nspname <> 'vecsql' and N.nspname <> 'information_schema'
order by case when nspname = pg_catalog.current_schema() then -1::bigint else N.oid::bigint end

-- check: tables
select T.relkind as table_kind, T.relname as table_name, T.oid as table_id, T.xmin::varchar::bigint > 0 as has_state_number, false as table_with_oids,
    T.reltablespace as tablespace_id, T.reloptions as options, T.relpersistence as persistence,
    (select pg_catalog.array_agg(inhparent::bigint order by inhseqno)::varchar from pg_catalog.pg_inherits where T.oid = inhrelid) as ancestors,
    (select pg_catalog.array_agg(inhrelid::bigint order by inhrelid)::varchar from pg_catalog.pg_inherits where T.oid = inhparent) as successors,
    T.relispartition as is_partition, pg_catalog.pg_get_partkeydef(T.oid) as partition_key, pg_catalog.pg_get_expr(T.relpartbound, T.oid) as partition_expression,
    T.relam am_id, pg_catalog.pg_get_userbyid(T.relowner) as "owner"
from pg_catalog.pg_class T where relnamespace = {shop}::oid and relkind in ('r', 'm', 'v', 'f', 'p')
and pg_catalog.age(T.xmin) <= coalesce(nullif(greatest(pg_catalog.age('1'::varchar::xid), -1), -1), 2147483647)
order by table_kind, table_id

select oid, relkind from pg_catalog.pg_class where relnamespace = {shop}::oid and relkind in ('r', 'm', 'v', 'p', 'f', 'S')

select ft.ftrelid as table_id, srv.srvname as table_server, ft.ftoptions as table_options, pg_catalog.pg_get_userbyid(cls.relowner) as "owner"
from pg_catalog.pg_foreign_table ft left outer join pg_catalog.pg_foreign_server srv on ft.ftserver = srv.oid join pg_catalog.pg_class cls on ft.ftrelid = cls.oid
where cls.relnamespace = {shop}::oid order by table_id

-- check: columns
with T as (select T.oid as table_id, T.relname as table_name from pg_catalog.pg_class T where T.relnamespace = {shop}::oid
    and T.relkind in ('r', 'm', 'v', 'f', 'p'))
select T.table_id, C.attnum as column_position, C.attname as column_name, C.xmin IS NOT NULL as has_state_number, C.atttypmod as type_mod,
    C.attndims as dimensions_number, pg_catalog.format_type(C.atttypid, C.atttypmod) as type_spec, C.atttypid as type_id, C.attnotnull as mandatory,
    pg_catalog.pg_get_expr(D.adbin, T.table_id) as column_default_expression, not C.attislocal as column_is_inherited, C.attfdwoptions as options,
    C.attisdropped as column_is_dropped, C.attidentity as identity_kind, C.attgenerated as generated
from T join pg_catalog.pg_attribute C on T.table_id = C.attrelid left join pg_catalog.pg_attrdef D on (C.attrelid, C.attnum) = (D.adrelid, D.adnum)
where attnum > 0 and not attisdropped order by table_name, attnum

-- check: keys
select T.oid table_id, relkind table_kind, C.oid::bigint con_id, C.xmin::varchar::bigint > 0 as has_con_state, conname con_name, contype con_kind,
    conkey con_columns, conindid index_id, confrelid ref_table_id, condeferrable is_deferrable, condeferred is_init_deferred, confupdtype on_update,
    confdeltype on_delete, connoinherit no_inherit, pg_catalog.pg_get_expr(conbin, T.oid) con_expression, confkey ref_columns, conexclop::int[] excl_operators,
    array(select unnest::regoper::varchar from unnest(conexclop)) excl_operators_str
from pg_catalog.pg_constraint C join pg_catalog.pg_class T on C.conrelid = T.oid
where relkind in ('r', 'v', 'f', 'p') and relnamespace = {shop}::oid and contype in ('p', 'u', 'f', 'c', 'x') and connamespace = {shop}::oid
order by con_name

-- check: indexes
select tab.oid table_id, tab.relkind table_kind, ind_stor.relname index_name, ind_head.indexrelid index_id, ind_stor.xmin IS NOT NULL has_state_number,
    ind_head.indisunique is_unique, ind_head.indisprimary is_primary, ind_head.indnullsnotdistinct nulls_not_distinct,
    pg_catalog.pg_get_expr(ind_head.indpred, ind_head.indrelid) as condition,
    (select pg_catalog.array_agg(inhparent::bigint order by inhseqno)::varchar from pg_catalog.pg_inherits where ind_stor.oid = inhrelid) as ancestors,
    ind_stor.reltablespace tablespace_id, opcmethod as access_method_id
from pg_catalog.pg_class tab join pg_catalog.pg_index ind_head on ind_head.indrelid = tab.oid
join pg_catalog.pg_class ind_stor on tab.relnamespace = ind_stor.relnamespace and ind_stor.oid = ind_head.indexrelid
left join pg_catalog.pg_opclass on pg_opclass.oid = ANY(indclass)
where tab.relnamespace = {shop}::oid and tab.relkind in ('r', 'm', 'v', 'p') and ind_stor.relkind in ('i', 'I') order by index_name, access_method_id

select ind_head.indexrelid index_id, k col_idx, k <= indnkeyatts in_key, ind_head.indkey[k-1] column_position, ind_head.indoption[k-1] column_options,
    ind_head.indcollation[k-1] as collation, colln.nspname as collation_schema, collname as collation_str, ind_head.indclass[k-1] as opclass,
    case when opcdefault then null else opcn.nspname end as opclass_schema, case when opcdefault then null else opcname end as opclass_str,
    case when indexprs is null then null when ind_head.indkey[k-1] = 0 then chr(27) || pg_catalog.pg_get_indexdef(ind_head.indexrelid, k::int, true)
        else pg_catalog.pg_get_indexdef(ind_head.indexrelid, k::int, true) end as expression,
    amcanorder can_order
from pg_catalog.pg_index ind_head join pg_catalog.pg_class ind_stor on ind_stor.oid = ind_head.indexrelid
cross join unnest(ind_head.indkey) with ordinality u(u, k)
left join pg_catalog.pg_collation on pg_collation.oid = ind_head.indcollation[k-1] left join pg_catalog.pg_namespace colln on collnamespace = colln.oid
cross join pg_catalog.pg_indexam_has_property(ind_stor.relam, 'can_order') amcanorder
left join pg_catalog.pg_opclass on pg_opclass.oid = ind_head.indclass[k-1] left join pg_catalog.pg_namespace opcn on opcnamespace = opcn.oid
where ind_stor.relnamespace = {shop}::oid and ind_stor.relkind in ('i', 'I') order by ind_stor.relname, k

-- own: handler_id, handler_name
select A.oid as access_method_id, A.xmin IS NOT NULL as has_state_number, A.amname as access_method_name, A.amhandler::oid as handler_id,
    pg_catalog.quote_ident(N.nspname) || '.' || pg_catalog.quote_ident(P.proname) as handler_name, A.amtype as access_method_type
from pg_am A left join pg_proc P on A.amhandler::oid = P.oid left join pg_namespace N on P.pronamespace = N.oid where A.amname in ('heap', 'btree', 'hash')

select O.oid as id, O.opcname as name, O.opcintype::regtype::varchar as in_type, case when opckeytype = 0 then null else opckeytype::regtype::varchar end as key_type,
    O.opcdefault as is_default, F.opfname as family_name, pg_get_userbyid(O.opcowner) as "owner"
from pg_catalog.pg_opclass O join pg_catalog.pg_opfamily F on F.oid = opcfamily where opcmethod = 403 and opcname in ('int4_ops', 'int8_ops', 'text_ops', 'bool_ops')
order by O.opcname

-- check: views
select T.relkind as view_kind, T.oid as view_id, pg_catalog.pg_get_viewdef(T.oid, true) as source_text
from pg_catalog.pg_class T join pg_catalog.pg_namespace N on T.relnamespace = N.oid
where N.oid = {shop}::oid and T.relkind in ('m','v') and pg_catalog.age(T.xmin) >= 0

select R.ev_class as table_id, R.oid as rule_id, R.xmin IS NOT NULL as has_state_number, R.rulename as rule_name,
    pg_catalog.translate(ev_type,'1234','SUID') as rule_event_code, R.ev_enabled as rule_fire_mode, R.is_instead as rule_is_instead
from pg_catalog.pg_rewrite R where R.ev_class in (select oid from pg_catalog.pg_class where relnamespace = {shop}::oid)
and R.rulename != '_RETURN'::name order by R.ev_class::bigint, ev_type

select D.objid as dependent_id, D.refobjid as owner_id, D.refobjsubid as owner_subobject_id
from pg_depend D join pg_rewrite R on D.objid = R.oid where R.ev_class = 'shop.dear'::regclass and D.refclassid = 'pg_class'::regclass and D.deptype = 'n'

-- check: functions
-- own: "arg_defaults"
with languages as (select oid as lang_oid, lanname as lang from pg_catalog.pg_language), routines as (
    select proname as r_name, prolang as lang_oid, oid as r_id, xmin as r_state_number, proargnames as arg_names, proargmodes as arg_modes,
        proargtypes::int[] as in_arg_types, proallargtypes::int[] as all_arg_types, pg_catalog.pg_get_expr(proargdefaults, 0) as arg_defaults,
        provariadic as arg_variadic_id, prorettype as ret_type_id, proretset as ret_set, prokind as kind, provolatile as volatile_kind,
        proisstrict as is_strict, prosecdef as is_security_definer, proconfig as configuration_parameters, procost as cost,
        pg_catalog.pg_get_userbyid(proowner) as "owner", prorows as rows, proleakproof as is_leakproof, proparallel as concurrency_kind
    from pg_catalog.pg_proc where pronamespace = {shop}::oid and not (prokind = 'a') and pg_catalog.age(xmin) <= 2147483647)
select r_name, r_id, r_state_number IS NOT NULL as has_state, arg_names, arg_modes, in_arg_types, all_arg_types, arg_defaults, arg_variadic_id, ret_type_id,
    ret_set, kind, volatile_kind, is_strict, is_security_definer, configuration_parameters, cost, "owner", rows, is_leakproof, concurrency_kind, lang
from routines natural join languages

with system_languages as (select oid as lang from pg_catalog.pg_language where lanname in ('c','internal'))
select oid as id, pg_catalog.pg_get_function_arguments(oid) as arguments_def, pg_catalog.pg_get_function_result(oid) as result_def,
    pg_catalog.pg_get_function_sqlbody(oid) as sqlbody_def, prosrc as source_text
from pg_catalog.pg_proc where pronamespace = {shop}::oid and not (prokind = 'a') and prolang not in (select lang from system_languages)

select P.oid as aggregate_id, P.xmin IS NOT NULL as has_state, P.proname as aggregate_name, A.aggkind, A.aggnumdirectargs
from pg_catalog.pg_aggregate A join pg_catalog.pg_proc P on A.aggfnoid = P.oid where P.pronamespace = {shop}::oid order by P.oid

-- check: types
select T.oid as type_id, T.xmin IS NOT NULL as has_state, T.typname as type_name, T.typtype as type_sub_kind, T.typcategory as type_category,
    T.typrelid as class_id, T.typbasetype as base_type_id,
    case when T.typtype in ('c','e') then null else pg_catalog.format_type(T.typbasetype, T.typtypmod) end as type_def, T.typndims as dimensions_number,
    T.typdefault as default_expression, T.typnotnull as mandatory, pg_catalog.pg_get_userbyid(T.typowner) as "owner"
from pg_catalog.pg_type T where T.typnamespace = {shop}::oid and (T.typtype in ('d','e') or (T.typtype = 'b' and T.typelem = 0)) order by 1

with types as (select distinct oid as id from pg_catalog.pg_type where typtype = 'e' and typnamespace = {shop}::oid)
select id as enum_id, pg_catalog.array_agg(E.enumlabel::varchar order by E.enumsortorder) as enum_labels
from types join pg_catalog.pg_enum E on types.id = E.enumtypid group by id

select C.castsource, C.casttarget, C.castcontext, C.castmethod, C.xmin IS NOT NULL as has_state from pg_catalog.pg_cast C
where C.castsource in (21, 23) and C.casttarget in (20, 23, 700, 701, 1700) order by 1, 2

select C.oid as id, C.collname as name, C.collprovider as provider, C.collisdeterministic as deterministic
from pg_catalog.pg_collation C where C.collname in ('default', 'C', 'POSIX') order by 2

select O.oid as op_id, oprname as op_name, oprkind as op_kind, oprleft as arg_left_type_id, oprright as arg_right_type_id, oprresult as arg_result_type_id,
    oprcode::oid as main_id, oprcom::oid as com_id, oprnegate::oid as neg_id, oprcanmerge as merges, oprcanhash as hashes
from pg_catalog.pg_operator O where oprname in ('=', '<') and oprleft in (20, 23, 25) and oprright = oprleft order by 1

-- check: sequences
select cls.oid as sequence_id, cls.xmin IS NOT NULL as has_state, cls.relname as sequence_name, sq.seqtypid as data_type, sq.seqstart as start_value,
    sq.seqincrement as inc_value, sq.seqmin as min_value, sq.seqmax as max_value, sq.seqcache as cache_size, sq.seqcycle as cycle_option,
    pg_catalog.pg_get_userbyid(cls.relowner) as "owner"
from pg_catalog.pg_sequence sq join pg_class cls on sq.seqrelid = cls.oid where cls.relnamespace = {shop}::oid order by sequence_name

select D.objid as dependent_id, D.refobjid as owner_id, D.refobjsubid as owner_subobject_id from pg_depend D
join pg_class C_SEQ on D.objid = C_SEQ.oid and D.classid = 'pg_class'::regclass::oid join pg_class C_TAB on D.refobjid = C_TAB.oid and D.refclassid = 'pg_class'::regclass::oid
where C_SEQ.relkind = 'S' and C_TAB.relkind = 'r' and D.refobjsubid <> 0 and (D.deptype = 'a' or D.deptype = 'i') and C_TAB.relnamespace = {shop}::oid
order by owner_id

-- check: roles
select R.oid::bigint as role_id, rolname as role_name, rolsuper is_super, rolinherit is_inherit, rolcreaterole can_createrole, rolcreatedb can_createdb,
    rolcanlogin can_login, rolreplication is_replication, rolconnlimit conn_limit, rolvaliduntil valid_until, rolbypassrls bypass_rls, rolconfig config, D.description
from pg_catalog.pg_roles R left join pg_catalog.pg_shdescription D on D.objoid = R.oid where rolname in ('keeper', 'vecsql')

select member id, roleid role_id, admin_option from pg_catalog.pg_auth_members where member >= 16384 order by id, roleid::text

select T.oid as object_id, T.relacl as acl from pg_catalog.pg_class T where relnamespace = {shop}::oid and relacl is not null

-- check: depends
select D.objoid id, case when 'pg_catalog.pg_class'::regclass::oid = classoid then C.relkind when 'pg_catalog.pg_proc'::regclass::oid = classoid then 'F' end as kind,
    D.objsubid sub_id, D.description
from pg_catalog.pg_description D left join pg_catalog.pg_class C on D.objoid = C.oid
where C.relnamespace = {shop}::oid or D.objoid = 'shop.total'::regproc order by description

select E.oid as id, E.xmin IS NOT NULL as has_state, extname as name, extversion as version, extnamespace as schema_id, nspname as schema_name
from pg_catalog.pg_extension E join pg_namespace N on E.extnamespace = N.oid where extname = 'none'

-- check: activity
-- own: pid, backend_start, query_start, state_change, xact_start
select pid, datname, usename, application_name, state, backend_start, query_start, state_change, xact_start, backend_type
from pg_catalog.pg_stat_activity where pid = pg_backend_pid()

select ssl from pg_catalog.pg_stat_ssl where pid = pg_backend_pid()

-- cancels
select pg_cancel_backend({busy})

-- check: preview
-- own: added
SELECT t.* FROM shop.goods t ORDER BY id LIMIT 501

SELECT COUNT(*) FROM shop.goods t

-- shape
EXPLAIN (FORMAT JSON) SELECT t.* FROM shop.goods t

-- check: edit
begin

UPDATE shop.goods SET name = 'quill' WHERE id = 1

INSERT INTO shop.goods (name, price, mood) VALUES ('stool', 30.00, 'happy'::shop.mood)

alter table shop.goods add weight integer default 1 not null

alter table shop.goods alter column weight type bigint using weight::bigint

create index goods_weight_index on shop.goods (weight)

SELECT t.name, t.price, t.weight FROM shop.goods t ORDER BY name

rollback
