using System.Text;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Copy;

internal enum CopyFormat : byte { Text, Csv, Binary, Arrow, JsonLines, Npy, Fvecs, Bvecs, TfRecord }

internal enum CopyHeader : byte { None, Present, Match }

/// <summary>How COPY's data looks: its options, checked and with their defaults.</summary>
internal sealed record CopyOptions
{
    internal CopyFormat Format { get; init; }

    internal byte Delimiter { get; init; } = (byte)'\t';

    /// <summary>What stands for null.</summary>
    internal ReadOnlyMemory<byte> Null { get; init; } = "\\N"u8.ToArray();

    internal CopyHeader Header { get; init; }

    /// <summary>SHARDS: how many files rows are dealt out to; 0 for one without a number.</summary>
    internal int Shards { get; init; }

    /// <summary>COMPRESSION: whether Arrow's buffers are compressed with Zstandard.</summary>
    internal bool IsCompressed { get; init; }

    /// <summary>ID_COLUMN: the column that takes the numbers of a file's vectors; null for none.</summary>
    internal string? NumbersColumn { get; init; }

    /// <summary>Whether the data is not text of the client's encoding.</summary>
    internal bool IsBinary => Format is not (CopyFormat.Text or CopyFormat.Csv or CopyFormat.JsonLines);

    /// <summary>FREEZE: only for rows that nobody else can have seen the table without.</summary>
    internal bool IsFrozen { get; init; }

    internal byte Quote { get; init; } = (byte)'"';

    internal byte Escape { get; init; } = (byte)'"';

    /// <summary>Per column: whether its values are always quoted.</summary>
    internal bool[] ForceQuote { get; init; } = [];

    /// <summary>Per column: whether what stands for null is taken as text.</summary>
    internal bool[] ForceNotNull { get; init; } = [];

    /// <summary>Per column: whether what stands for null is null even in quotes.</summary>
    internal bool[] ForceNull { get; init; } = [];

    /// <summary>Reads the options of a statement.</summary>
    /// <param name="columns">The columns copied, in order.</param>
    /// <param name="relation">The table's name for errors; null for a query.</param>
    /// <param name="allColumns">All columns of the table, copied or not.</param>
    /// <exception cref="SqlException">
    /// An option is unknown, repeated, malformed or does not go with another.
    /// </exception>
    internal static CopyOptions From(
        ValueList<Option> options, IReadOnlyList<string> columns, bool isFrom, string? relation,
        IReadOnlyCollection<string> allColumns) =>
        new CopyOptionReader(columns, isFrom, relation, allColumns).Read(options);
}

