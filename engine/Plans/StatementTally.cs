using System.Collections.Concurrent;
using VecSQL.Parser;

namespace VecSQL.Engine.Plans;

/// <summary>Counts what a node's statements take, by user and text: pg_stat_statements.</summary>
/// <remarks>
/// Memory: at most so many texts; beyond, those of the fewest calls go, some at a time.
/// Threads: any.
/// </remarks>
internal sealed class StatementTally(int textsMax, TimeProvider time)
{
    private readonly ConcurrentDictionary<(StatementOwner Owner, string Key), StatementFigures> _byKey = new();
    private readonly ConcurrentDictionary<(StatementOwner Owner, long Id), StatementFigures> _byId = new();
    private readonly Lock _lock = new();
    private int _keys, _ids; // how many there are, which the dictionaries tell only behind all their locks
    private long _givenUp;

    /// <summary>How often texts had to go.</summary>
    internal long GivenUp => Volatile.Read(ref _givenUp);

    internal DateTimeOffset ResetAt { get; private set; } = time.GetUtcNow();

    /// <summary>What has run to its end at least once.</summary>
    internal IEnumerable<StatementFigures> All => _byId.Values.Where(static figures => figures.Totals.Calls > 0);

    /// <param name="key">What is the same for texts that certainly belong together, such as a shape's key.</param>
    /// <param name="makeText">What the first of them is shown as.</param>
    internal StatementFigures Find(StatementOwner owner, string key, Func<StatementText> makeText)
    {
        if (_byKey.TryGetValue((owner, key), out StatementFigures? known))
            return known;
        StatementText text = makeText();
        lock (_lock)
        {
            if (_ids >= textsMax)
                GiveUpSome();
            // Keys beside the first are few a text: the same with other blanks, or other words in capitals.
            if (_keys >= 4 * textsMax)
            {
                _byKey.Clear();
                _keys = 0;
            }
            if (!_byId.TryGetValue((owner, text.Id), out StatementFigures? figures))
            {
                _byId[(owner, text.Id)] = figures = new StatementFigures(owner, text);
                _ids++;
            }
            if (_byKey.TryAdd((owner, key), figures))
                _keys++;
            return figures;
        }
    }

    /// <summary>pg_stat_statements_reset: forgets what is of the user, the database and the text, each of which 0 for all.</summary>
    internal void Reset(StatementOwner owner, long id)
    {
        lock (_lock)
        {
            if (owner == default && id == 0)
                (_givenUp, ResetAt) = (0, time.GetUtcNow());
            Remove([.. _byId.Values.Where(figures =>
                (owner.UserOid == 0 || figures.Owner.UserOid == owner.UserOid)
                && (owner.DatabaseOid == 0 || figures.Owner.DatabaseOid == owner.DatabaseOid) && (id == 0 || figures.Text.Id == id))]);
        }
    }

    private void GiveUpSome()
    {
        _givenUp++;
        Remove([.. _byId.Values.OrderBy(static figures => figures.Totals.Calls).Take(Math.Max(10, textsMax / 20))]);
    }

    private void Remove(StatementFigures[] gone)
    {
        foreach (StatementFigures figures in gone)
        {
            figures.IsGone = true;
            if (_byId.TryRemove((figures.Owner, figures.Text.Id), out _))
                _ids--;
        }
        foreach (KeyValuePair<(StatementOwner, string), StatementFigures> entry in _byKey)
        {
            if (entry.Value.IsGone && _byKey.TryRemove(entry))
                _keys--;
        }
    }
}
