// What an application does through Drizzle, over node-postgres.
'use strict';
const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { load, run, failed, lacking, options, secure, endless, texts } = require('./steps');

const { Pool } = load('pg');
const { drizzle } = load('drizzle-orm/node-postgres');
const { migrate } = load('drizzle-orm/node-postgres/migrator');
const core = load('drizzle-orm/pg-core');
const orm = load('drizzle-orm');
const { sql } = orm;

const authors = core.pgTable('drizzle_authors', {
  id: core.serial('id').primaryKey(),
  name: core.varchar('name', { length: 40 }).notNull().unique(),
  born: core.date('born'),
  score: core.numeric('score', { precision: 8, scale: 3 }),
  facts: core.jsonb('facts'),
  tags: core.text('tags').array(),
  key: core.uuid('key').defaultRandom(),
  at: core.timestamp('at', { withTimezone: true }).defaultNow(),
  big: core.bigint('big', { mode: 'bigint' }),
  yes: core.boolean('yes'),
  real: core.doublePrecision('real'),
});
const items = core.pgTable('drizzle_items', { id: core.serial('id').primaryKey(), embedding: core.vector('embedding', { dimensions: 3 }) });

const first = `CREATE TABLE "drizzle_authors" (
  "id" serial PRIMARY KEY NOT NULL, "name" varchar(40) NOT NULL, "born" date, "score" numeric(8, 3), "facts" jsonb, "tags" text[],
  "key" uuid DEFAULT gen_random_uuid(), "at" timestamp with time zone DEFAULT now(), "big" bigint, "yes" boolean, "real" double precision,
  CONSTRAINT "drizzle_authors_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE INDEX "by_born" ON "drizzle_authors" USING btree ("born" DESC NULLS LAST, "name");`;

async function withDb(work, more = {}) {
  const pool = new Pool({ ...options, ...more });
  pool.on('error', () => {});
  try {
    return await work(drizzle(pool), pool);
  } finally {
    await pool.end();
  }
}

const withAuthors = (work) => withDb(async (db, pool) => {
  await db.execute(sql`DROP TABLE IF EXISTS drizzle_authors`);
  for (const part of first.split('--> statement-breakpoint')) await db.execute(sql.raw(part));
  return work(db, pool);
});

