using System.Reflection;

namespace VecSQL.Flight.Sql;

/// <summary>What CommandGetSqlInfo answers, by the numbers of Flight SQL's SqlInfo.</summary>
/// <remarks>Values are a text, a truth, an int64, an int32 (of bits, or one of several) or a query for texts.</remarks>
internal static class SqlInfoValues
{
    private const int Transactions = 1, CaseLower = 3, CaseKept = 0, NullsHigh = 0, ReadCommitted = 2;

    private const int SchemaUses = 0b110; // in definitions of indexes and of privileges

    private const int NameCharactersMax = 63;

    public static IReadOnlyList<KeyValuePair<uint, object>> All { get; } =
    [
        new(0, "VecSQL"),
        new(1, Version),
        new(2, "1.5.0"), // of Arrow's columnar format
        new(3, false), // read only
        new(4, true), // SQL
        new(5, false), // Substrait
        new(8, Transactions), // without savepoints
        new(9, true), // cancels
        new(10, true), // bulk ingestion
        new(11, true), // in transactions
        new(100, 15 * 60 * 1000), // after which statements are forgotten, in milliseconds
        new(101, 15 * 60 * 1000), // and transactions rolled back
        new(500, true), // CREATE and DROP of catalogs
        new(501, true), // of schemas
        new(502, true), // of tables
        new(503, CaseLower), // what becomes of names
        new(504, "\""),
        new(505, CaseKept), // of quoted names nothing
        new(506, false), // privileges may be missing
        new(507, NullsHigh),
        new(508, new SqlInfoQuery("SELECT upper(word)::text FROM pg_get_keywords() ORDER BY 1")),
        new(509, Functions(
            "abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees div exp floor gcd lcm ln log log10 mod pi power radians random round sign "
            + "sin sqrt tan trunc width_bucket")),
        new(510, Functions(
            "ascii btrim char_length character_length chr concat concat_ws format initcap left length lower lpad ltrim md5 octet_length overlay "
            + "position quote_ident quote_literal regexp_match regexp_replace repeat replace reverse right rpad rtrim split_part starts_with strpos "
            + "substr substring to_hex translate upper")),
        new(511, Functions("current_database current_schema current_setting pg_typeof set_config version")),
        new(512, Functions(
            "age clock_timestamp date_part date_trunc extract justify_days justify_hours make_date make_interval make_time make_timestamp now "
            + "statement_timestamp to_char to_date to_timestamp transaction_timestamp")),
        new(513, "\\"),
        new(514, "$"),
        new(515, true), // AS
        new(516, true), // NULL || 'a' IS NULL
        new(518, true), // names for tables
        new(519, false), // which may be those of other tables
        new(520, true), // expressions in ORDER BY
        new(521, true), // of columns that are not selected
        new(522, 0b11), // GROUP BY of others, and of more, than is selected
        new(523, true), // LIKE … ESCAPE
        new(524, true), // NOT NULL
        new(525, 0b111), // grammars of ODBC
        new(526, 0b001), // entry level of SQL-92
        new(527, true), // keys and checks
        new(528, 2), // full outer joins
        new(529, "schema"),
        new(530, "function"),
        new(531, "database"),
        new(532, true), // catalog.schema.table
        new(533, SchemaUses),
        new(534, 0),
        new(535, 0), // no WHERE CURRENT OF over Flight
        new(536, true), // SELECT … FOR UPDATE
        new(537, false), // {call …}
        new(538, 0b1111), // subqueries in comparisons, EXISTS, IN, ANY and ALL
        new(539, true), // correlated ones
        new(540, 0b11), // UNION and UNION ALL
        new(543, (long)NameCharactersMax),
        new(552, (long)NameCharactersMax),
        new(554, (long)NameCharactersMax),
        new(559, (long)NameCharactersMax),
        new(561, (long)NameCharactersMax),
        new(562, ReadCommitted),
        new(563, true), // transactions
        new(564, (1 << 1) | (1 << 2) | (1 << 3)), // read uncommitted, which is read committed; that; repeatable read
        new(565, false), // DDL commits
        new(566, false), // or is ignored
        new(567, 0b10), // results are read forwards
        new(572, true), // several sets of parameters
        new(573, true), // SAVEPOINT
        new(574, false), // named parameters
        new(576, false), // {fn …}
    ];

    private static string Version => typeof(SqlInfoValues).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
        .InformationalVersion.Split('+')[0] ?? "";

    /// <summary>Those of some names that there are.</summary>
    private static SqlInfoQuery Functions(string names) => new(
        "SELECT DISTINCT proname::text FROM pg_proc WHERE proname::text = ANY (string_to_array('" + names + "', ' ')) ORDER BY 1");
}
