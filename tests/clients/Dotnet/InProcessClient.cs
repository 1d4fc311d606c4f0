using System.Reflection;
using VecSQL.Clients.Tests.Matrix;

namespace VecSQL.Clients.Tests.Dotnet;

/// <summary>A step of an in-process client: a method of it that runs and returns, or throws.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class StepAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>A check that the client has nothing of.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class LacksAttribute(string check, string reason) : Attribute
{
    public string Check => check;

    public string Reason => reason;
}

/// <summary>A client of the matrix that is a library for .NET: its steps run here rather than in a script.</summary>
internal static class InProcessClient
{
    /// <summary>The client whose steps are the methods of a class made for a server.</summary>
    internal static MatrixClient Of<T>(string name, Func<MatrixServer, T> make)
        where T : IAsyncDisposable => new(name, [], server => RunAsync(server, make));

    private static async Task<MatrixReport> RunAsync<T>(MatrixServer server, Func<MatrixServer, T> make)
        where T : IAsyncDisposable
    {
        MatrixReport report = new();
        foreach (LacksAttribute lack in typeof(T).GetCustomAttributes<LacksAttribute>())
            report.Lack(lack.Check, lack.Reason);
        foreach (MethodInfo method in typeof(T).GetMethods())
        {
            StepAttribute[] steps = [.. method.GetCustomAttributes<StepAttribute>()];
            if (steps.Length == 0)
                continue;
            await using T client = make(server);
            Exception? failure = await Record.ExceptionAsync(() => method.Invoke(client, null) as Task ?? Task.CompletedTask);
            foreach (StepAttribute step in steps)
            {
                if (failure is null)
                    report.Pass(step.Name);
                else
                    report.Fail(step.Name, failure.ToString());
            }
        }
        return report;
    }
}
