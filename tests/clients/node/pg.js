// What an application does through node-postgres, pg-cursor and pg-copy-streams.
'use strict';
const assert = require('assert');
const { once } = require('events');
const { pipeline } = require('stream/promises');
const { Readable } = require('stream');

const { load, run, options, secure, endless, sample, arrays, readable, texts, bytes } = require('./steps');

const { Client, Pool, types } = load('pg');
const Cursor = load('pg-cursor');
const { from: copyFrom, to: copyTo } = load('pg-copy-streams');
const vectors = load('pgvector/pg');
const pgvector = load('pgvector');

async function withClient(work, other = options) {
  const client = new Client(other);
  await client.connect();
  try {
    return await work(client);
  } finally {
    client.end().catch(() => {});
  }
}

const fresh = async (client, table, columns) => {
  await client.query(`DROP TABLE IF EXISTS ${table}`);
  await client.query(`CREATE TABLE ${table} (${columns})`);
};

const gather = async (stream) => {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
};

// Reads the rows of a sample and writes them back; the server says what has changed on the way.
const roundTrip = (table, columns) => withClient(async (client) => {
  const { rows, fields } = await client.query({ text: `SELECT ${columns.map(readable).join()} FROM ${table} ORDER BY id`, rowMode: 'array' });
  const marks = columns.map((_, n) => `$${n + 2}`).join();
  const documents = new Set([types.builtins.JSON, types.builtins.JSONB]);
  for (const row of rows) {
    const values = row.map((value, n) => (value === null ? null : documents.has(fields[n].dataTypeID) ? JSON.stringify(value)
      : columns[n] === 'jba' ? value.map((item) => JSON.stringify(item)) : value));
    await client.query(`INSERT INTO ${table}_written VALUES ($1, ${marks})`, ['node-postgres', ...values]);
  }
  const { rows: differences } = await client.query(`SELECT name, sent, came FROM ${table}_differences WHERE client = 'node-postgres'`);
  assert.deepStrictEqual(differences, []);
  return rows;
});

