using System.Buffers;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Expressions;

/// <summary>Computes what depends on one column of repeating values once for each value, and then for each row looks it up.</summary>
internal static class DictionaryEvaluation
{
    /// <summary>Computes a column from values.</summary>
    internal delegate Column Function(Column values, int rowCount);

    private const int RowsAValueMin = 4; // below it there is little to save

    /// <summary>The column's values, where it has many fewer than rows.</summary>
    internal static DictionaryValues? Of(Column column) =>
        column is BinaryColumn { Form: DictionaryValues known, IsConstant: false } && known.Values.Length * RowsAValueMin <= column.Length
            ? known
            : null;

    /// <summary>The function of a column's values; null rows stay null.</summary>
    /// <param name="isTotal">It fails for no value, so that it may be asked for values that no row has.</param>
    /// <returns>Null where it gives what cannot be looked up.</returns>
    internal static Column? Evaluate(BinaryColumn column, DictionaryValues known, bool isTotal, Function function)
    {
        ReadOnlySpan<ushort> codes = known.Codes;
        BinaryColumn values = known.Values;
        int[] places = ArrayPool<int>.Shared.Rent(values.Length); // of each value, in the result
        Span<int> placeOf = places.AsSpan(0, values.Length);
        if (isTotal)
        {
            for (int code = 0; code < placeOf.Length; code++)
                placeOf[code] = code;
        }
        else
        {
            values = TakeUsed(column, values, codes, placeOf);
        }
        Column results = function(values, values.Length).Expand();
        Column? expanded = Expand(results, codes, placeOf, column.Validity);
        ArrayPool<int>.Shared.Return(places);
        return expanded;
    }

    private static BinaryColumn TakeUsed(BinaryColumn column, BinaryColumn values, ReadOnlySpan<ushort> codes, Span<int> placeOf)
    {
        placeOf.Fill(-1);
        int[] used = ArrayPool<int>.Shared.Rent(values.Length);
        int count = 0;
        bool hasNulls = column.HasNulls;
        for (int row = 0; row < codes.Length; row++)
        {
            if (placeOf[codes[row]] >= 0 || (hasNulls && column.IsNull(row)))
                continue;
            used[count] = codes[row];
            placeOf[codes[row]] = count++;
        }
        var taken = (BinaryColumn)values.Take(used.AsSpan(0, count));
        ArrayPool<int>.Shared.Return(used);
        return taken;
    }

    private static Column? Expand(Column results, ReadOnlySpan<ushort> codes, ReadOnlySpan<int> placeOf, Bitmap validity)
    {
        if (results is BoolColumn truth)
            return Expand(truth, codes, placeOf, validity);
        if (results.HasNulls)
            return null;
        if (results is BinaryColumn { Form: null } texts && results.Length > 0)
        {
            ushort[] places = GC.AllocateUninitializedArray<ushort>(codes.Length);
            for (int row = 0; row < places.Length; row++)
                places[row] = (ushort)Math.Max(placeOf[codes[row]], 0);
            return DictionaryValues.Column(places, texts, validity);
        }
        if (!validity.IsAbsent)
            return null;
        int[] rows = ArrayPool<int>.Shared.Rent(codes.Length);
        for (int row = 0; row < codes.Length; row++)
            rows[row] = placeOf[codes[row]];
        Column taken = results.Take(rows.AsSpan(0, codes.Length));
        ArrayPool<int>.Shared.Return(rows);
        return taken;
    }

    private static BoolColumn Expand(BoolColumn truth, ReadOnlySpan<ushort> codes, ReadOnlySpan<int> placeOf, Bitmap validity)
    {
        Bitmap known = truth.Validity;
        Span<byte> states = stackalloc byte[placeOf.Length <= 1024 ? placeOf.Length : 0]; // bit 0 true, bit 1 known
        states = states.Length == placeOf.Length ? states : new byte[placeOf.Length];
        for (int code = 0; code < placeOf.Length; code++)
        {
            int place = placeOf[code];
            if (place >= 0)
                states[code] = (byte)((truth.Values[place] ? 1 : 0) | (known.IsAbsent || known[place] ? 2 : 0));
        }
        ulong[] bits = Bitmap.Allocate(codes.Length);
        for (int row = 0; row < codes.Length; row++)
            bits[row >> 6] |= (ulong)(states[codes[row]] & 1u) << (row & 63);
        if (known.IsAbsent)
            return new BoolColumn(new Bitmap(bits, codes.Length), validity);
        ulong[] knownBits = Bitmap.Allocate(codes.Length);
        for (int row = 0; row < codes.Length; row++)
            knownBits[row >> 6] |= (ulong)(states[codes[row]] >> 1) << (row & 63);
        return new BoolColumn(new Bitmap(bits, codes.Length), Bitmap.And(validity, new Bitmap(knownBits, codes.Length)));
    }
}
