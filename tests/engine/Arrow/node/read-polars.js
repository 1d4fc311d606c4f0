// Prints an Arrow file as polars sees it: a line a column.
const pl = require("nodejs-polars");
const frame = pl.readIPC(require("fs").readFileSync(process.argv[2]));
for (const name of frame.columns) {
    const values = frame.getColumn(name).toArray().map(value => value === null ? "null"
        : typeof value === "string" && value.length > 40 ? `${value.length} characters`
        : value instanceof Date ? String(value.getTime())
        : typeof value === "object" ? JSON.stringify(Array.from(value.toArray ? value.toArray() : value)) : String(value));
    console.log(`${name}: ${values.join("|")}`);
}
