// Values as apache-arrow has them, in full: what it hands out rounded (moments) or in words (decimals) is read from beneath.
const assert = require('node:assert');
const { types, rowCount, expected } = require('./types.js');

const MillisecondsPerDay = 86400000;

// Given the package that is in use: what one copy of it made is not another's.
function register(arrow) {
    const { decompress } = require('fzstd');
    arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, { decode: bytes => decompress(bytes).slice(), encode: stored });
}

// A Zstandard frame of blocks that are stored as they are: enough of an encoder for a test.
function stored(bytes) {
    const BlockBytes = 1 << 17;
    const head = Buffer.alloc(9);
    head.writeUInt32LE(0xFD2FB528, 0);
    head[4] = 0xA0; // a single segment, four bytes of its length
    head.writeUInt32LE(bytes.length, 5);
    const parts = [head];
    for (let at = 0; at === 0 || at < bytes.length; at += BlockBytes) {
        const block = bytes.subarray(at, at + BlockBytes), size = Buffer.alloc(3);
        size.writeUIntLE(block.length * 8 + (at + BlockBytes >= bytes.length ? 1 : 0), 0, 3);
        parts.push(size, block);
    }
    return new Uint8Array(Buffer.concat(parts));
}

function integer(words) {
    const bits = 32 * words.length;
    return BigInt.asIntN(bits, [...words].reduceRight((sum, word) => (sum << 32n) | BigInt(word >>> 0), 0n));
}

// The number itself, where the package would make a rounded one of it.
function beneath(vector, row) {
    for (const chunk of vector.data) {
        if (row < chunk.length)
            return chunk.values[row];
        row -= chunk.length;
    }
    return assert.fail('no such row');
}

function value(vector, row) {
    if (!vector.isValid(row))
        return null;
    const type = String(vector.type);
    if (type.startsWith('Timestamp'))
        return BigInt(beneath(vector, row)); // the package refuses those that milliseconds cannot count
    const found = vector.get(row);
    if (type.startsWith('Date'))
        return Math.round(Number(found) / MillisecondsPerDay);
    if (type.startsWith('Decimal'))
        return integer(found);
    if (type.startsWith('Interval')) {
        const nanoseconds = found.slice(2);
        return [found[0], found[1], integer(nanoseconds)];
    }
    if (type.startsWith('Struct'))
        return Object.fromEntries(vector.type.children.map((field, i) => [field.name, value(vector.getChildAt(i), row)]));
    if (type.includes('List'))
        return Array.from({ length: found.length }, (_, i) => value(found, i));
    return found instanceof Uint8Array ? Buffer.from(found) : found;
}

// Every value of the table "every", in whatever order its rows come.
function check(table, columns = types) {
    assert.strictEqual(table.numRows, rowCount);
    const ids = table.getChild('id');
    for (const column of columns) {
        const vector = table.getChild(column.name);
        assert.strictEqual(String(vector.type), column.arrow, column.type);
        for (let row = 0; row < rowCount; row++)
            assert.deepStrictEqual(value(vector, row), expected(column, ids.get(row)), `${column.type}, row ${ids.get(row)}`);
    }
}

module.exports = { check, register, value };
