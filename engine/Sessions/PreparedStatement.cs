using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Sessions;

/// <summary>A statement under a name, for the extended protocol and for EXECUTE.</summary>
/// <param name="Statement">Null for an empty query.</param>
internal sealed record PreparedStatement(string Name, string Sql, Statement? Statement, bool IsFromSql)
{
    private PreparedStatementInfo? _info;

    /// <summary>For queries and data changes; null for utility statements.</summary>
    internal PlannedQuery? Query { get; init; }

    internal ImmutableArray<SqlType> ParameterTypes { get; init; } = [];

    internal ImmutableArray<ResultColumnInfo>? Columns { get; init; }

    /// <summary>What the statement's tree takes; given back when the statement goes.</summary>
    internal SyntaxMemory? Memory { get; init; }

    internal DateTimeOffset PreparedAt { get; init; }

    internal PreparedStatementInfo Info => _info ??= new PreparedStatementInfo(Name, ParameterTypes, Columns);
}
