// What an application does through TypeORM, over node-postgres.
'use strict';
const assert = require('assert');
const { load, run, failed, options, secure, endless, texts, bytes, lacking } = require('./steps');

load('reflect-metadata');
const { DataSource, EntitySchema, In, ArrayContains, Raw, Table, TableColumn, TableIndex } = load('typeorm');

const Author = new EntitySchema({
  name: 'Author',
  tableName: 'typeorm_author',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    name: { type: 'varchar', length: 40, unique: true },
    born: { type: 'date', nullable: true },
    score: { type: 'numeric', precision: 8, scale: 3, nullable: true },
    facts: { type: 'jsonb', nullable: true, default: {} },
    tags: { type: 'text', array: true, nullable: true },
    key: { type: 'uuid', generated: 'uuid' },
    state: { type: 'enum', enum: ['draft', 'done'], default: 'draft' },
    at: { type: 'timestamptz', createDate: true },
    big: { type: 'bigint', nullable: true },
    yes: { type: 'boolean', nullable: true },
    real: { type: 'float', nullable: true },
    data: { type: 'bytea', nullable: true },
    version: { type: 'int', version: true },
  },
  indices: [{ name: 'typeorm_by_born', columns: ['born', 'name'] }],
  checks: [{ name: 'typeorm_score', expression: '"score" >= 0' }],
});

