// Drives a node with @lakehouse-rs/flight-sql-client: node flight_sql.js PORT USER PASSWORD
const assert = require('node:assert');
const { createFlightSqlClient } = require('@lakehouse-rs/flight-sql-client');
const { tableFromIPC } = require('apache-arrow');
const { check } = require('../../kit/arrow/reading.js');
const { setup, knownTo } = require('../../kit/arrow/types.js');

async function main() {
    const [port, username, password] = process.argv.slice(2);
    const client = await createFlightSqlClient({
        host: '127.0.0.1', port: Number(port), tls: false, username, password, headers: [{ key: 'database', value: 'vecsql' }] });
    const rows = buffer => tableFromIPC(buffer).toArray().map(row => row.toJSON());

    assert.deepStrictEqual(rows(await client.query("SELECT 1 AS a, 'text' AS b, NULL::int AS c")), [{ a: 1, b: 'text', c: null }]);
    await client.query('CREATE TABLE node_rows (id int PRIMARY KEY, body text, v vector(3))');
    await client.query("INSERT INTO node_rows SELECT n, 'row ' || n, ARRAY[n, 0, 1]::vector(3) FROM generate_series(1, 20000) n");
    const table = tableFromIPC(await client.query('SELECT * FROM node_rows'));
    assert.strictEqual(table.numRows, 20000);
    const found = table.toArray().find(row => row.id === 777);
    assert.strictEqual(found.body, 'row 777');
    assert.deepStrictEqual([...found.v], [777, 0, 1]);
    const nearest = tableFromIPC(await client.query("SELECT id FROM node_rows ORDER BY v <-> '[500,0,1]' LIMIT 3"));
    assert.strictEqual(nearest.toArray()[0].id, 500);

    assert.ok(rows(await client.getCatalogs()).some(row => row.catalog_name === 'vecsql'));
    assert.deepStrictEqual(rows(await client.getDbSchemas({ dbSchemaFilterPattern: 'pub%' })), [{ catalog_name: 'vecsql', db_schema_name: 'public' }]);
    const tables = rows(await client.getTables({ tableNameFilterPattern: 'node\\_%', tableTypes: ['TABLE'], includeSchema: false }));
    assert.deepStrictEqual(tables, [{ catalog_name: 'vecsql', db_schema_name: 'public', table_name: 'node_rows', table_type: 'TABLE' }]);
    const withSchema = tableFromIPC(await client.getTables({ tableNameFilterPattern: 'node\\_%', includeSchema: true }));
    assert.deepStrictEqual(tableFromIPC(withSchema.get(0).table_schema).schema.fields.map(field => field.name), ['id', 'body', 'v']);

    // Every type, which the client decodes and encodes anew.
    for (const sql of setup())
        await client.query(sql);
    for (const column of knownTo('flight-sql')) // one by one: it takes no messages beyond 4 MiB
        check(tableFromIPC(await client.query(`SELECT id, ${column.name} FROM every ORDER BY id DESC`)), [column]);

    await assert.rejects(() => client.query('SELECT * FROM nowhere'));
    assert.deepStrictEqual(rows(await client.query('SELECT 2 AS a')), [{ a: 2 }]);
    console.log('all as expected');
    process.exit(0);
}

main().catch(error => {
    console.error(error);
    process.exit(1);
});
