namespace VecSQL.Bench.Tpch.Data;

/// <summary>Takes a table's rows, column by column, in a form that some program loads.</summary>
internal interface IRowWriter
{
    void BeginRow(int columnCount);

    void Integer(int value);

    /// <param name="hundredths">A numeric of two digits behind the point.</param>
    void Money(long hundredths);

    /// <param name="text">Bytes of ASCII without quotes, backslashes or bars.</param>
    void Text(ReadOnlySpan<byte> text);

    void Date(DateOnly date);

    void EndRow();
}
