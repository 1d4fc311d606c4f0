using System.Globalization;
using System.Text;

namespace VecSQL.Bench.Tpch.Data;

/// <summary>Rows as text, a line each, with bars between columns: for programs that load files.</summary>
internal sealed class BarWriter(Stream output) : IRowWriter, IDisposable
{
    private readonly StreamWriter _writer = new(output, new UTF8Encoding(false), 1 << 16);
    private bool _isFirst;

    public void BeginRow(int columnCount) => _isFirst = true;

    public void Integer(int value)
    {
        Separate();
        _writer.Write(value);
    }

    public void Money(long hundredths)
    {
        Separate();
        if (hundredths < 0)
            _writer.Write('-');
        (long whole, long rest) = Math.DivRem(Math.Abs(hundredths), 100);
        _writer.Write(whole);
        _writer.Write('.');
        _writer.Write((char)('0' + (rest / 10)));
        _writer.Write((char)('0' + (rest % 10)));
    }

    public void Text(ReadOnlySpan<byte> text)
    {
        Separate();
        Span<char> characters = stackalloc char[text.Length];
        _writer.Write(characters[..Encoding.ASCII.GetChars(text, characters)]);
    }

    public void Date(DateOnly date)
    {
        Separate();
        _writer.Write(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    public void EndRow() => _writer.Write('\n');

    public void Dispose() => _writer.Dispose();

    private void Separate()
    {
        if (!_isFirst)
            _writer.Write('|');
        _isFirst = false;
    }
}
