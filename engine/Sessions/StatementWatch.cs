using System.Globalization;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Settings;

namespace VecSQL.Engine.Sessions;

/// <summary>Takes the time of one run of a statement, for pg_stat_statements and for the log.</summary>
/// <remarks>Time in which the client has the word counts for the log alone. A run that fails counts nowhere.</remarks>
internal sealed class StatementWatch
{
    private readonly SessionState _session;
    private readonly StatementFigures? _figures;
    private readonly string _text;
    private readonly string? _name;
    private readonly long _began;
    private long _worked, _entered;
    private bool _hasRun, _isOver;

    /// <param name="name">Of the prepared statement; null for a statement of the simple protocol.</param>
    internal StatementWatch(SessionState session, StatementFigures? figures, string text, string? name, long began) =>
        (_session, _figures, _text, _name, _began) = (session, figures, text, name, began);

    internal void Enter()
    {
        _hasRun = true;
        _entered = _session.Database.Time.GetTimestamp();
    }

    internal void Leave() => _worked += _session.Database.Time.GetTimestamp() - _entered;

    internal void Fail() => _isOver = true;

    /// <summary>The statement is done, or the client wants no more of it.</summary>
    internal void End(long rows)
    {
        if (_isOver || !_hasRun)
            return;
        _isOver = true;
        TimeProvider time = _session.Database.Time;
        _figures?.Add(time.GetElapsedTime(0, _worked).TotalMilliseconds, rows);
        long least = _session.Settings[SettingCatalog.LogDuration].Integer;
        if (least < 0)
            return;
        double taken = time.GetElapsedTime(_began).TotalMilliseconds;
        if (taken < least)
            return;
        string what = _name is null ? "statement" : $"execute {(_name.Length == 0 ? "<unnamed>" : _name)}";
        _session.Database.LogStatement(string.Create(CultureInfo.InvariantCulture, $"duration: {taken:F3} ms  {what}: {_text}"));
    }
}
