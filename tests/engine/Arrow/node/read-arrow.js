// Compares an Arrow file or stream with the table of types as apache-arrow sees it, and writes it again as a stream: FILE TARGET
const fs = require('fs');
const arrow = require('apache-arrow');
const { check, register } = require('../../../kit/arrow/reading.js');

register(arrow);
const [file, target] = process.argv.slice(2);
const table = arrow.tableFromIPC(fs.readFileSync(file));
check(table);
fs.writeFileSync(target, arrow.tableToIPC(table, 'stream'));
