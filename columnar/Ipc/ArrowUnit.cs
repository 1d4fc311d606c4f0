namespace VecSQL.Columnar.Ipc;

/// <summary>What times are counted in; the numbers are the format's.</summary>
public enum ArrowUnit : byte
{
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}
