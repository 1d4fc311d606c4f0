using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Parser;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Tests.Kit;

/// <summary>Plans SQL over tables made from one line each.</summary>
internal static class PlannerKit
{
    private static uint _nextOid = TypeOid.FirstUser;

    internal static PlannerContext Context { get; } = Make(
        "a: id int4 pk, x int4, y text, z float8",
        "b: id int4 pk, a_id int4, v int8, name varchar(20)",
        "c: id int4, b_id int4, t timestamptz, flag bool",
        "docs: id int8 pk, lang text, year int4, title text, embedding vector(3)",
        "gen: id int4 pk identity, n int4 default 7, twice int4 generated n * 2",
        "uq: k1 int4, k2 text, v int4, unique(k1, k2)");

    internal static PlannerContext Make(params string[] tables)
    {
        CatalogSnapshot catalog =
            CatalogSnapshot.Initial.Apply([.. tables.Select(table => new PutObject(Table(table)))]).InDatabase(DatabaseEntry.FirstOid);
        return new PlannerContext
        {
            Catalog = catalog, Evaluator = NoEvaluator.Instance, SystemViews = NoSystemViews.Instance,
        };
    }

    internal static PlannedStatement Plan(string sql, PlannerContext? context = null) =>
        QueryPlanner.Plan(SqlParser.Parse(sql)[0], context ?? Context);

    internal static SqlException Error(string sql, PlannerContext? context = null) =>
        Assert.Throws<SqlException>(() => Plan(sql, context));

    /// <summary>The result types as SQL spells them.</summary>
    internal static string Types(string sql) =>
        string.Join(", ", Plan(sql).Columns.Select(column => BuiltinTypes.FormatType(column.Type)));

    internal static string Names(string sql) => string.Join(", ", Plan(sql).Columns.Select(column => column.Name));

    internal static string Parameters(string sql) =>
        string.Join(", ", Plan(sql).ParameterTypes.Select(type => BuiltinTypes.FormatType(type)));

    internal static string Explain(string sql, bool verbose = false, bool isJson = false)
    {
        var options = new ExplainOptions(
            Costs: false, verbose, isJson ? ExplainFormat.Json : ExplainFormat.Text, Timing: false, Actuals: null, Context);
        return string.Join('\n', QueryPlanner.Explain(Plan(sql), options));
    }

    internal static TableEntry Table(string text)
    {
        string[] halves = text.Split(": ", 2);
        var columns = ImmutableArray.CreateBuilder<ColumnEntry>();
        var indexes = ImmutableArray.CreateBuilder<IndexEntry>();
        uint oid = _nextOid++;
        foreach (string part in halves[1].Split(", ").Aggregate(new List<string>(), Join))
        {
            if (part.StartsWith("unique(", StringComparison.Ordinal))
            {
                short[] numbers = [.. part["unique(".Length..^1].Split(", ").Select(name =>
                    columns.First(column => column.Name == name).Number)];
                indexes.Add(new IndexEntry(_nextOid++, $"{halves[0]}_key", [.. numbers]) { IsUnique = true,
                    ConstraintOid = _nextOid++ });
                continue;
            }
            string[] words = part.Split(' ');
            short number = (short)(columns.Count + 1);
            SqlType type = QueryPlanner.ResolveType(SqlParser.ParseTypeName(words[1]), EmptyContext);
            bool isKey = words.Contains("pk");
            columns.Add(new ColumnEntry(number, words[0], type)
            {
                IsNotNull = isKey,
                Identity = words.Contains("identity") ? IdentityKind.Always : IdentityKind.None,
                SequenceOid = words.Contains("identity") ? _nextOid++ : 0,
                DefaultSql = After(part, " default ") ?? After(part, " generated "),
                IsGenerated = part.Contains(" generated "),
            });
            if (isKey)
                indexes.Add(new IndexEntry(_nextOid++, $"{halves[0]}_pkey", [number]) { IsUnique = true,
                    IsPrimary = true, ConstraintOid = _nextOid++ });
        }
        return new TableEntry(oid, CatalogSnapshot.PublicOid, halves[0])
        {
            Columns = columns.ToImmutable(), Indexes = indexes.ToImmutable(),
        };
    }

    private static List<string> Join(List<string> parts, string part)
    {
        if (parts.Count > 0 && parts[^1].Contains('(') && !parts[^1].Contains(')'))
            parts[^1] += ", " + part;
        else
            parts.Add(part);
        return parts;
    }

    private static string? After(string text, string word) =>
        text.IndexOf(word, StringComparison.Ordinal) is var at and >= 0 ? text[(at + word.Length)..] : null;

    private static PlannerContext EmptyContext => new()
    {
        Catalog = CatalogSnapshot.Initial.InDatabase(DatabaseEntry.FirstOid), Evaluator = NoEvaluator.Instance, SystemViews = NoSystemViews.Instance,
    };

    /// <summary>Widens integer constants, as literals beside other types need; all else is left for run time.</summary>
    private sealed class NoEvaluator : IConstantEvaluator
    {
        internal static readonly NoEvaluator Instance = new();

        public Column Evaluate(ScalarExpression expression, FormatContext format) => expression switch
        {
            CallExpression { Type.Oid: TypeOid.Int8,
                Arguments: [ConstantExpression { Value: FixedColumn<int> value }] } =>
                FixedColumn<long>.Constant(value[0], 1),
            CallExpression { Type.Oid: TypeOid.Float8,
                Arguments: [ConstantExpression { Value: FixedColumn<int> value }] } =>
                FixedColumn<double>.Constant(value[0], 1),
            _ => throw new SqlException(SqlState.FeatureNotSupported, "constants are not folded here"),
        };
    }

    private sealed class NoSystemViews : ISystemViews
    {
        internal static readonly NoSystemViews Instance = new();

        public TableEntry? Find(string schema, string name) => null;

        public TableEntry? Find(uint oid) => null;

        public bool HasRowVersions(uint oid) => false;
    }
}