/// <summary>Reads COPY's options one by one, then checks that they go together.</summary>
internal sealed class CopyOptionReader(
    IReadOnlyList<string> columns, bool isFrom, string? relation, IReadOnlyCollection<string> allColumns)
{
    private const int ShardsMax = 1024;

    private const string CannotDelimitText = "\\.abcdefghijklmnopqrstuvwxyz0123456789";

    private readonly HashSet<string> _seen = [];
    private CopyFormat _format;
    private CopyHeader _header;
    private bool _isFrozen, _isCompressed;
    private int _shards;
    private string? _numbersColumn;
    private string? _delimiter, _null, _quote, _escape;
    private bool[]? _forceQuote, _forceNotNull, _forceNull;

    internal CopyOptions Read(ValueList<Option> options)
    {
        foreach (Option option in options)
            ReadOne(option);
        Check();
        bool isCsv = _format == CopyFormat.Csv;
        byte quote = isCsv && _quote is not null ? (byte)_quote[0] : (byte)'"';
        return new CopyOptions
        {
            Format = _format,
            Header = _header,
            IsFrozen = _isFrozen,
            Shards = _shards,
            IsCompressed = _isCompressed,
            NumbersColumn = _numbersColumn,
            Delimiter = _delimiter is not null ? (byte)_delimiter[0] : isCsv ? (byte)',' : (byte)'\t',
            Null = Encoding.UTF8.GetBytes(_null ?? (isCsv ? "" : "\\N")),
            Quote = quote,
            Escape = isCsv && _escape is not null ? (byte)_escape[0] : quote,
            ForceQuote = _forceQuote ?? new bool[columns.Count],
            ForceNotNull = _forceNotNull ?? new bool[columns.Count],
            ForceNull = _forceNull ?? new bool[columns.Count],
        };
    }

    private void ReadOne(Option option)
    {
        if (!_seen.Add(option.Name))
            throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options", option.Position);
        switch (option.Name)
        {
            case "format":
                string format = TextOf(option);
                _format = format switch
                {
                    "text" => CopyFormat.Text,
                    "csv" => CopyFormat.Csv,
                    "binary" => CopyFormat.Binary,
                    "arrow" => CopyFormat.Arrow,
                    "jsonl" => CopyFormat.JsonLines,
                    "npy" when isFrom => CopyFormat.Npy,
                    "fvecs" when isFrom => CopyFormat.Fvecs,
                    "bvecs" when isFrom => CopyFormat.Bvecs,
                    "tfrecord" when !isFrom => CopyFormat.TfRecord,
                    "npy" or "fvecs" or "bvecs" => throw Unsupported($"COPY format \"{format}\" is only available using COPY FROM"),
                    "tfrecord" => throw Unsupported($"COPY format \"{format}\" is only available using COPY TO"),
                    _ => throw Parameter($"COPY format \"{format}\" not recognized", option.Position),
                };
                break;
            case "delimiter":
                _delimiter = TextOf(option);
                break;
            case "null":
                _null = TextOf(option);
                break;
            case "header":
                _header = HeaderOf(option);
                break;
            case "quote":
                _quote = TextOf(option);
                break;
            case "escape":
                _escape = TextOf(option);
                break;
            case "force_quote":
                _forceQuote = FlagsOf(option, "FORCE_QUOTE", acceptsStar: true);
                break;
            case "force_not_null":
                _forceNotNull = FlagsOf(option, "FORCE_NOT_NULL", acceptsStar: false);
                break;
            case "force_null":
                _forceNull = FlagsOf(option, "FORCE_NULL", acceptsStar: false);
                break;
            case "encoding":
                CheckEncoding(TextOf(option), option.Position);
                break;
            case "freeze":
                _isFrozen = BooleanOf(option); // rows are never rewritten to freeze them, so only the conditions are kept
                break;
            default:
                ReadOwn(option);
                break;
        }
    }

    /// <summary>Options of the formats that PostgreSQL does not have.</summary>
    private void ReadOwn(Option option)
    {
        switch (option.Name)
        {
            case "shards":
                if (!int.TryParse(TextOf(option), out _shards) || _shards is < 1 or > ShardsMax)
                    throw Parameter($"shards must be from 1 to {ShardsMax}", option.Position);
                break;
            case "compression":
                _isCompressed = TextOf(option).ToLowerInvariant() switch
                {
                    "zstd" => true,
                    "none" => false,
                    var other => throw Parameter($"compression \"{other}\" not recognized", option.Position),
                };
                break;
            case "id_column":
                _numbersColumn = TextOf(option);
                break;
            default:
                throw new SqlException(SqlState.SyntaxError, $"option \"{option.Name}\" not recognized", option.Position);
        }
    }

    /// <summary>What only some formats have.</summary>
    private void CheckFormat()
    {
        if (_format > CopyFormat.Binary)
        {
            string? foreign = _delimiter is not null ? "DELIMITER" : _null is not null ? "NULL" : _quote is not null ? "QUOTE"
                : _escape is not null ? "ESCAPE" : _header != CopyHeader.None ? "HEADER" : null;
            if (foreign is not null)
                throw Unsupported($"cannot specify {foreign} in this format");
        }
        if (_shards > 0 && _format != CopyFormat.TfRecord)
            throw Unsupported("COPY shards available only in tfrecord format");
        if (_seen.Contains("compression") && (_format != CopyFormat.Arrow || isFrom))
            throw Unsupported("COPY compression available only using COPY TO in arrow format");
        if (_numbersColumn is not null && _format is not (CopyFormat.Npy or CopyFormat.Fvecs or CopyFormat.Bvecs))
            throw Unsupported("COPY id_column available only in npy, fvecs and bvecs format");
    }

    private void Check()
    {
        CheckFormat();
        if (_format == CopyFormat.Binary)
        {
            if (_delimiter is not null)
                throw new SqlException(SqlState.SyntaxError, "cannot specify DELIMITER in BINARY mode");
            if (_null is not null)
                throw new SqlException(SqlState.SyntaxError, "cannot specify NULL in BINARY mode");
        }
        bool isCsv = _format == CopyFormat.Csv;
        if (_delimiter is not null && (_delimiter.Length != 1 || _delimiter[0] >= 0x80))
            throw Unsupported("COPY delimiter must be a single one-byte character");
        if (_delimiter is "\n" or "\r")
            throw Parameter("COPY delimiter cannot be newline or carriage return");
        if (_null is not null && _null.AsSpan().IndexOfAny('\r', '\n') >= 0)
            throw Parameter("COPY null representation cannot use newline or carriage return");
        if (!isCsv && _delimiter is not null && CannotDelimitText.Contains(_delimiter[0], StringComparison.Ordinal))
            throw Parameter($"COPY delimiter cannot be \"{_delimiter}\"");
        if (_format == CopyFormat.Binary && _header != CopyHeader.None)
            throw Unsupported("cannot specify HEADER in BINARY mode");
        if (!isCsv && _quote is not null)
            throw Unsupported("COPY quote available only in CSV mode");
        if (_quote is not null && (_quote.Length != 1 || _quote[0] >= 0x80))
            throw Unsupported("COPY quote must be a single one-byte character");
        char delimiter = _delimiter is not null ? _delimiter[0] : isCsv ? ',' : '\t', quote = _quote is not null
            ? _quote[0] : '"';
        if (isCsv && delimiter == quote)
            throw Parameter("COPY delimiter and quote must be different");
        if (!isCsv && _escape is not null)
            throw Unsupported("COPY escape available only in CSV mode");
        if (_escape is not null && (_escape.Length != 1 || _escape[0] >= 0x80))
            throw Unsupported("COPY escape must be a single one-byte character");
        CheckForced(isCsv);
        string shownNull = _null ?? (isCsv ? "" : "\\N");
        if (_format <= CopyFormat.Csv && shownNull.Contains(delimiter, StringComparison.Ordinal))
            throw Unsupported("COPY delimiter must not appear in the NULL specification");
        if (isCsv && shownNull.Contains(quote, StringComparison.Ordinal))
            throw Unsupported("CSV quote character must not appear in the NULL specification");
    }

    private void CheckForced(bool isCsv)
    {
        if (_forceQuote is not null && (!isCsv || isFrom))
            throw Unsupported($"COPY force quote {(isCsv ? "only available using COPY TO" : "available only in CSV mode")}");
        if (_forceNotNull is not null && (!isCsv || !isFrom))
            throw Unsupported($"COPY force not null {(isCsv ? "only available using COPY FROM" : "available only in CSV mode")}");
        if (_forceNull is not null && (!isCsv || !isFrom))
            throw Unsupported($"COPY force null {(isCsv ? "only available using COPY FROM" : "available only in CSV mode")}");
    }

    private bool[] FlagsOf(Option option, string name, bool acceptsStar)
    {
        bool[] flags = new bool[columns.Count];
        bool isStar = option.Value is StarExpression || option.Items is [StarExpression];
        if (isStar && acceptsStar)
        {
            Array.Fill(flags, true);
            return flags;
        }
        if (isStar || option.Items.Count == 0)
        {
            throw Parameter(
                $"argument to option \"{option.Name}\" must be a list of column names", option.Position);
        }
        foreach (Expression item in option.Items)
        {
            string column = WordOf(item);
            int index = IndexOf(column);
            if (index >= 0)
                flags[index] = true;
            else if (allColumns.Contains(column))
                throw new SqlException(SqlState.InvalidColumnReference,
                    $"{name} column \"{column}\" not referenced by COPY");
            else
                throw new SqlException(SqlState.UndefinedColumn, relation is null
                    ? $"column \"{column}\" does not exist"
                    : $"column \"{column}\" of relation \"{relation}\" does not exist");
        }
        return flags;
    }

    private int IndexOf(string column)
    {
        for (int i = 0; i < columns.Count; i++)
        {
            if (columns[i] == column)
                return i;
        }
        return -1;
    }

    private CopyHeader HeaderOf(Option option)
    {
        if (option.Value is { } value && WordOf(value).Equals("match", StringComparison.OrdinalIgnoreCase))
            return isFrom ? CopyHeader.Match : throw Unsupported("cannot use \"match\" with HEADER in COPY TO");
        bool? isSet = TryBoolean(option);
        return isSet switch
        {
            true => CopyHeader.Present,
            false => CopyHeader.None,
            _ => throw new SqlException(SqlState.SyntaxError, $"{option.Name} requires a Boolean value or \"match\""),
        };
    }

    private static bool BooleanOf(Option option) => TryBoolean(option)
        ?? throw new SqlException(SqlState.SyntaxError, $"{option.Name} requires a Boolean value");

    private static bool? TryBoolean(Option option)
    {
        if (option.Value is null)
            return true;
        return WordOf(option.Value).ToLowerInvariant() switch
        {
            "true" or "on" or "1" => true,
            "false" or "off" or "0" => false,
            _ => null,
        };
    }

    private static void CheckEncoding(string name, int position)
    {
        string plain = new(name.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant).ToArray());
        if (plain is "utf8" or "unicode" or "sqlascii")
            return;
        string[] known = ["latin1", "latin2", "latin9", "win1250", "win1251", "win1252", "iso88591", "iso885915",
            "eucjp", "gbk", "big5", "sjis", "koi8r"];
        if (known.Contains(plain))
            throw new SqlException(SqlState.FeatureNotSupported, $"COPY with encoding \"{name}\" is not supported",
                position);
        throw Parameter($"argument to option \"encoding\" must be a valid encoding name", position);
    }

    private static string TextOf(Option option) => option.Value is { } value
        ? WordOf(value)
        : throw new SqlException(SqlState.SyntaxError, $"{option.Name} requires a parameter");

    private static string WordOf(Expression value) => value switch
    {
        StringLiteral text => text.Value,
        IntegerLiteral number => number.Text,
        NumericLiteral number => number.Text,
        BooleanLiteral truth => truth.Value ? "true" : "false",
        ColumnReference column => column.Name.Name,
        _ => throw new SqlException(SqlState.SyntaxError, "invalid option value", value.Position),
    };

    private static SqlException Parameter(string message, int position = 0) =>
        new(SqlState.InvalidParameterValue, message, position);

    private static SqlException Unsupported(string message) => new(SqlState.FeatureNotSupported, message);
}
