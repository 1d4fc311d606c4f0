using System.Collections.Immutable;
using VecSQL.Catalog.Placement;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Distribution;

/// <summary>Joins of what lies in shards with rows from elsewhere, which are read once and go along: to each shard, or each to the shard whose rows it can meet.</summary>
/// <remarks>
/// To each: the side that stays where it is must be the one whose rows come out once for each of them; a row that goes along meets those of every shard.
///          The rows must be estimated to be few. What turns out to be more is joined where the client is.
/// To one:  where what stays is joined by its shard key. Rows of both sides are then as if they had always been together.
/// When:    fewer bytes go along than the other side has; of the ways that there are, the one with fewest. Where more would come out of parted joins than was
///          saved, they are made where the client is after all (<see cref="Piece.Saving"/>).
/// Waiting: no fragment has two sides that are parted: one of them might wait for rows behind others that the other's have to make room for.
/// </remarks>
internal sealed partial class PlanCutter
{
    /// <summary>What it costs that a shard has a stream of its own, in bytes.</summary>
    private const double StreamBytes = 4096;

    private int _lastFeed;

    private Piece? VisitSent(HashJoinPlan join, Piece left, Piece right)
    {
        if (!PlanParts.ExpressionsOf(join).All(IsFree))
            return null;
        double ofLeft = RowBytes.Of(join.Left), ofRight = RowBytes.Of(join.Right);
        (double leftToAll, double leftToOne) = (BytesToAll(join.Left, join.Right, right), BytesToOne(join.Right, right, ofLeft));
        (double rightToAll, double rightToOne) = (BytesToAll(join.Right, join.Left, left), BytesToOne(join.Left, left, ofRight));
        if (join.Kind is not (PhysicalJoinKind.Inner or PhysicalJoinKind.Right))
            leftToAll = double.PositiveInfinity;
        if (join.Kind is PhysicalJoinKind.Right or PhysicalJoinKind.Full)
            rightToAll = double.PositiveInfinity;
        if (left.IsParted || KeysLike(join, left.Site, isLeft: true) is not { } rightKeys)
            (rightKeys, rightToOne) = ([], double.PositiveInfinity);
        if (right.IsParted || KeysLike(join, right.Site, isLeft: false) is not { } leftKeys)
            (leftKeys, leftToOne) = ([], double.PositiveInfinity);
        double least = Math.Min(Math.Min(leftToAll, leftToOne), Math.Min(rightToAll, rightToOne));
        return double.IsPositiveInfinity(least) ? null
            : least == rightToAll ? RightToAll(join, left, right)
            : least == leftToAll ? LeftToAll(join, left, right)
            : least == rightToOne ? Together(join, left, Part(right, left.Site!, rightKeys, ofLeft - least))
            : Together(join, Part(left, right.Site!, leftKeys, ofRight - least), right);
    }

    private Piece LeftToAll(HashJoinPlan join, Piece left, Piece right)
    {
        FeedPlan feed = FeedOf(left, out ReceivedPlan received);
        int leftCount = join.Left.Output.Length;
        return new Piece(join with { Left = received, Right = right.Plan }, right.Site!.Through([.. join.Kept.Select(place => place - leftCount)]))
        {
            Feeds = right.Feeds.Add(feed), Instead = join with { Left = received, Right = right.Instead ?? Close(right) },
        };
    }

    private Piece RightToAll(HashJoinPlan join, Piece left, Piece right)
    {
        FeedPlan feed = FeedOf(right, out ReceivedPlan received);
        return new Piece(join with { Left = left.Plan, Right = received }, left.Site!.Through(join.Kept))
        {
            Feeds = left.Feeds.Add(feed), Instead = join with { Left = left.Instead ?? Close(left), Right = received },
        };
    }

    /// <summary>What comes from elsewhere, as if it lay in a site's shards by the values of some outputs.</summary>
    private Piece Part(Piece piece, Site site, ImmutableArray<int> keys, double saving)
    {
        FeedPlan feed = FeedOf(piece, out ReceivedPlan received) with { Keys = keys, KeyTable = site.KeyTable };
        return new Piece(received, new Site(site.Group, keys, site.KeyTable)) { Feeds = [feed], Instead = feed.Input, Saving = saving };
    }

    private FeedPlan FeedOf(Piece piece, out ReceivedPlan received)
    {
        FeedPlan feed = new(++_lastFeed, Close(piece));
        received = new ReceivedPlan(feed.Number)
        {
            Output = piece.Plan.Output, EstimatedRows = piece.Plan.EstimatedRows, EstimatedCost = piece.Plan.EstimatedCost,
        };
        return feed;
    }

    /// <summary>How many bytes it is to have rows at all shards of what stays; infinite where that is too much, or nothing is in shards.</summary>
    private double BytesToAll(PhysicalPlan few, PhysicalPlan many, Piece staying)
    {
        if (staying.Site is not { IsOneShard: false } site)
            return double.PositiveInfinity;
        double bytes = RowBytes.Of(few), all = bytes * ShardsOf(site);
        return bytes <= context.BroadcastBytesMax && all <= RowBytes.Of(many) ? all : double.PositiveInfinity;
    }

    private double BytesToOne(PhysicalPlan stays, Piece staying, double bytes)
    {
        if (staying.Site is not { IsOneShard: false } site)
            return double.PositiveInfinity;
        bytes += ShardsOf(site) * StreamBytes;
        return bytes < RowBytes.Of(stays) ? bytes : double.PositiveInfinity;
    }

    private int ShardsOf(Site site)
    {
        bool isOfKeys = !site.Pinned.IsEmpty && site.Pinned.All(static key => key.Low is null && key.High is null);
        return isOfKeys ? site.Pinned.Length : context.Catalog.Find(site.Group) is ShardGroupEntry group ? group.Shards.Distinct().Count() : int.MaxValue;
    }

    /// <summary>The outputs of the other side that must be equal to the shard key of one; null where rows can meet whatever that is.</summary>
    private static ImmutableArray<int>? KeysLike(HashJoinPlan join, Site? site, bool isLeft)
    {
        if (site is not { IsOneShard: false, Key.IsEmpty: false } || join.Kind == PhysicalJoinKind.NullAwareAnti)
            return null;
        (ImmutableArray<ScalarExpression> own, ImmutableArray<ScalarExpression> others) = isLeft ? (join.LeftKeys, join.RightKeys) : (join.RightKeys, join.LeftKeys);
        var keys = ImmutableArray.CreateBuilder<int>(site.Key.Length);
        foreach (int key in site.Key)
        {
            int found = -1;
            for (int pair = 0; pair < own.Length && found < 0; pair++)
            {
                if (ShardPruning.Narrow(own[pair]) is { } known && known.Ordinal == key && ShardPruning.Narrow(others[pair]) is { } like
                    && ShardPruning.AreAlike(known.Type, like.Type))
                    found = like.Ordinal;
            }
            if (found < 0)
                return null;
            keys.Add(found);
        }
        return keys.MoveToImmutable();
    }
}
