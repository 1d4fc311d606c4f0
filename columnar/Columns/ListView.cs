namespace VecSQL.Columnar.Columns;

/// <summary>Values of any length in shared bytes: an int32 start and an int32 length for each, in any order.</summary>
public sealed class ListView(ColumnBuffer data, ColumnBuffer starts, ColumnBuffer lengths)
{
    public ColumnBuffer Data => data;

    public ColumnBuffer Starts => starts;

    public ColumnBuffer Lengths => lengths;
}
