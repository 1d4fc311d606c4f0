// What an application does through node-postgres, pg-cursor and pg-copy-streams.
'use strict';
const assert = require('assert');
const path = require('path');
const { once } = require('events');
const { pipeline } = require('stream/promises');
const { Readable } = require('stream');

const packages = process.env.VECSQL_NODE_PACKAGES;
const load = (name) => require(path.join(packages, name));
const { Client, Pool } = load('pg');
const Cursor = load('pg-cursor');
const { from: copyFrom, to: copyTo } = load('pg-copy-streams');

const options = { host: '127.0.0.1', port: Number(process.env.PGPORT), user: 'vecsql', database: 'vecsql' };
const endless = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r';

async function withClient(work) {
  const client = new Client(options);
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

const steps = {
  connect: () => withClient(async (client) => {
    const { rows } = await client.query('SELECT 1 AS one, $1 AS text', ['x']);
    assert.deepStrictEqual(rows, [{ one: 1, text: 'x' }]);
  }),

  ddl: () => withClient(async (client) => {
    await fresh(client, 'node_ddl', 'id serial PRIMARY KEY, name varchar(10) NOT NULL');
    const result = await client.query('INSERT INTO node_ddl (name) VALUES ($1), ($2) RETURNING *', ['a', 'b']);
    assert.deepStrictEqual(result.rows, [{ id: 1, name: 'a' }, { id: 2, name: 'b' }]);
    assert.deepStrictEqual([result.command, result.rowCount], ['INSERT', 2]);
    assert.strictEqual(result.fields[1].dataTypeID, 1043);
    assert.strictEqual(result.fields[1].dataTypeModifier, 14);
  }),

  knn: () => withClient(async (client) => {
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

  copy: () => withClient(async (client) => {
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

  copy_error: () => withClient(async (client) => {
    await fresh(client, 'node_copy_error', 'id int');
    const stream = client.query(copyFrom('COPY node_copy_error FROM STDIN'));
    await assert.rejects(pipeline(Readable.from(['1\n', 'x\n']), stream), { code: '22P02' });
    assert.strictEqual((await client.query('SELECT count(*)::int AS n FROM node_copy_error')).rows[0].n, 0);
  }),

  error_and_recovery: () => withClient(async (client) => {
    await fresh(client, 'node_errors', 'id int PRIMARY KEY');
    await client.query('INSERT INTO node_errors VALUES (1)');
    await assert.rejects(client.query('INSERT INTO node_errors VALUES ($1)', [1]),
      { code: '23505', constraint: 'node_errors_pkey', detail: 'Key (id)=(1) already exists.', table: 'node_errors' });
    await assert.rejects(client.query('SELECT nothing FROM node_errors'), { code: '42703', position: '8' });
    await assert.rejects(client.query('SELECT $1::int', ['x']), { code: '22P02' });
    assert.strictEqual((await client.query('SELECT 1 AS n')).rows[0].n, 1);
  }),

  several_statements: () => withClient(async (client) => {
    await fresh(client, 'node_several', 'n int PRIMARY KEY');
    const results = await client.query('INSERT INTO node_several VALUES (1); SELECT n FROM node_several; SELECT 2 AS two');
    assert.deepStrictEqual(results.map((result) => result.rows), [[], [{ n: 1 }], [{ two: 2 }]]);
    await assert.rejects(client.query('INSERT INTO node_several VALUES (2); INSERT INTO node_several VALUES (1)'), { code: '23505' });
    assert.strictEqual((await client.query('SELECT n FROM node_several')).rowCount, 1);
  }),

  transaction: () => withClient(async (client) => {
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

  cursor: () => withClient(async (client) => {
    await fresh(client, 'node_cursor', 'n int');
    await client.query('INSERT INTO node_cursor SELECT * FROM unnest($1::int[])', [Array.from({ length: 25 }, (_, n) => n)]);
    const cursor = client.query(new Cursor('SELECT n FROM node_cursor WHERE n >= $1 ORDER BY n', [5]));
    const seen = [];
    for (let rows = await cursor.read(8); rows.length > 0; rows = await cursor.read(8))
      seen.push(...rows.map((row) => row.n));
    await cursor.close();
    assert.deepStrictEqual(seen, Array.from({ length: 20 }, (_, n) => n + 5));
  }),

  types: () => withClient(async (client) => {
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

  notify: () => withClient((listener) => withClient(async (sender) => {
    await listener.query('LISTEN node_news');
    const arrived = once(listener, 'notification');
    await sender.query("NOTIFY node_news, 'fresh'");
    const [notification] = await arrived;
    assert.deepStrictEqual([notification.channel, notification.payload], ['node_news', 'fresh']);
  })),
};

(async () => {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`not ok ${name}`);
      for (const line of String(error.stack).split('\n')) console.log(`  ${line}`);
    }
  }
  console.log('done');
  process.exit(0);
})();
