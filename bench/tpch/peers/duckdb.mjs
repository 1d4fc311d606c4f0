// Answers the bench's queries with DuckDB: node duckdb.mjs [--threads N] [--memory 8GB] FOLDER
// Needs its package, in this folder or where NODE_PATH points: npm install @duckdb/node-api
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const { DuckDBInstance } = createRequire(join(process.env.NODE_PATH ?? import.meta.dirname, 'x'))('@duckdb/node-api');
const options = process.argv.slice(2), folder = options.pop();
const option = (name, fallback) => options.includes(name) ? options[options.indexOf(name) + 1] : fallback;
const say = value => process.stdout.write(JSON.stringify(value) + '\n');

const instance = await DuckDBInstance.create(':memory:', {
  threads: option('--threads', '2'), memory_limit: option('--memory', '8GB'),
});
const connection = await instance.connect();
const schema = readFileSync(join(folder, 'schema.sql'), 'utf8');
await connection.run(schema);
for (const [, table] of schema.matchAll(/CREATE TABLE (\w+)/g))
  await connection.run(`COPY ${table} FROM '${join(folder, table)}.tbl' (DELIMITER '|', HEADER false)`);
say({ ready: true });

for await (const line of createInterface({ input: process.stdin })) {
  try {
    const begin = performance.now();
    const reader = await connection.runAndReadAll(JSON.parse(line).sql);
    const milliseconds = performance.now() - begin;
    say({ milliseconds, rows: reader.getRows().map(row => row.map(value => value === null ? '' : String(value))) });
  } catch (error) {
    say({ error: String(error.message ?? error) });
  }
}
