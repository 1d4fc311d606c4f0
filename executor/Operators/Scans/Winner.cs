namespace VecSQL.Executor.Operators.Scans;

/// <summary>A row that a nearest-vector search has found.</summary>
/// <param name="Number">As <see cref="NearestScan"/> numbers rows.</param>
/// <param name="IsNull">Without a distance.</param>
internal readonly record struct Winner(double Distance, long Number, bool IsNull)
{
    internal int Unit => (int)(Number >> 32);

    internal int Place => (int)Number;

    internal bool HasDistanceOf(Winner other) =>
        IsNull == other.IsNull && (IsNull || Distance.Equals(other.Distance) || Distance == other.Distance);
}
