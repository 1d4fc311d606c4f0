namespace VecSQL.Ml.Models;

/// <summary>Ends a run that nobody waits for any more: all whose texts are in it have given up.</summary>
internal sealed class RunEnd : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration[] _registrations;
    private int _waitingCount;

    internal RunEnd(IEnumerable<CancellationToken> waiting)
    {
        CancellationToken[] tokens = [.. waiting.Distinct()];
        _waitingCount = tokens.Length;
        _registrations = [.. tokens.Select(token => token.UnsafeRegister(_ => GiveUp(), null))];
    }

    internal CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (CancellationTokenRegistration registration in _registrations)
            registration.Dispose(); // waits for a call that is under way
        _source.Dispose();
    }

    private void GiveUp()
    {
        if (Interlocked.Decrement(ref _waitingCount) == 0)
            _source.Cancel();
    }
}
