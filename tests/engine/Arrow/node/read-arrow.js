// Prints every value of an Arrow stream or file as apache-arrow sees it: a line a column, values apart by bars.
const { tableFromIPC, compressionRegistry, CompressionType } = require("apache-arrow");
const { readFileSync } = require("fs");
const { zstdDecompressSync } = require("zlib");

if (zstdDecompressSync && compressionRegistry)
    compressionRegistry.set(CompressionType.ZSTD, { decode: bytes => new Uint8Array(zstdDecompressSync(bytes)) });

function text(value) {
    if (value === null || value === undefined)
        return "null";
    if (value instanceof Uint8Array)
        return Buffer.from(value).toString("hex");
    if (value instanceof Date)
        return String(value.getTime());
    if (ArrayBuffer.isView(value))
        return "[" + Array.from(value, text).join(",") + "]";
    if (typeof value === "object" && typeof value.toArray === "function")
        return "[" + Array.from(value, text).join(",") + "]";
    if (typeof value === "object")
        return JSON.stringify(value.toJSON ? value.toJSON() : value, (_, v) => typeof v === "bigint" ? String(v)
            : v && typeof v.toArray === "function" ? Array.from(v) : v);
    if (typeof value === "string" && value.length > 40)
        return `${value.length} characters`;
    return String(value);
}

const table = tableFromIPC(readFileSync(process.argv[2]));
for (const field of table.schema.fields) {
    const column = table.getChild(field.name);
    console.log(`${field.name} ${field.type} ${field.metadata.get("vecsql.type")}: ${Array.from(column, text).join("|")}`);
}
