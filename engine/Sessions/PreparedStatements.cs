using VecSQL.Core.Errors;

namespace VecSQL.Engine.Sessions;

/// <summary>A session's prepared statements: the protocol's and SQL's in one name space. They survive rollbacks.</summary>
internal sealed class PreparedStatements
{
    private readonly Dictionary<string, PreparedStatement> _statements = new(StringComparer.Ordinal);

    internal IEnumerable<PreparedStatement> Named => _statements.Values.Where(statement => statement.Name.Length > 0);

    /// <exception cref="SqlException">42P05: the name is taken. The empty name is replaced.</exception>
    internal void Add(PreparedStatement statement)
    {
        string name = statement.Name;
        if (name.Length > 0 && _statements.ContainsKey(name))
            throw new SqlException(SqlState.DuplicatePreparedStatement, $"prepared statement \"{name}\" already exists");
        Remove(name);
        _statements[name] = statement;
    }

    internal PreparedStatement? Find(string name) => _statements.GetValueOrDefault(name);

    /// <exception cref="SqlException">26000: there is none.</exception>
    internal PreparedStatement Get(string name)
    {
        if (_statements.TryGetValue(name, out PreparedStatement? statement))
            return statement;
        throw new SqlException(SqlState.InvalidSqlStatementName, name.Length == 0
            ? "unnamed prepared statement does not exist"
            : $"prepared statement \"{name}\" does not exist");
    }

    internal bool Remove(string name)
    {
        if (!_statements.Remove(name, out PreparedStatement? statement))
            return false;
        statement.Memory?.Dispose();
        return true;
    }

    internal void Clear()
    {
        foreach (PreparedStatement statement in _statements.Values)
            statement.Memory?.Dispose();
        _statements.Clear();
    }
}
