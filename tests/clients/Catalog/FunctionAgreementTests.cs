using Npgsql;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;

namespace VecSQL.Clients.Tests.Catalog;

/// <summary>Holds the tables of built-in functions, operators and casts against a real PostgreSQL's catalog.</summary>
/// <remarks>Runs where VECSQL_POSTGRES holds a connection string; functions under object ids of ours are left out.</remarks>
public sealed class FunctionAgreementTests
{
    private static readonly string? Server = Environment.GetEnvironmentVariable("VECSQL_POSTGRES");

    // any_value came with PostgreSQL 16.
    private static readonly uint[] Newer = [6292];

    private static bool IsTheirs(uint oid) => oid is < TypeOid.Vector or >= TypeOid.FirstUser && !Newer.Contains(oid);

    [Fact]
    public async Task Functions_have_the_originals_names_types_and_properties()
    {
        if (Server is null)
            return;
        Dictionary<uint, string> original = await ReadAsync("""
            select oid, concat_ws(' ', proname, proargtypes::text, prorettype::oid, proisstrict, provolatile, proretset, prokind)
            from pg_proc where pronamespace = 'pg_catalog'::regnamespace
            """);
        Compare(original, FunctionRegistry.Functions
            .Where(static entry => entry.Schema == "pg_catalog" && IsTheirs(entry.Oid) && !Newer.Contains(entry.Oid))
            .ToDictionary(static entry => entry.Oid, Describe));
    }

    [Fact]
    public async Task Operators_have_the_originals_functions_and_partners()
    {
        if (Server is null)
            return;
        Dictionary<uint, string> original = await ReadAsync("""
            select o.oid, concat_ws(' ', o.oprname, o.oprleft::oid, o.oprright::oid, o.oprresult::oid, o.oprcode::oid,
                coalesce(c.oprname, '-'), coalesce(n.oprname, '-'), o.oprcanhash, o.oprcanmerge)
            from pg_operator o left join pg_operator c on c.oid = o.oprcom left join pg_operator n on n.oid = o.oprnegate
            """);
        Compare(original, FunctionRegistry.Operators.Where(static op => op.Schema == "pg_catalog" && IsTheirs(op.Oid))
            .ToDictionary(static op => op.Oid, static op =>
                $"{op.Name} {op.Left} {op.Right} {op.Result} {op.Function} {op.Commutator ?? "-"} {op.Negator ?? "-"} "
                + $"{Letter(op.CanHash)} {Letter(op.CanMerge)}"));
    }

    [Fact]
    public async Task Casts_happen_where_the_originals_do()
    {
        if (Server is null)
            return;
        HashSet<string> original = [.. (await ReadAsync("""
            select row_number() over ()::oid, concat_ws(' ', castsource::oid, casttarget::oid, castfunc, castcontext, castmethod)
            from pg_cast
            """)).Values];
        string[] wrong = [.. FunctionRegistry.Casts
            .Where(static cast => IsTheirs(cast.Source) && IsTheirs(cast.Target))
            .Select(static cast => $"{cast.Source} {cast.Target} {cast.Function} {"iae"[(int)cast.Context]} {"fbi"[(int)cast.Method]}")
            .Where(cast => !original.Contains(cast))];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    private static string Describe(FunctionEntry entry)
    {
        char kind = entry.Kind switch
        {
            FunctionKind.Aggregate => 'a',
            FunctionKind.Window => 'w',
            FunctionKind.Procedure => 'p',
            _ => 'f',
        };
        char volatility = entry.Volatility switch { Volatility.Immutable => 'i', Volatility.Stable => 's', _ => 'v' };
        string arguments = string.Join(' ', entry.Arguments);
        return $"{entry.Name} {arguments} {entry.Result} {Letter(entry.IsStrict)} {volatility} {Letter(entry.ReturnsSet)} {kind}";
    }

    private static char Letter(bool value) => value ? 't' : 'f';

    private static async Task<Dictionary<uint, string>> ReadAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Server ?? "");
        await using NpgsqlCommand command = source.CreateCommand(sql);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        var rows = new Dictionary<uint, string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetFieldValue<uint>(0), reader.GetString(1));
        return rows;
    }

    private static void Compare(Dictionary<uint, string> original, Dictionary<uint, string> ours)
    {
        string[] wrong = [.. ours.Where(entry => original.GetValueOrDefault(entry.Key) != entry.Value)
            .Select(entry => $"{entry.Key}: {entry.Value}, originally {original.GetValueOrDefault(entry.Key) ?? "absent"}")];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }
}
