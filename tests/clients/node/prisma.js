// What an application does through Prisma's client, over its adapter for node-postgres. The client is generated here from a schema, which needs none
// of the programs that Prisma downloads; what its migrations would send for that schema is below.
'use strict';
const assert = require('assert');
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { load, run, failed, lacking, options, secure, endless, texts, bytes } = require('./steps');

const packages = process.env.VECSQL_NODE_PACKAGES;
const folder = fs.mkdtempSync(path.join(path.dirname(packages), 'prisma-')); // beside the packages, where it looks for its client
process.on('exit', () => fs.rmSync(folder, { recursive: true }));
fs.copyFileSync(path.join(__dirname, 'schema.prisma'), path.join(folder, 'schema.prisma'));
execFileSync('node', [path.join(packages, 'prisma', 'build', 'index.js'), 'generate', '--schema', path.join(folder, 'schema.prisma')], {
  cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1' },
});
const { PrismaClient, Prisma } = require(path.join(folder, 'client'));
const { PrismaPg } = load('@prisma/adapter-pg');

const MIGRATION = [
  'DROP TABLE IF EXISTS "prisma_books", "prisma_authors"',
  'DROP TYPE IF EXISTS "prisma_mood"',
  `CREATE TYPE "prisma_mood" AS ENUM ('sad', 'ok', 'happy')`,
  `CREATE TABLE "prisma_authors" ("id" SERIAL NOT NULL, "name" TEXT NOT NULL, "mood" "prisma_mood" NOT NULL DEFAULT 'ok', "born" DATE, "score" DECIMAL(8,3),
    "facts" JSONB, "tags" TEXT[], "sums" DOUBLE PRECISION[], "key" UUID, "big" BIGINT, "yes" BOOLEAN, "real" DOUBLE PRECISION, "data" BYTEA,
    "made" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, CONSTRAINT "prisma_authors_pkey" PRIMARY KEY ("id"))`,
  `CREATE TABLE "prisma_books" ("id" BIGSERIAL NOT NULL, "title" TEXT NOT NULL, "author_id" INTEGER NOT NULL,
    CONSTRAINT "prisma_books_pkey" PRIMARY KEY ("id"))`,
  'CREATE UNIQUE INDEX "prisma_authors_name_key" ON "prisma_authors"("name")',
  'CREATE INDEX "prisma_by_born" ON "prisma_authors"("born", "name")',
  'CREATE UNIQUE INDEX "prisma_books_author_id_title_key" ON "prisma_books"("author_id", "title")',
  `ALTER TABLE "prisma_books" ADD CONSTRAINT "prisma_books_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "prisma_authors"("id")
    ON DELETE CASCADE ON UPDATE CASCADE`,
];

async function withDb(work, more = {}) {
  const db = new PrismaClient({ adapter: new PrismaPg({ ...options, ...more }) });
  try {
    return await work(db);
  } finally {
    await db.$disconnect();
  }
}

const withAuthors = (work, more) => withDb(async (db) => {
  await db.$transaction(MIGRATION.map((statement) => db.$executeRawUnsafe(statement)));
  return work(db.author, db);
}, more);