run({
  connect: () => withDb(async (db) => {
    assert.deepStrictEqual((await db.execute(sql`SELECT ${'y'} || 'x' AS a, ${5}::int AS b`)).rows, [{ a: 'yx', b: 5 }]);
  }),

  secure: async () => {
    await withDb(async (db) => {
      const { rows } = await db.execute(sql`SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`);
      assert.deepStrictEqual(rows, [{ current_user: secure.user, ssl: true }]);
    }, secure);
    await withDb((db) => failed(db.execute(sql`SELECT 1`), { code: '28P01' }), { ...secure, password: 'no' });
  },

  types: () => withAuthors(async (db) => {
    const row = { name: 'Čapek', born: '1890-01-09', score: '9.125', facts: { works: ['R.U.R.'] }, key: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
      at: new Date(Date.UTC(2024, 1, 29, 1, 2, 3, 456)), big: -9223372036854775808n, yes: true, real: 0.1, tags: null };
    const [written] = await db.insert(authors).values(row).returning();
    assert.deepStrictEqual(written, { id: 1, ...row });
    assert.deepStrictEqual(await db.select().from(authors).where(orm.eq(authors.big, row.big)), [written]);
  }),

  nulls: () => withAuthors(async (db) => {
    await db.insert(authors).values({ name: 'x', key: null, at: null });
    const [row] = await db.select().from(authors).where(orm.isNull(authors.born));
    assert.deepStrictEqual(Object.values(row).filter((value) => value !== null), [1, 'x']);
  }),

  arrays: () => withAuthors(async (db) => {
    const tags = ['a', null, 'b c', '"q"', '', 'NULL', '{x,y}'];
    await db.insert(authors).values({ name: 'x', tags });
    const rows = await db.select({ tags: authors.tags }).from(authors).where(orm.arrayContains(authors.tags, ['b c']));
    assert.deepStrictEqual(rows, [{ tags }]);
    assert.strictEqual(await db.$count(authors, orm.arrayOverlaps(authors.tags, ['zz', 'a'])), 1);
  }),

  vectors: () => withDb(async (db) => {
    await db.execute(sql`CREATE EXTENSION IF NOT EXISTS vector`);
    await db.execute(sql`DROP TABLE IF EXISTS drizzle_items`);
    await db.execute(sql`CREATE TABLE drizzle_items (id serial PRIMARY KEY, embedding vector(3))`);
    await db.execute(sql`CREATE INDEX ON drizzle_items USING hnsw (embedding vector_l2_ops)`);
    await db.insert(items).values(Array.from({ length: 10 }, (_, n) => ({ embedding: [n, 0.5, -1] })));
    const far = orm.l2Distance(items.embedding, [3.25, 0.5, -1]);
    const rows = await db.select({ embedding: items.embedding, far }).from(items).orderBy(far).limit(2);
    assert.deepStrictEqual(rows, [{ embedding: [3, 0.5, -1], far: 0.25 }, { embedding: [4, 0.5, -1], far: 0.75 }]);
  }),

  prepared: () => withAuthors(async (db) => {
    await db.insert(authors).values({ name: 'x' });
    const byName = db.select({ id: authors.id }).from(authors).where(orm.eq(authors.name, sql.placeholder('name'))).prepare('by_name');
    for (let n = 0; n < 5; n++) assert.deepStrictEqual(await byName.execute({ name: 'x' }), [{ id: 1 }]);
  }),

  transactions: () => withAuthors(async (db) => {
    await db.transaction(async (tx) => {
      await tx.insert(authors).values({ name: 'kept' });
      await failed(tx.transaction((inner) => inner.insert(authors).values({ name: 'kept' })), { code: '23505' });
      await tx.insert(authors).values({ name: 'after' });
    }, { isolationLevel: 'repeatable read' });
    await failed(db.transaction(async (tx) => {
      await failed(tx.execute(sql`SELECT 1/0`), { code: '22012' });
      await tx.execute(sql`SELECT 1`);
    }), { code: '25P02' });
    await failed(db.transaction((tx) => tx.delete(authors), { accessMode: 'read only' }), { code: '25006' });
    assert.deepStrictEqual((await db.select({ name: authors.name }).from(authors).orderBy(authors.name)).map((row) => row.name), ['after', 'kept']);
  }),

  errors: () => withAuthors(async (db) => {
    await db.insert(authors).values({ name: 'x' });
    await failed(db.insert(authors).values({ name: 'x' }),
      { code: '23505', constraint: 'drizzle_authors_name_unique', detail: 'Key (name)=(x) already exists.' });
    await failed(db.insert(authors).values({ name: 'y'.repeat(41) }), { code: '22001' });
  }),

  bulk: () => withAuthors(async (db) => {
    await db.insert(authors).values(Array.from({ length: 1000 }, (_, n) => ({ name: `n${n}`, real: n })));
    await db.insert(authors).values({ name: 'n1', real: -1 }).onConflictDoUpdate({ target: authors.name, set: { real: sql`excluded.real` } });
    await db.insert(authors).values({ name: 'n1' }).onConflictDoNothing();
    const [row] = await db.select({ count: orm.count(), sum: orm.sum(authors.real) }).from(authors);
    assert.deepStrictEqual(row, { count: 1000, sum: '499498' });
    const grouped = db.$with('g').as(db.select({ rest: sql`(${authors.real})::int % 10`.as('rest'), n: orm.count().as('n') }).from(authors).groupBy(sql`1`));
    assert.strictEqual((await db.with(grouped).select().from(grouped).where(orm.gt(grouped.n, 99))).length, 9);
    assert.strictEqual((await db.delete(authors).where(orm.between(authors.real, 10, 19)).returning({ id: authors.id })).length, 10);
  }),

  stream: lacking('Drizzle 0.45 reads whole results from PostgreSQL'),

  cancel: () => withDb(async (db) => {
    await failed(db.execute(sql.raw(endless)), { code: '57014' });
    assert.deepStrictEqual((await db.execute(sql`SELECT 1 AS n`)).rows, [{ n: 1 }]);
  }, { statement_timeout: 200 }),

  metadata: () => withAuthors(async (db) => {
    const { rows } = await db.execute(sql`SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, pg_get_expr(d.adbin, d.adrelid) AS otherwise
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = 'drizzle_authors'::regclass AND a.attnum > 0 ORDER BY a.attnum LIMIT 2`);
    assert.deepStrictEqual(rows, [{ name: 'id', type: 'integer', otherwise: "nextval('drizzle_authors_id_seq'::regclass)" },
      { name: 'name', type: 'character varying(40)', otherwise: null }]);
  }),

  migrate: () => withDb(async (db) => {
    await db.execute(sql`DROP TABLE IF EXISTS drizzle_authors`);
    await db.execute(sql`DROP SCHEMA IF EXISTS drizzle CASCADE`);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'drizzle-'));
    fs.mkdirSync(path.join(folder, 'meta'));
    fs.writeFileSync(path.join(folder, '0000_first.sql'), first);
    fs.writeFileSync(path.join(folder, '0001_second.sql'), 'ALTER TABLE "drizzle_authors" ALTER COLUMN "name" SET DATA TYPE varchar(80);\n'
      + '--> statement-breakpoint\nALTER TABLE "drizzle_authors" ADD COLUMN "late" integer DEFAULT 7 NOT NULL;');
    const entries = ['0000_first', '0001_second'].map((tag, idx) => ({ idx, tag, when: 1700000000000 + idx, version: '7', breakpoints: true }));
    fs.writeFileSync(path.join(folder, 'meta', '_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
    await migrate(db, { migrationsFolder: folder });
    await migrate(db, { migrationsFolder: folder }); // the second time there is nothing to do
    const { rows } = await db.execute(sql`INSERT INTO drizzle_authors (name) VALUES ('x') RETURNING late`);
    assert.deepStrictEqual(rows, [{ late: 7 }]);
    assert.deepStrictEqual((await db.execute(sql`SELECT count(*)::int AS n FROM drizzle.__drizzle_migrations`)).rows, [{ n: 2 }]);
    fs.rmSync(folder, { recursive: true });
  }),

  pool: () => withDb(async (db) => {
    const sums = await Promise.all(Array.from({ length: 20 }, (_, n) => db.execute(sql`SELECT ${n}::int * 2 AS n`)));
    assert.deepStrictEqual(sums.map(({ rows }) => rows[0].n), Array.from({ length: 20 }, (_, n) => n * 2));
  }, { max: 3 }),

  pipeline: lacking('node-postgres, which Drizzle runs on, sends one statement at a time'),
  listen: lacking('Drizzle has no notifications; the driver below has'),

  unicode: () => withDb(async (db) => {
    await db.execute(sql`DROP TABLE IF EXISTS "žluťoučký ""kůň"""`);
    await db.execute(sql`CREATE TABLE "žluťoučký ""kůň""" ("größe ☃" text)`);
    for (const value of texts.slice(0, 2)) {
      await db.execute(sql`INSERT INTO "žluťoučký ""kůň""" VALUES (${value})`);
      assert.deepStrictEqual((await db.execute(sql`SELECT * FROM "žluťoučký ""kůň""" WHERE "größe ☃" = ${value}`)).rows, [{ 'größe ☃': value }]);
    }
    await db.execute(sql`DROP TABLE "žluťoučký ""kůň"""`);
  }),

  large: () => withAuthors(async (db) => {
    const text = 'ü'.repeat(1_000_000);
    await db.insert(authors).values({ name: 'big', facts: { text } });
    assert.strictEqual((await db.select({ facts: authors.facts }).from(authors))[0].facts.text, text);
    const many = Array.from({ length: 20_000 }, (_, n) => n);
    assert.strictEqual(await db.$count(authors, orm.inArray(authors.id, many)), 1);
  }),
});
