using System.Text.Json;

namespace VecSQL.Bench.Allocations;

/// <summary>What operations may allocate: bench/allocations.json, bytes an execution by name.</summary>
public static class AllocationLimits
{
    public static IReadOnlyDictionary<string, long> Read() => JsonSerializer.Deserialize<Dictionary<string, long>>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "allocations.json")))
        ?? throw new InvalidDataException("allocations.json is empty");
}