run({
  connect: () => withDb(async (db) => {
    assert.deepStrictEqual(await db.$queryRaw`SELECT ${'y'} || 'x' AS a`, [{ a: 'yx' }]);
  }),

  secure: async () => {
    await withDb(async (db) => {
      const rows = await db.$queryRaw`SELECT current_user::text AS name, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`;
      assert.deepStrictEqual(rows, [{ name: secure.user, ssl: true }]);
    }, secure);
    await withDb((db) => failed(db.$queryRaw`SELECT 1`, {}), { ...secure, password: 'no' });
  },

  types: () => withDb(async (db) => {
    const row = await db.sample.findUnique({ where: { id: 1 } });
    assert.deepStrictEqual([row.i8, row.n.toFixed(6), row.m.toFixed(4), row.jb, Buffer.from(row.y).toString('hex')],
      [-9223372036854775808n, '12345678901234567890.000100', '1234567890.5000', { b: { c: 1.5 } }, '00ff5c27']);
    await db.sample.deleteMany({ where: { id: 1000 } });
    await db.sample.create({ data: { ...row, id: 1000 } });
    const [found] = await db.$queryRaw`SELECT (w.b, w.i2, w.i4, w.i8, w.f4, w.f8, w.n, w.m, w.t, w.vc, w.ch, w.y, w.d, w.tm, w.ts, w.u, w.j::jsonb, w.jb, w.bt, w.vb)
      = (s.b, s.i2, s.i4, s.i8, s.f4, s.f8, s.n, s.m, s.t, s.vc, s.ch, s.y, s.d, s.tm, s.ts, s.u, s.j::jsonb, s.jb, s.bt, s.vb) AS same
      FROM sample w, sample s WHERE w.id = 1000 AND s.id = 1`;
    await db.sample.delete({ where: { id: 1000 } });
    assert.deepStrictEqual(found, { same: true });
  }),

  nulls: () => withDb(async (db) => {
    const { id, ...row } = await db.sample.findFirst({ where: { b: null, t: null, jb: { equals: Prisma.AnyNull }, id: 2 } });
    assert.deepStrictEqual([id, new Set(Object.values(row))], [2, new Set([null])]);
  }),

  arrays: () => withAuthors(async (author) => {
    const tags = ['a', 'b c', '"q"', '', 'NULL', '{x,y}'];
    await author.create({ data: { name: 'x', tags, sums: [0.1, -1e300] } });
    const found = await author.findFirst({ where: { tags: { hasEvery: ['b c', ''] } } });
    assert.deepStrictEqual([found.tags, found.sums], [tags, [0.1, -1e300]]);
    assert.strictEqual(await author.count({ where: { tags: { hasSome: ['zz', 'a'] }, sums: { isEmpty: false } } }), 1);
  }),

  vectors: () => withDb(async (db) => {
    await db.$transaction(['CREATE EXTENSION IF NOT EXISTS vector', 'DROP TABLE IF EXISTS prisma_items', 'CREATE TABLE prisma_items (id int, e vector(3))',
      'CREATE INDEX ON prisma_items USING hnsw (e vector_l2_ops)'].map((statement) => db.$executeRawUnsafe(statement)));
    for (let n = 0; n < 5; n++) await db.$executeRaw`INSERT INTO prisma_items VALUES (${n}, ${JSON.stringify([n, 0.5, -1])}::vector)`;
    assert.deepStrictEqual(await db.$queryRaw`SELECT id, e::text FROM prisma_items ORDER BY e <-> ${'[3.25,0.5,-1]'}::vector LIMIT 2`,
      [{ id: 3, e: '[3,0.5,-1]' }, { id: 4, e: '[4,0.5,-1]' }]);
  }),

  prepared: lacking('Prisma 7 on its adapter for node-postgres names no statements'),

  transactions: () => withAuthors(async (author, db) => {
    await db.$transaction(async (tx) => {
      await tx.author.create({ data: { name: 'kept' } });
      assert.deepStrictEqual(await tx.$queryRaw`SHOW transaction_isolation`, [{ transaction_isolation: 'repeatable read' }]);
    }, { isolationLevel: 'RepeatableRead' });
    await failed(db.$transaction([author.create({ data: { name: 'lost' } }), author.create({ data: { name: 'kept' } })]), { code: 'P2002' });
    await failed(db.$transaction(async (tx) => {
      await failed(tx.$queryRaw`SELECT 1/0`, { code: 'P2010' });
      await tx.$queryRaw`SELECT 1`;
    }), { code: 'P2010' });
    assert.deepStrictEqual(await author.findMany({ select: { name: true } }), [{ name: 'kept' }]);
  }),

  errors: () => withAuthors(async (author, db) => {
    await author.create({ data: { name: 'x' } });
    const error = await failed(author.create({ data: { name: 'x' } }), { code: 'P2002' });
    assert.ok(JSON.stringify(error.meta).includes('prisma_authors_name_key') || JSON.stringify(error.meta).includes('"name"'), JSON.stringify(error.meta));
    await failed(db.book.create({ data: { title: 't', authorId: 99 } }), { code: 'P2003' });
    await failed(author.update({ where: { id: 99 }, data: { yes: true } }), { code: 'P2025' });
    await failed(db.$queryRaw`SELECT * FROM nowhere`, { code: 'P2010' });
  }),

  bulk: () => withAuthors(async (author, db) => {
    assert.deepStrictEqual(await author.createMany({ data: Array.from({ length: 500 }, (_, n) => ({ name: `n${n}`, real: n })) }), { count: 500 });
    assert.deepStrictEqual(await author.createMany({ data: [{ name: 'n1' }, { name: 'new', real: 0 }], skipDuplicates: true }), { count: 1 });
    await author.upsert({ where: { name: 'n1' }, update: { real: { increment: -2 } }, create: { name: 'n1' } });
    assert.deepStrictEqual(await author.aggregate({ _count: true, _sum: { real: true }, _max: { name: true } }),
      { _count: 501, _sum: { real: 124748 }, _max: { name: 'new' } });
    assert.deepStrictEqual(await author.updateMany({ where: { real: { gte: 10, lt: 20 } }, data: { yes: true } }), { count: 10 });
    assert.strictEqual((await author.updateManyAndReturn({ where: { yes: true }, data: { yes: false } })).length, 10);
    assert.deepStrictEqual(await author.deleteMany({ where: { NOT: { yes: null } } }), { count: 10 });
    const made = await author.create({ data: { name: 'writer', books: { create: [{ title: 'b' }, { title: 'a' }] } }, include: { books: { orderBy: { title: 'asc' } } } });
    assert.deepStrictEqual(made.books.map((book) => book.title), ['a', 'b']);
    const page = await author.findMany({ where: { books: { some: { title: { contains: 'A', mode: 'insensitive' } } } }, take: 3, orderBy: { id: 'desc' },
      include: { _count: { select: { books: true } } } });
    assert.deepStrictEqual(page.map((found) => [found.name, found._count.books]), [['writer', 2]]);
    assert.deepStrictEqual(await db.book.groupBy({ by: ['authorId'], _count: true, having: { authorId: { gt: 0 } } }), [{ authorId: made.id, _count: 2 }]);
    await author.delete({ where: { name: 'writer' } });
    assert.strictEqual(await db.book.count(), 0);
  }),

  stream: lacking('Prisma 7 reads whole results'),

  cancel: () => withDb(async (db) => {
    await failed(db.$transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL statement_timeout = 200`;
      await tx.$queryRawUnsafe(endless);
    }, { timeout: 20000 }), { code: 'P2010' });
    assert.deepStrictEqual(await db.$queryRaw`SELECT 1 AS n`, [{ n: 1 }]);
  }),

  metadata: lacking('Prisma reads schemas by a program that it downloads (schema-engine); its client asks the catalog nothing'),

  migrate: () => withAuthors(async (author, db) => {
    await db.$transaction(['ALTER TABLE "prisma_authors" ADD COLUMN "late" INTEGER NOT NULL DEFAULT 7', `ALTER TYPE "prisma_mood" ADD VALUE 'calm'`,
      'ALTER TABLE "prisma_authors" ALTER COLUMN "late" DROP DEFAULT, ALTER COLUMN "late" SET DATA TYPE BIGINT', 'ALTER TABLE "prisma_authors" DROP COLUMN "late"',
      'ALTER INDEX "prisma_by_born" RENAME TO "prisma_by_day"'].map((statement) => db.$executeRawUnsafe(statement)));
    await author.create({ data: { name: 'x', mood: 'happy', facts: { a: [1, null] }, score: '9.125', born: new Date('1890-01-09') } });
    const found = await author.findFirst({ where: { facts: { path: ['a', '0'], equals: 1 }, mood: { in: ['happy', 'ok'] } } });
    assert.deepStrictEqual([found.mood, found.facts, found.score.toString(), found.born.toISOString()], ['happy', { a: [1, null] }, '9.125', '1890-01-09T00:00:00.000Z']);
  }),

  pool: () => withDb(async (db) => {
    const sums = await Promise.all(Array.from({ length: 20 }, (_, n) => db.$queryRaw`SELECT ${n}::int * 2 AS n`));
    assert.deepStrictEqual(sums.map(([row]) => row.n), Array.from({ length: 20 }, (_, n) => n * 2));
  }, { max: 3 }),

  pipeline: lacking('node-postgres, which Prisma runs on, sends one statement at a time'),
  listen: lacking('Prisma has no notifications; the driver below has'),

  unicode: () => withAuthors(async (author) => {
    for (const name of texts) {
      await author.create({ data: { name } });
      assert.strictEqual((await author.findUnique({ where: { name } })).name, name);
    }
  }),

  large: () => withAuthors(async (author) => {
    const [text, data] = ['ü'.repeat(1_000_000), bytes(1_000_000)];
    await author.create({ data: { name: 'big', facts: { text }, data } });
    const found = await author.findUnique({ where: { name: 'big' } });
    assert.ok(found.facts.text === text && Buffer.from(found.data).equals(data));
    assert.strictEqual((await author.findMany({ where: { id: { in: Array.from({ length: 5000 }, (_, n) => n) } } })).length, 1);
  }),
});
