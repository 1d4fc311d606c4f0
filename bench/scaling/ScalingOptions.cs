namespace VecSQL.Bench.Scaling;

/// <summary>What is measured, and for how long.</summary>
/// <param name="Share">Of a processor, for each node.</param>
internal sealed record ScalingOptions(int Rows, int Dimensions, TimeSpan Duration, int Clients, double Share);
