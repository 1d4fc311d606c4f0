namespace VecSQL.Flight.Tests;

/// <summary>Damages bytes, the same way for the same seed.</summary>
internal static class Mutation
{
    /// <summary>How many a test makes: few in the test command, more where <c>VECSQL_FUZZ_MUTATIONS</c> says so.</summary>
    public static int Count(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("VECSQL_FUZZ_MUTATIONS"), out int count) ? count : usual;

    public static byte[] Of(ReadOnlySpan<byte> bytes, Random random)
    {
        List<byte> damaged = [.. bytes];
        int changes = 1 + random.Next(4);
        for (int i = 0; i < changes && damaged.Count > 0; i++)
        {
            int at = random.Next(damaged.Count);
            int count = Math.Min(1 + random.Next(16), damaged.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    damaged[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 2:
                    damaged.RemoveRange(at, count);
                    break;
                case 3:
                    damaged.InsertRange(at, damaged.GetRange(random.Next(damaged.Count - count + 1), count));
                    break;
                case 4:
                    damaged[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)0;
                    break;
                default:
                    damaged.RemoveRange(at, damaged.Count - at);
                    break;
            }
        }
        return [.. damaged];
    }
}
