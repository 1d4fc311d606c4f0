// Every type of SQL's, with values that try its bounds, and what those are to apache-arrow: what clients and readers are held to.
// They lie in a table "every", a column a type and a row a set of values. "node types.js READER" prints, as JSON, the statements that
// make it, the columns that a reader knows and a query of what another table "again" has otherwise.
const TextBytes = 3000000, Elements = 100000;

const days = (...parts) => Date.UTC(...parts) / 86400000;
const microseconds = (...parts) => BigInt(Date.UTC(...parts)) * 1000n;
const Least = -(2n ** 63n), Most = 2n ** 63n - 1n;
const bytes = text => Buffer.from(text, 'hex');

// A column's SQL type, its Arrow type, and its values: SQL, and what apache-arrow shows. What readers do not know is said by "not".
const types = [
    { type: 'bool', arrow: 'Bool', values: [['true', true], ['false', false]] },
    { type: 'int2', arrow: 'Int16', values: [['-32768', -32768], ['32767', 32767], ['0', 0]] },
    { type: 'int4', arrow: 'Int32', values: [['-2147483648', -2147483648], ['2147483647', 2147483647]] },
    { type: 'int8', arrow: 'Int64', values: [['-9223372036854775808', Least], ['9223372036854775807', Most], ['9007199254740993', 9007199254740993n]] },
    { type: 'oid', arrow: 'Int64', values: [['0', 0n], ['4294967295', 4294967295n]] },
    { type: 'float4', arrow: 'Float32', values: [["'NaN'", NaN], ["'Infinity'", Infinity], ["'-Infinity'", -Infinity], ["'-0'", -0], ['0', 0],
        ['0.1', Math.fround(0.1)], ["'1e-45'", Math.fround(1e-45)], ["'3.4028235e38'", Math.fround(3.4028235e38)]] },
    { type: 'float8', arrow: 'Float64', values: [["'NaN'", NaN], ["'Infinity'", Infinity], ["'-Infinity'", -Infinity], ["'-0'", -0], ['0', 0],
        ['0.1', 0.1], ["'5e-324'", 5e-324], ["'1.7976931348623157e308'", Number.MAX_VALUE]] },
    { type: 'numeric(10,2)', arrow: 'Decimal[10e+2]', values: [['0', 0n], ['-12345678.90', -1234567890n], ['0.01', 1n]] },
    { type: 'numeric(38,0)', arrow: 'Decimal[38e0]', values: [['9'.repeat(38), BigInt('9'.repeat(38))], ['-' + '9'.repeat(38), -BigInt('9'.repeat(38))]] },
    { type: 'numeric(76,30)', arrow: 'Decimal[76e+30]', not: ['polars', 'duckdb'],
        values: [['-1.000000000000000000000000000001', -(10n ** 30n) - 1n], ['9'.repeat(46), BigInt('9'.repeat(46)) * 10n ** 30n]] },
    { type: 'numeric(3,-2)', arrow: 'Utf8', values: [['12345', '12300'], ["'NaN'", 'NaN']] },
    { type: 'numeric', arrow: 'Utf8', values: [["'NaN'", 'NaN'], ["'-Infinity'", '-Infinity'], ['1.500', '1.500'], ['0.000', '0.000'],
        [`1${'0'.repeat(10000)}.${'9'.repeat(1000)}`, `1${'0'.repeat(10000)}.${'9'.repeat(1000)}`]] },
    { type: 'text', arrow: 'Utf8', values: [["''", ''], ["'größe 😀'", 'größe 😀'], [`repeat('x', ${TextBytes})`, 'x'.repeat(TextBytes)]] },
    { type: 'varchar(3)', arrow: 'Utf8', values: [["''", ''], ["'äöü'", 'äöü']] },
    { type: 'char(4)', arrow: 'Utf8', values: [["'ab'", 'ab  '], ["''", '    ']] },
    { type: 'name', arrow: 'Utf8', values: [["'a name'", 'a name']] },
    { type: 'json', arrow: 'Utf8', not: ['polars'], values: [["' {\"a\" : [1, null]}'", ' {"a" : [1, null]}'], ["'null'", 'null']] },
    { type: 'jsonb', arrow: 'Utf8', not: ['polars'], values: [["'{\"b\":1,\"a\":[]}'", '{"a": [], "b": 1}'], ["'\"\"'", '""'],
        [`to_jsonb(repeat('y', ${TextBytes}))`, JSON.stringify('y'.repeat(TextBytes))]] },
    { type: 'bytea', arrow: 'Binary', values: [["''", bytes('')], ["'\\x00ff27'", bytes('00ff27')],
        [`decode(repeat('00ff', ${TextBytes / 2}), 'hex')`, bytes('00ff'.repeat(TextBytes / 2))]] },
    { type: 'uuid', arrow: 'FixedSizeBinary[16]', not: ['polars'], values: [["'00112233-4455-6677-8899-aabbccddeeff'", bytes('00112233445566778899aabbccddeeff')],
        ["'00000000-0000-0000-0000-000000000000'", bytes('0'.repeat(32))]] },
    { type: 'date', arrow: 'Date32<DAY>', values: [["'infinity'", 2147483647], ["'-infinity'", -2147483648], ["'2024-02-29'", days(2024, 1, 29)],
        ["'1969-12-31'", -1], ["'0001-01-01'", -719162], ["'4714-11-24 BC'", -2440588]] },
    { type: 'time', arrow: 'Time64<MICROSECOND>', values: [["'00:00'", 0n], ["'23:59:59.999999'", 86399999999n]] },
    { type: 'time', arrow: 'Time64<MICROSECOND>', not: ['polars'], values: [["'24:00'", 86400000000n]] }, // to polars it is no time
    { type: 'timetz', arrow: 'Utf8', values: [["'12:00+02'", '12:00:00+02'], ["'00:00:00.000001-15:59'", '00:00:00.000001-15:59']] },
    { type: 'timestamp', arrow: 'Timestamp<MICROSECOND>', values: [["'infinity'", Most], ["'-infinity'", Least],
        ["'2024-02-29 12:34:56.789012'", microseconds(2024, 1, 29, 12, 34, 56) + 789012n], ["'1969-12-31 23:59:59.999999'", -1n],
        ["'294246-12-31 23:59:59.999999'", 9223371244799999999n]] },
    { type: 'timestamptz', arrow: 'Timestamp<MICROSECOND, UTC>', values: [["'infinity'", Most], ["'-infinity'", Least],
        ["'2024-02-29 12:34:56.789012+05:30'", microseconds(2024, 1, 29, 7, 4, 56) + 789012n], ["'1969-12-31 23:59:59.999999+00'", -1n]] },
    { type: 'interval', arrow: 'Interval<MONTH_DAY_NANO>', not: ['polars'], values: [["'0'", [0, 0, 0n]],
        ["'1 year -2 days 03:04:05.678901'", [12, -2, 11045678901000n]], ["'-1 microsecond'", [0, 0, -1000n]],
        ["'178000000 years'", [2136000000, 0, 0n]]] },
    { type: 'bit(10)', arrow: 'FixedSizeBinary[2]', values: [["B'1010101011'", bytes('aac0')], ["B'0000000000'", bytes('0000')]] },
    { type: 'bit(10000)', arrow: 'FixedSizeBinary[1250]', values: [["repeat('10', 5000)::bit(10000)", bytes('aa'.repeat(1250))]] },
    { type: 'varbit', arrow: 'Utf8', values: [["B''", ''], ["B'101'", '101']] },
    { type: 'vector(3)', arrow: 'FixedSizeList[3]<Float32>', values: [["'[1,-2.5,0]'", [1, -2.5, 0]], ["'[3.4028235e38,-1e-45,-0]'",
        [Math.fround(3.4028235e38), Math.fround(-1e-45), -0]]] },
    { type: 'vector(2000)', arrow: 'FixedSizeList[2000]<Float32>', values: [['array_fill(0.5::float4, ARRAY[2000])::vector', Array(2000).fill(0.5)]] },
    { type: 'vector', arrow: 'List<Float32>', values: [["'[1]'", [1]], ["'[1,2,3]'", [1, 2, 3]]] },
    { type: 'halfvec(3)', arrow: 'FixedSizeList[3]<Float16>', not: ['duckdb'], values: [["'[1,-65504,0.5]'", [1, -65504, 0.5]]] },
    { type: 'halfvec', arrow: 'List<Float16>', not: ['duckdb'], values: [["'[1]'", [1]], ["'[1,2,3]'", [1, 2, 3]]] },
    { type: 'sparsevec(5)', arrow: 'Struct<{indices:List<Int32>, values:List<Float32>}>',
        values: [["'{1:1,5:-2}/5'", { indices: [0, 4], values: [1, -2] }], ["'{}/5'", { indices: [], values: [] }]] },
    { type: 'sparsevec', arrow: 'Struct<{indices:List<Int32>, values:List<Float32>, dimensions:Int32}>',
        values: [["'{1:1}/1'", { indices: [0], values: [1], dimensions: 1 }], ["'{}/1000000'", { indices: [], values: [], dimensions: 1000000 }]] },
    // Old editions of Arrow for Rust, as flight-sql-client has one, take no dictionaries in the schema of a prepared statement.
    { type: 'mood', arrow: 'Dictionary<Int32, Utf8>', not: ['flight-sql'], values: [["'happy'", 'happy'], ["'sad'", 'sad'], ["''", '']] },
    { type: 'mood[]', arrow: 'List<Dictionary<Int32, Utf8>>', not: ['duckdb', 'flight-sql'], values: [["'{happy,NULL,\"\"}'", ['happy', null, '']]] },
    { type: 'int4[]', arrow: 'List<Int32>', values: [["'{1,NULL,-3}'", [1, null, -3]], ["'{}'", []],
        [`(SELECT array_agg(n) FROM generate_series(1, ${Elements}) n)`, Array.from({ length: Elements }, (_, i) => i + 1)]] },
    { type: 'bool[]', arrow: 'List<Bool>', values: [["'{t,NULL,f}'", [true, null, false]]] },
    { type: 'text[]', arrow: 'List<Utf8>', values: [["ARRAY['a', '', NULL, 'NULL']", ['a', '', null, 'NULL']], ["'{NULL}'", [null]]] },
    { type: 'numeric(5,1)[]', arrow: 'List<Decimal[5e+1]>', values: [['ARRAY[1.5, NULL, -9999.9]', [15n, null, -99999n]]] },
    { type: 'timestamptz[]', arrow: 'List<Timestamp<MICROSECOND, UTC>>', values: [["'{1970-01-01 00:00:01+00,NULL}'", [1000000n, null]]] },
    { type: 'uuid[]', arrow: 'List<FixedSizeBinary[16]>', values: [["'{00112233-4455-6677-8899-aabbccddeeff}'", [bytes('00112233445566778899aabbccddeeff')]]] },
    { type: 'bytea[]', arrow: 'List<Binary>', values: [["ARRAY['\\x00'::bytea, NULL, '']", [bytes('00'), null, bytes('')]]] },
    { type: 'bit(10)[]', arrow: 'List<FixedSizeBinary[2]>', values: [["ARRAY[B'1010101011', NULL]::bit(10)[]", [bytes('aac0'), null]]] },
    { type: 'sparsevec(3)[]', arrow: 'List<Struct<{indices:List<Int32>, values:List<Float32>}>>',
        values: [["ARRAY['{2:1}/3', NULL]::sparsevec(3)[]", [{ indices: [1], values: [1] }, null]]] },
    { type: 'vector(2)[]', arrow: 'List<FixedSizeList[2]<Float32>>', values: [["ARRAY['[1,2]'::vector, '[3,4]']", [[1, 2], [3, 4]]]] },
    { type: 'tsvector', arrow: 'Utf8', values: [["'a b'", "'a' 'b'"]] },
];
types.forEach((type, i) => { type.name = `c${i}`; });

