using System.Buffers;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Json;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>json_agg and json_object_agg, and their jsonb twins: nulls count.</summary>
internal sealed class JsonAccumulator(IReadOnlyList<SqlType> types, bool isObject, bool isJsonb)
    : StatefulAccumulator<JsonAccumulator.State>(PhysicalType.Binary)
{
    internal sealed class State
    {
        public readonly ArrayBufferWriter<byte> Text = new();
        public bool HasValue;
    }

    protected override bool Counts(ReadOnlySpan<Column> arguments, int row) => true;

    protected override State NewState() => new();

    protected override long AddRow(State state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        int before = state.Text.WrittenCount;
        if (state.HasValue)
            state.Text.Write(", "u8);
        // json_agg puts values that are structures on lines of their own; jsonb has one form for all.
        if (state.HasValue && !isObject && !isJsonb && !arguments[0].IsNull(row) && IsStructure(types[0]))
            state.Text.Write("\n "u8);
        state.HasValue = true;
        int value = 0;
        if (isObject)
        {
            if (arguments[0].IsNull(row))
            {
                throw new SqlException(SqlState.InvalidParameterValue, "field name must not be null");
            }
            JsonBuilding.WriteKey(arguments[0], row, types[0], state.Text, context);
            state.Text.Write(" : "u8);
            value = 1;
        }
        JsonText.Write(arguments[value], row, types[value], state.Text, context);
        return state.Text.WrittenCount - before;
    }

    protected override void MergeState(State state, State added)
    {
        state.Text.Write(", "u8);
        state.Text.Write(added.Text.WrittenSpan);
    }

    protected override void AppendResult(State state, ColumnBuilder target, EvaluationContext context)
    {
        byte[] text = isObject
            ? [.. "{ "u8, .. state.Text.WrittenSpan, .. " }"u8]
            : [(byte)'[', .. state.Text.WrittenSpan, (byte)']'];
        if (isJsonb)
            JsonValue.AppendNormalized(text, (BinaryColumnBuilder)target);
        else
            ((BinaryColumnBuilder)target).Append(text);
    }

    private static bool IsStructure(SqlType type) => type.Oid is TypeOid.Record
        || (BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry) && entry.IsArray);
}
