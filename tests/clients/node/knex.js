// What an application does through Knex: queries, the schema builder, migrations.
'use strict';
const assert = require('assert');
const { load, run, failed, lacking, options, secure, endless, sample, arrays, readable, texts, bytes } = require('./steps');

const connect = load('knex');
const pgvector = load('pgvector/knex');

async function withKnex(work, connection = options, pool = { min: 0, max: 3 }) {
  const knex = connect({ client: 'pg', connection, pool });
  try {
    return await work(knex);
  } finally {
    await knex.destroy();
  }
}

const fresh = async (knex, table, define) => {
  await knex.schema.dropTableIfExists(table);
  await knex.schema.createTable(table, define);
};

const roundTrip = (table, columns) => withKnex(async (knex) => {
  const rows = await knex(table).select(columns.map((name) => knex.raw(readable(name)))).orderBy('id');
  for (const row of rows) {
    for (const name of ['j', 'jb']) if (row[name] != null) row[name] = JSON.stringify(row[name]);
    if (row.jba) row.jba = row.jba.map((item) => JSON.stringify(item));
    await knex(`${table}_written`).insert({ client: 'knex', ...row });
  }
  assert.deepStrictEqual(await knex(`${table}_differences`).where({ client: 'knex' }), []);
});

const migrations = {
  getMigrations: async () => ['1', '2'],
  getMigrationName: (name) => name,
  getMigration: async (name) => ({
    1: {
      up: (knex) => knex.schema.createTable('knex_authors', (table) => {
        table.increments('id');
        table.string('name', 40).notNullable().unique();
        table.timestamps(true, true);
        table.jsonb('facts').defaultTo('{}');
        table.uuid('key');
        table.enum('state', ['draft', 'done']);
        table.decimal('score', 8, 3).index();
        table.comment('who writes');
      }),
      down: (knex) => knex.schema.dropTable('knex_authors'),
    },
    2: {
      up: (knex) => knex.schema.alterTable('knex_authors', (table) => {
        table.specificType('tags', 'text[]');
        table.renameColumn('score', 'points');
        table.string('name', 80).notNullable().alter();
        table.index(['name', 'points'], 'knex_by_name');
      }),
      down: (knex) => knex.schema.alterTable('knex_authors', (table) => {
        table.dropColumn('tags');
        table.renameColumn('points', 'score');
      }),
    },
  }[name]),
};

