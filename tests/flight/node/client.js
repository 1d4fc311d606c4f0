// A Flight client assembled by hand of @grpc/grpc-js and apache-arrow, and protobuf as far as that needs it.
const assert = require('node:assert');
const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');
const arrow = require('apache-arrow');

const raw = bytes => bytes;
const path = name => `/arrow.flight.protocol.FlightService/${name}`;

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

// FlightData to an IPC stream.
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
    return Buffer.concat(parts);
}

// An IPC stream to FlightData for a command.
function frames(bytes, command) {
    const messages = [];
    for (let at = 0; at < bytes.length && bytes.readInt32LE(at + 4) > 0;) {
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

function collect(call) {
    return new Promise((resolve, reject) => {
        const messages = [];
        call.on('data', message => messages.push(message));
        call.on('end', () => resolve(messages));
        call.on('error', reject);
    });
}

class Client {
    constructor(port, authority) {
        const credentials = authority ? grpc.credentials.createSsl(fs.readFileSync(authority)) : grpc.credentials.createInsecure();
        this.grpc = new grpc.Client(`localhost:${port}`, credentials, { 'grpc.max_receive_message_length': -1 }); // as Flight's clients do
        this.metadata = new grpc.Metadata();
    }

    async authenticate(user, password) {
        const basic = Client.basic(user, password);
        const call = this.grpc.makeBidiStreamRequest(path('Handshake'), raw, raw, basic);
        call.write(Buffer.alloc(0));
        call.end();
        let token;
        call.on('metadata', headers => { token = headers.get('authorization')[0]; });
        await collect(call);
        assert.match(token, /^Bearer [0-9a-f]+$/);
        this.metadata.set('authorization', token);
    }

    static basic(user, password) {
        const basic = new grpc.Metadata();
        basic.set('authorization', 'Basic ' + Buffer.from(`${user}:${password}`).toString('base64'));
        basic.set('database', 'vecsql');
        return basic;
    }

    async info(command, options = {}) {
        const answer = await new Promise((resolve, reject) => this.grpc.makeUnaryRequest(path('GetFlightInfo'), raw, raw,
            descriptor(command), this.metadata, options, (error, message) => error ? reject(error) : resolve(message)));
        const fields = read(answer);
        return { bytes: fields, tickets: fields[3].map(endpoint => read(endpoint)[1][0]) };
    }

    open(ticket, options = {}) {
        return this.grpc.makeServerStreamRequest(path('DoGet'), raw, raw, ticket, this.metadata, options);
    }

    // A ticket's rows as an IPC stream.
    async bytes(ticket, options) {
        return stream(await collect(this.open(ticket, options)));
    }

    async get(ticket, options) {
        return arrow.tableFromIPC(await this.bytes(ticket, options));
    }

    async query(sql) {
        const found = await this.info(any('CommandStatementQuery', text(1, sql)));
        const tables = await Promise.all(found.tickets.map(ticket => this.get(ticket)));
        return tables.flatMap(table => table.toArray().map(row => row.toJSON()));
    }

    async put(messages) {
        const call = this.grpc.makeBidiStreamRequest(path('DoPut'), raw, raw, this.metadata);
        for (const message of messages)
            call.write(message);
        call.end();
        const answers = await collect(call);
        return read(answers[0])[1]?.[0] ?? Buffer.alloc(0);
    }

    async changed(messages) {
        return read(await this.put(messages))[1]?.[0] ?? 0;
    }

    update(sql) {
        return this.changed([field(1, descriptor(any('CommandStatementUpdate', text(1, sql))))]);
    }

    // Rows, as an IPC stream, into a table: Flight SQL's numbers say what becomes of one that is missing (1 create, 2 fail) or there.
    ingest(bytes, table, missing, exists) {
        return this.changed(frames(bytes, any('CommandStatementIngest', Buffer.concat([
            field(1, Buffer.concat([number(1, missing), number(2, exists)])), text(2, table)]))));
    }

    action(type, body) {
        return collect(this.grpc.makeServerStreamRequest(path('DoAction'), raw, raw,
            Buffer.concat([text(1, type), field(2, body)]), this.metadata));
    }

    // A prepared statement's handle.
    async handle(sql) {
        const answers = await this.action('CreatePreparedStatement', any('ActionCreatePreparedStatementRequest', text(1, sql)));
        return read(read(read(answers[0])[1][0])[2][0])[1][0];
    }

    close(handle) {
        return this.action('ClosePreparedStatement', any('ActionClosePreparedStatementRequest', field(1, handle)));
    }
}

const failure = promise => promise.then(() => assert.fail('no failure'), error => error);

module.exports = { Client, any, collect, failure, field, frames, text };
