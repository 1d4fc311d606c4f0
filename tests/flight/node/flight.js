// Drives a node with a client assembled by hand of @grpc/grpc-js and apache-arrow: node flight.js PORT USER PASSWORD [CA_FILE]
const assert = require('node:assert');
const grpc = require('@grpc/grpc-js');
const arrow = require('apache-arrow');
const { Client, any, collect, failure, field, frames, text } = require('./client.js');

const [port, user, password, authority] = process.argv.slice(2);
const client = new Client(port, authority);
const stream = table => Buffer.from(arrow.tableToIPC(table, 'stream'));

async function main() {
    await client.authenticate(user, password);
    await client.update('CREATE TABLE hand (id int PRIMARY KEY, body text)');
    assert.strictEqual(await client.update("INSERT INTO hand VALUES (1, 'one'), (2, NULL)"), 2);
    assert.deepStrictEqual(await client.query('SELECT * FROM hand ORDER BY id'), [{ id: 1, body: 'one' }, { id: 2, body: null }]);

    const missing = await failure(client.query('SELECT * FROM nowhere'));
    assert.strictEqual(missing.code, grpc.status.NOT_FOUND);
    assert.deepStrictEqual(missing.metadata.get('x-vecsql-sqlstate'), ['42P01']);
    const syntax = await failure(client.update('SELEC'));
    assert.strictEqual(syntax.code, grpc.status.INVALID_ARGUMENT);

    const endless = any('CommandStatementQuery', text(1, 'SELECT count(*) FROM generate_series(1, 1000000000000) n'));
    const slow = await client.info(endless);
    const late = await failure(client.get(slow.tickets[0], { deadline: Date.now() + 300 }));
    assert.strictEqual(late.code, grpc.status.DEADLINE_EXCEEDED);
    const running = await client.info(any('CommandStatementQuery', text(1, 'SELECT n FROM generate_series(1, 1000000000000) n')));
    const call = client.open(running.tickets[0]);
    call.once('data', () => call.cancel());
    assert.strictEqual((await failure(collect(call))).code, grpc.status.CANCELLED);
    assert.deepStrictEqual(await client.query('SELECT 3 AS a'), [{ a: 3 }]);

    // A prepared statement with parameters.
    const handle = await client.handle('SELECT id, body FROM hand WHERE id >= $1 AND body IS DISTINCT FROM $2 ORDER BY id');
    const parameters = new arrow.Table({
        $1: arrow.vectorFromArray([1], new arrow.Int32()), $2: arrow.vectorFromArray(['one'], new arrow.Utf8()) });
    const named = any('CommandPreparedStatementQuery', field(1, handle));
    await client.put(frames(stream(parameters), named));
    const prepared = await client.info(named);
    assert.deepStrictEqual((await client.get(prepared.tickets[0])).toArray().map(row => row.toJSON()), [{ id: 2, body: null }]);
    await client.close(handle);
    assert.strictEqual((await failure(client.info(named))).code, grpc.status.NOT_FOUND);

    // Bulk ingest: the table is made, then appended to.
    const rows = stream(new arrow.Table({
        id: arrow.vectorFromArray([10, 11, 12], new arrow.Int32()), name: arrow.vectorFromArray(['a', null, 'c'], new arrow.Utf8()),
        score: arrow.vectorFromArray([0.5, 1.5, null], new arrow.Float64()) }));
    assert.strictEqual(await client.ingest(rows, 'taken', 1, 1), 3);
    assert.strictEqual(await client.ingest(rows, 'taken', 2, 2), 3);
    assert.strictEqual((await failure(client.ingest(rows, 'taken', 1, 1))).code, grpc.status.ALREADY_EXISTS);
    assert.deepStrictEqual(await client.query('SELECT id, name, score, count(*) AS n FROM taken GROUP BY 1, 2, 3 ORDER BY 1'),
        [{ id: 10, name: 'a', score: 0.5, n: 2n }, { id: 11, name: null, score: 1.5, n: 2n }, { id: 12, name: 'c', score: null, n: 2n }]);

    const known = client.metadata;
    client.metadata = new grpc.Metadata();
    client.metadata.set('authorization', 'Bearer 0123');
    assert.strictEqual((await failure(client.query('SELECT 1'))).code, grpc.status.UNAUTHENTICATED);
    client.metadata = Client.basic(user, password);
    assert.deepStrictEqual(await client.query('SELECT 4 AS a'), [{ a: 4 }]);
    client.metadata = known;
    console.log('all as expected');
    process.exit(0);
}

main().catch(error => {
    console.error(error);
    process.exit(1);
});
