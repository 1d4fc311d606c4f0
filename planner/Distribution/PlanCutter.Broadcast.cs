using System.Collections.Immutable;
using VecSQL.Catalog.Placement;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Distribution;

/// <summary>Joins of what lies in shards with few rows from elsewhere, which are read once and go along to each shard.</summary>
/// <remarks>
/// Which: the side that stays where it is must be the one whose rows come out once for each of them; a row that goes along meets those of every shard.
/// When:  the few are estimated to be few, and fewer bytes in all than those of the other side. What turns out to be more is joined where the client is.
/// </remarks>
internal sealed partial class PlanCutter
{
    private int _lastFeed;

    private Piece? VisitBroadcast(HashJoinPlan join, Piece left, Piece right)
    {
        if (!PlanParts.ExpressionsOf(join).All(IsFree))
            return null;
        bool sendsRight = left.Site is { IsOneShard: false } l && IsWorthSending(join.Right, join.Left, l) && join.Kind is PhysicalJoinKind.Inner
            or PhysicalJoinKind.Left or PhysicalJoinKind.Semi or PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti;
        bool sendsLeft = right.Site is { IsOneShard: false } r && IsWorthSending(join.Left, join.Right, r)
            && join.Kind is PhysicalJoinKind.Inner or PhysicalJoinKind.Right;
        if (sendsLeft && (!sendsRight || RowBytes.Of(join.Left) < RowBytes.Of(join.Right)))
        {
            FeedPlan feed = FeedOf(left, out ReceivedPlan received);
            int leftCount = join.Left.Output.Length;
            Site site = right.Site!.Through([.. join.Kept.Select(place => place - leftCount)]);
            return new Piece(join with { Left = received, Right = right.Plan }, site)
            {
                Feeds = right.Feeds.Add(feed), Instead = join with { Left = received, Right = right.Instead ?? Close(right) },
            };
        }
        if (sendsRight)
        {
            FeedPlan feed = FeedOf(right, out ReceivedPlan received);
            return new Piece(join with { Left = left.Plan, Right = received }, left.Site!.Through(join.Kept))
            {
                Feeds = left.Feeds.Add(feed), Instead = join with { Left = left.Instead ?? Close(left), Right = received },
            };
        }
        return null;
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

    private bool IsWorthSending(PhysicalPlan few, PhysicalPlan many, Site site)
    {
        double bytes = RowBytes.Of(few);
        bool isOfKeys = !site.Pinned.IsEmpty && site.Pinned.All(static key => key.Low is null && key.High is null);
        int shards = isOfKeys ? site.Pinned.Length : context.Catalog.Find(site.Group) is ShardGroupEntry group ? group.Shards.Distinct().Count() : int.MaxValue;
        return bytes <= context.BroadcastBytesMax && bytes * shards <= RowBytes.Of(many);
    }
}
