using VecSQL.Bench.Kit;

namespace VecSQL.Bench.Scaling;

/// <summary>Statements that were given in a time, and what they cost.</summary>
/// <param name="Times">Of single statements, in milliseconds.</param>
/// <param name="Nodes">Milliseconds of processors' time, by node.</param>
internal sealed record Measured(double Seconds, double[] Times, double[] Nodes, double Etcd, double Client)
{
    internal double PerSecond => Times.Length / Seconds;

    internal double Median => Statistics.Quantile(Times, 0.5);

    internal double Slow => Statistics.Quantile(Times, 0.99);

    internal double PerStatement(double milliseconds) => milliseconds / Times.Length;
}
