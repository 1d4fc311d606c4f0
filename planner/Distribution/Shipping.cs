using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;
using VecSQL.Planner.Rules;

namespace VecSQL.Planner.Distribution;

/// <summary>Which expressions give the same wherever they are computed.</summary>
/// <remarks>
/// What depends on the session or the statement and on no row (now(), parameters, outer values) is computed where the session is, and goes along as a
/// value. How values are read and written (time zone, styles) goes along, too; nothing else of a session does.
/// </remarks>
public static class Shipping
{
    /// <param name="mayPlan">Asked of subqueries.</param>
    internal static bool IsFree(ScalarExpression expression, Func<SubplanExpression, bool> mayPlan)
    {
        bool isFree = true;
        ExpressionTree.Descend(expression, node =>
        {
            isFree &= node switch
            {
                NextValueExpression => false,
                SampleTest { Seed: null } => false,
                SubplanExpression subplan => mayPlan(subplan),
                CallExpression call => IsFree(call),
                ArrayComparison comparison => IsFree(comparison.Function),
                DistinctTest test => IsFree(test.Equality),
                InListOperation list => IsFree(list.Equality),
                RowComparison rows => rows.Functions.All(IsFree) && rows.Equalities.All(IsFree),
                TextCastExpression cast => IsPlain(cast.Type.Oid) && IsPlain(cast.Operand.Type.Oid),
                _ => true,
            };
            return isFree && node is not SubplanExpression;
        });
        return isFree;
    }

    private static bool IsFree(CallExpression call) => !TextScoring.IsScore(call) && !TextScoring.IsPlaced(call)
        && (IsFree(call.Function) || (call.Function.Volatility != Volatility.Volatile && !ReadsInput(call)));

    /// <summary>Whether its values are the same at every node, with the formats and the times that go along.</summary>
    /// <remarks>Models are where they were given.</remarks>
    public static bool IsFree(FunctionEntry function) => !EmbedCalls.IsEmbed(function) && function.Volatility switch
    {
        Volatility.Immutable => true,
        Volatility.Stable => IsPlain(function.Result) && function.Arguments.All(IsPlain)
            && function.Name is not ("current_setting" or "set_config") && !function.Name.StartsWith("pg_", StringComparison.Ordinal)
            && !function.Name.StartsWith("has_", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Whether it is computed of rows.</summary>
    public static bool ReadsInput(ScalarExpression expression) =>
        ExpressionTree.Any(expression, static node => node is InputExpression or SubplanExpression);

    /// <summary>Whether its value is known before anything is run.</summary>
    public static bool IsFixed(ScalarExpression expression) =>
        !ExpressionTree.Any(expression, static node => node is InputExpression or OuterExpression or SubplanExpression);

    /// <summary>Whether how its values are written depends on formats alone, and on nothing in the catalog.</summary>
    private static bool IsPlain(uint type) => type is TypeOid.Bool or TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Float4 or TypeOid.Float8
        or TypeOid.Numeric or TypeOid.Text or TypeOid.VarChar or TypeOid.BpChar or TypeOid.Bytea or TypeOid.Date or TypeOid.Time or TypeOid.TimeTz
        or TypeOid.Timestamp or TypeOid.TimestampTz or TypeOid.Interval or TypeOid.Uuid;
}
