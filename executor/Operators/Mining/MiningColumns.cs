using System.Collections.Immutable;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>Writes what was mined as columns.</summary>
internal sealed class MiningColumns
{
    /// <summary>The sides of a split.</summary>
    internal const string Train = "train", Validation = "validation";

    private const int BatchBytesMax = 8 << 20;

    private readonly MiningTask _task;
    private readonly ImmutableArray<MiningPart> _parts;
    private readonly ImmutableArray<SqlType> _types;
    private readonly Augmentation? _augmentation;

    internal MiningColumns(MiningTask task, MiningPlan plan)
    {
        (_task, _parts, _types) = (task, plan.Parts, plan.Output);
        MiningSettings settings = task.Settings;
        _augmentation = settings.Augments ? new Augmentation(settings.Noise, settings.Dropout) : null;
        int vectors = _parts.Count(static part => part is MiningPart.AnchorVector or MiningPart.PositiveVector or MiningPart.OtherVector);
        long rowBytes = Math.Max(1, (long)vectors * task.Rows.Dimensions * sizeof(float));
        RowsMax = (int)Math.Clamp(BatchBytesMax / rowBytes, 1, ColumnBatch.RowsMax);
    }

    /// <summary>Rows of a batch, whose vectors may be long.</summary>
    internal int RowsMax { get; }

    internal ColumnBatch Write(ReadOnlySpan<MinedRow> rows)
    {
        var columns = new Column[_parts.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = Write(_parts[i], _types[i], rows);
        return new ColumnBatch(columns, rows.Length);
    }

    private Column Write(MiningPart part, SqlType type, ReadOnlySpan<MinedRow> rows)
    {
        switch (part)
        {
            case MiningPart.AnchorKey or MiningPart.PositiveKey or MiningPart.OtherKey:
                return Keys(part, type, rows);
            case MiningPart.AnchorVector or MiningPart.PositiveVector or MiningPart.OtherVector:
                return Vectors(part, type, rows);
        }
        ColumnBuilder target = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(type.Oid), rows.Length);
        foreach (MinedRow row in rows)
        {
            switch (target)
            {
                case BoolColumnBuilder flags:
                    flags.Append(row.IsPositive);
                    break;
                case FixedColumnBuilder<int> ranks:
                    ranks.Append(row.Rank);
                    break;
                case FixedColumnBuilder<double> distances when part == MiningPart.OtherDistance || row.Positive >= 0:
                    distances.Append(part == MiningPart.OtherDistance ? row.OtherDistance : row.PositiveDistance);
                    break;
                case BinaryColumnBuilder sides:
                    sides.Append(_task.Anchors.IsValidation[row.Anchor] ? "validation"u8 : "train"u8);
                    break;
                default:
                    target.AppendNull();
                    break;
            }
        }
        return target.Build();
    }

    private static int RowOf(MiningPart part, MinedRow row) => part switch
    {
        MiningPart.AnchorKey or MiningPart.AnchorVector => row.Anchor,
        MiningPart.PositiveKey or MiningPart.PositiveVector => row.Positive,
        _ => row.Other,
    };

    private MiningRows SourceOf(MiningPart part) =>
        part is MiningPart.AnchorKey or MiningPart.AnchorVector ? _task.Anchors : _task.Rows;

    private Column Keys(MiningPart part, SqlType type, ReadOnlySpan<MinedRow> rows)
    {
        Column keys = SourceOf(part).Keys;
        ColumnBuilder target = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(type.Oid), rows.Length);
        foreach (MinedRow row in rows)
        {
            if (RowOf(part, row) is >= 0 and var number)
                target.AppendFrom(keys, number);
            else
                target.AppendNull();
        }
        return target.Build();
    }

    private BinaryColumn Vectors(MiningPart part, SqlType type, ReadOnlySpan<MinedRow> rows)
    {
        MiningRows source = SourceOf(part);
        int dimensions = source.Dimensions, width = type.Oid == TypeOid.HalfVector ? 2 : sizeof(float);
        var target = new BinaryColumnBuilder(rows.Length);
        float[] vector = new float[dimensions];
        Span<Half> halves = new Half[width == 2 ? dimensions : 0];
        foreach (MinedRow row in rows)
        {
            int number = RowOf(part, row);
            if (number < 0)
            {
                target.AppendNull();
                continue;
            }
            source.VectorOf(number).CopyTo(vector);
            _augmentation?.Apply(vector, SeedOf(row, part));
            for (int i = 0; i < halves.Length; i++)
                halves[i] = (Half)vector[i];
            target.Append(width == 2 ? MemoryMarshal.AsBytes(halves) : MemoryMarshal.AsBytes(vector.AsSpan()));
        }
        return (BinaryColumn)target.Build();
    }

    /// <summary>Differs from row to row and from vector to vector.</summary>
    private ulong SeedOf(MinedRow row, MiningPart part) => _task.Anchors.Hashes[row.Anchor]
        ^ ((ulong)row.Rank << 40) ^ ((ulong)part << 56) ^ (row.Positive >= 0 ? _task.Rows.Hashes[row.Positive] << 1 : 0);
}
