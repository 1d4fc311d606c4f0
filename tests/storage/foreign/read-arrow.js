// Prints a segment as apache-arrow for JavaScript sees it: a line for each value, column by column.
const fs = require('fs');
const arrow = require('apache-arrow');
const { decompress } = require('fzstd');
arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, { decode: bytes => decompress(bytes).slice() });

const hex = array => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('hex').toUpperCase();
const unscaled = words => {
  const value = [...words].reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return BigInt.asIntN(128, value).toString();
};

const table = arrow.tableFromIPC(fs.readFileSync(process.argv[2]));
for (const field of table.schema.fields) {
  console.log(`# ${field.name} ${field.type} ${field.metadata.get('vecsql.column')}`);
  for (const chunk of table.getChild(field.name).data) {
    const vector = new arrow.Vector([chunk]);
    for (let row = 0; row < chunk.length; row++) {
      const value = vector.get(row);
      if (value === null) console.log('null');
      else if (/^(Timestamp|Time64|Date)/.test(`${field.type}`)) console.log(chunk.values[row].toString());
      else if (/^Decimal/.test(`${field.type}`)) console.log(unscaled(value));
      else if (Number.isNaN(value)) console.log('NaN');
      else if (/^Float/.test(`${field.type}`)) console.log(hex(Float64Array.of(value)));
      else if (/^FixedSizeList/.test(`${field.type}`)) console.log(hex(value.toArray()));
      else if (value instanceof Uint8Array) console.log(hex(value));
      else console.log(`${value}`);
    }
  }
}