// A last row has nulls only.
const rowCount = Math.max(...types.map(type => type.values.length)) + 1;
const expected = (type, row) => type.values[row]?.[1] ?? null;

function setup() {
    const columns = types.map(type => `${type.name} ${type.type}`).join(', ');
    const rows = Array.from({ length: rowCount }, (_, row) =>
        `(${row}, ${types.map(type => type.values[row]?.[0] ?? 'NULL').join(', ')})`);
    return ["CREATE TYPE mood AS ENUM ('sad', '', 'happy')", `CREATE TABLE every (id int4 PRIMARY KEY, ${columns})`,
        ...rows.map(row => `INSERT INTO every VALUES ${row}`)];
}

// A statement that names the columns and rows in which two tables differ.
function differences(left, right, columns = types.map(type => type.name)) {
    const pairs = columns.map(name => `('${name}', l.${name}::text, r.${name}::text)`).join(', ');
    return `SELECT id, name FROM ${left} l FULL JOIN ${right} r USING (id), LATERAL (VALUES ${pairs}) AS v(name, a, b) WHERE a IS DISTINCT FROM b ORDER BY 1, 2`;
}

const knownTo = reader => types.filter(type => !type.not?.includes(reader));

module.exports = { types, rowCount, expected, setup, differences, knownTo };
if (require.main === module) {
    const columns = knownTo(process.argv[2]).map(type => type.name);
    console.log(JSON.stringify({ setup: setup(), columns: ['id', ...columns].join(', '), differences: differences('every', 'again', columns) }));
}
