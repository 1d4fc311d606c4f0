using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Sessions;

/// <summary>A session's portals: those of the protocol, and cursors, in one name space.</summary>
internal sealed class PortalTable(SessionState session)
{
    private readonly Dictionary<string, Portal> _portals = new(StringComparer.Ordinal);
    private int _level;

    internal IEnumerable<Portal> All => _portals.Values;

    internal Portal? Find(string name) => _portals.GetValueOrDefault(name);

    /// <exception cref="SqlException">42P03: the name is taken. The empty name is replaced.</exception>
    internal async ValueTask AddAsync(Portal portal)
    {
        if (_portals.TryGetValue(portal.Name, out Portal? old))
        {
            if (portal.Name.Length > 0)
                throw new SqlException(SqlState.DuplicateCursor, $"cursor \"{portal.Name}\" already exists");
            await old.Result.DisposeAsync();
        }
        portal.Level = _level;
        _portals[portal.Name] = portal;
    }

    internal async ValueTask<bool> CloseAsync(string name)
    {
        if (!_portals.Remove(name, out Portal? portal))
            return false;
        await portal.Result.DisposeAsync();
        return true;
    }

    internal async ValueTask CloseAllAsync(bool keepsHeld)
    {
        foreach (Portal portal in _portals.Values.ToArray())
        {
            if (!keepsHeld || !portal.IsHeld)
                await CloseAsync(portal.Name);
        }
        if (keepsHeld)
            _level = 0;
    }

    /// <summary>CLOSE ALL and DISCARD: cursors go, the portal that runs the statement stays.</summary>
    internal async ValueTask CloseCursorsAsync()
    {
        foreach (Portal portal in _portals.Values.Where(portal => portal.Cursor is not null).ToArray())
            await CloseAsync(portal.Name);
    }

    /// <summary>Before a commit: WITH HOLD cursors take their rows along, all else ends.</summary>
    internal async ValueTask BeforeCommitAsync(CancellationToken cancellation)
    {
        foreach (Portal portal in _portals.Values.ToArray())
        {
            if (portal.Cursor is { } cursor && portal.IsWithHold)
            {
                if (!portal.IsHeld)
                    await cursor.CompleteAsync(cancellation);
                portal.IsHeld = true;
            }
            else if (portal.Cursor is not null)
            {
                await CloseAsync(portal.Name);
            }
        }
        await ClosePortalsAsync();
        _level = 0;
    }

    internal void EnterLevel(int level) => _level = level;

    /// <summary>RELEASE: what was made since the savepoint belongs to the level outside it.</summary>
    internal void MergeLevels(int level)
    {
        _level = level;
        foreach (Portal portal in _portals.Values)
            portal.Level = Math.Min(portal.Level, level);
    }

    /// <summary>Closes what was made at the level or deeper: it is being undone.</summary>
    internal async ValueTask CloseFromLevelAsync(int level)
    {
        foreach (Portal portal in _portals.Values.Where(portal => portal.Level >= level && !portal.IsHeld).ToArray())
            await CloseAsync(portal.Name);
        _level = Math.Min(_level, level);
    }

    private async ValueTask ClosePortalsAsync()
    {
        // The portal that runs COMMIT itself is in the table too; its work is over, and its tag is read later.
        foreach (Portal portal in _portals.Values.Where(portal => portal.Cursor is null).ToArray())
        {
            _portals.Remove(portal.Name);
            if (portal.Result.Work is not CommandWork)
                await portal.Result.DisposeAsync();
        }
    }

    /// <summary>The cursor of that name, or the portal of a query.</summary>
    /// <exception cref="SqlException">34000: there is none; 55000: the portal returns no rows that could be passed by and by.</exception>
    internal IFetchSource GetCursor(string name)
    {
        if (Find(name) is not { } portal)
            throw new SqlException(SqlState.InvalidCursorName, $"cursor \"{name}\" does not exist");
        return portal.Cursor ?? portal.Result.AsFetchSource() ?? throw new SqlException(
            SqlState.ObjectNotInPrerequisiteState, $"portal \"{name}\" cannot be run");
    }

    internal SessionState Session => session;
}

/// <summary>A statement bound to its parameters, or a cursor.</summary>
internal sealed class Portal(string name, SessionResult result)
{
    internal string Name => name;

    internal SessionResult Result => result;

    internal Cursor? Cursor { get; init; }

    internal bool IsWithHold { get; init; }

    /// <summary>A WITH HOLD cursor whose transaction has committed.</summary>
    internal bool IsHeld { get; set; }

    /// <summary>How many savepoints were open when it was made.</summary>
    internal int Level { get; set; }
}

/// <summary>Reads a cursor through the protocol.</summary>
internal sealed class CursorWork(Cursor cursor) : StatementWork
{
    internal override System.Collections.Immutable.ImmutableArray<ResultColumnInfo>? Columns => cursor.Columns;

    internal override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        ColumnBatch rows = await cursor.FetchAsync(
            Parser.Syntax.FetchDirection.Forward, ColumnBatch.RowsMax, isMove: false, cancellation);
        return rows.RowCount > 0 ? rows : null;
    }

    internal override string Tag(long rowCount) => $"SELECT {rowCount}";

    private protected override ValueTask ReleaseAsync() => cursor.DisposeAsync();
}