async function withSource(work, more = {}) {
  const { user: username, ...rest } = options;
  const source = new DataSource({ type: 'postgres', username, ...rest, entities: [Author], installExtensions: false, uuidExtension: 'pgcrypto', ...more });
  await source.initialize();
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

const withAuthors = (work, more = {}) => withSource(async (source) => {
  await source.synchronize(true);
  return work(source.getRepository(Author), source);
}, { schema: 'typeorm', ...more });

class First {
  name = 'First1700000000000';

  async up(runner) {
    await runner.createTable(new Table({
      name: 'typeorm_migrated',
      columns: [{ name: 'id', type: 'int', isPrimary: true, isGenerated: true, generationStrategy: 'increment' }, { name: 'name', type: 'varchar', length: '20' }],
    }));
    await runner.createIndex('typeorm_migrated', new TableIndex({ name: 'typeorm_by_name', columnNames: ['name'], isUnique: true }));
    await runner.addColumn('typeorm_migrated', new TableColumn({ name: 'tags', type: 'text', isArray: true, isNullable: true }));
    await runner.renameColumn('typeorm_migrated', 'name', 'title');
    await runner.changeColumn('typeorm_migrated', 'title', new TableColumn({ name: 'title', type: 'varchar', length: '40', default: "'x'" }));
  }

  async down(runner) {
    await runner.dropColumn('typeorm_migrated', 'tags');
    await runner.dropTable('typeorm_migrated');
  }
}

run({
  connect: () => withSource(async (source) => {
    assert.deepStrictEqual(await source.query("SELECT $1 || 'x' AS a", ['y']), [{ a: 'yx' }]);
    assert.ok(source.driver.version.startsWith('15'), source.driver.version);
    await source.query('CREATE SCHEMA IF NOT EXISTS typeorm');
  }),

  secure: async () => {
    const { user: username, ...rest } = secure;
    await withSource(async (source) => {
      const rows = await source.query('SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      assert.deepStrictEqual(rows, [{ current_user: username, ssl: true }]);
    }, { username, ...rest, entities: [] });
    await failed(withSource(() => {}, { username, ...rest, password: 'no' }), { code: '28P01' });
  },

  types: () => withAuthors(async (authors) => {
    const row = { name: 'Čapek', born: '1890-01-09', score: '9.125', facts: { works: ['R.U.R.'] }, state: 'done', big: '-9223372036854775808',
      yes: true, real: 0.1, data: Buffer.from([0, 255]) };
    const { id } = await authors.save(row);
    const found = await authors.findOneByOrFail({ id });
    assert.deepStrictEqual({ ...found, at: found.at instanceof Date, key: found.key.length }, { ...row, id: 1, tags: null, key: 36, version: 1, at: true });
    assert.strictEqual(await authors.countBy({ facts: Raw((name) => `${name} @> :v`, { v: { works: ['R.U.R.'] } }) }), 1);
  }),

  nulls: () => withAuthors(async (authors) => {
    await authors.save({ name: 'x' });
    const { id, born, score, big, yes, data } = await authors.findOneByOrFail({ name: 'x' });
    assert.deepStrictEqual([id, born, score, big, yes, data], [1, null, null, null, null, null]);
  }),

  arrays: () => withAuthors(async (authors) => {
    const tags = ['a', null, 'b c', '"q"', '', 'NULL', '{x,y}'];
    await authors.save({ name: 'x', tags });
    assert.deepStrictEqual((await authors.findOneByOrFail({ tags: ArrayContains(['b c']) })).tags, tags);
  }),

  vectors: () => {
    const Item = new EntitySchema({ name: 'Item', tableName: 'typeorm_item',
      columns: { id: { type: 'int', primary: true }, e: { type: 'vector', length: 3, nullable: true } } });
    return withSource(async (source) => {
      await source.query('CREATE EXTENSION IF NOT EXISTS vector');
      await source.synchronize(true);
      const items = source.getRepository(Item);
      await items.insert(Array.from({ length: 10 }, (_, id) => ({ id, e: [id, 0.5, -1] })));
      const rows = await items.createQueryBuilder('i').orderBy('i.e <-> :to').setParameter('to', '[3.25,0.5,-1]').limit(2).getMany();
      assert.deepStrictEqual(rows.map((row) => [row.id, row.e]), [[3, [3, 0.5, -1]], [4, [4, 0.5, -1]]]);
    }, { entities: [Item], schema: 'typeorm' });
  },

  prepared: lacking('TypeORM 1.1 names no statements'),

  transactions: () => withAuthors(async (authors, source) => {
    await source.transaction('REPEATABLE READ', async (manager) => {
      await manager.save(Author, { name: 'kept' });
      await failed(manager.transaction((inner) => inner.insert(Author, { name: 'kept' })), { code: '23505' });
      await manager.save(Author, { name: 'after' });
    });
    await failed(source.transaction(async (manager) => {
      await failed(manager.query('SELECT 1/0'), { code: '22012' });
      await manager.query('SELECT 1');
    }), { code: '25P02' });
    assert.deepStrictEqual((await authors.find({ order: { name: 'ASC' } })).map((author) => author.name), ['after', 'kept']);
    await source.transaction((manager) => manager.findOne(Author, { where: { name: 'kept' }, lock: { mode: 'pessimistic_write' } }));
  }),

  errors: () => withAuthors(async (authors) => {
    await authors.insert({ name: 'x' });
    await failed(authors.insert({ name: 'x' }), { code: '23505', table: 'typeorm_author', detail: 'Key (name)=(x) already exists.' });
    await failed(authors.insert({ name: 'y', score: -1 }), { code: '23514', constraint: 'typeorm_score' });
    await failed(authors.insert({ name: 'y', state: 'lost' }), { code: '22P02' });
  }),

  bulk: () => withAuthors(async (authors) => {
    await authors.insert(Array.from({ length: 500 }, (_, n) => ({ name: `n${n}`, real: n })));
    await authors.upsert([{ name: 'n1', real: -1 }, { name: 'new', real: 0 }], ['name']);
    assert.deepStrictEqual([await authors.count(), await authors.sum('real')], [501, 124748]);
    assert.strictEqual((await authors.update({ real: 7 }, { yes: true })).affected, 1);
    assert.strictEqual((await authors.delete({ name: In(['n1', 'n2', 'none']) })).affected, 2);
    const [page, total] = await authors.findAndCount({ order: { id: 'DESC' }, take: 3, skip: 1 });
    assert.deepStrictEqual([page.length, total], [3, 499]);
  }),

  stream: () => withSource(async (source) => {
    const runner = source.createQueryRunner();
    let sum = 0;
    for await (const row of await runner.stream('SELECT n FROM numbered WHERE n > $1 ORDER BY n', [0])) sum += row.n;
    await runner.release();
    assert.strictEqual(sum, 12502500);
  }),

  cancel: () => withSource(async (source) => {
    await source.query('SET statement_timeout = 200');
    await failed(source.query(endless), { code: '57014' });
    assert.deepStrictEqual(await source.query('SELECT 1 AS n'), [{ n: 1 }]);
  }, { extra: { max: 1 } }),

  metadata: () => withAuthors(async (_, source) => {
    const log = await source.driver.createSchemaBuilder().log();
    assert.deepStrictEqual(log.upQueries.map((query) => query.query), []); // what it reads from the catalog is what it has made
    await source.query('CREATE TABLE IF NOT EXISTS typeorm.typeorm_metadata (type text, database text, schema text, "table" text, name text, value text)');
    const runner = source.createQueryRunner();
    const table = await runner.getTable('shop.goods');
    assert.deepStrictEqual(table.columns.map((column) => `${column.name} ${column.type} ${column.isNullable} ${column.default ?? ''}`.trim()),
      ['id integer false', "name character varying false 'none'", 'price numeric true', 'mood enum true', 'tags text true',
        'added timestamp with time zone true now()', 'twice numeric true']);
    assert.deepStrictEqual([table.uniques.map((unique) => unique.name), table.checks.map((check) => check.expression), table.indices.length],
      [['goods_name_key'], ['(price > (0)::numeric)'], 1]);
    await runner.release();
  }),

  migrate: () => withSource(async (source) => {
    await source.query('DROP TABLE IF EXISTS typeorm_migrated, migrations');
    assert.deepStrictEqual((await source.runMigrations()).map((migration) => migration.name), ['First1700000000000']);
    assert.deepStrictEqual(await source.query('INSERT INTO typeorm_migrated DEFAULT VALUES RETURNING *'), [{ id: 1, title: 'x', tags: null }]);
    await source.undoLastMigration();
    assert.deepStrictEqual(await source.query("SELECT to_regclass('typeorm_migrated') AS found"), [{ found: null }]);
  }, { migrations: [First] }),

  pool: () => withSource(async (source) => {
    const sums = await Promise.all(Array.from({ length: 20 }, (_, n) => source.query('SELECT $1::int * 2 AS n', [n])));
    assert.deepStrictEqual(sums.map(([row]) => row.n), Array.from({ length: 20 }, (_, n) => n * 2));
  }, { poolSize: 3 }),

  pipeline: lacking('node-postgres, which TypeORM runs on, sends one statement at a time'),
  listen: lacking('TypeORM has no notifications; the driver below has'),

  unicode: () => withAuthors(async (authors) => {
    for (const name of texts) {
      await authors.insert({ name });
      assert.strictEqual((await authors.findOneByOrFail({ name })).name, name);
    }
  }),

  large: () => withAuthors(async (authors) => {
    const [text, data] = ['ü'.repeat(1_000_000), bytes(1_000_000)];
    await authors.save({ name: 'big', facts: { text }, data });
    const found = await authors.findOneByOrFail({ name: 'big' });
    assert.ok(found.facts.text === text && found.data.equals(data));
  }),
});
