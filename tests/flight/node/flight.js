// A Flight client assembled by hand of @grpc/grpc-js and apache-arrow: node flight.js PORT USER PASSWORD [CA_FILE]
const assert = require('node:assert');
const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');
const arrow = require('apache-arrow');

const [port, user, password, authority] = process.argv.slice(2);
const credentials = authority ? grpc.credentials.createSsl(fs.readFileSync(authority)) : grpc.credentials.createInsecure();
const client = new grpc.Client(`localhost:${port}`, credentials, { 'grpc.max_receive_message_length': -1 }); // as Flight's clients do
const path = name => `/arrow.flight.protocol.FlightService/${name}`;
const raw = bytes => bytes;
let metadata = new grpc.Metadata();

// Protobuf, as far as it is needed: fields of bytes and numbers.
function varint(value) {
    const bytes = [];
    for (; value >= 0x80; value = Math.floor(value / 128))
        bytes.push((value % 128) | 0x80);
    bytes.push(value);
    return Buffer.from(bytes);
}

const field = (number, bytes) => Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
const text = (number, value) => field(number, Buffer.from(value));
const number = (at, value) => Buffer.concat([varint(at * 8), varint(value)]);
const any = (name, body) => Buffer.concat([text(1, `type.googleapis.com/arrow.flight.protocol.sql.${name}`), field(2, body)]);
const descriptor = command => Buffer.concat([number(1, 2), field(2, command)]);

function read(bytes) {
    const fields = {};
    let at = 0;
    const next = () => {
        let value = 0, scale = 1, byte;
        do {
            byte = bytes[at++];
            value += (byte & 0x7f) * scale;
            scale *= 128;
        } while (byte & 0x80);
        return value;
    };
    while (at < bytes.length) {
        const tag = next(), key = Math.floor(tag / 8);
        fields[key] ??= [];
        if (tag % 8 === 2) {
            const length = next();
            fields[key].push(bytes.subarray(at, at += length));
        } else if (tag % 8 === 1) {
            fields[key].push(bytes.subarray(at, at += 8));
        } else {
            fields[key].push(next());
        }
    }
    return fields;
}

function unary(name, message, options = {}) {
    return new Promise((resolve, reject) =>
        client.makeUnaryRequest(path(name), raw, raw, message, metadata, options, (error, answer) => error ? reject(error) : resolve(answer)));
}

function collect(call) {
    return new Promise((resolve, reject) => {
        const messages = [];
        call.on('data', message => messages.push(message));
        call.on('end', () => resolve(messages));
        call.on('error', reject);
    });
}

const action = (type, body) => collect(client.makeServerStreamRequest(path('DoAction'), raw, raw,
    Buffer.concat([text(1, type), field(2, body)]), metadata));

// FlightData to an IPC stream that apache-arrow reads.
function stream(messages) {
    const parts = [];
    for (const message of messages) {
        const data = read(message);
        const header = data[2]?.[0] ?? Buffer.alloc(0);
        const padded = Buffer.alloc(Math.ceil(header.length / 8) * 8);
        header.copy(padded);
        const prefix = Buffer.alloc(8);
        prefix.writeInt32LE(-1, 0);
        prefix.writeInt32LE(padded.length, 4);
        parts.push(prefix, padded, data[1000]?.[0] ?? Buffer.alloc(0));
    }
    return arrow.tableFromIPC(Buffer.concat(parts));
}

// An IPC stream of apache-arrow to FlightData.
function frames(table, command) {
    const bytes = Buffer.from(arrow.tableToIPC(table, 'stream'));
    const messages = [];
    for (let at = 0; bytes.readInt32LE(at + 4) > 0;) {
        const length = bytes.readInt32LE(at + 4);
        const header = bytes.subarray(at + 8, at + 8 + length);
        const bodyLength = Number(arrow.Message.decode(header).bodyLength);
        const body = bytes.subarray(at + 8 + length, at + 8 + length + bodyLength);
        messages.push(Buffer.concat([
            messages.length === 0 ? field(1, descriptor(command)) : Buffer.alloc(0), field(2, header), field(1000, body)]));
        at += 8 + length + bodyLength;
    }
    return messages;
}

