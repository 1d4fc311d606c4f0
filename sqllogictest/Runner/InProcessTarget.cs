using VecSQL.Core.Errors;
using VecSQL.Engine;
using VecSQL.Engine.Sessions;
using VecSQL.Storage;

namespace VecSQL.SqlLogicTest.Runner;

/// <summary>A database of its own in this process, in a folder that goes with it.</summary>
internal sealed class InProcessTarget : ISqlTarget
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vecsql-slt-").FullName;
    private readonly Database _database;
    private readonly TableDivision _division;

    public InProcessTarget(TableDivision division)
    {
        _division = division;
        EngineNames = new HashSet<string>(["vecsql", "postgresql", .. division.Names]);
        _database = Database.Open(new DatabaseOptions { Storage = new StorageOptions { Directory = _folder } });
    }

    public IReadOnlySet<string> EngineNames { get; }

    public Task<ISqlClient> ConnectAsync(CancellationToken cancellation) =>
        Task.FromResult<ISqlClient>(new Client(_database.OpenSession(new SessionOptions("vecsql", "vecsql", [.. _division.Settings]))));

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Client(ISqlSession session) : ISqlClient
    {
        public async Task<SqlRows> RunAsync(string sql, CancellationToken cancellation)
        {
            try
            {
                IReadOnlyList<TextResult> results = await session.RunTextAsync(sql, cancellation);
                if (results.Count == 0)
                    return new SqlRows(0, [], -1);
                TextResult last = results[^1];
                string word = last.CommandTag.Split(' ')[^1];
                return new SqlRows(last.Columns.Length, last.Rows, long.TryParse(word, out long changed) ? changed : -1);
            }
            catch (SqlException error)
            {
                throw new SqlClientException(error.State.Code, error.Message);
            }
        }

        public ValueTask DisposeAsync() => session.DisposeAsync();
    }
}
