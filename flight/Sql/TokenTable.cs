using System.Security.Cryptography;

namespace VecSQL.Flight.Sql;

/// <summary>Sessions by their tokens.</summary>
/// <remarks>
/// Limits:  so many tokens that were used, and as many that were not; beyond that, those go that were used longest ago and run nothing, or that
///          were made longest ago. Clients that ignore their tokens cost others none.
/// Cost:    constant for each token that is made, found or removed; one that runs something when it is to go is passed over, and not looked at
///          again before all others.
/// Threads: any.
/// </remarks>
internal sealed class TokenTable(int countMax)
{
    private const int TokenBytes = 24;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _used = new(), _unused = new(); // those that were used, or made, longest ago are first

    private readonly record struct Entry(string Token, FlightSession Session);

    /// <summary>Makes a token for a session.</summary>
    /// <param name="gone">A session that has lost its token, which the caller releases.</param>
    public string Add(FlightSession session, out FlightSession? gone)
    {
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        lock (_gate)
        {
            gone = MakeRoom(_unused);
            _entries[token] = _unused.AddLast(new Entry(token, session));
        }
        return token;
    }

    /// <summary>The token's session, held for the caller; null where the token is not known.</summary>
    /// <param name="gone">As for <see cref="Add"/>.</param>
    public FlightSession? Use(string token, out FlightSession? gone)
    {
        gone = null;
        lock (_gate)
        {
            if (!_entries.TryGetValue(token, out LinkedListNode<Entry>? entry))
                return null;
            bool isFirst = entry.List == _unused;
            entry.List?.Remove(entry);
            if (isFirst)
                gone = MakeRoom(_used);
            _used.AddLast(entry);
            entry.Value.Session.Hold();
            return entry.Value.Session;
        }
    }

    /// <summary>Forgets a token.</summary>
    /// <returns>Its session, which the caller releases; null where the token is not known.</returns>
    public FlightSession? Remove(string token)
    {
        lock (_gate)
            return _entries.TryGetValue(token, out LinkedListNode<Entry>? entry) ? Remove(entry) : null;
    }

    /// <summary>Forgets the tokens of some sessions.</summary>
    /// <returns>The sessions, which the caller releases.</returns>
    public IReadOnlyList<FlightSession> RemoveAll(Predicate<FlightSession> isMeant)
    {
        lock (_gate)
            return [.. _entries.Values.Where(entry => isMeant(entry.Value.Session)).ToArray().Select(Remove)];
    }

    private FlightSession? MakeRoom(LinkedList<Entry> tokens)
    {
        if (tokens.Count < countMax)
            return null;
        for (int i = 1; i < tokens.Count && tokens.First is { Value.Session.IsBusy: true } busy; i++)
        {
            tokens.RemoveFirst();
            tokens.AddLast(busy);
        }
        return tokens.First is { } oldest ? Remove(oldest) : null;
    }

    private FlightSession Remove(LinkedListNode<Entry> entry)
    {
        _entries.Remove(entry.Value.Token);
        entry.List?.Remove(entry);
        return entry.Value.Session;
    }
}
