// Compares an Arrow stream with the table of types as DuckDB sees it: FILE
const assert = require('assert');
const fs = require('fs');
const path = require('path');
const duckdb = require('@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs');
const { rowCount, expected, knownTo } = require('../../../kit/arrow/types.js');
const { value } = require('../../../kit/arrow/reading.js');

// What comes out of DuckDB in another form than it went in.
const forms = {
    uuid: name => `unhex(replace(${name}::varchar, '-', ''))`,
    interval: name => `CASE WHEN ${name} IS NOT NULL THEN [datepart('year', ${name})::hugeint * 12 + datepart('month', ${name}),
        datepart('day', ${name}), (datepart('hour', ${name})::hugeint * 3600000000 + datepart('minute', ${name}) * 60000000
        + datepart('microsecond', ${name})) * 1000]::decimal(38, 0)[] END`,
};

async function main() {
    const [wasm, file] = [path.join(path.dirname(require.resolve('@duckdb/duckdb-wasm')), 'duckdb-eh.wasm'), process.argv[2]];
    const database = await duckdb.createDuckDB({ mvp: { mainModule: wasm }, eh: { mainModule: wasm } }, new duckdb.VoidLogger(), duckdb.NODE_RUNTIME);
    await database.instantiate(() => {});
    database.open({});
    const connection = database.connect();
    connection.insertArrowFromIPCStream(new Uint8Array(fs.readFileSync(file)), { name: 'every', create: true });
    for (const column of knownTo('duckdb')) {
        const found = connection.query(`SELECT id, ${forms[column.type]?.(column.name) ?? column.name} AS value FROM every`);
        assert.strictEqual(found.numRows, rowCount);
        for (let row = 0; row < rowCount; row++) {
            const id = found.getChild('id').get(row);
            const wanted = expected(column, id);
            assert.deepStrictEqual(value(found.getChild('value'), row), column.type === 'interval' ? wanted?.map(BigInt) ?? null : wanted,
                `${column.type}, row ${id}`);
        }
    }
}

main().catch(error => {
    console.error(error);
    process.exit(1);
});
