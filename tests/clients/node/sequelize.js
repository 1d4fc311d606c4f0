// What an application does through Sequelize, over node-postgres.
'use strict';
const assert = require('assert');
const { load, run, failed, lacking, options, secure, endless, texts, bytes } = require('./steps');

load('pgvector/sequelize').registerTypes(load('sequelize').Sequelize);
const { Sequelize, DataTypes, Op, QueryTypes, Transaction } = load('sequelize');
const pgvector = load('pgvector/sequelize');

async function withDb(work, more = {}) {
  const { user: username, ...rest } = { ...options, ...more };
  const db = new Sequelize({ dialect: 'postgres', username, ...rest, dialectOptions: { ssl: rest.ssl ?? false }, logging: false,
    ssl: Boolean(rest.ssl), retry: { max: 0 } });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

const define = (db) => db.define('Author', {
  name: { type: DataTypes.STRING(40), allowNull: false, unique: true },
  born: DataTypes.DATEONLY,
  score: DataTypes.DECIMAL(8, 3),
  facts: DataTypes.JSONB,
  tags: DataTypes.ARRAY(DataTypes.TEXT),
  key: { type: DataTypes.UUID, defaultValue: DataTypes.UUIDV4 },
  big: DataTypes.BIGINT,
  yes: DataTypes.BOOLEAN,
  real: DataTypes.DOUBLE,
  data: DataTypes.BLOB,
  hour: DataTypes.TIME,
  mood: DataTypes.ENUM('sad', 'ok', 'happy'), // made by a block of PL/pgSQL, which takes it that there is one
}, { tableName: 'sequelize_authors', indexes: [{ name: 'sequelize_by_born', fields: ['born', 'name'] }] });

const withAuthors = (work, more) => withDb(async (db) => {
  const Author = define(db);
  await Author.sync({ force: true });
  return work(Author, db);
}, more);

run({
  connect: () => withDb(async (db) => {
    await db.authenticate();
    assert.deepStrictEqual(await db.query("SELECT $1 || 'x' AS a", { bind: ['y'], type: QueryTypes.SELECT }), [{ a: 'yx' }]);
    assert.ok((await db.databaseVersion()).startsWith('15'));
  }),

  secure: async () => {
    await withDb(async (db) => {
      const rows = await db.query('SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()', { type: QueryTypes.SELECT });
      assert.deepStrictEqual(rows, [{ current_user: secure.user, ssl: true }]);
    }, secure);
    await withDb((db) => failed(db.authenticate(), { code: '28P01' }), { ...secure, password: 'no' });
  },

  types: () => withAuthors(async (Author) => {
    const row = { name: 'Čapek', born: '1890-01-09', score: '9.125', facts: { works: ['R.U.R.'] }, key: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
      big: '-9223372036854775808', yes: true, real: 0.1, data: Buffer.from([0, 255]), hour: '23:59:58', mood: 'happy', tags: null };
    await Author.create(row);
    const { id, createdAt, updatedAt, ...found } = (await Author.findOne({ where: { facts: { [Op.contains]: { works: ['R.U.R.'] } } } })).get();
    assert.deepStrictEqual([found, id, createdAt instanceof Date, updatedAt instanceof Date], [row, 1, true, true]);
  }),

  nulls: () => withAuthors(async (Author) => {
    await Author.create({ name: 'x', key: null });
    const { id, name, createdAt, updatedAt, ...found } = (await Author.findOne({ where: { born: null, yes: { [Op.is]: null } } })).get();
    assert.deepStrictEqual(Object.values(found), Array(11).fill(null));
  }),

  arrays: () => withAuthors(async (Author) => {
    const tags = ['a', 'b c', '"q"', '', 'NULL', '{x,y}'];
    await Author.create({ name: 'x', tags });
    assert.deepStrictEqual((await Author.findOne({ where: { tags: { [Op.contains]: ['b c'] } } })).tags, tags);
    assert.strictEqual(await Author.count({ where: { tags: { [Op.overlap]: ['zz', 'a'] } } }), 1);
  }),

  vectors: () => withDb(async (db) => {
    await db.query('CREATE EXTENSION IF NOT EXISTS vector');
    const Item = db.define('Item', { e: DataTypes.VECTOR(3), h: DataTypes.HALFVEC(3) }, { tableName: 'sequelize_items', timestamps: false,
      indexes: [{ fields: [{ name: 'e', operator: 'vector_l2_ops' }], using: 'hnsw' }] });
    await Item.sync({ force: true });
    await Item.bulkCreate(Array.from({ length: 10 }, (_, n) => ({ e: [n, 0.5, -1], h: [n, 0, 0] })));
    const rows = await Item.findAll({ order: [pgvector.l2Distance('e', [3.25, 0.5, -1], db)], limit: 2 });
    assert.deepStrictEqual(rows.map((row) => row.get()), [{ id: 4, e: [3, 0.5, -1], h: [3, 0, 0] }, { id: 5, e: [4, 0.5, -1], h: [4, 0, 0] }]);
  }),

  prepared: lacking('Sequelize 6 names no statements'),

  transactions: () => withAuthors(async (Author, db) => {
    await db.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ }, async (transaction) => {
      await Author.create({ name: 'kept' }, { transaction });
      await failed(db.transaction({ transaction }, (inner) => Author.create({ name: 'kept' }, { transaction: inner })), { code: '23505' });
      await Author.create({ name: 'after' }, { transaction });
      assert.strictEqual((await Author.findOne({ where: { name: 'kept' }, lock: transaction.LOCK.UPDATE, transaction })).name, 'kept');
    });
    await failed(db.transaction(async (transaction) => {
      await failed(db.query('SELECT 1/0', { transaction }), { code: '22012' });
      await db.query('SELECT 1', { transaction });
    }), { code: '25P02' });
    assert.deepStrictEqual((await Author.findAll({ order: ['name'] })).map((author) => author.name), ['after', 'kept']);
  }),

  errors: () => withAuthors(async (Author, db) => {
    await Author.create({ name: 'x' });
    const error = await failed(Author.create({ name: 'x' }), { code: '23505' });
    assert.deepStrictEqual([error.name, error.fields, error.errors[0].path], ['SequelizeUniqueConstraintError', { name: 'x' }, 'name']); // from the DETAIL
    await failed(db.query('SELECT * FROM nowhere'), { code: '42P01' });
  }),

  bulk: () => withAuthors(async (Author) => {
    await Author.bulkCreate(Array.from({ length: 500 }, (_, n) => ({ name: `n${n}`, real: n })));
    await Author.bulkCreate([{ name: 'n1', real: -1 }, { name: 'new', real: 0 }], { updateOnDuplicate: ['real'], conflictAttributes: ['name'] });
    await Author.upsert({ name: 'n2', real: 2 }, { conflictFields: ['name'] });
    assert.deepStrictEqual([await Author.count(), await Author.sum('real')], [501, 124748]);
    assert.deepStrictEqual(await Author.update({ yes: true }, { where: { real: { [Op.between]: [10, 19] } } }), [10]);
    assert.strictEqual(await Author.destroy({ where: { yes: true } }), 10);
    const { count, rows } = await Author.findAndCountAll({ order: [['id', 'DESC']], limit: 3, offset: 1 });
    assert.deepStrictEqual([count, rows.length], [491, 3]);
    const [author, created] = await Author.findCreateFind({ where: { name: 'found' }, defaults: { real: 5 } });
    assert.deepStrictEqual([author.real, created], [5, true]);
  }),

  stream: lacking('Sequelize 6 reads whole results'),

  cancel: () => withDb(async (db) => {
    await db.transaction(async (transaction) => {
      await db.query('SET LOCAL statement_timeout = 200', { transaction });
      await failed(db.query(endless, { transaction }), { code: '57014' });
    });
    assert.deepStrictEqual(await db.query('SELECT 1 AS n', { type: QueryTypes.SELECT }), [{ n: 1 }]);
  }),

  metadata: () => withAuthors(async (_, db) => {
    const look = db.getQueryInterface();
    const columns = await look.describeTable('goods', { schema: 'shop' });
    assert.deepStrictEqual([columns.name, columns.mood.type, columns.mood.special, columns.id.primaryKey], [
      { type: 'CHARACTER VARYING(30)', allowNull: false, defaultValue: 'none', comment: 'what it is called', special: [], primaryKey: false },
      'USER-DEFINED', ['sad', 'ok', 'happy'], true]);
    const indexes = await look.showIndex({ tableName: 'sequelize_authors', schema: 'public' });
    assert.deepStrictEqual(indexes.map((index) => [index.name, index.unique, index.primary, index.fields.map((field) => field.attribute)]).sort(), [
      ['sequelize_authors_name_key', true, false, ['name']], ['sequelize_authors_pkey', true, true, ['id']],
      ['sequelize_by_born', false, false, ['born', 'name']]]);
    assert.ok((await look.showAllTables()).includes('sequelize_authors'));
    assert.ok((await look.showAllSchemas()).includes('shop'));
    assert.deepStrictEqual(await look.getForeignKeysForTables(['sequelize_authors']), { sequelize_authors: [] });
  }),

  migrate: () => withAuthors(async (Author, db) => {
    const look = db.getQueryInterface();
    await look.addColumn('sequelize_authors', 'late', { type: DataTypes.INTEGER, allowNull: false, defaultValue: 7 });
    await look.changeColumn('sequelize_authors', 'name', { type: DataTypes.STRING(80), allowNull: false });
    await look.renameColumn('sequelize_authors', 'late', 'later');
    await look.addConstraint('sequelize_authors', { fields: ['real'], type: 'check', name: 'positive', where: { real: { [Op.gte]: 0 } } });
    await failed(Author.create({ name: 'x', real: -1 }), { code: '23514', constraint: 'positive' });
    await look.removeConstraint('sequelize_authors', 'positive');
    await look.removeColumn('sequelize_authors', 'later');
    await look.addIndex('sequelize_authors', { fields: ['real'], where: { yes: true }, name: 'sequelize_partial' });
    await look.removeIndex('sequelize_authors', 'sequelize_partial');
    await Author.sync({ alter: true });
    await look.createSchema('sequelize_schema');
    await look.dropSchema('sequelize_schema');
    await look.dropTable('sequelize_authors', {}); // without them it trips over its own feet where there is an enumerated type
    assert.strictEqual(await look.tableExists('sequelize_authors'), false);
  }),

  pool: () => withDb(async (db) => {
    const sums = await Promise.all(Array.from({ length: 20 }, (_, n) => db.query(`SELECT ${n} * 2 AS n`, { type: QueryTypes.SELECT })));
    assert.deepStrictEqual(sums.map(([row]) => row.n), Array.from({ length: 20 }, (_, n) => n * 2));
  }, { pool: { max: 3 } }),

  pipeline: lacking('Sequelize sends one statement at a time'),
  listen: lacking('Sequelize has no notifications; the driver below has'),

  unicode: () => withAuthors(async (Author) => {
    for (const name of texts) {
      await Author.create({ name });
      assert.strictEqual((await Author.findOne({ where: { name } })).name, name);
    }
  }),

  large: () => withAuthors(async (Author) => {
    const [text, data] = ['ü'.repeat(1_000_000), bytes(1_000_000)];
    await Author.create({ name: 'big', facts: { text }, data });
    const found = await Author.findOne({ where: { name: 'big' } });
    assert.ok(found.facts.text === text && found.data.equals(data));
  }),
});
