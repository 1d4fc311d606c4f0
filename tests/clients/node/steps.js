// Runs the steps of a client script and prints one line a step, then what went wrong.
'use strict';
const assert = require('assert');
const fs = require('fs');
const path = require('path');

const env = process.env;
const packages = env.VECSQL_NODE_PACKAGES;
const columns = (names) => names.split(' ');

class Lacking extends Error {}

module.exports = {
  // From the packages that the test command has installed, wherever this file lies.
  load: (name) => require(require.resolve(name, { paths: [path.dirname(packages)] })),
  options: { host: env.PGHOST, port: Number(env.PGPORT), user: env.PGUSER, database: env.PGDATABASE },
  secure: {
    host: 'localhost', port: Number(env.PGPORT), user: env.SECURE_USER, password: env.SECURE_PASSWORD, database: env.PGDATABASE,
    ssl: { ca: env.SECURE_CA && fs.existsSync(env.SECURE_CA) ? fs.readFileSync(env.SECURE_CA, 'utf8') : undefined },
  },
  endless: 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r',
  sample: columns('id b i2 i4 i8 f4 f8 n m t vc ch qc nm y d tm tmz ts tsz iv u j jb bt vb o'),
  // numeric[] comes as floats from node-postgres, which 1.10 does not survive
  readable: (name) => (name === 'na' ? 'na::text[] AS na' : name),
  arrays: columns('id ba i2a i4a i8a f4a f8a na ta vca da tsa tsza ua jba ya'),
  texts: ['naïve ☃', '𝒳 \u{1f600}', 'tab\tquote\'"\\', ''],
  bytes: (count) => Buffer.alloc(count, Buffer.from(Array.from({ length: 256 }, (_, n) => n))),
  lacking: (reason) => () => { throw new Lacking(reason); },

  async run(steps) {
    process.env.TZ = 'UTC';
    for (const [name, step] of Object.entries(steps)) {
      try {
        await step();
        console.log(`ok ${name}`);
      } catch (error) {
        if (error instanceof Lacking) {
          console.log(`lacks ${name}: ${error.message}`);
        } else {
          console.log(`not ok ${name}`);
          for (const line of String(error?.stack ?? error).split('\n')) console.log(`  ${line}`);
        }
      }
    }
    console.log('done');
    process.exit(0);
  },

  // The error that the work ends with; fails where there is none, or its fields are not as given.
  async failed(work, fields) {
    try {
      await (typeof work === 'function' ? work() : work);
    } catch (error) {
      const cause = error.code || !error.cause ? error : error.cause; // some wrap the driver's error
      for (const [name, value] of Object.entries(fields)) assert.deepStrictEqual(cause[name] ?? error.parent?.[name], value, String(error));
      return error;
    }
    throw new Error(`no ${JSON.stringify(fields)} came`);
  },
};
