using System.Globalization;
using Google.Protobuf;
using VecSQL.Catalog.Objects;
using VecSQL.Cluster.Branches;
using VecSQL.Cluster.Protocol;
using VecSQL.Flight.Grpc;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Branches;

/// <summary>Damaged calls fail, and nothing else does.</summary>
public sealed class FuzzTests
{
    [Fact]
    public async Task Damaged_calls_are_refused_and_harm_nothing()
    {
        int mutations = int.TryParse(Environment.GetEnvironmentVariable("VECSQL_FUZZ_MUTATIONS"), CultureInfo.InvariantCulture, out int given) ? given : 1500;
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(Place.Remote);
        TableEntry table = await Tables.CreateAsync(storage, 1);
        await using (ITransaction writer = storage.Begin(IsolationLevel.ReadCommitted))
        {
            await writer.InsertAsync(table, 1, 2, 3);
            await writer.CommitAsync();
        }
        using GrpcChannel channel = new(rig.Address, new GrpcChannelOptions());
        Random random = new(7);
        byte[][] samples = [.. Samples(rig, table).Select(static sample => sample.ToByteArray())];
        for (int i = 0; i < mutations; i++)
        {
            byte[] damaged = Damage(samples[random.Next(samples.Length)], random);
            bool isBranch = random.Next(4) > 0;
            GrpcClientCall call = channel.Begin(isBranch ? BranchMethods.Branch : BranchMethods.Read, null, TimeSpan.FromSeconds(20), default);
            await using (call)
            {
                try
                {
                    if (isBranch)
                    {
                        await call.WriteAsync(new GrpcPayload(Begin(rig, i)));
                        using GrpcMessage? begun = await call.ReadAsync();
                        Assert.NotNull(begun);
                    }
                    await call.WriteLastAsync(new GrpcPayload(damaged));
                    while (await call.ReadAsync() is { } answer)
                        answer.Dispose();
                }
                catch (GrpcException refused)
                {
                    Assert.True(refused.Code is not (GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.Unavailable), $"{i}: {refused.Message}: {Shown(damaged)}");
                }
            }
        }
        await rig.WaitUntilLeftAsync();
        foreach (PreparedState prepared in rig.Engine(1).Prepared)
            await rig.Engine(1).RollbackPreparedAsync(prepared.GlobalId); // who decides may be damaged too
        long[] ids = await storage.IdsAsync(table); // some of the damaged calls were sound all the same, and may have committed
        Assert.InRange(ids.Length, 0, 10_000);
    }

    private static byte[] Begin(BranchRig rig, int number) => new BranchBatch
    {
        CatalogVersion = rig.Catalog.Catalog.Version, Patience = 1000,
        Calls = { new CallRecord { Kind = (int)BranchCallKind.Begin, Begin = new BeginRecord { Shard = 1, GlobalId = $"fuzz.{number}" } } },
    }.ToByteArray();

    private static IEnumerable<IMessage> Samples(BranchRig rig, TableEntry table)
    {
        ByteString rows = RemoteBranch.Bytes(Tables.Rows((7, "seven"), (8, null)));
        CallRecord view = new() { Kind = (int)BranchCallKind.OpenView, Table = table.Oid, Number = 1 };
        CallRecord[] calls =
        [
            new() { Kind = (int)BranchCallKind.LockTable, Table = table.Oid, Number = 3 },
            new() { Kind = (int)BranchCallKind.Insert, Table = table.Oid, Batch = rows },
            new() { Kind = (int)BranchCallKind.TryInsert, Table = table.Oid, Batch = rows, Oids = { table.Indexes[0].Oid } },
            new() { Kind = (int)BranchCallKind.Delete, Table = table.Oid, Rows = { ShardedStorage.FirstRow(new(1)).Value } },
            new() { Kind = (int)BranchCallKind.LockRows, Table = table.Oid, Rows = { ShardedStorage.FirstRow(new(1)).Value }, Number = 3 },
            new() { Kind = (int)BranchCallKind.Fetch, Table = table.Oid, Rows = { ShardedStorage.FirstRow(new(1)).Value } },
            new() { Kind = (int)BranchCallKind.Savepoint },
            new() { Kind = (int)BranchCallKind.RollbackTo, Number = 0 },
            new() { Kind = (int)BranchCallKind.ListChanges, Number = 0 },
            new() { Kind = (int)BranchCallKind.ListUnits, Number = 1 },
            new() { Kind = (int)BranchCallKind.Slice, Table = table.Oid, Number = 1, Rows = { 0, 2 }, Columns = { 1, 2 } },
            new() { Kind = (int)BranchCallKind.Gather, Table = table.Oid, Number = 1, Rows = { 0, 2 }, Columns = { 1 }, Flag = true },
            new() { Kind = (int)BranchCallKind.FindVisible, Number = 1 },
            new() { Kind = (int)BranchCallKind.BeginStatementAt, Moment = 12 },
            new() { Kind = (int)BranchCallKind.Prepare, Data = ByteString.CopyFrom(new Decider(new(1)).Encode()) },
            new() { Kind = (int)BranchCallKind.Commit },
        ];
        foreach (CallRecord call in calls)
            yield return new BranchBatch { CatalogVersion = rig.Catalog.Catalog.Version, Calls = { view, call } };
        yield return new ReadRequest { Shard = 1, GlobalId = "fuzz.1", View = 1, Table = table.Oid, Columns = { 1, 2 } };
    }

    private static string Shown(byte[] damaged)
    {
        try
        {
            return BranchBatch.Parser.ParseFrom(damaged).ToString();
        }
        catch (InvalidProtocolBufferException)
        {
            return Convert.ToHexString(damaged);
        }
    }

    private static byte[] Damage(byte[] sample, Random random)
    {
        byte[] damaged = [.. sample];
        for (int i = random.Next(4); i >= 0 && damaged.Length > 0; i--)
        {
            int at = random.Next(damaged.Length);
            switch (random.Next(4))
            {
                case 0:
                    damaged[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 2:
                    damaged = damaged[..at];
                    break;
                default:
                    damaged = [.. damaged[..at], .. damaged[random.Next(damaged.Length)..]];
                    break;
            }
        }
        return damaged;
    }
}
