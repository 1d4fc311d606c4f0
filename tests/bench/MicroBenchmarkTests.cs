using System.Reflection;
using BenchmarkDotNet.Attributes;
using VecSQL.Bench.Micro;

namespace VecSQL.Bench.Tests;

/// <summary>Every micro benchmark still runs: each body once, at its smallest size.</summary>
[Collection(nameof(OneAtATime))]
public sealed class MicroBenchmarkTests
{
    public static TheoryData<string, string> Bodies
    {
        get
        {
            TheoryData<string, string> bodies = [];
            foreach (Type type in typeof(DistanceScanBench).Assembly.GetTypes())
            {
                foreach (MethodInfo method in type.GetMethods().Where(method => method.GetCustomAttribute<BenchmarkAttribute>() is not null))
                    bodies.Add(type.Name, method.Name);
            }
            return bodies;
        }
    }

    [Theory, MemberData(nameof(Bodies))]
    public void Its_body_runs_at_its_smallest_size(string typeName, string methodName)
    {
        Type type = typeof(DistanceScanBench).Assembly.GetTypes().Single(found => found.Name == typeName);
        object bench = Activator.CreateInstance(type) ?? throw new InvalidOperationException($"{typeName} cannot be made");
        foreach (PropertyInfo property in type.GetProperties())
        {
            if (property.GetCustomAttribute<ParamsAttribute>() is { } sizes)
                property.SetValue(bench, sizes.Values.Min());
        }
        foreach (MethodInfo setup in type.GetMethods().Where(method => method.GetCustomAttribute<GlobalSetupAttribute>() is not null))
            setup.Invoke(bench, null);

        object? result = type.GetMethod(methodName)?.Invoke(bench, null);

        // What bodies return is there so that the work is not optimised away: a number that the work made.
        Assert.True(result is null || double.IsFinite(Convert.ToDouble(result)), $"{typeName}.{methodName} gives {result}");
    }
}
