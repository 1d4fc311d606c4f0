namespace VecSQL.Core.Errors;

/// <summary>A failure that is told to the user in the words of an SQL error report.</summary>
/// <remarks>The fields are those of PostgreSQL's ErrorResponse message; drivers map constraint errors by the object names.</remarks>
public sealed class SqlException : Exception
{
    public SqlException(SqlState state, string message, int position = 0, string? hint = null, Exception? cause = null)
        : base(message, cause)
    {
        State = state;
        Position = position;
        Hint = hint;
    }

    public SqlState State { get; }

    /// <summary>Where in the statement, counted in characters from 1; 0 where no place can be named.</summary>
    public int Position { get; init; }

    public string? Detail { get; init; }

    public string? Hint { get; init; }

    /// <summary>The context it happened in, such as <c>COPY t, line 3, column a</c>.</summary>
    public string? Where { get; init; }

    public string? SchemaName { get; init; }

    public string? TableName { get; init; }

    public string? ColumnName { get; init; }

    public string? DataTypeName { get; init; }

    public string? ConstraintName { get; init; }

    /// <summary>Where in PostgreSQL's source the same error is raised, for the few errors that clients know by it.</summary>
    public string? Routine { get; init; }

    /// <summary>Which row of those that were written together it is about, counted from 0; null where none can be named.</summary>
    public int? Row { get; init; }

    /// <summary>Whether nothing was done, and the same may succeed in some moments by itself: as where a cluster's nodes are about to agree.</summary>
    public bool IsPassing { get; init; }

    /// <summary>The same error in a context; a context that it has already comes first.</summary>
    public SqlException In(string where) => Copied(Message, Position, Hint, Detail, Where is null ? where : $"{Where}\n{where}");

    /// <summary>The same error of a statement that another one has run: its place is none in the other's text.</summary>
    public SqlException Inside(string where) => Position == 0 ? In(where) : Placed(0).In(where);

    /// <summary>The same error with its texts written otherwise.</summary>
    public SqlException Reworded(Func<string, string> rewrite) =>
        Copied(rewrite(Message), Position, Hint is null ? null : rewrite(Hint), Detail is null ? null : rewrite(Detail), Where);

    /// <summary>The same error at a place in the statement; an error that already names one is returned as it is.</summary>
    public SqlException At(int position) => Position == 0 && position != 0 ? Placed(position) : this;

    /// <summary>The same error at another place than it names.</summary>
    /// <param name="position">0 for none.</param>
    public SqlException Placed(int position) => Copied(Message, position, Hint, Detail, Where);

    private SqlException Copied(string message, int position, string? hint, string? detail, string? where) =>
        new(State, message, position, hint, InnerException)
        {
            Detail = detail,
            IsPassing = IsPassing,
            Where = where,
            SchemaName = SchemaName,
            TableName = TableName,
            ColumnName = ColumnName,
            DataTypeName = DataTypeName,
            ConstraintName = ConstraintName,
            Routine = Routine,
            Row = Row,
        };
}
