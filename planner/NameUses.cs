using System.Buffers;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner;

/// <summary>Where a text that is bound names types that users made, and labels of them: found for SQL that is kept, in which marks stand for
/// such names.</summary>
public sealed class NameUses
{
    private readonly SortedDictionary<int, NameUse> _found = [];

    /// <summary>By their places, each once.</summary>
    public IEnumerable<NameUse> Found => _found.Values;

    internal void Type(int position, uint oid)
    {
        bool isArray = UserTypeOid.IsEnumArray(oid); // spelled by its own name: _mood
        string mark = CatalogMark.OfType(isArray ? BuiltinTypes.ElementOf(oid) : oid) + (isArray ? "[]" : "");
        _found[position] = new NameUse(position, mark, IsLiteral: false);
    }

    internal void Literal(int position, ScalarExpression value)
    {
        if (!UserTypeOid.IsUserMade(value.Type.Oid) || value is not ConstantExpression { IsNull: false } constant)
            return;
        ArrayBufferWriter<byte> mark = new();
        TypeFormats.For(constant.Type.Oid).WriteText(constant.Value, 0, mark, FormatContext.Default);
        _found[position] = new NameUse(position, Encoding.UTF8.GetString(mark.WrittenSpan), IsLiteral: true);
    }
}

/// <summary>A name in a text.</summary>
/// <param name="Position">In characters, from 1.</param>
/// <param name="Mark">What stands for it: a type's name, or a literal's content.</param>
public readonly record struct NameUse(int Position, string Mark, bool IsLiteral);
