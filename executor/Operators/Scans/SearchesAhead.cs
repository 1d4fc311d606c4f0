using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Joins;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>What a search has found.</summary>
/// <param name="IsExact">By a look at all rows.</param>
internal sealed record FoundRows(Winner[] Rows, bool IsExact);

/// <summary>A search that is done for each row of an outer plan: what it finds for rows to come is found together with the first.</summary>
/// <remarks>
/// Only where nothing but the query vector depends on the outer row.
/// Memory: what was found, until the outer row comes. Threads: one at a time.
/// </remarks>
internal sealed class SearchesAhead : IDisposable
{
    /// <summary>Searches done together: more would gain little, and be in vain where the statement ends early.</summary>
    private const int QueriesMax = 256;

    /// <summary>Bytes of the queries together: more do not stay close to the core.</summary>
    private const int QueryBytesMax = 1 << 20;

    private readonly OuterValuesOf _outer;
    private readonly MemoryGrant _grant;
    private FoundRows?[] _found = [];
    private int _first; // the outer row that the first of those found is for

    private SearchesAhead(VectorTopKPlan search, OuterValuesOf outer, OperatorContext context)
    {
        (Search, _outer) = (search, outer);
        _grant = new MemoryGrant(context.Memory);
        ParallelismMax = context.ParallelismMax;
    }

    internal VectorTopKPlan Search { get; }

    /// <summary>Threads that searches done together may use: more than one alone, of which there are many.</summary>
    internal int ParallelismMax { get; }

    /// <summary>The searches below an apply's right side that can be done ahead.</summary>
    internal static List<SearchesAhead> Below(ApplyPlan plan, OuterValuesOf outer, OperatorContext context)
    {
        List<SearchesAhead> found = [];
        if (!context.Run.Execution.MeasuresRecall)
            AddBelow(plan.Right);
        return found;

        void AddBelow(PhysicalPlan part)
        {
            switch (part)
            {
                case VectorTopKPlan search when CanBeAhead(search, plan):
                    found.Add(new SearchesAhead(search, outer, context));
                    break;
                case ApplyPlan inner: // its right side has outer values of its own
                    AddBelow(inner.Left);
                    break;
                case DeepeningPlan or WithPlan or RecursiveUnionPlan:
                    break;
                default:
                    foreach (PhysicalPlan child in PlanInputs.Of(part))
                        AddBelow(child);
                    break;
            }
        }
    }

    /// <summary>Forgets what was found for other outer rows.</summary>
    internal void Clear()
    {
        _found = [];
        _grant.Set(0);
    }

    /// <summary>Whether the current outer row had its turn already, together with one before it.</summary>
    /// <param name="found">Null where it has to be searched for alone.</param>
    internal bool TryTake(out FoundRows? found)
    {
        int place = _outer.Row - _first;
        bool isKnown = place >= 0 && place < _found.Length;
        found = isKnown ? _found[place] : null;
        return isKnown;
    }

    /// <summary>The current outer row's query and those of the rows behind it; null where it has none, or one of another length.</summary>
    /// <param name="searchBytes">What a search takes.</param>
    internal VectorQuery?[] Queries(VectorQuery current, long searchBytes, long bytesMax, EvaluationContext evaluation)
    {
        int count = (int)Math.Min(
            Math.Min(QueriesMax, _outer.RowCount - _outer.Row), Math.Min(bytesMax / searchBytes, QueryBytesMax / current.SinglesBytes));
        if (count < 2)
            return [];
        var queries = new VectorQuery?[count];
        queries[0] = current;
        try
        {
            for (int i = 1; i < count; i++)
            {
                _outer.Set(evaluation, _outer.Row + i);
                Column value = CompiledExpressions.EvaluateConstant(Search.Query, evaluation);
                if (!value.IsNull(0) && new VectorQuery(value, Search.Query.Type, Search.Metric) is var query
                    && query.HasLengthOf(current))
                    queries[i] = query;
            }
        }
        catch (SqlException)
        {
            // It is thrown again when it is that row's turn, if that comes.
        }
        finally
        {
            _outer.Set(evaluation, _outer.Row);
        }
        return queries;
    }

    /// <summary>Keeps what was found for the current outer row and those behind it.</summary>
    internal void Keep(FoundRows?[] found)
    {
        (_found, _first) = (found, _outer.Row);
        long bytes = 0;
        foreach (FoundRows? rows in found)
            bytes += rows is null ? 0 : 64 + (rows.Rows.Length * 24L);
        _grant.Set(bytes);
    }

    public void Dispose() => _grant.Dispose();

    private static bool CanBeAhead(VectorTopKPlan search, ApplyPlan apply)
    {
        if (search.Query.Type.Oid is not (TypeOid.Vector or TypeOid.HalfVector) || search.Within is not null || search.Beyond is not null
            || !IsSteady(search.Query))
            return false;
        foreach (ScalarExpression part in PlanParts.ExpressionsOf(search))
        {
            if (!ReferenceEquals(part, search.Query) && (PlanTraits.Of(part).IsVolatile || DependsOn(part, apply)))
                return false;
        }
        return true;
    }

    private static bool IsSteady(ScalarExpression query) => PlanTraits.Of(query) is { IsVolatile: false, HasSubplan: false };

    private static bool DependsOn(ScalarExpression expression, ApplyPlan apply)
    {
        HashSet<int> free = PlanTraits.Of(expression).FreeSlots;
        foreach (OuterValue value in apply.OuterValues)
        {
            if (free.Contains(value.Slot))
                return true;
        }
        return false;
    }
}
