using VecSQL.Cluster.Replication;
using VecSQL.Simulation.Tests.World;
using VecSQL.Catalog.Placement;
using VecSQL.Storage.Log;

namespace VecSQL.Simulation.Tests.Nodes;

/// <summary>What an engine does about a shard's timestamps: takes one for each write, and closes moments once no write that is under way can have them.</summary>
internal sealed class Stamps(Cluster cluster, SimProcess process, Replica replica)
{
    private const long Patience = 300 * EventLoop.Millisecond, Interval = 200 * EventLoop.Millisecond;

    private int _underWay;
    private long _served, _closing, _lastAsked;
    private LogSequence _proposed;

    /// <summary>Has a write proposed with its timestamp, or does nothing with it where there is none in time.</summary>
    public void Take(Action<long> propose)
    {
        bool isOver = false;
        _underWay++;
        Ask();
        process.Later(Patience, () => End());

        void Ask() => process.TakeTimestamp(stamp =>
        {
            if (!isOver && stamp <= _served)
            {
                Ask();
            }
            else if (End())
            {
                propose(stamp);
                _proposed = replica.Last.Sequence;
            }
        });

        bool End()
        {
            if (isOver)
                return false;
            isOver = true;
            _underWay--;
            return true;
        }
    }

    public void Tick()
    {
        if (!replica.IsReady || cluster.Loop.Now - _lastAsked < Interval)
            return;
        _lastAsked = cluster.Loop.Now;
        process.TakeTimestamp(moment => _served = _closing = Math.Max(_served, moment));
    }

    public void CloseIfDone()
    {
        if (_closing == 0 || _underWay > 0 || replica.Applied < _proposed)
            return;
        long moment = _closing;
        _closing = 0;
        replica.Close(moment);
    }
}
