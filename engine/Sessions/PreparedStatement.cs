using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Parser;
using VecSQL.Engine.Plans;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Sessions;

/// <summary>A statement under a name, for the extended protocol and for EXECUTE.</summary>
/// <param name="Dispatched">Null for an empty query, and for a plain query or data change, which needs its plan alone.</param>
internal sealed record PreparedStatement(string Name, string Sql, Statement? Dispatched, bool IsFromSql)
{
    private PreparedStatementInfo? _info;

    /// <summary>Null for an empty query.</summary>
    internal Statement? Statement => Dispatched ?? Query?.Statement;

    /// <summary>For queries and data changes; null for utility statements.</summary>
    internal PlannedQuery? Query { get; init; }

    internal ImmutableArray<SqlType> ParameterTypes { get; init; } = [];

    internal ImmutableArray<ResultColumnInfo>? Columns { get; init; }

    /// <summary>What the statement's tree takes; given back when the statement goes.</summary>
    internal SyntaxMemory? Memory { get; init; }

    internal DateTimeOffset PreparedAt { get; init; }

    internal PreparedStatementInfo Info => _info ??= new PreparedStatementInfo(Name, ParameterTypes, Columns);
}
