using System.Buffers;
using System.Globalization;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Text;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Text: length, case, cutting, padding, trimming, parts. Positions count characters (code points) from
/// 1.</summary>
internal static class TextFunctions
{
    private const int PaddedLengthMax = (0x3fffffff - 4) / 4; // characters, of four bytes at most, in a value's gigabyte

    public static void Define(FunctionTable table)
    {
        DefineLengths(table);
        DefineCase(table);
        DefineCuts(table);
        DefinePadding(table);
        DefineTrims(table);
        DefineSearch(table);
        DefineCharacters(table);
    }

    private static void DefineLengths(FunctionTable table)
    {
        table.Fixed("textlen", static (in Row row) => Utf8Text.CountCharacters(row.Bytes(0)), isTotal: true);
        table.Fixed("bpcharlen", static (in Row row) =>
            Utf8Text.CountCharacters(TextComparisons.Unpadded(row.Bytes(0))), isTotal: true);
        table.Fixed("textoctetlen", static (in Row row) => row.Bytes(0).Length, isTotal: true);
        table.Fixed("bpcharoctetlen", static (in Row row) => row.Bytes(0).Length, isTotal: true);
        table.Fixed("text_bit_length", static (in Row row) => row.Bytes(0).Length * 8, isTotal: true);
        table.Binary("textcat", static (in Row row, BinaryColumnBuilder target) =>
        {
            ReadOnlySpan<byte> left = row.Bytes(0), right = row.Bytes(1);
            CheckLength((long)left.Length + right.Length);
            Span<byte> room = target.Reserve(left.Length + right.Length);
            left.CopyTo(room);
            right.CopyTo(room[left.Length..]);
            target.Commit(room.Length);
        });
        table.Binary("nameconcatoid", static (in Row row, BinaryColumnBuilder target) =>
        {
            string suffix = $"_{row.Int8(1)}";
            ReadOnlySpan<byte> name = row.Bytes(0);
            int kept = Utf8Text.ClipBytes(name, Math.Min(name.Length,
                Catalog.Values.CharacterLengths.NameBytesMax - suffix.Length));
            target.Append([.. name[..kept], .. Encoding.UTF8.GetBytes(suffix)]);
        });
    }

