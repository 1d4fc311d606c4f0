// Prints some columns of a segment as polars sees them, row by row.
const fs = require('fs');
const polars = require('nodejs-polars');
const columns = ['_rowid', 'id', 'medium', 'amount', 'body'];
const frame = polars.readIPC(fs.readFileSync(process.argv[2]), { columns });
for (let row = 0; row < frame.height; row++)
  console.log(columns.map(column => `${frame.getColumn(column).get(row)}`).join('|'));
