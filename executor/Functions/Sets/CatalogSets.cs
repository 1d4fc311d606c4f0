using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Sets;

/// <summary>A function that PostgreSQL makes a view of the catalog from; here it reads the view.</summary>
internal sealed class ViewRows(string view, params string[] columns) : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context) =>
        context.Session.CatalogFunctions.RowsOf(view, columns);
}

/// <summary>aclexplode: who may do what, a privilege a row.</summary>
internal sealed class PrivilegeRows : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        var grantor = (FixedColumnBuilder<long>)ColumnBuilder.Create(PhysicalType.Int64);
        var grantee = (FixedColumnBuilder<long>)ColumnBuilder.Create(PhysicalType.Int64);
        BinaryColumnBuilder privilege = new();
        var mayGrant = (BoolColumnBuilder)ColumnBuilder.Create(PhysicalType.Bool);
        var items = new ArrayValue(((BinaryColumn)arguments[0])[0]);
        for (int i = 0; i < items.Count; i++)
        {
            (string to, string rights, string by) = Parts(System.Text.Encoding.UTF8.GetString(items[i]));
            long toOid = to.Length == 0 ? 0 : RoleOf(to, context), byOid = RoleOf(by, context);
            for (int at = 0; at < rights.Length; at++)
            {
                if (rights[at] == '*')
                    continue;
                grantor.Append(byOid);
                grantee.Append(toOid);
                privilege.Append(NameOf(rights[at]));
                mayGrant.Append(at + 1 < rights.Length && rights[at + 1] == '*');
            }
        }
        int count = privilege.Length;
        return SetBatches.Split([grantor.Build(), grantee.Build(), privilege.Build(), mayGrant.Build()], count);
    }

    /// <summary>Of <c>grantee=rights/grantor</c>; a role's name may be in quotes, and may have these signs in it.</summary>
    private static (string Grantee, string Rights, string Grantor) Parts(string item)
    {
        int equals = EndOfName(item, 0);
        int slash = equals < item.Length ? item.IndexOf('/', equals) : -1;
        if (slash < 0)
        {
            throw new SqlException(
                SqlState.InvalidTextRepresentation, equals < item.Length ? "a name must follow the \"/\" sign" : "missing \"=\" sign");
        }
        return (Unquoted(item[..equals]), item[(equals + 1)..slash], Unquoted(item[(slash + 1)..]));
    }

    private static int EndOfName(string item, int at)
    {
        for (bool isQuoted = false; at < item.Length && (isQuoted || item[at] != '='); at++)
            isQuoted ^= item[at] == '"';
        return at;
    }

    private static string Unquoted(string name) =>
        name is ['"', .., '"'] ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    private static long RoleOf(string name, EvaluationContext context) =>
        context.Session.CatalogFunctions.ResolveName("regrole", Quoted(name))
        ?? throw new SqlException(SqlState.UndefinedObject, $"role \"{name}\" does not exist");

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string NameOf(char letter) => letter switch
    {
        'a' => "INSERT",
        'r' => "SELECT",
        'w' => "UPDATE",
        'd' => "DELETE",
        'D' => "TRUNCATE",
        'x' => "REFERENCES",
        't' => "TRIGGER",
        'X' => "EXECUTE",
        'U' => "USAGE",
        'C' => "CREATE",
        'T' => "TEMPORARY",
        'c' => "CONNECT",
        's' => "SET",
        'A' => "ALTER SYSTEM",
        _ => throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid mode character: \"{letter}\""),
    };
}