run({
  connect: () => withKnex(async (knex) => {
    assert.deepStrictEqual((await knex.raw("SELECT ? || 'x' AS a, ?::int AS b", ['y', 5])).rows, [{ a: 'yx', b: 5 }]);
  }),

  secure: async () => {
    await withKnex(async (knex) => {
      const { rows } = await knex.raw('SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      assert.deepStrictEqual(rows, [{ current_user: secure.user, ssl: true }]);
    }, secure);
    await withKnex((knex) => failed(knex.raw('SELECT 1'), { code: '28P01' }), { ...secure, password: 'no' });
  },

  types: () => roundTrip('sample', sample),

  nulls: () => withKnex(async (knex) => {
    assert.deepStrictEqual(Object.values(await knex('sample').whereNull('b').first()), [2, ...Array(26).fill(null)]);
  }),

  arrays: () => roundTrip('sample_arrays', arrays),

  vectors: () => withKnex(async (knex) => {
    await knex.schema.createExtensionIfNotExists('vector');
    await fresh(knex, 'knex_items', (table) => {
      table.increments('id');
      table.vector('e', 3);
    });
    await knex('knex_items').insert(Array.from({ length: 10 }, (_, n) => ({ e: pgvector.toSql([n, 0.5, -1]) })));
    const rows = await knex('knex_items').orderBy(knex.l2Distance('e', [3.25, 0.5, -1])).limit(2);
    assert.deepStrictEqual(rows.map((row) => [row.id, pgvector.fromSql(row.e)]), [[4, [3, 0.5, -1]], [5, [4, 0.5, -1]]]);
    await knex.schema.alterTable('knex_items', (table) => table.index(knex.raw('e vector_l2_ops'), 'knex_items_e', 'hnsw'));
  }),

  prepared: () => withKnex(async (knex) => {
    for (let n = 1; n <= 8; n++)
      assert.deepStrictEqual(await knex('numbered').select('body').where({ n }).options({ name: 'by_number' }), [{ body: `row ${n}` }]);
  }),

  transactions: () => withKnex(async (knex) => {
    await fresh(knex, 'knex_tx', (table) => table.integer('n').primary());
    await knex.transaction(async (tx) => {
      await tx('knex_tx').insert({ n: 1 });
      await failed(tx.transaction((inner) => inner('knex_tx').insert({ n: 1 })), { code: '23505' });
      await tx('knex_tx').insert({ n: 2 });
    }, { isolationLevel: 'repeatable read' });
    await failed(knex.transaction(async (tx) => {
      await failed(tx.raw('SELECT 1/0'), { code: '22012' });
      await tx.raw('SELECT 1');
    }), { code: '25P02' });
    assert.deepStrictEqual(await knex('knex_tx').pluck('n').orderBy('n'), [1, 2]);
    assert.deepStrictEqual(await knex.transaction((tx) => tx('knex_tx').where('n', 1).forUpdate()), [{ n: 1 }]);
  }),

  errors: () => withKnex(async (knex) => {
    await failed(knex('shop.goods').insert({ name: 'pen' }),
      { code: '23505', constraint: 'goods_name_key', detail: 'Key (name)=(pen) already exists.', schema: 'shop' });
    await failed(knex('nowhere'), { code: '42P01' });
  }),

  bulk: () => withKnex(async (knex) => {
    await fresh(knex, 'knex_bulk', (table) => {
      table.integer('n').primary();
      table.text('body');
    });
    await knex.batchInsert('knex_bulk', Array.from({ length: 2000 }, (_, n) => ({ n, body: `row ${n}` })), 500);
    await knex('knex_bulk').insert([{ n: 1, body: 'merged' }, { n: 5000, body: 'new' }]).onConflict('n').merge();
    await knex('knex_bulk').insert({ n: 1, body: 'ignored' }).onConflict('n').ignore();
    assert.deepStrictEqual(await knex('knex_bulk').count('* as count').sum('n as sum').first(), { count: '2001', sum: '2004000' });
    assert.deepStrictEqual(await knex('knex_bulk').where('body', 'merged').update({ body: 'x' }, ['n']), [{ n: 1 }]);
  }),

  stream: () => withKnex(async (knex) => {
    let sum = 0;
    for await (const row of knex('numbered').select('n').orderBy('n').stream({ highWaterMark: 100 })) sum += row.n;
    assert.strictEqual(sum, 12502500);
    for await (const row of knex('numbered').select('n').orderBy('n').stream({ highWaterMark: 10 })) if (row.n === 25) break; // the rest is not asked for
    assert.deepStrictEqual((await knex.raw('SELECT 1 AS n')).rows, [{ n: 1 }]);
  }),

  cancel: () => withKnex(async (knex) => {
    const said = await failed(knex.raw(endless).timeout(300, { cancel: true }), {});
    assert.strictEqual(said.name, 'KnexTimeoutError');
    assert.deepStrictEqual((await knex.raw('SELECT 1 AS n')).rows, [{ n: 1 }]);
  }),

  metadata: () => withKnex(async (knex) => {
    const columns = await knex('goods').withSchema('shop').columnInfo();
    assert.deepStrictEqual([columns.name, columns.price.type, columns.mood.type], [
      { type: 'character varying', maxLength: 30, nullable: false, defaultValue: "'none'::character varying" }, 'numeric', 'USER-DEFINED']);
    assert.deepStrictEqual([await knex.schema.withSchema('shop').hasTable('goods'), await knex.schema.hasTable('nowhere'),
      await knex.schema.withSchema('shop').hasColumn('goods', 'price')], [true, false, true]);
  }),

  migrate: () => withKnex(async (knex) => {
    for (const table of ['knex_authors', 'knex_migrations', 'knex_migrations_lock']) await knex.schema.dropTableIfExists(table);
    const [, done] = await knex.migrate.latest({ migrationSource: migrations });
    assert.deepStrictEqual(done, ['1', '2']);
    const [row] = await knex('knex_authors').insert({ name: 'Čapek', facts: { works: ['R.U.R.'] }, state: 'done', points: 9.125, tags: ['a'] }, '*');
    assert.deepStrictEqual([row.id, row.points, row.facts, row.tags, row.created_at instanceof Date], [1, '9.125', { works: ['R.U.R.'] }, ['a'], true]);
    await failed(knex('knex_authors').insert({ name: 'x', state: 'lost' }), { code: '23514', constraint: 'knex_authors_state_check' });
    assert.strictEqual((await knex('knex_authors').whereJsonSupersetOf('facts', { works: ['R.U.R.'] })).length, 1);
    await knex.migrate.rollback({ migrationSource: migrations }, true);
    assert.strictEqual(await knex.schema.hasTable('knex_authors'), false);
  }),

  pool: () => withKnex(async (knex) => {
    const sums = await Promise.all(Array.from({ length: 20 }, (_, n) => knex.raw('SELECT ?::int * 2 AS n', [n])));
    assert.deepStrictEqual(sums.map(({ rows }) => rows[0].n), Array.from({ length: 20 }, (_, n) => n * 2));
  }),

  pipeline: () => withKnex(async (knex) => {
    const results = await knex.raw('SELECT 1 AS a; SELECT 2 AS b');
    assert.deepStrictEqual(results.map(({ rows }) => rows), [[{ a: 1 }], [{ b: 2 }]]);
  }),

  listen: lacking('Knex has no notifications; the driver below has'),

  unicode: () => withKnex(async (knex) => {
    await fresh(knex, 'žluťoučký "kůň"', (table) => table.text('größe ☃'));
    for (const value of texts) {
      await knex('žluťoučký "kůň"').insert({ 'größe ☃': value });
      assert.deepStrictEqual(await knex('žluťoučký "kůň"').where({ 'größe ☃': value }), [{ 'größe ☃': value }]);
    }
    await knex.schema.dropTable('žluťoučký "kůň"');
  }),

  large: () => withKnex(async (knex) => {
    const [text, data] = ['ü'.repeat(1_000_000), bytes(1_000_000)];
    const { rows: [row] } = await knex.raw('SELECT ?::text AS text, ?::bytea AS data', [text, data]);
    assert.ok(row.text === text && row.data.equals(data));
  }),
});