    private static void DefineCase(FunctionTable table)
    {
        table.Binary("lower", static (in Row row, BinaryColumnBuilder target) => Casing.Lower(row.Bytes(0), target));
        table.Binary("upper", static (in Row row, BinaryColumnBuilder target) => Casing.Upper(row.Bytes(0), target));
        table.Binary("initcap", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Casing.Capitalized(row.Text(0))));
    }

    private static void DefineCuts(FunctionTable table)
    {
        table.Binary("text_substr", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Cut(row.Bytes(0), row.Int4(1), row.Int4(2))));
        table.Binary("text_substr_no_len", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Cut(row.Bytes(0), row.Int4(1), null)));
        table.Binary("text_left", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Left(row.Bytes(0), row.Int4(1))));
        table.Binary("text_right", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Right(row.Bytes(0), row.Int4(1))));
        table.Binary("textoverlay", static (in Row row, BinaryColumnBuilder target) =>
            Overlay(row.Bytes(0), row.Bytes(1), row.Int4(2), row.Int4(3), target));
        table.Binary("textoverlay_no_len", static (in Row row, BinaryColumnBuilder target) =>
            Overlay(row.Bytes(0), row.Bytes(1), row.Int4(2), Utf8Text.CountCharacters(row.Bytes(1)), target));
        table.Binary("text_reverse", static (in Row row, BinaryColumnBuilder target) => Reverse(row.Bytes(0), target));
        table.Binary("split_part", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Part(row.Bytes(0), row.Bytes(1), row.Int4(2))));
    }

    private static void DefinePadding(FunctionTable table)
    {
        table.Binary("lpad", static (in Row row, BinaryColumnBuilder target) =>
            Pad(row.Bytes(0), row.Int4(1), row.Bytes(2), true, target));
        table.Binary("rpad", static (in Row row, BinaryColumnBuilder target) =>
            Pad(row.Bytes(0), row.Int4(1), row.Bytes(2), false, target));
        table.Binary("lpad_blank", static (in Row row, BinaryColumnBuilder target) =>
            Pad(row.Bytes(0), row.Int4(1), " "u8, true, target));
        table.Binary("rpad_blank", static (in Row row, BinaryColumnBuilder target) =>
            Pad(row.Bytes(0), row.Int4(1), " "u8, false, target));
        table.Binary("repeat", static (in Row row, BinaryColumnBuilder target) =>
            Repeat(row.Bytes(0), row.Int4(1), target));
    }

    private static void DefineTrims(FunctionTable table)
    {
        table.Binary("btrim", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Trim(row.Bytes(0), row.Bytes(1), true, true)));
        table.Binary("ltrim", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Trim(row.Bytes(0), row.Bytes(1), true, false)));
        table.Binary("rtrim", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Trim(row.Bytes(0), row.Bytes(1), false, true)));
        table.Binary("btrim1", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Bytes(0).Trim((byte)' ')));
        table.Binary("ltrim1", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Bytes(0).TrimStart((byte)' ')));
    }

    private static void DefineSearch(FunctionTable table)
    {
        table.Fixed("textpos", static (in Row row) => Position(row.Bytes(0), row.Bytes(1)));
        table.Bool("text_starts_with", static (in Row row) => row.Bytes(0).StartsWith(row.Bytes(1)), isTotal: true);
        table.Binary("replace_text", static (in Row row, BinaryColumnBuilder target) =>
            Replace(row.Bytes(0), row.Bytes(1), row.Bytes(2), target));
        table.Binary("translate", static (in Row row, BinaryColumnBuilder target) =>
            Translate(row.Bytes(0), row.Text(1), row.Text(2), target));
    }

    private static void DefineCharacters(FunctionTable table)
    {
        table.Fixed("ascii", static (in Row row) =>
            Rune.DecodeFromUtf8(row.Bytes(0), out Rune first, out _) == OperationStatus.Done ? first.Value : 0);
        table.Binary("chr", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Character(row.Int4(0)).ToString()));
        table.Binary("to_hex32", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Int4(0).ToString("x")));
        table.Binary("to_hex64", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Int8(0).ToString("x")));
        table.Binary("unicode_normalize_func", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Normalized(row.Text(0), FormOf(in row))));
        table.Bool("unicode_is_normalized", static (in Row row) =>
            Normalized(row.Text(0), FormOf(in row)) == row.Text(0));
        table.Binary("unistr", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(UnicodeEscapes.Decode(row.Text(0))));
    }

    /// <summary>substring(text, from, for): characters before the first position count but are not there.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, int from, int? length)
    {
        if (length < 0)
            throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        long end = length is null ? long.MaxValue : (long)from + length.Value, start = Math.Max(from, 1);
        if (end <= start)
            return [];
        ReadOnlySpan<byte> rest = text[Utf8Text.LengthOfCharacters(text, (int)(start - 1))..];
        return rest[..Utf8Text.LengthOfCharacters(rest, (int)Math.Min(int.MaxValue, end - start))];
    }

    private static ReadOnlySpan<byte> Left(ReadOnlySpan<byte> text, int count)
    {
        if (count < 0)
            count = Math.Max(0, (int)Math.Max(int.MinValue, (long)Utf8Text.CountCharacters(text) + count));
        return text[..Utf8Text.LengthOfCharacters(text, count)];
    }

    private static ReadOnlySpan<byte> Right(ReadOnlySpan<byte> text, int count)
    {
        long skipped = count < 0 ? -(long)count : Math.Max(0, (long)Utf8Text.CountCharacters(text) - count);
        return text[Utf8Text.LengthOfCharacters(text, (int)Math.Min(int.MaxValue, skipped))..];
    }

    private static void Overlay(
        ReadOnlySpan<byte> text, ReadOnlySpan<byte> with, int from, int length, BinaryColumnBuilder target)
    {
        if (from <= 0)
            throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        long after = (long)from + length;
        if (after > int.MaxValue)
            throw NumberErrors.OutOfRange<int>();
        target.Append([.. Cut(text, 1, from - 1), .. with, .. Cut(text, (int)after, null)]);
    }

    private static void Reverse(ReadOnlySpan<byte> text, BinaryColumnBuilder target)
    {
        Span<byte> room = target.Reserve(text.Length);
        int at = text.Length;
        while (!text.IsEmpty)
        {
            int length = Utf8Text.LengthOfCharacters(text, 1);
            at -= length;
            text[..length].CopyTo(room[at..]);
            text = text[length..];
        }
        target.Commit(room.Length);
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> text, ReadOnlySpan<byte> separator, int number)
    {
        if (number == 0)
            throw new SqlException(SqlState.InvalidParameterValue, "field position must not be zero");
        if (separator.IsEmpty)
            return number is 1 or -1 ? text : [];
        if (number < 0)
        {
            int count = text.Count(separator) + 1;
            number = count + number + 1;
            if (number <= 0)
                return [];
        }
        while (true)
        {
            int end = text.IndexOf(separator);
            if (number == 1)
                return end < 0 ? text : text[..end];
            if (end < 0)
                return [];
            text = text[(end + separator.Length)..];
            number--;
        }
    }

    private static void Pad(
        ReadOnlySpan<byte> text, int length, ReadOnlySpan<byte> fill, bool isLeft, BinaryColumnBuilder target)
    {
        if (length > PaddedLengthMax)
            throw new SqlException(SqlState.ProgramLimitExceeded, "requested length too large");
        length = Math.Max(length, 0);
        int present = Utf8Text.CountCharacters(text), missing = fill.IsEmpty ? 0 : length - present;
        if (missing <= 0)
        {
            target.Append(text[..Utf8Text.LengthOfCharacters(text, length)]);
            return;
        }
        int fillCharacters = Utf8Text.CountCharacters(fill), whole = missing / fillCharacters;
        ReadOnlySpan<byte> last = fill[..Utf8Text.LengthOfCharacters(fill, missing % fillCharacters)];
        long bytes = text.Length + ((long)whole * fill.Length) + last.Length;
        CheckLength(bytes);
        Span<byte> room = target.Reserve((int)bytes), padding = isLeft ? room[..^text.Length] : room[text.Length..];
        text.CopyTo(isLeft ? room[padding.Length..] : room);
        for (; whole > 0; whole--, padding = padding[fill.Length..])
            fill.CopyTo(padding);
        last.CopyTo(padding);
        target.Commit((int)bytes);
    }

    private static void Repeat(ReadOnlySpan<byte> text, int count, BinaryColumnBuilder target)
    {
        count = Math.Max(count, 0);
        long bytes = (long)text.Length * count;
        CheckLength(bytes);
        Span<byte> room = target.Reserve((int)bytes);
        text[..Math.Min(text.Length, room.Length)].CopyTo(room);
        for (int done = text.Length; done < bytes && done > 0; done *= 2) // what is there already, once more
            room[..Math.Min(done, room.Length - done)].CopyTo(room[done..]);
        target.Commit((int)bytes);
    }

    private static void CheckLength(long bytes)
    {
        const int LengthMax = 0x3fffffff; // PostgreSQL's limit of a value
        if (bytes > LengthMax)
            throw new SqlException(SqlState.ProgramLimitExceeded, "requested length too large");
    }

    /// <summary>Takes off the characters at the ends that are in the set.</summary>
    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text, ReadOnlySpan<byte> set, bool atStart, bool atEnd)
    {
        while (atStart && !text.IsEmpty)
        {
            int length = Utf8Text.LengthOfCharacters(text, 1);
            if (set.IndexOf(text[..length]) < 0)
                break;
            text = text[length..];
        }
        while (atEnd && !text.IsEmpty)
        {
            int start = text.Length - 1;
            while (start > 0 && (text[start] & 0xC0) == 0x80)
                start--;
            if (set.IndexOf(text[start..]) < 0)
                break;
            text = text[..start];
        }
        return text;
    }

    private static int Position(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part)
    {
        int at = text.IndexOf(part);
        return at < 0 ? 0 : Utf8Text.CountCharacters(text[..at]) + 1;
    }

    private static void Replace(
        ReadOnlySpan<byte> text, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, BinaryColumnBuilder target)
    {
        int count = from.IsEmpty ? 0 : text.Count(from);
        if (count == 0)
        {
            target.Append(text);
            return;
        }
        long bytes = text.Length + ((long)count * (to.Length - from.Length));
        CheckLength(bytes);
        Span<byte> room = target.Reserve((int)bytes);
        int written = 0;
        for (int at = text.IndexOf(from); at >= 0; at = text.IndexOf(from))
        {
            text[..at].CopyTo(room[written..]);
            to.CopyTo(room[(written + at)..]);
            written += at + to.Length;
            text = text[(at + from.Length)..];
        }
        text.CopyTo(room[written..]);
        target.Commit((int)bytes);
    }

    private static void Translate(ReadOnlySpan<byte> text, string from, string to, BinaryColumnBuilder target)
    {
        Rune[] old = [.. from.EnumerateRunes()], replacement = [.. to.EnumerateRunes()];
        var result = new StringBuilder();
        foreach (Rune rune in Encoding.UTF8.GetString(text).EnumerateRunes())
        {
            int at = Array.IndexOf(old, rune);
            if (at < 0)
                result.Append(rune.ToString());
            else if (at < replacement.Length)
                result.Append(replacement[at].ToString());
        }
        target.Append(result.ToString());
    }

    private static Rune Character(int code)
    {
        if (code == 0)
            throw new SqlException(SqlState.ProgramLimitExceeded, "null character not permitted");
        if (code < 0)
            throw new SqlException(SqlState.InvalidParameterValue, "character number must be positive");
        return Rune.TryCreate(code, out Rune rune)
            ? rune
            : throw new SqlException(SqlState.ProgramLimitExceeded, code > 0x10FFFF
                ? $"requested character too large for encoding: {code}"
                : $"requested character not valid for encoding: {code}");
    }

    // The process runs without tables of decompositions. Text below U+0300 composes nothing, and ASCII is normal in
    // every form.
    private static string Normalized(string text, NormalizationForm form)
    {
        char limit = form == NormalizationForm.FormC ? '\u0300' : '\u0080';
        return text.All(c => c < limit)
            ? text
            : throw new SqlException(SqlState.FeatureNotSupported, "normalization of this text is not supported");
    }

    private static NormalizationForm FormOf(in Row row)
    {
        string form = row.Count > 1 ? row.Text(1) : "NFC";
        return form.ToUpperInvariant() switch
        {
            "NFC" => NormalizationForm.FormC,
            "NFD" => NormalizationForm.FormD,
            "NFKC" => NormalizationForm.FormKC,
            "NFKD" => NormalizationForm.FormKD,
            _ => throw new SqlException(SqlState.InvalidParameterValue, $"invalid normalization form: {form}"),
        };
    }
}
