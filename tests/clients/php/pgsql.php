<?php
// What an application does through PHP's pgsql functions.
require __DIR__ . '/steps.php';
error_reporting(E_ALL & ~E_WARNING); // failed queries warn, and say more by pg_result_error_field

function open(string $options = ''): PgSql\Connection
{
    $db = pg_connect($options, PGSQL_CONNECT_FORCE_NEW);
    if ($db === false)
        throw new Exception(error_get_last()['message']);
    return $db;
}

function ask(PgSql\Connection $db, string $sql, array $values = []): PgSql\Result
{
    $result = $values ? pg_query_params($db, $sql, $values) : pg_query($db, $sql);
    if ($result === false)
        throw new Exception(pg_last_error($db));
    return $result;
}

function rows(PgSql\Connection $db, string $sql, array $values = []): array
{
    return pg_fetch_all(ask($db, $sql, $values), PGSQL_NUM);
}

function fails(PgSql\Connection $db, string $sql, array $fields): void
{
    pg_send_query($db, $sql);
    $result = pg_get_result($db);
    while (pg_get_result($db) !== false)
        ;
    foreach ($fields as $field => $value)
        equal(pg_result_error_field($result, $field), $value);
}

function roundTrip(string $table, array $columns): array
{
    $db = open();
    $found = rows($db, 'SELECT ' . implode(', ', $columns) . " FROM $table ORDER BY id");
    $marks = implode(', ', array_map(fn($n) => '$' . $n, range(1, count($columns) + 1)));
    foreach ($found as $row)
        ask($db, "INSERT INTO {$table}_written VALUES ($marks)", ['php', ...$row]);
    equal(rows($db, "SELECT name, sent, came FROM {$table}_differences WHERE client = 'php'"), []);
    equal(rows($db, "SELECT count(*) FROM {$table}_written WHERE client = 'php'"), [['2']]);
    return $found;
}

