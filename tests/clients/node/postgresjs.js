// What an application does through postgres.js: pipelines, named statements by default, flushes.
'use strict';
const assert = require('assert');
const { Readable } = require('stream');
const { pipeline } = require('stream/promises');
const { load, run, failed, options, secure, endless, sample, arrays, texts, bytes } = require('./steps');

const postgres = load('postgres');
const pgvector = load('pgvector');

async function withSql(work, more = {}) {
  const sql = postgres({ ...options, max: 1, onnotice: () => {}, ...more });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const plain = (rows) => rows.map((row) => ({ ...row }));

const roundTrip = (table, columns) => withSql(async (sql) => {
  const rows = await sql`SELECT ${sql(columns)} FROM ${sql(table)} ORDER BY id`;
  for (const row of rows) {
    if (row.i4a) row.i4a = row.i4a.map((item) => (Number.isNaN(item) ? null : item)); // it reads a null number as NaN
    for (const { name, type } of rows.columns) if (Array.isArray(row[name])) row[name] = sql.array(row[name], type);
    await sql`INSERT INTO ${sql(table + '_written')} ${sql({ client: 'postgres.js', ...row })}`;
  }
  // A null among texts is the text NULL to it.
  const differences = await sql`SELECT name, sent, came FROM ${sql(table + '_differences')} WHERE client = 'postgres.js' AND name <> 'ta'`;
  assert.deepStrictEqual(plain(differences), []);
  return rows;
});

run({
  connect: () => withSql(async (sql) => {
    assert.deepStrictEqual(plain(await sql`SELECT ${'y'} || 'x' AS a, ${5}::int AS b`), [{ a: 'yx', b: 5 }]);
    assert.strictEqual(sql.parameters.server_encoding, 'UTF8');
  }),

  secure: async () => {
    await withSql(async (sql) => {
      const rows = plain(await sql`SELECT current_user::text, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`);
      assert.deepStrictEqual(rows, [{ current_user: secure.user, ssl: true }]);
    }, secure);
    await withSql((sql) => failed(sql`SELECT 1`, { code: '28P01' }), { ...secure, password: 'no' });
  },

  types: () => roundTrip('sample', sample),

  nulls: () => withSql(async (sql) => {
    const [row] = await sql`SELECT * FROM sample WHERE id = 2`;
    assert.deepStrictEqual(Object.values(row), [2, ...Array(26).fill(null)]);
    assert.deepStrictEqual(plain(await sql`SELECT ${null}::int IS NULL AS a, coalesce(${null}, 'x') AS b`), [{ a: true, b: 'x' }]);
  }),

  arrays: async () => {
    const rows = await roundTrip('sample_arrays', arrays);
    assert.deepStrictEqual([...rows[0].ta.value ?? rows[0].ta], ['a', 'NULL', 'b c', '"q"', '', 'NULL', 'back\\slash', '{x,y}']);
    await withSql(async (sql) => {
      assert.deepStrictEqual(plain(await sql`SELECT n FROM numbered WHERE n = ANY(${[7, 2, -1]}) ORDER BY n`), [{ n: 2 }, { n: 7 }]);
      assert.deepStrictEqual(plain(await sql`SELECT n FROM numbered WHERE n IN ${sql([7, 2])} ORDER BY n`), [{ n: 2 }, { n: 7 }]);
    });
  },

  vectors: () => withSql(async (sql) => {
    await sql`CREATE EXTENSION IF NOT EXISTS vector`;
    await sql`CREATE TEMP TABLE items (id int PRIMARY KEY, e vector(3), h halfvec(3))`;
    const items = Array.from({ length: 10 }, (_, n) => ({ id: n, e: pgvector.toSql([n, 0.5, -1]), h: pgvector.toSql([n, 0, 0]) }));
    await sql`INSERT INTO items ${sql(items)}`;
    const rows = await sql`SELECT id, e, e <-> ${pgvector.toSql([3.25, 0.5, -1])} AS far FROM items ORDER BY far LIMIT ${1}`;
    assert.deepStrictEqual(plain(rows), [{ id: 3, e: '[3,0.5,-1]', far: 0.25 }]);
  }),

  prepared: () => withSql(async (sql) => {
    for (let n = 1; n <= 8; n++)
      assert.deepStrictEqual(plain(await sql`SELECT n + ${10}::int AS n, body FROM numbered WHERE n = ${n}`), [{ n: n + 10, body: `row ${n}` }]);
    const described = await sql`SELECT n, body FROM numbered WHERE n = ${1}`.describe();
    assert.deepStrictEqual([described.types, described.columns.map((column) => column.type)], [[23], [23, 25]]);
    assert.ok((await sql`SELECT count(*)::int AS n FROM pg_prepared_statements`)[0].n >= 1);
  }),

  transactions: () => withSql(async (sql) => {
    await sql`DROP TABLE IF EXISTS postgresjs_tx`;
    await sql`CREATE TABLE postgresjs_tx (n int PRIMARY KEY)`;
    await sql.begin('isolation level repeatable read', async (tx) => {
      await tx`INSERT INTO postgresjs_tx VALUES (1)`;
      await failed(tx.savepoint((inner) => inner`INSERT INTO postgresjs_tx VALUES (1)`), { code: '23505' });
      await tx`INSERT INTO postgresjs_tx VALUES (2)`;
    });
    await failed(sql.begin(async (tx) => {
      await failed(tx`SELECT 1/0`, { code: '22012' });
      await failed(tx`SELECT 1`, { code: '25P02' });
    }), { code: '22012' }); // the first failure ends it
    assert.deepStrictEqual(plain(await sql`SELECT n FROM postgresjs_tx ORDER BY n`), [{ n: 1 }, { n: 2 }]);
  }),

  errors: () => withSql(async (sql) => {
    await failed(sql`INSERT INTO shop.goods (name) VALUES (${'pen'})`, {
      code: '23505', constraint_name: 'goods_name_key', schema_name: 'shop', table_name: 'goods', detail: 'Key (name)=(pen) already exists.' });
    await failed(sql`SELECT n, nothing FROM numbered`, { code: '42703', position: '11' });
    await failed(sql`SELECT ${'x'}::text::int`, { code: '22P02' });
    assert.deepStrictEqual(plain(await sql`SELECT 1 AS n`), [{ n: 1 }]);
  }),

  bulk: () => withSql(async (sql) => {
    await sql`CREATE TEMP TABLE bulk (n int, body text)`;
    const lines = Array.from({ length: 2000 }, (_, n) => `${n}\trow ${n}\n`);
    await pipeline(Readable.from(lines), await sql`COPY bulk FROM STDIN`.writable());
    const pieces = [];
    for await (const piece of await sql`COPY (SELECT * FROM bulk WHERE n < 2 ORDER BY n) TO STDOUT CSV`.readable()) pieces.push(piece);
    assert.strictEqual(Buffer.concat(pieces).toString(), '0,row 0\n1,row 1\n');
    await sql`INSERT INTO bulk ${sql(Array.from({ length: 1000 }, (_, n) => ({ n, body: 'more' })))}`;
    assert.deepStrictEqual(plain(await sql`SELECT count(*)::int AS n FROM bulk`), [{ n: 3000 }]);
  }),

  stream: () => withSql(async (sql) => {
    const seen = [];
    await sql`SELECT n FROM numbered ORDER BY n`.cursor(700, (rows) => { seen.push(...rows.map((row) => row.n)); });
    assert.deepStrictEqual(seen, Array.from({ length: 5000 }, (_, n) => n + 1));
    let count = 0;
    await sql`SELECT n FROM numbered`.forEach(() => { count++; });
    assert.strictEqual(count, 5000);
    for await (const [row] of sql`SELECT n FROM numbered ORDER BY n`.cursor()) if (row.n === 3) break;
    assert.deepStrictEqual(plain(await sql`SELECT 1 AS n`), [{ n: 1 }]);
  }),

  cancel: () => withSql(async (sql) => {
    const running = sql.unsafe(endless).execute();
    setTimeout(() => running.cancel(), 300);
    await failed(running, { code: '57014' });
    await sql`SET statement_timeout = 100`;
    await failed(sql.unsafe(endless), { code: '57014' });
  }),

  metadata: () => withSql(async (sql) => {
    const rows = await sql`SELECT id, name, price, tags, mood FROM shop.goods WHERE name = 'pen'`;
    assert.deepStrictEqual([rows.columns.map((column) => column.name), rows.columns[1].type, [...rows[0].tags], rows[0].mood],
      [['id', 'name', 'price', 'tags', 'mood'], 1043, ['a', 'b'], 'ok']);
    assert.deepStrictEqual([rows.command, rows.count], ['SELECT', 1]);
  }, { fetch_types: true }),

  migrate: () => withSql(async (sql) => {
    await failed(sql.begin(async (tx) => {
      await tx.unsafe("CREATE TABLE postgresjs_migrated (id int PRIMARY KEY); ALTER TABLE postgresjs_migrated ADD COLUMN name text DEFAULT 'x'");
      assert.deepStrictEqual(plain(await tx`INSERT INTO postgresjs_migrated (id) VALUES (1) RETURNING name`), [{ name: 'x' }]);
      throw Object.assign(new Error(), { code: 'undo' });
    }), { code: 'undo' });
    assert.deepStrictEqual(plain(await sql`SELECT to_regclass('postgresjs_migrated') AS found`), [{ found: null }]);
  }),

  pool: () => withSql(async (sql) => {
    const sums = await Promise.all(Array.from({ length: 50 }, (_, n) => sql`SELECT ${n}::int * 2 AS n`));
    assert.deepStrictEqual(sums.map((rows) => rows[0].n), Array.from({ length: 50 }, (_, n) => n * 2));
    const own = await sql.reserve();
    await own`SET search_path TO shop`;
    await own`RESET ALL`;
    own.release();
  }, { max: 4 }),

  pipeline: () => withSql(async (sql) => {
    const results = await Promise.allSettled([sql`SELECT 1 AS n`, sql`SELECT 1/0`, sql`SELECT 3 AS n`]); // one write, one connection
    assert.deepStrictEqual(results.map((result) => result.value?.[0].n ?? result.reason.code), [1, '22012', 3]);
    const several = await sql`SELECT 1 AS a; SELECT 2 AS b`.simple();
    assert.deepStrictEqual(several.map(plain), [[{ a: 1 }], [{ b: 2 }]]);
  }),

  listen: () => withSql(async (sql) => {
    const heard = new Promise((resolve) => { sql.listen('postgresjs_news', resolve).then(() => sql.notify('postgresjs_news', 'fresh')); });
    assert.strictEqual(await heard, 'fresh');
  }),

  unicode: () => withSql(async (sql) => {
    const name = 'žluťoučký "kůň"';
    await sql`CREATE TEMP TABLE ${sql(name)} ("größe ☃" text)`;
    for (const value of texts) {
      await sql`INSERT INTO ${sql(name)} VALUES (${value})`;
      assert.deepStrictEqual(plain(await sql`SELECT * FROM ${sql(name)} WHERE "größe ☃" = ${value}`), [{ 'größe ☃': value }]);
    }
  }),

  large: () => withSql(async (sql) => {
    const [text, data] = ['ü'.repeat(2_000_000), bytes(2_000_000)];
    const [row] = await sql`SELECT ${text}::text AS text, ${data}::bytea AS data`;
    assert.ok(row.text === text && row.data.equals(data));
  }),
});
