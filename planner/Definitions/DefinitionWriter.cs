using System.Buffers;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Printing;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Definitions;

/// <summary>Writes bound definitions as PostgreSQL prints them: types of constants, conversions and whose column it is are told.</summary>
/// <param name="state">What the definition was bound with; its forms were recorded.</param>
/// <param name="names">What things are called where the text is read.</param>
/// <param name="usesPrefix">Columns are told apart by their tables.</param>
internal sealed partial class DefinitionWriter(
    BindingState state, FormRecord forms, DefinitionNames names, DefinitionLayout layout, bool usesPrefix)
{
    /// <summary>Lines go no further in than this; what is nested deeper begins at the left again.</summary>
    private const int IndentMax = 40;

    private const int IndentStep = 8;

    private StringBuilder _text = new();
    private int _indent;

    public override string ToString() => _text.ToString();

    private DefinitionWriter Add(string text)
    {
        _text.Append(text);
        return this;
    }

    private DefinitionWriter AddName(string name) => Add(SqlPrinter.QuoteIdentifier(name));

    private void AddList<T>(IEnumerable<T> items, Action<T> add, string separator = ", ")
    {
        bool isFirst = true;
        foreach (T item in items)
        {
            if (!isFirst)
                Add(separator);
            isFirst = false;
            add(item);
        }
    }

    private void AddNames(IEnumerable<string> list)
    {
        Add("(");
        AddList(list, name => AddName(name));
        Add(")");
    }

    /// <summary>Begins a clause, on a line of its own where lines are indented.</summary>
    /// <param name="before">Added to the indentation of this line and those that follow.</param>
    /// <param name="after">Added to that of those that follow.</param>
    /// <param name="extra">Added to that of this line alone.</param>
    private void Clause(string words, int before, int after, int extra)
    {
        if (!layout.IsIndented)
        {
            Add(words);
            return;
        }
        _indent += before;
        TrimBlanks();
        int depth = Math.Max(_indent, 0);
        if (depth >= IndentMax)
            depth = (IndentMax + (depth - IndentMax) / (IndentStep / 2)) % IndentMax;
        _text.Append('\n').Append(' ', depth + extra).Append(words);
        _indent = Math.Max(_indent + after, 0);
    }

    private void TrimBlanks()
    {
        while (_text.Length > 0 && _text[^1] == ' ')
            _text.Length--;
    }

    /// <summary>Writes into a text of its own, for those who have to know its length first.</summary>
    private string Apart(Action write)
    {
        StringBuilder outside = _text;
        _text = new StringBuilder();
        write();
        string apart = _text.ToString();
        _text = outside;
        return apart;
    }

    private int LineLength()
    {
        int length = 0;
        while (length < _text.Length && _text[_text.Length - 1 - length] != '\n')
            length++;
        return length;
    }

    /// <param name="showsType">False where a cast around it shows the type.</param>
    private void Constant(ConstantExpression constant, bool showsType = true, bool forcesType = false)
    {
        SqlType type = constant.Type.Oid == TypeOid.Bit ? new SqlType(TypeOid.Bit) : constant.Type;
        if (constant.IsNull)
        {
            Add("NULL");
            if (showsType)
                Add("::").Add(names.Type(type));
            return;
        }
        string text = TextOf(constant);
        bool needsType = forcesType;
        switch (type.Oid)
        {
            case TypeOid.Int4 when text[0] != '-':
            case TypeOid.Numeric when char.IsAsciiDigit(text[0]) && text.Contains('.'):
                Add(text);
                break;
            case TypeOid.Bool:
                Add(text == "t" ? "true" : "false");
                break;
            default:
                Add(SqlPrinter.QuoteLiteral(text));
                needsType |= type.Oid != TypeOid.Unknown;
                break;
        }
        if (showsType && needsType)
            Add("::").Add(names.Type(type));
    }

    private string TextOf(ConstantExpression constant)
    {
        var buffer = new ArrayBufferWriter<byte>();
        TypeFormats.For(constant.Type.Oid).WriteText(constant.Value, 0, buffer, names.Context.Format);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static InvariantException Unwritable(object node) => new($"no way to write a {node.GetType().Name} of a definition");
}
