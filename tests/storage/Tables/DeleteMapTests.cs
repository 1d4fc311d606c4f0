using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Tables;

public sealed class DeleteMapTests
{
    private const int Rows = 20_000;

    [Theory]
    [InlineData(50)]
    [InlineData(5000)]
    [InlineData(Rows)]
    public void Each_snapshot_sees_the_rows_that_were_deleted_later_whatever_part_is_asked_for(int deletions)
    {
        Random random = new(deletions);
        DeleteMap map = new(Rows);
        long[] deleted = new long[Rows];
        for (int i = 0; i < deletions; i++)
        {
            int position = random.Next(Rows);
            long time = 1 + random.Next(100); // not in order, as when they are carried over to a merged segment
            Assert.Equal(deleted[position] == 0, map.Mark(position, time));
            deleted[position] = deleted[position] == 0 ? time : deleted[position];
        }
        Assert.Equal(deleted.Count(static time => time != 0), map.Count);
        foreach (long snapshot in (long[])[0, 1, 50, 99, 100, 1000])
        {
            for (int round = 0; round < 20; round++)
            {
                int start = round % 2 == 0 ? random.Next(Rows / 64) * 64 : random.Next(Rows), count = random.Next(1, Rows - start + 1);
                ulong[] bits = Bitmap.Allocate(count);
                bits.AsSpan().Fill(ulong.MaxValue);
                map.ClearDeleted(start, count, snapshot, bits);
                for (int row = 0; row < count; row++)
                {
                    long time = deleted[start + row];
                    Assert.Equal(time == 0 || time > snapshot, (bits[row >> 6] >> (row & 63) & 1) != 0);
                }
            }
        }
    }
}
