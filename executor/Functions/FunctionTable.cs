namespace VecSQL.Executor.Functions;

/// <summary>Collects the code of functions by implementation name; filled once by the families.</summary>
internal sealed class FunctionTable
{
    private readonly Dictionary<string, FunctionDefinition> _definitions = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, FunctionDefinition> Definitions => _definitions;

    /// <summary>Code that depends on the types at the call, or keeps something per call site.</summary>
    public void Site(string name, Func<CallSite, VectorFunction> make, bool isTotal = false) =>
        _definitions.Add(name, new FunctionDefinition(make, isTotal));

    public void Vector(string name, VectorFunction function, bool isTotal = false) =>
        Site(name, _ => function, isTotal);

    public void Fixed<T>(string name, RowFunction<T> function, bool isTotal = false) where T : unmanaged =>
        Vector(name, RowFunctions.Fixed(function), isTotal);

    public void Nullable<T>(string name, RowFunction<T?> function, bool isTotal = false) where T : unmanaged =>
        Vector(name, RowFunctions.Nullable(function), isTotal);

    public void Bool(string name, RowFunction<bool> function, bool isTotal = false) =>
        Vector(name, RowFunctions.Bool(function), isTotal);

    public void NullableBool(string name, RowFunction<bool?> function, bool isTotal = false) =>
        Vector(name, RowFunctions.NullableBool(function), isTotal);

    public void Binary(string name, BinaryRowFunction function, bool isTotal = false) =>
        Vector(name, RowFunctions.Binary(function), isTotal);
}

/// <param name="IsTotal">The function never fails and costs little, so that it may be computed for rows that do not
/// need it.</param>
internal sealed record FunctionDefinition(Func<CallSite, VectorFunction> Make, bool IsTotal);
