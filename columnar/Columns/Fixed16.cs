using System.Runtime.InteropServices;

namespace VecSQL.Columnar.Columns;

/// <summary>Sixteen raw bytes: the carrier of uuid and interval values.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Fixed16(ulong Low, ulong High);
