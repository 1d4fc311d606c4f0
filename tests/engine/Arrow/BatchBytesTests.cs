using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Arrow;

/// <summary>What batches are filled by: a bound of what columns take in Arrow, before they are encoded.</summary>
public sealed class BatchBytesTests : EngineTest
{
    private const int Rows = 1000;

    [Theory]
    [InlineData("(n * 1.37)::numeric")]
    [InlineData("CASE n % 3 WHEN 0 THEN 'NaN' WHEN 1 THEN -10::numeric ^ (n % 50) ELSE 1.0 / n END")]
    [InlineData("n::bit(32)::varbit")]
    [InlineData("to_tsvector('simple', 'it''s the body of row ' || n || ' and \\\\ more')")]
    [InlineData("timetz '12:00:00.123456-02:30' + n * interval '1 second'")]
    [InlineData("ARRAY[n * 1.5, NULL, -n * 2.25]")]
    [InlineData("ARRAY[n * 1.5, n * 2.25]::numeric(12,2)[]")]
    [InlineData("ARRAY[n::bit(9)::varbit, NULL]")]
    [InlineData("ARRAY[timetz '12:00:00+02']")]
    [InlineData("ARRAY[('(0,' || n || ')')::tid]")]
    [InlineData("ARRAY['pg_class'::regclass, NULL]")]
    [InlineData("123.45::numeric + 0 * 1")]
    public async Task A_bound_is_no_less_than_what_is_made_and_not_far_from_it(string value)
    {
        (ArrowForm form, Column column) = await ColumnAsync($"SELECT CASE WHEN n % 7 > 0 THEN {value} END FROM generate_series(1, {Rows}) n");
        long made = BytesOf(form.Encode(column));
        Assert.InRange(form.BytesOf(column), made, 2 * made);
    }

    [Theory]
    [InlineData("n * 1.37")]
    [InlineData("n::bit(32)::varbit")]
    [InlineData("to_tsvector('simple', 'the body of row ' || n)")]
    [InlineData("ARRAY[n * 1.5, NULL]")]
    [InlineData("ARRAY[n * 1.5]::numeric(12,2)[]")]
    public async Task A_bound_is_found_without_making_anything(string value)
    {
        (ArrowForm form, Column column) = await ColumnAsync($"SELECT {value} FROM generate_series(1, {Rows}) n");
        long bytes = form.BytesOf(column), before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(bytes, form.BytesOf(column));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Rows); // nothing a row
    }

    private async Task<(ArrowForm Form, Column Column)> ColumnAsync(string sql)
    {
        IStatementResult result = await Session.Session.RunAsync(Session.Session.ParseScript(sql)[0], default);
        try
        {
            ColumnBuilder? copy = null;
            while (await result.NextAsync(0, default) is { } batch)
            {
                Column rows = batch.Columns[0].Expand();
                copy ??= ColumnBuilder.Create(rows.Type);
                for (int row = 0; row < rows.Length; row++)
                    copy.AppendFrom(rows, row);
            }
            Assert.NotNull(copy);
            return (new ArrowForms(new FormatContext()).Of((result.Columns ?? [])[0].Type), copy.Build());
        }
        finally
        {
            await result.DisposeAsync();
            await Session.Session.EndScriptAsync(failed: false, default);
        }
    }

    /// <summary>Without validity, and without the offset that a column has more than it has rows.</summary>
    private static long BytesOf(ArrowArray array) => array.Buffers.Skip(1).Sum(static buffer => (long)buffer.LengthBytes)
        - (array.Buffers.Count > 2 || array.Children.Count > 0 ? sizeof(int) : 0) + array.Children.Sum(static child => BytesOf(child));
}
