// Takes every type out of a node and back into it with a client assembled by hand: node types.js PORT USER PASSWORD
const assert = require('node:assert');
const arrow = require('apache-arrow');
const { check, register, value } = require('../../kit/arrow/reading.js');
const { types, rowCount, expected, setup, differences } = require('../../kit/arrow/types.js');
const { Client, any, field, failure, frames, text } = require('./client.js');

const [port, user, password] = process.argv.slice(2);
const client = new Client(port);
register(arrow);

const query = sql => client.info(any('CommandStatementQuery', text(1, sql)));
const same = async table => assert.deepStrictEqual(await client.query(differences('every', table)), [], table);

async function bytesOf(command) {
    const { tickets } = await client.info(command);
    assert.strictEqual(tickets.length, 1);
    return client.bytes(tickets[0]);
}

// Out: rows of a statement, which are made for the purpose, and those of a table, which lie ready.
async function readsBack(compression) {
    client.metadata.set('x-vecsql-accept-compression', compression);
    const streams = [];
    for (const sql of ['TABLE every', 'SELECT * FROM every ORDER BY id DESC'])
        streams.push(await bytesOf(any('CommandStatementQuery', text(1, sql))));
    for (const bytes of streams)
        check(arrow.tableFromIPC(bytes));
    return streams[0];
}

// In: the bytes that came, and what apache-arrow writes of them, into a table that is made and one that is there.
async function ingests(bytes, compression) {
    const written = Buffer.from(arrow.tableToIPC(arrow.tableFromIPC(bytes), 'stream', compression));
    for (const [i, sent] of [bytes, written].entries()) {
        await client.update('CREATE TABLE again (LIKE every)');
        assert.strictEqual(await client.ingest(sent, 'again', 2, 2), rowCount, `sent ${i}`);
        await same('again');
        assert.strictEqual(await client.ingest(sent, `made`, 1, 1), rowCount);
        await same('made');
        await client.update('DROP TABLE again, made');
    }
}

// Parameters: each row's values, by a query that gives them back and by an insertion for each of the rows.
async function binds(bytes) {
    const list = types.map((type, i) => `$${i + 2}::${type.type} AS ${type.name}`).join(', ');
    const handle = await client.handle(`SELECT $1::int4 AS id, ${list}`);
    const command = any('CommandPreparedStatementQuery', field(1, handle));
    await client.put(frames(bytes, command));
    check(arrow.tableFromIPC(await bytesOf(command)));
    await client.close(handle);

    await client.update('CREATE TABLE bound (LIKE every)');
    const insertion = await client.handle(`INSERT INTO bound VALUES (${['id', ...types].map((_, i) => `$${i + 1}`).join(', ')})`);
    assert.strictEqual(await client.changed(frames(bytes, any('CommandPreparedStatementUpdate', field(1, insertion)))), rowCount);
    await client.close(insertion);
    await same('bound');
    await client.update('DROP TABLE bound');
}

async function main() {
    await client.authenticate(user, password);
    for (const sql of setup())
        await client.update(sql);
    const plain = await readsBack('none');
    await ingests(plain, null);
    await binds(plain);
    const packed = await readsBack('zstd');
    assert.ok(packed.length < plain.length / 2, `${packed.length} bytes of ${plain.length}`);
    await ingests(packed, arrow.CompressionType.ZSTD);

    const refusals = {
        "SELECT '{{1,2},{3,4}}'::int4[] AS a": /an array of 2 dimensions has no form in Arrow's lists/,
        "SELECT 'NaN'::numeric(5,2) AS a": /numeric NaN has no value in Arrow's decimals/,
        "SELECT '2700000 hours'::interval AS a": /is out of range for Arrow's nanoseconds/,
    };
    for (const [sql, expected] of Object.entries(refusals))
        assert.match((await failure(query(sql).then(({ tickets }) => client.get(tickets[0])))).details, expected);
    assert.deepStrictEqual(await client.query("SELECT '{{1,2},{3,4}}'::int4[]::text AS a"), [{ a: '{{1,2},{3,4}}' }]);
    console.log('all as expected');
    process.exit(0);
}

main().catch(error => {
    console.error(error);
    process.exit(1);
});
