using System.Runtime.CompilerServices;
using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Protocol.Sql;

namespace VecSQL.Flight.Sql;

/// <summary>CommandGetSqlInfo: what the server can do.</summary>
internal sealed class SqlInfo(CommandGetSqlInfo command) : MetadataCommand(InfoSchema)
{
    private static readonly ArrowType TextList = ArrowType.List(Field("string_data", ArrowTypeKind.Utf8, isNullable: true));

    private static readonly ArrowType NumberLists = ArrowType.Map(
        new ArrowType(ArrowTypeKind.Int32), ArrowType.List(Field("$data$", ArrowTypeKind.Int32, isNullable: true)));

    private static readonly ArrowType Value = ArrowType.Union(
    [
        Field("string_value", ArrowTypeKind.Utf8, isNullable: true), Field("bool_value", ArrowTypeKind.Bool, isNullable: true),
        Field("bigint_value", ArrowTypeKind.Int64, isNullable: true), Field("int32_bitmask", ArrowTypeKind.Int32, isNullable: true),
        new ArrowField("string_list", TextList, IsNullable: true, []),
        new ArrowField("int32_to_int32_list_map", NumberLists, IsNullable: true, []),
    ], isDense: true);

    private static readonly ArrowSchema InfoSchema = new(
        [Field("info_name", ArrowTypeKind.UInt32, isNullable: false), new ArrowField("value", Value, IsNullable: false, [])], []);

    protected override async IAsyncEnumerable<(ArrowArray[] Columns, int RowCount)> RowsAsync(
        ISqlSession session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<uint> names = [];
        List<sbyte> kinds = [];
        List<int> places = [];
        List<string?> texts = [], listed = [];
        List<bool?> truths = [];
        List<long> longs = [];
        List<int?> masks = [], ends = [];
        foreach ((uint name, object value) in SqlInfoValues.All.Where(info => command.Info.Count == 0 || command.Info.Contains(info.Key)))
        {
            names.Add(name);
            switch (value)
            {
                case string text:
                    Put(0, texts.Count);
                    texts.Add(text);
                    break;
                case bool truth:
                    Put(1, truths.Count);
                    truths.Add(truth);
                    break;
                case long number:
                    Put(2, longs.Count);
                    longs.Add(number);
                    break;
                case int mask:
                    Put(3, masks.Count);
                    masks.Add(mask);
                    break;
                case SqlInfoQuery query:
                    Put(4, ends.Count);
                    listed.AddRange(await ReadAsync(session, query, cancellation).ConfigureAwait(false));
                    ends.Add(listed.Count);
                    break;
            }
        }
        ArrowArray[] values =
        [
            ArrayMaker.Texts(texts), ArrayMaker.Truths(truths), ArrayMaker.Longs(longs), ArrayMaker.Integers(masks),
            ArrayMaker.Lists(TextList, ends, ArrayMaker.Texts(listed)), NoNumberLists(),
        ];
        yield return ([ArrayMaker.UnsignedIntegers(names), ArrayMaker.DenseUnion(Value, kinds, places, values)], names.Count);

        void Put(sbyte kind, int place)
        {
            kinds.Add(kind);
            places.Add(place);
        }
    }

    private static ArrowArray NoNumberLists()
    {
        ArrowType entries = NumberLists.Children[0].Type;
        ArrowArray lists = ArrayMaker.Lists(entries.Children[1].Type, [], ArrayMaker.Integers([]));
        return ArrayMaker.Lists(NumberLists, [], new ArrowArray(entries, 0, 0, [default], [ArrayMaker.Integers([]), lists]));
    }

    private static async ValueTask<List<string?>> ReadAsync(ISqlSession session, SqlInfoQuery query, CancellationToken cancellation)
    {
        List<string?> found = [];
        IStatementResult result = await session.BeginAsync(query.Sql, [], [], cancellation).ConfigureAwait(false);
        await using (result.ConfigureAwait(false))
        {
            while (await result.NextAsync(0, cancellation).ConfigureAwait(false) is { } batch)
            {
                for (int row = 0; row < batch.RowCount; row++)
                    found.Add(Encoding.UTF8.GetString(((BinaryColumn)batch[0])[row]));
            }
        }
        return found;
    }
}
