namespace VecSQL.Engine.Settings;

/// <summary>The settings as text: one a line.</summary>
/// <remarks>
/// Layout: name | kind[:unit] | range or values | default | context | flags | category | summary.
/// Contexts: i internal, p at start, h by the configuration file, s superuser, u any user.
/// Flags: R reported to clients, P may change plans, C for compatibility only, F only the default is taken, K kept by RESET ALL, H hidden, L a list of names.
/// </remarks>
internal static class SettingTable
{
    internal const string Text =
        """
        DateStyle|string||ISO, MDY|u|RPL|format|How dates are written, and the order of day, month and year in input
        IntervalStyle|enum|postgres,postgres_verbose,sql_standard,iso_8601|postgres|u|RP|format|How intervals are written
        TimeZone|string||UTC|u|RP|format|The zone that timestamps with time zone are shown in
        allow_system_table_mods|bool||off|s|F|developer|Lets system tables be changed
        application_name|string|||u|R|client|The name that the client gives itself
        array_nulls|bool||on|u|F|compatibility|Reads NULL in array input as a null element
        autovacuum|bool||on|h|C|resources|Whether dead rows are cleared away in the background; always so
        backslash_quote|enum|safe_encoding,on,off|safe_encoding|u||compatibility|Whether \' may stand for a quote in strings
        block_size|int|8192..8192|8192|i|C|preset|Size of a disk block
        bytea_output|enum|escape,hex|hex|u|P|format|How bytea is written
        check_function_bodies|bool||on|u||client|Checks the body of a function when it is made
        checkpoint_timeout|int:s|30..86400|300|h|C|log|Longest time between checkpoints
        client_connection_check_interval|int:ms|0..2147483647|0|u|C|client|Pause between looks for a client that left; a query ends at once
        client_encoding|string||UTF8|u|R|format|The client's character set; only UTF8 is spoken
        client_min_messages|enum|debug5,debug4,debug3,debug2,debug1,log,notice,warning,error|notice|u||client|The least severity of messages sent to the client
        cluster_name|string|||p|C|reporting|A name for the server in lists of processes
        commit_delay|int|0..100000|0|s|C|log|Microseconds that a commit waits for others to join it
        commit_siblings|int|0..1000|5|u|C|log|Open transactions needed for commit_delay to act
        compute_query_id|enum|auto,regress,on,off|auto|s|C|statistics|Computes ids of statements; pg_stat_statements has them
        constraint_exclusion|enum|partition,on,off|partition|u|C|planner|Uses checks to leave tables out
        cpu_index_tuple_cost|real|0..1.79769e+308|0.005|u|C|planner|Cost of an index entry
        cpu_operator_cost|real|0..1.79769e+308|0.0025|u|C|planner|Cost of an operator or function call
        cpu_tuple_cost|real|0..1.79769e+308|0.01|u|C|planner|Cost of a row
        cursor_tuple_fraction|real|0..1|0.1|u|C|planner|Part of a cursor's rows that is expected to be fetched
        data_checksums|bool||on|i||preset|Whether blocks on disk carry checksums
        data_directory|string|||p||connections|Where the data lies
        deadlock_timeout|int:ms|1..2147483647|1000|s|C|locks|Pause before deadlocks are looked for; they are found at once
        debug_pretty_print|bool||on|u|C|reporting|Indents what debug_print_plan and the like log
        debug_print_parse|bool||off|u|C|reporting|Logs the tree of each statement
        debug_print_plan|bool||off|u|C|reporting|Logs the plan of each statement
        debug_print_rewritten|bool||off|u|C|reporting|Logs the rewritten tree of each statement
        default_statistics_target|int|1..10000|100|u|C|planner|How much ANALYZE samples
        default_table_access_method|string||heap|u|C|client|The table access method of new tables
        default_tablespace|string|||u|C|client|The tablespace of new tables
        default_text_search_config|string||pg_catalog.english|u||format|The text search configuration used by default
        default_toast_compression|enum|pglz,lz4|pglz|u|C|client|How large values are compressed
        default_transaction_deferrable|bool||off|u|C|client|Whether new transactions are deferrable
        default_transaction_isolation|enum|serializable,repeatable read,read committed,read uncommitted|read committed|u||client|The isolation level of new transactions
        default_transaction_read_only|bool||off|u|R|client|Whether new transactions are read-only
        default_with_oids|bool||off|u|FH|compatibility|Gives new tables object ids; there are none
        effective_cache_size|int:8kB|1..2147483647|524288|u|C|planner|Memory that the system is taken to have for caching
        effective_io_concurrency|int|0..1000|1|u|C|resources|Disk requests made at once
        enable_async_append|bool||on|u|C|planner|Allows asynchronous append
        enable_bitmapscan|bool||on|u|C|planner|Allows bitmap scans
        enable_gathermerge|bool||on|u|C|planner|Allows gather merge
        enable_hashagg|bool||on|u|C|planner|Allows hash aggregation; there is no other
        enable_hashjoin|bool||on|u|P|planner|Allows hash joins
        enable_incremental_sort|bool||on|u|C|planner|Allows incremental sorts
        enable_indexonlyscan|bool||on|u|C|planner|Allows index-only scans
        enable_indexscan|bool||on|u|P|planner|Allows index lookups
        enable_material|bool||on|u|C|planner|Allows materialisation
        enable_memoize|bool||on|u|C|planner|Allows memoisation
        enable_mergejoin|bool||on|u|C|planner|Allows merge joins; there are none
        enable_nestloop|bool||on|u|C|planner|Allows nested loops, which are used only where nothing else works
        enable_parallel_append|bool||on|u|C|planner|Allows parallel append
        enable_parallel_hash|bool||on|u|C|planner|Allows parallel hash joins
        enable_partition_pruning|bool||on|u|C|planner|Leaves out partitions that cannot match
        enable_partitionwise_aggregate|bool||off|u|C|planner|Aggregates partition by partition
        enable_partitionwise_join|bool||off|u|C|planner|Joins partition by partition
        enable_seqscan|bool||on|u|C|planner|Allows scans of whole tables, which are used only where nothing else works
        enable_sort|bool||on|u|C|planner|Allows explicit sorts; there is no other way to order rows
        enable_tidscan|bool||on|u|C|planner|Allows scans by row address
        escape_string_warning|bool||on|u||compatibility|Warns of backslashes in plain strings
        extra_float_digits|int|-15..3|1|u|P|format|Digits that floats are written with
        file_root|string|||p||connections|The directory whose files statements may name; empty for none
        force_parallel_mode|enum|off,on,regress|off|u|C|planner|Forces parallel plans
        from_collapse_limit|int|1..2147483647|8|u|C|planner|Tables of subqueries that are planned together
        fsync|bool||on|h|C|log|Waits for writes to reach the disk; always so
        full_page_writes|bool||on|h|C|log|Logs whole pages after a checkpoint
        geqo_effort|int|1..10|5|u|C|planner|Effort of genetic join ordering
        geqo_generations|int|0..2147483647|0|u|C|planner|Rounds of genetic join ordering
        geqo_pool_size|int|0..2147483647|0|u|C|planner|Individuals of genetic join ordering
        geqo_seed|real|0..1|0|u|C|planner|The seed of genetic join ordering
        geqo_selection_bias|real|1.5..2|2|u|C|planner|Selective pressure of genetic join ordering
        geqo_threshold|int|2..2147483647|12|u|C|planner|Tables from which genetic join ordering is used
        geqo|bool||on|u|C|planner|Allows genetic join ordering
        gin_fuzzy_search_limit|int|0..2147483647|0|u|C|client|The most results of a GIN search
        gin_pending_list_limit|int:kB|64..2147483647|4096|u|C|client|Size of the pending list of a GIN index
        hash_mem_multiplier|real|1..1000|2|u|C|resources|Multiple of work_mem that hash tables may use
        hba_file|string|||p||connections|The file that says who may connect from where and how
        hot_standby|bool||on|p|C|replication|Whether a standby answers queries
        idle_in_transaction_session_timeout|int:ms|0..2147483647|0|u||client|Ends sessions idle in a transaction for so long
        idle_session_timeout|int:ms|0..2147483647|0|u||client|Ends sessions idle for so long
        in_hot_standby|bool||off|i|R|preset|Whether the server only reads
        integer_datetimes|bool||on|i|R|preset|Timestamps are integers
        is_superuser|bool||on|i|RKH|preset|Whether the current user is a superuser
        jit_above_cost|real|-1..1.79769e+308|100000|u|C|planner|Cost above which expressions are compiled
        jit_inline_above_cost|real|-1..1.79769e+308|500000|u|C|planner|Cost above which compiled functions are inlined
        jit_optimize_above_cost|real|-1..1.79769e+308|500000|u|C|planner|Cost above which compiled expressions are optimised
        jit|bool||on|u|C|planner|Allows compilation of expressions
        join_collapse_limit|int|1..2147483647|8|u|C|planner|Tables of explicit joins that are reordered together
        lc_collate|string||C|i||format|The collation: byte order
        lc_ctype|string||C|i||format|The character classification
        lc_messages|string||C|s|C|format|The language of messages
        lc_monetary|string||C|u|C|format|The locale of amounts of money
        lc_numeric|string||C|u|C|format|The locale of numbers
        lc_time|string||C|u|C|format|The locale of dates
        listen_addresses|string||localhost|p||connections|Where the server listens
        lo_compat_privileges|bool||off|s|C|compatibility|Leaves out privilege checks of large objects
        lock_timeout|int:ms|0..2147483647|0|u||client|Ends a statement that waits for a lock for so long
        log_autovacuum_min_duration|int:ms|-1..2147483647|600000|h|C|reporting|Logs background work that takes so long
        log_checkpoints|bool||on|h|C|reporting|Logs checkpoints
        log_connections|bool||off|p|C|reporting|Logs connections
        log_destination|string||stderr|h|C|reporting|Where the log goes
        log_disconnections|bool||off|p|C|reporting|Logs the ends of sessions
        log_duration|bool||off|s|F|reporting|Logs how long each statement took
        log_error_verbosity|enum|terse,default,verbose|default|s|C|reporting|How much is logged of an error
        log_executor_stats|bool||off|s|C|reporting|Logs figures of the executor
        log_hostname|bool||off|h|C|reporting|Logs the names of hosts
        log_line_prefix|string||%m [%p] |h|C|reporting|What lines of the log begin with
        log_lock_waits|bool||off|s|C|reporting|Logs waits for locks that take long
        log_min_duration_statement|int:ms|-1..2147483647|-1|s||reporting|Logs statements that take so long
        log_min_error_statement|enum|debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic|error|s|F|reporting|Logs statements that cause errors so severe
        log_min_messages|enum|debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic|warning|s|F|reporting|The least severity of messages logged
        log_parser_stats|bool||off|s|C|reporting|Logs figures of the parser
        log_planner_stats|bool||off|s|C|reporting|Logs figures of the planner
        log_statement_stats|bool||off|s|F|reporting|Logs figures of each statement
        log_statement|enum|none,ddl,mod,all|none|s|F|reporting|Which statements are logged
        log_temp_files|int:kB|-1..2147483647|-1|s|C|reporting|Logs temporary files of so many kilobytes
        logging_collector|bool||off|p|C|reporting|Collects the log in files
        logical_decoding_work_mem|int:kB|64..2147483647|65536|u|C|resources|Memory of logical decoding
        maintenance_io_concurrency|int|0..1000|10|u|C|resources|Disk requests of maintenance made at once
        maintenance_work_mem|int:kB|1024..2147483647|65536|u|C|resources|Memory of maintenance
        max_connections|int|1..262143|10000|p||connections|Sessions at once
        max_function_args|int|100..100|100|i|C|preset|Arguments of a function
        max_identifier_length|int|63..63|63|i||preset|Bytes of a name
        max_index_keys|int|32..32|32|i||preset|Columns of an index
        max_locks_per_transaction|int|10..2147483647|64|p|C|locks|Locks a transaction is expected to hold
        max_parallel_maintenance_workers|int|0..1024|2|u|C|resources|Threads of a maintenance command
        max_parallel_workers_per_gather|int|0..1024|2|u||resources|Threads beside the first that a query may use
        max_parallel_workers|int|0..1024|8|u|C|resources|Threads of parallel queries in all
        max_pred_locks_per_transaction|int|10..2147483647|64|p|C|locks|Predicate locks a transaction is expected to hold
        max_prepared_transactions|int|0..262143|0|p|C|resources|Prepared transactions at once
        max_replication_slots|int|0..262143|10|p|C|replication|Replication slots at once
        max_stack_depth|int:kB|100..2147483647|2048|s|F|resources|Stack that a statement may use
        max_wal_senders|int|0..262143|10|p|C|replication|Replication connections at once
        max_wal_size|int:MB|2..2147483647|1024|h|C|log|Log size that brings about a checkpoint
        max_worker_processes|int|0..262143|8|p|C|resources|Background workers at once
        min_parallel_index_scan_size|int:8kB|0..715827882|64|u|C|planner|Index size from which it is read in parallel
        min_parallel_table_scan_size|int:8kB|0..715827882|1024|u|C|planner|Table size from which it is read in parallel
        min_wal_size|int:MB|2..2147483647|80|h|C|log|Log size that is kept for use again
        parallel_leader_participation|bool||on|u|C|planner|Whether the first thread works on plan parts too
        parallel_setup_cost|real|0..1.79769e+308|1000|u|C|planner|Cost of starting threads
        parallel_tuple_cost|real|0..1.79769e+308|0.1|u|C|planner|Cost of handing a row between threads
        password_encryption|enum|md5,scram-sha-256|scram-sha-256|u|F|connections|How passwords are stored
        pg_stat_statements.max|int|100..1073741823|5000|p||statistics|How many texts statements are counted by
        pg_stat_statements.save|bool||off|h|F|statistics|Keeps counts over a restart
        pg_stat_statements.track_planning|bool||off|s|F|statistics|Counts the time of planning
        pg_stat_statements.track_utility|bool||on|s||statistics|Whether others than queries and data changes are counted
        pg_stat_statements.track|enum|none,top,all|top|s||statistics|Which statements are counted; there are none inside others
        plan_cache_mode|enum|auto,force_generic_plan,force_custom_plan|auto|u|P|planner|Whether statements that differ in their literals share plans
        port|int|1..65535|5432|p||connections|The TCP port
        quote_all_identifiers|bool||off|u|F|compatibility|Quotes every name in SQL that the server writes
        random_page_cost|real|0..1.79769e+308|4|u|C|planner|Cost of a page read at random
        recursive_worktable_factor|real|0.001..1e+06|10|u|C|planner|Guess of how many rows a recursive query goes on with
        role|string||none|u|PKH|client|The current role
        row_security|bool||on|u|C|client|Applies row security
        search_path|string||"$user", public|u|PL|client|Schemas searched for names without a schema
        seed|real|-1..1|0|u|KH|client|The seed of random numbers
        segment_size|int:8kB|131072..131072|131072|i|C|preset|Blocks of a disk file
        seq_page_cost|real|0..1.79769e+308|1|u|C|planner|Cost of a page read in sequence
        server_encoding|string||UTF8|i|R|preset|The character set of the database
        server_version_num|int|150008..150008|150008|i||preset|The same as a number
        server_version|string||15.8 (VecSQL 0.1)|i|R|preset|The PostgreSQL version that VecSQL follows, and its own
        session_authorization|string|||u|RPKH|client|The session's user
        session_preload_libraries|string|||s|C|client|Libraries that sessions load
        session_replication_role|enum|origin,replica,local|origin|s||client|Whether the session replays what was checked elsewhere: as replica, foreign keys are not kept
        shared_buffers|int:8kB|16..1073741823|16384|p|C|resources|Memory of the page cache
        shared_preload_libraries|string|||p|C|client|Libraries that the server loads
        ssl_ca_file|string|||p||connections|Authorities whose client certificates are good
        ssl_cert_file|string||server.crt|p||connections|The certificate that the server shows
        ssl_key_file|string||server.key|p||connections|The certificate's key
        ssl_min_protocol_version|enum|TLSv1.2,TLSv1.3|TLSv1.2|p||connections|The oldest TLS accepted
        ssl|bool||off|p||connections|Whether TLS is offered
        standard_conforming_strings|bool||on|u|R|compatibility|Backslashes in plain strings are ordinary characters
        statement_timeout|int:ms|0..2147483647|0|u||client|Ends a statement that runs for so long
        stats_fetch_consistency|enum|none,cache,snapshot|cache|u|C|statistics|How statistics stay the same within a transaction
        superuser_reserved_connections|int|0..262143|3|p|C|connections|Sessions kept for superusers
        synchronize_seqscans|bool||on|u|C|compatibility|Lets scans of one table join each other
        synchronous_commit|enum|local,remote_write,remote_apply,on,off|on|u||log|Whether a commit waits for the disk: all but off do; off and local mean the primary's in a cluster
        tcp_keepalives_count|int|0..2147483647|0|u|C|connections|Probes of an idle connection that may be lost
        tcp_keepalives_idle|int:s|0..2147483647|0|u|C|connections|Time before an idle connection is probed
        tcp_keepalives_interval|int:s|0..2147483647|0|u|C|connections|Time between probes of an idle connection
        tcp_user_timeout|int:ms|0..2147483647|0|u|C|connections|Time that sent data may go unacknowledged
        temp_buffers|int:8kB|100..1073741823|1024|u|C|resources|Memory for temporary tables
        temp_file_limit|int:kB|-1..2147483647|-1|s|F|resources|Disk space for temporary files
        temp_tablespaces|string|||u|C|client|Tablespaces of temporary tables
        timezone_abbreviations|string||Default|u|C|client|The set of abbreviations of time zones
        track_activities|bool||on|s|F|statistics|Shows what sessions run
        track_activity_query_size|int:B|100..1048576|1024|p|C|statistics|Bytes kept of a session's query
        track_commit_timestamp|bool||off|p|C|statistics|Keeps commit times
        track_counts|bool||on|s|F|statistics|Counts what is done to tables
        track_functions|enum|none,pl,all|none|s|F|statistics|Counts calls of functions
        track_io_timing|bool||off|s|F|statistics|Measures disk reads
        track_wal_io_timing|bool||off|s|C|statistics|Measures writes of the log
        transaction_deferrable|bool||off|u|CK|client|Whether the transaction is deferrable
        transaction_isolation|enum|serializable,repeatable read,read committed,read uncommitted|read committed|u|K|client|The transaction's isolation level
        transaction_read_only|bool||off|u|K|client|Whether the transaction is read-only
        transform_null_equals|bool||off|u|F|compatibility|Reads x = NULL as x IS NULL
        vacuum_cost_delay|real:ms|0..100|0|u|C|resources|Pauses of VACUUM
        vacuum_cost_limit|int|1..10000|200|u|C|resources|Work of VACUUM between pauses
        vacuum_cost_page_dirty|int|0..10000|20|u|C|resources|Cost to VACUUM of a page that it changes
        vacuum_cost_page_hit|int|0..10000|1|u|C|resources|Cost to VACUUM of a page in memory
        vacuum_cost_page_miss|int|0..10000|2|u|C|resources|Cost to VACUUM of a page on disk
        vacuum_failsafe_age|int|0..2100000000|1600000000|u|C|client|Age at which VACUUM makes haste
        vacuum_freeze_min_age|int|0..1000000000|50000000|u|C|client|Age at which VACUUM freezes rows
        vacuum_freeze_table_age|int|0..2000000000|150000000|u|C|client|Age at which VACUUM reads whole tables
        vacuum_multixact_failsafe_age|int|0..2100000000|1600000000|u|C|client|Age in multixacts at which VACUUM makes haste
        vacuum_multixact_freeze_min_age|int|0..1000000000|5000000|u|C|client|Age in multixacts at which VACUUM freezes rows
        vacuum_multixact_freeze_table_age|int|0..2000000000|150000000|u|C|client|Age in multixacts at which VACUUM reads whole tables
        wal_block_size|int|8192..8192|8192|i|C|preset|Size of a log block
        wal_compression|enum|pglz,lz4,zstd,on,off|off|s|C|log|How pages are compressed in the log
        wal_keep_size|int:MB|0..2147483647|0|h|C|replication|Log kept for standbys
        wal_level|enum|minimal,replica,logical|replica|p|C|log|How much is logged
        work_mem|int:kB|64..2147483647|65536|u||resources|Memory a step of a query uses before it spills to disk
        xmlbinary|enum|base64,hex|base64|u|C|client|How binary values are written in XML
        xmloption|enum|content,document|content|u|C|client|Whether XML is a document or content
        hnsw.ef_search|int|1..1000|40|u||vectors|Effort of searches by an index; twice as much probes twice as many cells
        hnsw.iterative_scan|enum|off,relaxed_order,strict_order|strict_order|u|C|vectors|Goes on searching when filters leave too few rows; always so
        hnsw.max_scan_tuples|int|1..2147483647|20000|u|C|vectors|Rows that an iterative HNSW search visits; there is no limit
        hnsw.scan_mem_multiplier|real|1..1000|1|u|C|vectors|Multiple of work_mem that an iterative HNSW search uses; it needs none
        ivfflat.probes|int|1..32768|1|u||vectors|Effort of searches by an IVFFlat index, from 10 on: 20 probes twice as many cells
        ivfflat.iterative_scan|enum|off,relaxed_order|off|u|C|vectors|Goes on searching when filters leave too few rows; always so
        ivfflat.max_probes|int|1..32768|32768|u|C|vectors|Lists that an iterative IVFFlat search visits; there is no limit
        diskann.query_rescore|int|0..1000|50|u|C|vectors|Rows that pgvectorscale measures again; here it follows from the codes
        diskann.query_search_list_size|int|1..10000|100|u||vectors|pgvectorscale's effort of a search: 200 is that of hnsw.ef_search = 80
        vchordg.beam_search|int|1..65535|1|u|C|vectors|Rows that a VectorChord graph looks at together
        vchordg.ef_search|int|1..65535|64|u||vectors|VectorChord's effort of a search: 128 is that of hnsw.ef_search = 80
        vchordg.enable_scan|bool||on|u|C|vectors|Allows scans by VectorChord's graph; enable_indexscan acts here
        vchordg.max_scan_tuples|int|-1..2147483647|-1|u|C|vectors|Rows that a VectorChord search visits; there is no limit
        vchordrq.enable_scan|bool||on|u|C|vectors|Allows scans by VectorChord's lists; enable_indexscan acts here
        vchordrq.epsilon|real|0..4|1.9|u|C|vectors|How sure VectorChord's bounds are; here they follow from the codes
        vchordrq.max_scan_tuples|int|-1..2147483647|-1|u|C|vectors|Rows that a VectorChord search visits; there is no limit
        vchordrq.prefilter|bool||off|u|C|vectors|Asks filters before rows are measured; always so
        vchordrq.probes|string|||u||vectors|VectorChord's effort of a search: lists probed, level by level; the last is as ivfflat.probes
        vector_search_beam_size|int|1..2048|32|u||vectors|CockroachDB's effort of a search: 64 is that of hnsw.ef_search = 80
        ybhnsw.ef_search|int|1..1000|40|u||vectors|YugabyteDB's name of hnsw.ef_search
        vecsql.exact|bool||off|u||vectors|Answers nearest-neighbour queries exactly, whatever indexes there are
        vecsql.filter_strategy|enum|auto,in_walk,prefilter,postfilter|auto|u||vectors|When a search by an index asks which rows pass: in its cells, before, or after
        vecsql.target_recall|real|0..1|0|u||vectors|The recall a search by an index aims at; 0 uses the settings of its method
        vecsql.distribution|enum|auto,always|auto|u|PH|shards|Whether plans are cut as for shards of other nodes: where there are some, or always
        vecsql.broadcast_limit|int:kB|0..1048576|16384|u|P|shards|Rows of the smaller side of a join that are sent to the shards of the other side; 0 sends none
        vecsql.default_shards|int|1..1024|1|u||shards|Shards of new tables that do not say how many they have
        vecsql.shard_probes|int|0..1024|4|u||shards|Shards with cells of vectors that a search asks first, the nearest; 0 asks all
        vecsql.embed_model|string|||u|P|vectors|The model that embed() uses where none is named
        vecsql.consistency|enum|strong,session,bounded,eventual|strong|u||shards|What queries see: all that is acknowledged, what was by the session or a while ago, or any
        vecsql.max_staleness|int:ms|0..86400000|5000|u||shards|How old what queries see may be where vecsql.consistency is bounded
        vecsql.read_replica|enum|auto,nearest,any,leader|auto|u||shards|Which replicas serve queries: the nearest, all in turn, or the primary; auto: strong ones the primary
        vecsql.write_acks|enum|table,async,semi-sync,quorum,sync|table|u||shards|How many replicas have a commit on disk when it is acknowledged: as the table says, or so many
        vecsql_version|string||0.1|i|R|preset|VecSQL's own version
        """;
}
