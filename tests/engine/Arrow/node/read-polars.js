// Compares an Arrow file with the table of types as polars sees it, and writes it again: FILE TARGET COMPRESSION
const assert = require('assert');
const fs = require('fs');
const pl = require('nodejs-polars');
const { rowCount, expected, knownTo } = require('../../../kit/arrow/types.js');

// What polars gives to JavaScript in full; all is in what it writes.
const shown = /^(Bool|Int16|Int32|Utf8|Dictionary<Int32, Utf8>|FixedSizeList\[\d+\]<Float32>|List<(Float32|Int32|Bool|Utf8|Dictionary<Int32, Utf8>)>)$/;
const [file, target, compression] = process.argv.slice(2);
const frame = pl.readIPC(fs.readFileSync(file));
const ids = frame.getColumn('id').toArray();
assert.strictEqual(ids.length, rowCount);
for (const column of knownTo('polars').filter(column => shown.test(column.arrow))) {
    const values = frame.getColumn(column.name).toArray();
    ids.forEach((id, row) => assert.deepStrictEqual(plain(values[row]), expected(column, id), `${column.type}, row ${id}`));
}
fs.writeFileSync(target, frame.writeIPC({ compression }));

function plain(value) {
    return value !== null && typeof value === 'object' ? Array.from(value.toArray ? value.toArray() : value, plain) : value;
}
