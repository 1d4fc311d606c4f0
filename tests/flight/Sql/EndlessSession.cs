using System.Reflection;
using VecSQL.Engine.Sessions;

namespace VecSQL.Flight.Tests.Sql;

/// <summary>A session that fails to end.</summary>
public class EndlessSession : DispatchProxy
{
    private ISqlSession? _session;

    public static ISqlSession Of(ISqlSession session)
    {
        ISqlSession proxy = Create<ISqlSession, EndlessSession>();
        ((EndlessSession)(object)proxy)._session = session;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        object? result = targetMethod?.Invoke(_session, args);
        return targetMethod?.Name == nameof(IAsyncDisposable.DisposeAsync) ? new ValueTask(Task.FromException(new IOException("it does not end"))) : result;
    }
}