run([
    'connect' => function () {
        $db = open();
        equal([pg_parameter_status($db, 'server_encoding'), pg_connection_status($db), pg_ping($db)], ['UTF8', PGSQL_CONNECTION_OK, true]);
        equal((int)pg_version($db)['server'], 15);
        equal(rows($db, "SELECT $1 || 'x'", ['y']), [['yx']]);
    },
    'secure' => function () {
        $options = 'user=' . getenv('SECURE_USER') . ' sslmode=verify-full sslrootcert=' . getenv('SECURE_CA');
        $db = open("$options password='" . getenv('SECURE_PASSWORD') . "'");
        equal(rows($db, 'SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), [[getenv('SECURE_USER'), 't']]);
        try {
            open("$options password=no");
            throw new Exception('a wrong password was taken');
        } catch (Exception $error) {
            equal(str_contains($error->getMessage(), 'password authentication failed'), true);
        }
    },
    'types' => fn() => equal(roundTrip('sample', SAMPLE)[0][11], 'fixed '),
    'nulls' => function () {
        $db = open();
        equal(rows($db, 'SELECT * FROM sample WHERE id = 2'), [['2', ...array_fill(0, 26, null)]]);
        equal(rows($db, "SELECT $1::int IS NULL, coalesce($2, 'x')", [null, null]), [['t', 'x']]);
    },
    'arrays' => fn() => equal(roundTrip('sample_arrays', ARRAYS)[0][2], '{1,-2}'),
    'vectors' => function () {
        $db = open();
        ask($db, 'CREATE EXTENSION IF NOT EXISTS vector; CREATE TEMP TABLE items (id int PRIMARY KEY, e vector(3), h halfvec(3))');
        for ($n = 0; $n < 10; $n++)
            ask($db, 'INSERT INTO items VALUES ($1, $2, $3)', [$n, "[$n,0.5,-1]", "[$n,0,0]"]);
        equal(rows($db, 'SELECT id, e, h, e <-> $1 FROM items ORDER BY e <-> $1 LIMIT $2', ['[3.25,0.5,-1]', 1]),
            [['3', '[3,0.5,-1]', '[3,0,0]', '0.25']]);
    },
    'prepared' => function () {
        $db = open();
        pg_prepare($db, 'plus', 'SELECT n + $1::int, body FROM numbered WHERE n = $2');
        for ($n = 1; $n <= 8; $n++)
            equal(pg_fetch_row(pg_execute($db, 'plus', [10, $n])), [(string)($n + 10), "row $n"]);
        equal(rows($db, 'SELECT name, parameter_types FROM pg_prepared_statements'), [['plus', '{integer,integer}']]);
    },
    'transactions' => function () {
        $db = open();
        ask($db, 'DROP TABLE IF EXISTS php_tx; CREATE TABLE php_tx (n int PRIMARY KEY)');
        ask($db, 'BEGIN; INSERT INTO php_tx VALUES (1); SAVEPOINT s');
        fails($db, 'INSERT INTO php_tx VALUES (1)', [PGSQL_DIAG_SQLSTATE => '23505']);
        fails($db, 'SELECT 1', [PGSQL_DIAG_SQLSTATE => '25P02']);
        equal(pg_transaction_status($db), PGSQL_TRANSACTION_INERROR);
        ask($db, 'ROLLBACK TO s; INSERT INTO php_tx VALUES (2); COMMIT');
        ask($db, 'BEGIN; DELETE FROM php_tx; ROLLBACK');
        equal(rows($db, 'SELECT n FROM php_tx ORDER BY n'), [['1'], ['2']]);
    },
    'errors' => function () {
        $db = open();
        fails($db, "INSERT INTO shop.goods (name) VALUES ('pen')", [PGSQL_DIAG_SQLSTATE => '23505', PGSQL_DIAG_CONSTRAINT_NAME => 'goods_name_key',
            PGSQL_DIAG_TABLE_NAME => 'goods', PGSQL_DIAG_MESSAGE_DETAIL => 'Key (name)=(pen) already exists.', PGSQL_DIAG_SEVERITY => 'ERROR']);
        fails($db, 'SELECT n, nothing FROM numbered', [PGSQL_DIAG_SQLSTATE => '42703', PGSQL_DIAG_STATEMENT_POSITION => '11']);
        fails($db, "INSERT INTO shop.goods (name, price) VALUES ('x', -1)", [PGSQL_DIAG_SQLSTATE => '23514']);
        equal(pg_query($db, 'SELEC 1'), false);
        equal(pg_last_error($db), "ERROR:  syntax error at or near \"SELEC\"\nLINE 1: SELEC 1\n        ^");
        equal(rows($db, 'SELECT 1'), [['1']]);
    },
    'bulk' => function () {
        $db = open();
        ask($db, 'CREATE TEMP TABLE bulk (n int, body text)');
        equal(pg_copy_from($db, 'bulk', array_map(fn($n) => "$n\trow $n\n", range(1, 2000))), true);
        equal(rows($db, 'SELECT count(*), sum(n) FROM bulk'), [['2000', '2001000']]);
        equal(array_slice(pg_copy_to($db, 'bulk'), 0, 2), ["1\trow 1\n", "2\trow 2\n"]);
        ask($db, 'COPY bulk FROM STDIN');
        pg_put_line($db, "x\ty\n\\.\n");
        equal(pg_end_copy($db), false);
        equal(rows($db, 'SELECT count(*) FROM bulk'), [['2000']]);
    },
    'stream' => function () {
        $db = open();
        ask($db, 'BEGIN; DECLARE walk CURSOR FOR SELECT n FROM numbered ORDER BY n');
        equal(rows($db, 'FETCH 2 FROM walk'), [['1'], ['2']]);
        equal(rows($db, 'FETCH 1 FROM walk'), [['3']]);
        ask($db, 'COMMIT');
        $result = ask($db, 'SELECT n FROM numbered ORDER BY n');
        equal([pg_num_rows($result), pg_fetch_result($result, 4999, 0), pg_result_seek($result, 10)], [5000, '5000', true]);
    },
    'cancel' => function () {
        $db = open();
        $watcher = open();
        pg_send_query($db, ENDLESS);
        equal(pg_connection_busy($db), true);
        do // a request that comes before the statement is for nothing
            $running = rows($watcher, "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [pg_get_pid($db)]);
        while ($running !== [['1']]);
        pg_cancel_query($db);
        equal(rows($db, 'SELECT 1'), [['1']]);
        ask($db, 'SET statement_timeout = 100');
        fails($db, ENDLESS, [PGSQL_DIAG_SQLSTATE => '57014']);
    },
    'metadata' => function () {
        $db = open();
        $columns = pg_meta_data($db, 'shop.goods');
        equal(array_map(fn($column) => [$column['num'], $column['type'], $column['len'], $column['not null'], $column['has default'], $column['is enum']],
            array_slice($columns, 0, 5)),
            ['id' => [1, 'int4', 4, true, false, false], 'name' => [2, 'varchar', -1, true, true, false], 'price' => [3, 'numeric', -1, false, false, false],
                'mood' => [4, 'mood', 4, false, false, true], 'tags' => [5, '_text', -1, false, false, false]]);
        $result = ask($db, 'SELECT name, price, mood FROM shop.goods');
        equal([pg_field_name($result, 0), pg_field_type($result, 0), pg_field_type($result, 2), pg_field_table($result, 1), pg_field_prtlen($result, 0, 0)],
            ['name', 'varchar', 'mood', 'goods', 3]);
        equal(pg_select($db, 'numbered', ['n' => 7]), [['n' => '7', 'body' => 'row 7']]);
        equal(pg_convert($db, 'numbered', ['n' => '8', 'body' => "it's"]), ['"n"' => '8', '"body"' => "'it''s'"]);
    },
    'migrate' => function () {
        $db = open();
        ask($db, 'BEGIN; CREATE TABLE php_migrated (id int PRIMARY KEY)');
        ask($db, "ALTER TABLE php_migrated ADD COLUMN name text NOT NULL DEFAULT 'x'");
        equal(pg_insert($db, 'php_migrated', ['id' => 1]) !== false, true);
        equal(rows($db, 'SELECT * FROM php_migrated'), [['1', 'x']]);
        ask($db, 'ROLLBACK');
        equal(rows($db, "SELECT to_regclass('php_migrated')"), [[null]]);
    },
    'pool' => function () {
        $db = pg_pconnect('');
        ask($db, 'SET search_path TO shop');
        equal(pg_connection_reset($db), true);
        equal(rows($db, 'SHOW search_path'), [['"$user", public']]);
    },
    'pipeline' => function () {
        $db = open();
        pg_send_query($db, 'SELECT 1; SELECT 2, 3');
        equal([pg_fetch_row(pg_get_result($db)), pg_fetch_row(pg_get_result($db)), pg_get_result($db)], [['1'], ['2', '3'], false]);
    },
    'listen' => function () {
        $db = open();
        ask($db, 'LISTEN php_news');
        ask(open(), "NOTIFY php_news, 'fresh'");
        for ($heard = false; $heard === false; ask($db, 'SELECT 1'))
            $heard = pg_get_notify($db);
        equal([$heard['message'], $heard['payload']], ['php_news', 'fresh']);
    },
    'unicode' => function () {
        $db = open();
        $name = pg_escape_identifier($db, 'žluťoučký "kůň"');
        ask($db, "CREATE TEMP TABLE $name (\"größe ☃\" text)");
        foreach (['naïve ☃', "𝒳 \u{1f600}", "tab\tquote'\"\\", ''] as $value) {
            ask($db, "INSERT INTO $name VALUES ($1)", [$value]);
            equal(rows($db, "SELECT \"größe ☃\" FROM $name WHERE \"größe ☃\" = " . pg_escape_literal($db, $value)), [[$value]]);
        }
    },
    'large' => function () {
        $db = open();
        $text = str_repeat('ü', 2000000);
        equal(rows($db, 'SELECT $1::text = repeat($2, 2000000), $1', [$text, 'ü']), [['t', $text]]);
        $data = str_repeat(implode('', array_map('chr', range(0, 255))), 4000);
        equal(pg_unescape_bytea(rows($db, 'SELECT $1::bytea', [pg_escape_bytea($db, $data)])[0][0]) === $data, true);
    },
]);
