<?php
// What an application does through PHP's PDO.
require __DIR__ . '/steps.php';

function open(string $options = '', ?string $user = null, ?string $password = null, array $attributes = []): PDO
{
    $dsn = 'pgsql:host=' . getenv('PGHOST') . ';port=' . getenv('PGPORT') . ';dbname=' . getenv('PGDATABASE') . $options;
    return new PDO($dsn, $user ?? getenv('PGUSER'), $password, $attributes + [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
}

function rows(PDO $db, string $sql, array $values = []): array
{
    $statement = $db->prepare($sql);
    $statement->execute($values);
    return $statement->fetchAll(PDO::FETCH_NUM);
}

function fails(string $state, callable $work): PDOException
{
    try {
        $work();
    } catch (PDOException $error) {
        equal($error->errorInfo[0] ?? $error->getCode(), $state);
        return $error;
    }
    throw new Exception("no $state came");
}

function roundTrip(string $table, array $columns): array
{
    $db = open();
    $found = rows($db, 'SELECT ' . implode(', ', $columns) . " FROM $table ORDER BY id");
    $insert = $db->prepare("INSERT INTO {$table}_written VALUES (?" . str_repeat(', ?', count($columns)) . ')');
    foreach ($found as $row) {
        $insert->bindValue(1, 'pdo');
        foreach ($row as $at => $value)
            $insert->bindValue($at + 2, $value, match (true) {
                is_resource($value) => PDO::PARAM_LOB, is_bool($value) => PDO::PARAM_BOOL, $value === null => PDO::PARAM_NULL, default => PDO::PARAM_STR });
        $insert->execute();
    }
    equal(rows($db, "SELECT name, sent, came FROM {$table}_differences WHERE client = 'pdo'"), []);
    equal(rows($db, "SELECT count(*) FROM {$table}_written WHERE client = 'pdo'"), [[2]]);
    return $found;
}

run([
    'connect' => function () {
        $db = open();
        equal([(int)$db->getAttribute(PDO::ATTR_SERVER_VERSION), $db->getAttribute(PDO::ATTR_DRIVER_NAME)], [15, 'pgsql']);
        equal(rows($db, "SELECT ? || 'x'", ['y']), [['yx']]);
    },
    'secure' => function () {
        $options = ';sslmode=verify-full;sslrootcert=' . getenv('SECURE_CA');
        $db = open($options, getenv('SECURE_USER'), getenv('SECURE_PASSWORD'));
        equal(rows($db, 'SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), [[getenv('SECURE_USER'), true]]);
        $error = fails('08006', fn() => open($options, getenv('SECURE_USER'), 'no'));
        equal(str_contains($error->getMessage(), 'password authentication failed'), true);
    },
    'types' => function () {
        $found = roundTrip('sample', SAMPLE);
        equal([$found[0][1], $found[0][2], $found[0][11]], [true, -32768, 'fixed ']);
    },
    'nulls' => function () {
        equal(rows(open(), 'SELECT * FROM sample WHERE id = 2'), [[2, ...array_fill(0, 26, null)]]);
        equal(rows(open(), "SELECT ?::int IS NULL, coalesce(?, 'x')", [null, null]), [[true, 'x']]);
    },
    'arrays' => fn() => equal(roundTrip('sample_arrays', ARRAYS)[0][2], '{1,-2}'),
    'vectors' => function () {
        $db = open();
        $db->exec('CREATE EXTENSION IF NOT EXISTS vector; CREATE TEMP TABLE items (id int PRIMARY KEY, e vector(3), h halfvec(3))');
        $insert = $db->prepare('INSERT INTO items VALUES (:id, :e, :h)');
        for ($n = 0; $n < 10; $n++)
            $insert->execute(['id' => $n, 'e' => "[$n,0.5,-1]", 'h' => "[$n,0,0]"]);
        equal(rows($db, 'SELECT id, e, h, e <-> ? FROM items ORDER BY e <-> ? LIMIT ?', ['[3.25,0.5,-1]', '[3.25,0.5,-1]', 1]),
            [[3, '[3,0.5,-1]', '[3,0,0]', '0.25']]);
    },
    'prepared' => function () {
        $db = open();
        $plus = $db->prepare('SELECT n + ?::int, body FROM numbered WHERE n = ?');
        for ($n = 1; $n <= 8; $n++) {
            $plus->execute([10, $n]);
            equal($plus->fetchAll(PDO::FETCH_NUM), [[$n + 10, "row $n"]]);
        }
        $emulated = open(attributes: [PDO::ATTR_EMULATE_PREPARES => true]);
        equal(rows($emulated, 'SELECT ?, ?', ["it's \\", 5]), [["it's \\", '5']]);
    },
    'transactions' => function () {
        $db = open();
        $db->exec('DROP TABLE IF EXISTS pdo_tx; CREATE TABLE pdo_tx (n int PRIMARY KEY)');
        $db->beginTransaction();
        $db->exec('INSERT INTO pdo_tx VALUES (1); SAVEPOINT s');
        fails('23505', fn() => $db->exec('INSERT INTO pdo_tx VALUES (1)'));
        fails('25P02', fn() => rows($db, 'SELECT 1'));
        equal($db->inTransaction(), true);
        $db->exec('ROLLBACK TO s; INSERT INTO pdo_tx VALUES (2)');
        $db->commit();
        $db->beginTransaction();
        $db->exec('DELETE FROM pdo_tx');
        $db->rollBack();
        equal($db->query('SELECT n FROM pdo_tx ORDER BY n')->fetchAll(PDO::FETCH_COLUMN), [1, 2]);
    },
    'errors' => function () {
        $db = open();
        $error = fails('23505', fn() => rows($db, 'INSERT INTO shop.goods (name) VALUES (?)', ['pen']));
        equal(str_contains($error->getMessage(), "\"goods_name_key\"\nDETAIL:  Key (name)=(pen) already exists."), true);
        fails('42P01', fn() => rows($db, 'SELECT * FROM nowhere'));
        fails('22P02', fn() => rows($db, 'SELECT ?::int', ['x']));
        fails('42601', fn() => $db->exec('SELEC 1'));
        equal(rows($db, 'SELECT 1'), [[1]]);
    },
    'bulk' => function () {
        $db = open();
        $db->exec('CREATE TEMP TABLE bulk (n int, body text)');
        equal($db->pgsqlCopyFromArray('bulk', array_map(fn($n) => "$n\trow $n", range(1, 2000))), true);
        equal(rows($db, 'SELECT count(*), sum(n) FROM bulk'), [[2000, 2001000]]);
        equal(array_slice($db->pgsqlCopyToArray('bulk'), 0, 2), ["1\trow 1\n", "2\trow 2\n"]);
        fails('22P02', fn() => $db->pgsqlCopyFromArray('bulk', ["x\ty"]));
    },
    'stream' => function () {
        $db = open();
        $db->beginTransaction();
        $cursor = $db->prepare('SELECT n FROM numbered ORDER BY n', [PDO::ATTR_CURSOR => PDO::CURSOR_SCROLL]);
        $cursor->execute();
        equal($cursor->fetch(PDO::FETCH_NUM), [1]);
        equal($cursor->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_ABS, 100), [100]);
        equal($cursor->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_PRIOR), [99]);
        equal($cursor->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_LAST), [5000]);
    },
    'cancel' => function () {
        $db = open();
        $db->exec('SET statement_timeout = 100');
        fails('57014', fn() => rows($db, ENDLESS));
        equal(rows($db, 'SELECT 1'), [[1]]);
    },
    'metadata' => function () {
        $db = open();
        $found = $db->query('SELECT id, name, price, mood, added FROM shop.goods LIMIT 1');
        $found->fetch();
        $columns = array_map(fn($n) => $found->getColumnMeta($n), range(0, 4));
        equal(array_map(fn($column) => [$column['native_type'], $column['table'] ?? null, $column['precision']], $columns),
            [['int4', 'goods', -1], ['varchar', 'goods', 34], ['numeric', 'goods', 655366], ['mood', 'goods', -1], ['timestamptz', 'goods', -1]]);
        $db->exec("INSERT INTO shop.goods (name) VALUES ('of pdo')");
        equal($db->lastInsertId('shop.goods_id_seq') > 0, true);
        equal($db->exec("DELETE FROM shop.goods WHERE name = 'of pdo'"), 1);
    },
    'migrate' => function () {
        $db = open();
        $db->beginTransaction();
        $db->exec("CREATE TABLE pdo_migrated (id int PRIMARY KEY); ALTER TABLE pdo_migrated ADD COLUMN name text NOT NULL DEFAULT 'x'");
        equal(rows($db, 'INSERT INTO pdo_migrated (id) VALUES (?) RETURNING name', [1]), [['x']]);
        $db->rollBack();
        equal(rows($db, "SELECT to_regclass('pdo_migrated')"), [[null]]);
    },
    'pool' => function () {
        $db = open(attributes: [PDO::ATTR_PERSISTENT => true]);
        $db->exec('SET search_path TO shop');
        $db->exec('DISCARD ALL');
        equal(rows($db, 'SHOW search_path'), [['"$user", public']]);
        equal(rows(open(attributes: [PDO::ATTR_PERSISTENT => true]), 'SELECT pg_backend_pid()'), rows($db, 'SELECT pg_backend_pid()'));
    },
    'pipeline' => fn() => throw new Lacking('PDO sends one statement at a time'),
    'listen' => function () {
        $db = open();
        $db->exec('LISTEN pdo_news');
        open()->exec("NOTIFY pdo_news, 'fresh'");
        $heard = $db->pgsqlGetNotify(PDO::FETCH_ASSOC, 20000);
        equal([$heard['message'], $heard['payload']], ['pdo_news', 'fresh']);
    },
    'unicode' => function () {
        $db = open();
        $db->exec('CREATE TEMP TABLE "žluťoučký ""kůň""" ("größe ☃" text)');
        foreach (['naïve ☃', "𝒳 \u{1f600}", "tab\tquote'\"\\", ''] as $value) {
            rows($db, 'INSERT INTO "žluťoučký ""kůň""" VALUES (?)', [$value]);
            equal(rows($db, 'SELECT "größe ☃" FROM "žluťoučký ""kůň""" WHERE "größe ☃" = ?', [$value]), [[$value]]);
            equal($db->query('SELECT ' . $db->quote($value))->fetchColumn(), $value);
        }
    },
    'large' => function () {
        $db = open();
        $statement = $db->prepare('SELECT ?::text, ?::bytea');
        [$text, $data] = [str_repeat('ü', 2000000), str_repeat(implode('', array_map('chr', range(0, 255))), 4000)];
        $statement->bindValue(1, $text);
        $statement->bindValue(2, $data, PDO::PARAM_LOB);
        $statement->execute();
        [$textBack, $dataBack] = $statement->fetch(PDO::FETCH_NUM);
        equal([$textBack === $text, stream_get_contents($dataBack) === $data], [true, true]);
    },
]);
