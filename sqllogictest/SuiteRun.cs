using VecSQL.SqlLogicTest.Runner;

namespace VecSQL.SqlLogicTest;

/// <summary>Runs test files, each on a fresh place, and says how they went.</summary>
public static class SuiteRun
{
    /// <summary>Runs the files; prints a line a file and the failures.</summary>
    /// <param name="connectionString">Npgsql's, for a server; null for a database of its own in this process.</param>
    /// <param name="rewrites">Puts the results that came into the files instead of judging them.</param>
    /// <param name="division">Null for none.</param>
    /// <returns>How many records passed, failed and were skipped.</returns>
    /// <exception cref="SltException">A file is malformed.</exception>
    public static async Task<(int Passed, int Failed, int Skipped)> RunAsync(
        IEnumerable<string> files, string? connectionString, bool rewrites, TextWriter output, CancellationToken cancellation, TableDivision? division = null)
    {
        int passed = 0, failed = 0, skipped = 0, number = 0;
        foreach (string file in files)
        {
            ISqlTarget target = connectionString is null
                ? new InProcessTarget(division ?? TableDivision.None)
                : await ServerTarget.OpenAsync(connectionString, $"slt_{Environment.ProcessId}_{number++}", division ?? TableDivision.None, cancellation);
            await using (target)
            {
                if (rewrites)
                {
                    int changed = await SltRunner.RewriteFileAsync(file, target, cancellation);
                    await output.WriteLineAsync($"{file}: {changed} records rewritten");
                    continue;
                }
                SltReport report = await SltRunner.RunFileAsync(file, target, cancellation);
                passed += report.Passed;
                failed += report.Failures.Count;
                skipped += report.Skipped;
                await output.WriteLineAsync(
                    $"{file}: {report.Passed} passed, {report.Failures.Count} failed, {report.Skipped} skipped");
                foreach (string failure in report.Failures)
                    await output.WriteLineAsync(failure);
            }
        }
        return (passed, failed, skipped);
    }
}
