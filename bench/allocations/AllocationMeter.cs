using VecSQL.Bench.EndToEnd;
using VecSQL.Engine;
using VecSQL.Engine.Sessions;
using VecSQL.Storage;

namespace VecSQL.Bench.Allocations;

/// <summary>Counts the managed memory that operations allocate, from the session's door to the disk and back, on all threads.</summary>
/// <remarks>The least of some rounds counts, since runtime and background work allocate now and then too.</remarks>
public static class AllocationMeter
{
    private const int Rounds = 5;

    /// <summary>Bytes an execution of each operation.</summary>
    /// <param name="vectorCount">Rows to search; memory should not grow with them.</param>
    public static async Task<IReadOnlyList<(string Name, long Bytes)>> MeasureAsync(int vectorCount)
    {
        string directory = Directory.CreateTempSubdirectory("vecsql-allocations-").FullName;
        try
        {
            await using Database database = Database.Open(new DatabaseOptions
            {
                Storage = new StorageOptions { Directory = directory, RunsBackgroundWork = false },
            });
            await using ISqlSession session = database.OpenSession(new SessionOptions("vecsql", "vecsql", []));
            await FillAsync(session, vectorCount);
            List<(string, long)> figures = [];
            foreach (Operation operation in Operation.All)
                figures.Add((operation.Name, await MeasureAsync(session, operation)));
            return figures;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<long> MeasureAsync(ISqlSession session, Operation operation)
    {
        int number = 0, count = operation.Name.StartsWith("knn", StringComparison.Ordinal) ? 20 : 200;
        await operation.PrepareAsync(session);
        await RepeatAsync();
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await RepeatAsync();
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / count);
        }
        return least;

        async Task RepeatAsync()
        {
            for (int i = 0; i < count; i++)
                await operation.ExecuteAsync(session, number++);
        }
    }

    private static async Task FillAsync(ISqlSession session, int vectorCount)
    {
        await RunAsync(session, "CREATE EXTENSION IF NOT EXISTS vector; " +
            $"CREATE TABLE vectors (id bigint PRIMARY KEY, v vector({VectorRows.Dimensions})); " +
            "CREATE TABLE keys (a bigint PRIMARY KEY, b text); CREATE TABLE inserts (a bigint PRIMARY KEY, b text, c float8); " +
            "INSERT INTO keys SELECT g, 'name ' || g FROM generate_series(0, 999) g");
        bool failed = true;
        try
        {
            ScriptStatement copy = session.ParseScript("COPY vectors FROM STDIN (FORMAT binary)")[0];
            await using IStatementResult result = await session.RunAsync(copy, default);
            ICopySink sink = result.CopyIn ?? throw new InvalidOperationException("no COPY");
            foreach (byte[] piece in VectorRows.Get(vectorCount, isBinary: true))
                await sink.WriteAsync(piece, default);
            await sink.CompleteAsync(default);
            failed = false;
        }
        finally
        {
            await session.EndScriptAsync(failed, default);
        }
        await RunAsync(session, "CHECKPOINT"); // most rows of a real table are in segments
    }

    private static async Task RunAsync(ISqlSession session, string sql)
    {
        bool failed = true;
        try
        {
            foreach (ScriptStatement statement in session.ParseScript(sql))
            {
                await using IStatementResult result = await session.RunAsync(statement, default);
                while (await result.NextAsync(0, default) is not null)
                {
                }
            }
            failed = false;
        }
        finally
        {
            await session.EndScriptAsync(failed, default);
        }
    }
}