async function info(command, options) {
    const fields = read(await unary('GetFlightInfo', descriptor(command), options));
    return { bytes: fields, tickets: fields[3].map(endpoint => read(endpoint)[1][0]) };
}

async function get(ticket, options = {}) {
    return stream(await collect(client.makeServerStreamRequest(path('DoGet'), raw, raw, ticket, metadata, options)));
}

async function query(sql) {
    const found = await info(any('CommandStatementQuery', text(1, sql)));
    const tables = await Promise.all(found.tickets.map(ticket => get(ticket)));
    return tables.flatMap(table => table.toArray().map(row => row.toJSON()));
}

async function put(messages) {
    const call = client.makeBidiStreamRequest(path('DoPut'), raw, raw, metadata);
    for (const message of messages)
        call.write(message);
    call.end();
    const answers = await collect(call);
    return read(answers[0])[1]?.[0] ?? Buffer.alloc(0);
}

const update = async sql => read(await put([field(1, descriptor(any('CommandStatementUpdate', text(1, sql))))]))[1]?.[0] ?? 0;
const failure = promise => promise.then(() => assert.fail('no failure'), error => error);

async function authenticate() {
    const basic = new grpc.Metadata();
    basic.set('authorization', 'Basic ' + Buffer.from(`${user}:${password}`).toString('base64'));
    basic.set('database', 'vecsql');
    const call = client.makeBidiStreamRequest(path('Handshake'), raw, raw, basic);
    call.write(Buffer.alloc(0));
    call.end();
    let token;
    call.on('metadata', headers => { token = headers.get('authorization')[0]; });
    await collect(call);
    assert.match(token, /^Bearer [0-9a-f]+$/);
    metadata.set('authorization', token);
}

async function types() {
    const [row] = await query(`SELECT true AS b, 7::int2 AS s, -7::int4 AS i, 9007199254740993::int8 AS l, 1.5::float4 AS f, 2.25::float8 AS d,
        'größe'::text AS t, '\\x00ff'::bytea AS y, DATE '2020-02-29' AS date, '{1,NULL,3}'::int[] AS list,
        '[1,2,3]'::vector(3) AS v, '[1,2,3]'::halfvec(3) AS h, '{"a": 1}'::jsonb AS j, repeat('x', 5000000) AS large, '' AS nothing`);
    assert.strictEqual(row.b, true);
    assert.strictEqual(row.s, 7);
    assert.strictEqual(row.i, -7);
    assert.strictEqual(row.l, 9007199254740993n);
    assert.strictEqual(row.f, 1.5);
    assert.strictEqual(row.d, 2.25);
    assert.strictEqual(row.t, 'größe');
    assert.deepStrictEqual([...row.y], [0, 255]);
    assert.strictEqual(Number(row.date), Date.UTC(2020, 1, 29));
    assert.deepStrictEqual([...row.list], [1, null, 3]);
    assert.deepStrictEqual([...row.v], [1, 2, 3]);
    assert.deepStrictEqual([...row.h].map(Number), [1, 2, 3]);
    assert.deepStrictEqual(JSON.parse(row.j), { a: 1 });
    assert.strictEqual(row.large.length, 5000000);
    assert.strictEqual(row.nothing, '');
    const [nulls] = await query('SELECT NULL::bool AS b, NULL::int8 AS l, NULL::text AS t, NULL::vector(3) AS v, NULL::int[] AS list');
    assert.deepStrictEqual(Object.values(nulls), [null, null, null, null, null]);
}