const steps = {
  connect: () => withClient(async (client) => {
    const { rows } = await client.query('SELECT 1 AS one, $1 AS text', ['x']);
    assert.deepStrictEqual(rows, [{ one: 1, text: 'x' }]);
  }),

  'metadata columns': () => withClient(async (client) => {
    await fresh(client, 'node_ddl', 'id serial PRIMARY KEY, name varchar(10) NOT NULL');
    const result = await client.query('INSERT INTO node_ddl (name) VALUES ($1), ($2) RETURNING *', ['a', 'b']);
    assert.deepStrictEqual(result.rows, [{ id: 1, name: 'a' }, { id: 2, name: 'b' }]);
    assert.deepStrictEqual([result.command, result.rowCount], ['INSERT', 2]);
    assert.strictEqual(result.fields[1].dataTypeID, 1043);
    assert.strictEqual(result.fields[1].dataTypeModifier, 14);
  }),

  'vectors text': () => withClient(async (client) => {
    await fresh(client, 'node_items', 'id int PRIMARY KEY, embedding vector(3)');
    for (let n = 0; n < 20; n++)
      await client.query('INSERT INTO node_items VALUES ($1, $2)', [n, JSON.stringify([n, 1, 0])]);
    const text = 'SELECT id, embedding <-> $1 AS distance FROM node_items WHERE id <> $2 ORDER BY distance LIMIT $3';
    const { rows } = await client.query(text, ['[5,1,0]', 6, 2]);
    assert.deepStrictEqual(rows, [{ id: 5, distance: 0 }, { id: 4, distance: 1 }]);
    const embedding = Buffer.alloc(16);
    embedding.writeInt16BE(3, 0);
    [20, 0.5, -1].forEach((value, at) => embedding.writeFloatBE(value, 4 + 4 * at));
    await client.query('INSERT INTO node_items VALUES ($1, $2)', [20, embedding]);
    const stored = await client.query('SELECT embedding FROM node_items WHERE id = $1', [20]);
    assert.deepStrictEqual(stored.rows, [{ embedding: '[20,0.5,-1]' }]);
  }),

  'vectors bulk': () => withClient(async (client) => {
    await fresh(client, 'node_copy', 'id int, body text, embedding vector(2)');
    const lines = Array.from({ length: 5000 }, (_, n) => `${n}\trow ${n}\t[${n},1]\n`);
    await pipeline(Readable.from(lines), client.query(copyFrom('COPY node_copy FROM STDIN')));
    const { rows } = await client.query('SELECT count(*)::int AS count, max(id) AS last FROM node_copy');
    assert.deepStrictEqual(rows, [{ count: 5000, last: 4999 }]);
    const csv = await gather(client.query(copyTo('COPY (SELECT * FROM node_copy WHERE id < 2 ORDER BY id) TO STDOUT CSV HEADER')));
    assert.strictEqual(csv.toString(), 'id,body,embedding\n0,row 0,"[0,1]"\n1,row 1,"[1,1]"\n');
    const binary = await gather(client.query(copyTo('COPY node_copy TO STDOUT (FORMAT binary)')));
    assert.strictEqual(binary.subarray(0, 11).toString('latin1'), 'PGCOPY\n\xff\r\n\0');
    await client.query('TRUNCATE node_copy');
    await pipeline(Readable.from([binary]), client.query(copyFrom('COPY node_copy FROM STDIN BINARY')));
    assert.strictEqual((await client.query('SELECT count(*)::int AS count FROM node_copy')).rows[0].count, 5000);
  }),

  'bulk error': () => withClient(async (client) => {
    await fresh(client, 'node_copy_error', 'id int');
    const stream = client.query(copyFrom('COPY node_copy_error FROM STDIN'));
    await assert.rejects(pipeline(Readable.from(['1\n', 'x\n']), stream), { code: '22P02' });
    assert.strictEqual((await client.query('SELECT count(*)::int AS n FROM node_copy_error')).rows[0].n, 0);
  }),

  errors: () => withClient(async (client) => {
    await fresh(client, 'node_errors', 'id int PRIMARY KEY');
    await client.query('INSERT INTO node_errors VALUES (1)');
    await assert.rejects(client.query('INSERT INTO node_errors VALUES ($1)', [1]),
      { code: '23505', constraint: 'node_errors_pkey', detail: 'Key (id)=(1) already exists.', table: 'node_errors' });
    await assert.rejects(client.query('SELECT nothing FROM node_errors'), { code: '42703', position: '8' });
    await assert.rejects(client.query('SELECT $1::int', ['x']), { code: '22P02' });
    assert.strictEqual((await client.query('SELECT 1 AS n')).rows[0].n, 1);
  }),

  pipeline: () => withClient(async (client) => {
    await fresh(client, 'node_several', 'n int PRIMARY KEY');
    const results = await client.query('INSERT INTO node_several VALUES (1); SELECT n FROM node_several; SELECT 2 AS two');
    assert.deepStrictEqual(results.map((result) => result.rows), [[], [{ n: 1 }], [{ two: 2 }]]);
    await assert.rejects(client.query('INSERT INTO node_several VALUES (2); INSERT INTO node_several VALUES (1)'), { code: '23505' });
    assert.strictEqual((await client.query('SELECT n FROM node_several')).rowCount, 1);
  }),

  transactions: () => withClient(async (client) => {
    await fresh(client, 'node_tx', 'n int');
    await client.query('BEGIN');
    await client.query('INSERT INTO node_tx VALUES (1)');
    await client.query('ROLLBACK');
    await client.query('BEGIN');
    await client.query('INSERT INTO node_tx VALUES ($1)', [2]);
    await client.query('SAVEPOINT s');
    await assert.rejects(client.query('SELECT 1 / 0'), { code: '22012' });
    await assert.rejects(client.query('SELECT 1'), { code: '25P02' });
    await client.query('ROLLBACK TO SAVEPOINT s');
    await client.query('INSERT INTO node_tx VALUES ($1)', [3]);
    await client.query('COMMIT');
    const { rows } = await withClient((other) => other.query('SELECT n FROM node_tx ORDER BY n'));
    assert.deepStrictEqual(rows, [{ n: 2 }, { n: 3 }]);
  }),

  cancel: () => withClient(async (client) => {
    const running = client.query(endless);
    setTimeout(() => {
      const other = new Client(options);
      other.connection.on('error', () => {});
      other.cancel(client, client.activeQuery ?? client._activeQuery);
    }, 300);
    await assert.rejects(running, { code: '57014' });
    assert.strictEqual((await client.query('SELECT 1 AS n')).rows[0].n, 1);
  }),

  prepared: () => withClient(async (client) => {
    for (let n = 0; n < 3; n++) {
      const { rows } = await client.query({ name: 'plus', text: 'SELECT $1::int + 1 AS n', values: [n] });
      assert.deepStrictEqual(rows, [{ n: n + 1 }]);
    }
  }),

  stream: () => withClient(async (client) => {
    await fresh(client, 'node_cursor', 'n int');
    await client.query('INSERT INTO node_cursor SELECT * FROM unnest($1::int[])', [Array.from({ length: 25 }, (_, n) => n)]);
    const cursor = client.query(new Cursor('SELECT n FROM node_cursor WHERE n >= $1 ORDER BY n', [5]));
    const seen = [];
    for (let rows = await cursor.read(8); rows.length > 0; rows = await cursor.read(8))
      seen.push(...rows.map((row) => row.n));
    await cursor.close();
    assert.deepStrictEqual(seen, Array.from({ length: 20 }, (_, n) => n + 5));
  }),

  'types native': () => withClient(async (client) => {
    await fresh(client, 'node_types',
      'b bool, i8 int8, f8 float8, n numeric, t text, y bytea, tz timestamptz, j json, jb jsonb, ia int[], ta text[], u uuid, d interval');
    const when = new Date(Date.UTC(2024, 1, 29, 1, 2, 3, 456));
    await client.query('INSERT INTO node_types VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)',
      [true, '9007199254740993', 0.1, '123456789012345678901234567890.10', 'naïve ☃', Buffer.from([0, 255, 92]), when, { a: [1, null] },
        { b: 'é' }, [1, null, 3], ['a', null, 'b "c"', '', 'NULL'], '6f9619ff-8b86-d011-b42d-00c04fc964ff', '1 day 02:00:00']);
    const row = (await client.query('SELECT * FROM node_types')).rows[0];
    assert.strictEqual(row.i8, '9007199254740993');
    assert.strictEqual(row.n, '123456789012345678901234567890.10');
    assert.deepStrictEqual([row.b, row.f8, row.t, row.y, row.tz], [true, 0.1, 'naïve ☃', Buffer.from([0, 255, 92]), when]);
    assert.deepStrictEqual([row.j, row.jb], [{ a: [1, null] }, { b: 'é' }]);
    assert.deepStrictEqual([row.ia, row.ta], [[1, null, 3], ['a', null, 'b "c"', '', 'NULL']]);
    assert.deepStrictEqual([row.u, row.d.days, row.d.hours], ['6f9619ff-8b86-d011-b42d-00c04fc964ff', 1, 2]);
  }),

  pool: async () => {
    const pool = new Pool({ ...options, max: 4 });
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => pool.query('SELECT $1::int * 2 AS n', [n])));
    assert.deepStrictEqual(results.map((result) => result.rows[0].n), Array.from({ length: 20 }, (_, n) => n * 2));
    await pool.end();
  },

  listen: () => withClient((listener) => withClient(async (sender) => {
    await listener.query('LISTEN node_news');
    const arrived = once(listener, 'notification');
    await sender.query("NOTIFY node_news, 'fresh'");
    const [notification] = await arrived;
    assert.deepStrictEqual([notification.channel, notification.payload], ['node_news', 'fresh']);
  })),

  secure: async () => {
    await withClient(async (client) => {
      const { rows } = await client.query('SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      assert.deepStrictEqual(rows, [{ current_user: secure.user, ssl: true }]);
    }, secure);
    await assert.rejects(new Client({ ...secure, password: 'no' }).connect(), { code: '28P01' });
  },

  types: () => roundTrip('sample', sample),

  nulls: () => withClient(async (client) => {
    const { rows } = await client.query({ text: 'SELECT * FROM sample WHERE id = 2', rowMode: 'array' });
    assert.deepStrictEqual(rows, [[2, ...Array(26).fill(null)]]);
    const { rows: [row] } = await client.query("SELECT $1::int IS NULL AS a, coalesce($2, 'x') AS b", [null, undefined]);
    assert.deepStrictEqual(row, { a: true, b: 'x' });
  }),

  arrays: async () => {
    const rows = await roundTrip('sample_arrays', arrays);
    assert.deepStrictEqual(rows[0][8], ['a', null, 'b c', '"q"', '', 'NULL', 'back\\slash', '{x,y}']);
  },

  vectors: () => withClient(async (client) => {
    await client.query('CREATE EXTENSION IF NOT EXISTS vector');
    await vectors.registerTypes(client);
    await client.query('CREATE TEMP TABLE items (id int PRIMARY KEY, e vector(3), h halfvec(3), s sparsevec(3), b bit(3))');
    for (let n = 0; n < 5; n++) {
      await client.query('INSERT INTO items VALUES ($1, $2, $3, $4, $5)',
        [n, pgvector.toSql([n, 0.5, -1]), pgvector.toSql([n, 0, 0]), new pgvector.SparseVector([n, 0, 1]), '101']);
    }
    const { rows: [row] } = await client.query('SELECT *, e <-> $1 AS far FROM items ORDER BY e <-> $1 LIMIT $2', [pgvector.toSql([3.25, 0.5, -1]), 1]);
    assert.deepStrictEqual([row.id, row.e, row.h, row.s.toArray(), row.b, row.far], [3, [3, 0.5, -1], [3, 0, 0], [3, 0, 1], '101', 0.25]);
    await assert.rejects(client.query('SELECT e <-> $1 FROM items', ['[1]']), { code: '22000' });
  }),

  bulk: () => withClient(async (client) => {
    await client.query('CREATE TEMP TABLE bulk (n int, body text)');
    const lines = Array.from({ length: 3000 }, (_, n) => `${n}\trow ${n}\n`);
    await pipeline(Readable.from(lines), client.query(copyFrom('COPY bulk FROM STDIN')));
    const csv = await gather(client.query(copyTo('COPY (SELECT * FROM bulk WHERE n < 2 ORDER BY n) TO STDOUT CSV HEADER')));
    assert.strictEqual(csv.toString(), 'n,body\n0,row 0\n1,row 1\n');
    assert.strictEqual((await client.query('SELECT count(*)::int AS count FROM bulk')).rows[0].count, 3000);
  }),

  metadata: () => withClient(async (client) => {
    const result = await client.query('SELECT id, name, price, mood FROM shop.goods LIMIT 1');
    const { rows } = await client.query(
      'SELECT format_type(t, m) AS type FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY u(t, m, n) ORDER BY n',
      [result.fields.map((field) => field.dataTypeID), result.fields.map((field) => field.dataTypeModifier)]);
    assert.deepStrictEqual(rows.map((row) => row.type), ['integer', 'character varying(30)', 'numeric(10,2)', 'shop.mood']);
    assert.strictEqual(new Set(result.fields.map((field) => field.tableID)).size, 1);
  }),

  migrate: () => withClient(async (client) => {
    await client.query('BEGIN; CREATE TABLE node_migrated (id int PRIMARY KEY)');
    await client.query("ALTER TABLE node_migrated ADD COLUMN name text NOT NULL DEFAULT 'x'");
    assert.deepStrictEqual((await client.query('INSERT INTO node_migrated (id) VALUES ($1) RETURNING name', [1])).rows, [{ name: 'x' }]);
    await client.query('ROLLBACK');
    assert.deepStrictEqual((await client.query("SELECT to_regclass('node_migrated') AS found")).rows, [{ found: null }]);
  }),

  unicode: () => withClient(async (client) => {
    const name = client.escapeIdentifier('žluťoučký "kůň"');
    await client.query(`CREATE TEMP TABLE ${name} ("größe ☃" text)`);
    for (const value of texts) {
      await client.query(`INSERT INTO ${name} VALUES ($1)`, [value]);
      const { rows } = await client.query(`SELECT * FROM ${name} WHERE "größe ☃" = $1`, [value]);
      assert.deepStrictEqual(rows, [{ 'größe ☃': value }]);
      assert.strictEqual((await client.query(`SELECT ${client.escapeLiteral(value)} AS v`)).rows[0].v, value);
    }
  }),

  large: () => withClient(async (client) => {
    const [text, data, many] = ['ü'.repeat(2_000_000), bytes(2_000_000), Array.from({ length: 30_000 }, (_, n) => n)];
    const { rows: [row] } = await client.query('SELECT $1::text AS text, $2::bytea AS data', [text, data]);
    assert.ok(row.text === text && row.data.equals(data));
    const marks = many.map((_, n) => `$${n + 1}`).join();
    assert.strictEqual((await client.query(`SELECT count(*)::int AS n FROM numbered WHERE n IN (${marks})`, many)).rows[0].n, 5000);
  }),
};

run(steps);
