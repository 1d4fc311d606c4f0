// Drives the echo server of the tests with @grpc/grpc-js: node grpc.js PORT
const assert = require('node:assert');
const grpc = require('@grpc/grpc-js');

const port = process.argv[2];
const address = `127.0.0.1:${port}`;
const raw = bytes => bytes;
const client = new grpc.Client(address, grpc.credentials.createInsecure(), { 'grpc.max_receive_message_length': -1 });
const path = name => `/test.Echo/${name}`;

function unary(name, message, metadata = new grpc.Metadata(), options = {}, on = client) {
    return new Promise((resolve, reject) => {
        const seen = {};
        const call = on.makeUnaryRequest(path(name), raw, raw, message, metadata, options, (error, answer) =>
            error ? reject(Object.assign(error, seen)) : setImmediate(() => resolve({ answer, ...seen })));
        call.on('metadata', headers => { seen.headers = headers; });
        call.on('status', status => { seen.status = status; });
    });
}

function collect(stream) {
    return new Promise((resolve, reject) => {
        const messages = [];
        stream.on('data', message => messages.push(message));
        stream.on('end', () => resolve(messages));
        stream.on('error', reject);
    });
}

async function main() {
    for (const length of [0, 1, 65536, 7000000]) {
        const sent = Buffer.alloc(length, 'abc');
        assert.ok((await unary('Once', sent)).answer.equals(sent), `a message of ${length} bytes`);
    }

    const metadata = new grpc.Metadata();
    metadata.set('x-text', 'some text');
    metadata.set('x-long', 'y'.repeat(12000));
    metadata.set('x-bytes-bin', Buffer.from([0, 255, 10, 13]));
    const { headers, status } = await unary('Once', Buffer.from('m'), metadata);
    assert.deepStrictEqual(headers.get('x-text'), ['some text']);
    assert.deepStrictEqual(headers.get('x-long'), ['y'.repeat(12000)]);
    assert.deepStrictEqual(headers.get('x-bytes-bin'), [Buffer.from([0, 255, 10, 13])]);
    assert.deepStrictEqual(status.metadata.get('tx-bytes-bin'), [Buffer.from([0, 255, 10, 13])]);

    const repeated = await collect(client.makeServerStreamRequest(path('Repeat'), raw, raw, Buffer.from('500')));
    assert.deepStrictEqual(repeated.map(String), Array.from({ length: 500 }, (_, i) => String(i)));

    const sum = await new Promise((resolve, reject) => {
        const call = client.makeClientStreamRequest(path('Sum'), raw, raw, (error, answer) => error ? reject(error) : resolve(answer));
        for (let i = 0; i < 10; i++)
            call.write(Buffer.alloc(500000));
        call.end();
    });
    assert.strictEqual(String(sum), '5000000');

    const chat = client.makeBidiStreamRequest(path('Chat'), raw, raw);
    const echoed = [];
    await new Promise((resolve, reject) => {
        chat.on('error', reject);
        chat.on('end', resolve);
        chat.on('data', message => {
            echoed.push(String(message));
            if (echoed.length < 20)
                chat.write(Buffer.from(`m${echoed.length}`));
            else
                chat.end();
        });
        chat.write(Buffer.from('m0'));
    });
    assert.deepStrictEqual(echoed, Array.from({ length: 20 }, (_, i) => `m${i}`));

    for (const code of [1, 3, 5, 9, 16]) {
        const error = await unary('Fail', Buffer.from([code])).then(() => assert.fail(), failed => failed);
        assert.strictEqual(error.code, code);
        assert.strictEqual(error.details, '50 % of größe\nis missing');
        assert.deepStrictEqual(error.metadata.get('x-reason'), ['told']);
        assert.deepStrictEqual(error.metadata.get('grpc-status-details-bin'), [Buffer.from([1, 2, 3, 255])]);
    }
    const secret = await unary('Fail', Buffer.alloc(0)).then(() => assert.fail(), failed => failed);
    assert.strictEqual(secret.code, grpc.status.INTERNAL);
    assert.strictEqual(secret.details, 'internal error');
    const missing = await unary('Missing', Buffer.alloc(0)).then(() => assert.fail(), failed => failed);
    assert.strictEqual(missing.code, grpc.status.UNIMPLEMENTED);
    const large = await unary('Once', Buffer.alloc(9000000)).then(() => assert.fail(), failed => failed);
    assert.strictEqual(large.code, grpc.status.RESOURCE_EXHAUSTED);

    const late = await unary('Wait', Buffer.alloc(0), undefined, { deadline: Date.now() + 200 }).then(() => assert.fail(), failed => failed);
    assert.strictEqual(late.code, grpc.status.DEADLINE_EXCEEDED);
    const waiting = client.makeServerStreamRequest(path('Wait'), raw, raw, Buffer.alloc(0));
    const cancelled = await new Promise(resolve => {
        waiting.on('data', () => waiting.cancel());
        waiting.on('error', resolve);
    });
    assert.strictEqual(cancelled.code, grpc.status.CANCELLED);

    const packing = new grpc.Client(address, grpc.credentials.createInsecure(),
        { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip });
    const packed = Buffer.alloc(3000000, 'compressible ');
    assert.ok((await unary('Once', packed, undefined, {}, packing)).answer.equals(packed));
    const deflating = new grpc.Client(address, grpc.credentials.createInsecure(),
        { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.deflate });
    const unknown = await unary('Once', packed, undefined, {}, deflating).then(() => assert.fail(), failed => failed);
    assert.strictEqual(unknown.code, grpc.status.UNIMPLEMENTED);
    console.log('all calls as expected');
    process.exit(0);
}

main().catch(error => {
    console.error(error);
    process.exit(1);
});