async function main() {
    await authenticate();
    await types();
    await update('CREATE TABLE hand (id int PRIMARY KEY, body text)');
    assert.strictEqual(await update("INSERT INTO hand VALUES (1, 'one'), (2, NULL)"), 2);
    assert.deepStrictEqual(await query('SELECT * FROM hand ORDER BY id'), [{ id: 1, body: 'one' }, { id: 2, body: null }]);

    const missing = await failure(query('SELECT * FROM nowhere'));
    assert.strictEqual(missing.code, grpc.status.NOT_FOUND);
    assert.deepStrictEqual(missing.metadata.get('x-vecsql-sqlstate'), ['42P01']);
    const syntax = await failure(update('SELEC'));
    assert.strictEqual(syntax.code, grpc.status.INVALID_ARGUMENT);

    const endless = any('CommandStatementQuery', text(1, 'SELECT count(*) FROM generate_series(1, 1000000000000) n'));
    const slow = await info(endless);
    const late = await failure(get(slow.tickets[0], { deadline: Date.now() + 300 }));
    assert.strictEqual(late.code, grpc.status.DEADLINE_EXCEEDED);
    const running = await info(any('CommandStatementQuery', text(1, 'SELECT n FROM generate_series(1, 1000000000000) n')));
    const call = client.makeServerStreamRequest(path('DoGet'), raw, raw, running.tickets[0], metadata);
    call.once('data', () => call.cancel());
    assert.strictEqual((await failure(collect(call))).code, grpc.status.CANCELLED);
    assert.deepStrictEqual(await query('SELECT 3 AS a'), [{ a: 3 }]);

    // A prepared statement with parameters.
    const created = read(read((await action('CreatePreparedStatement', any('ActionCreatePreparedStatementRequest',
        text(1, 'SELECT id, body FROM hand WHERE id >= $1 AND body IS DISTINCT FROM $2 ORDER BY id'))))[0])[1][0]);
    const handle = read(created[2][0])[1][0];
    const parameters = new arrow.Table({
        $1: arrow.vectorFromArray([1], new arrow.Int32()), $2: arrow.vectorFromArray(['one'], new arrow.Utf8()) });
    const named = any('CommandPreparedStatementQuery', field(1, handle));
    await put(frames(parameters, named));
    const prepared = await info(named);
    assert.deepStrictEqual((await get(prepared.tickets[0])).toArray().map(row => row.toJSON()), [{ id: 2, body: null }]);
    await action('ClosePreparedStatement', any('ActionClosePreparedStatementRequest', field(1, handle)));
    assert.strictEqual((await failure(info(named))).code, grpc.status.NOT_FOUND);

    // Bulk ingest: the table is made, then appended to.
    const rows = new arrow.Table({
        id: arrow.vectorFromArray([10, 11, 12], new arrow.Int32()), name: arrow.vectorFromArray(['a', null, 'c'], new arrow.Utf8()),
        score: arrow.vectorFromArray([0.5, 1.5, null], new arrow.Float64()) });
    const ingest = (missing, exists) => any('CommandStatementIngest', Buffer.concat([
        field(1, Buffer.concat([number(1, missing), number(2, exists)])), text(2, 'taken')]));
    assert.strictEqual(read(await put(frames(rows, ingest(1, 1))))[1][0], 3);
    assert.strictEqual(read(await put(frames(rows, ingest(2, 2))))[1][0], 3);
    assert.strictEqual((await failure(put(frames(rows, ingest(1, 1))))).code, grpc.status.ALREADY_EXISTS);
    assert.deepStrictEqual(await query('SELECT id, name, score, count(*) AS n FROM taken GROUP BY 1, 2, 3 ORDER BY 1'),
        [{ id: 10, name: 'a', score: 0.5, n: 2n }, { id: 11, name: null, score: 1.5, n: 2n }, { id: 12, name: 'c', score: null, n: 2n }]);

    const known = metadata;
    metadata = new grpc.Metadata();
    metadata.set('authorization', 'Bearer 0123');
    assert.strictEqual((await failure(query('SELECT 1'))).code, grpc.status.UNAUTHENTICATED);
    metadata.set('authorization', 'Basic ' + Buffer.from(`${user}:${password}`).toString('base64'));
    metadata.set('database', 'vecsql');
    assert.deepStrictEqual(await query('SELECT 4 AS a'), [{ a: 4 }]);
    metadata = known;
    console.log('all as expected');
    process.exit(0);
}

main().catch(error => {
    console.error(error);
    process.exit(1);
});
