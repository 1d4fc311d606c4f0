using System.Text.RegularExpressions;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Text;

namespace VecSQL.Executor.Functions.Sets;

/// <summary>string_to_table.</summary>
internal sealed class TextParts : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        var row = new Row(arguments, context);
        return row.IsNull(0) ? [] : SetBatches.OfTexts(TextSplitting.BySeparator(in row));
    }
}

/// <summary>regexp_split_to_table.</summary>
internal sealed class RegexParts : SetFunction
{
    private readonly RegexCache _cache = new();

    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        var row = new Row(arguments, context);
        return SetBatches.OfTexts(TextSplitting.ByRegex(in row, _cache, "regexp_split_to_table()"));
    }
}

/// <summary>regexp_matches: the first match, or with the option g every one, as arrays of its parts.</summary>
internal sealed class RegexMatches : SetFunction
{
    private readonly RegexCache _cache = new();

    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        var row = new Row(arguments, context);
        CompiledRegex regex = _cache.Get(row.Bytes(1), row.Count > 2 ? row.Text(2) : "");
        var target = new BinaryColumnBuilder();
        var array = new ArrayBuilder(TypeOid.Text);
        foreach (Match match in regex.Matches(row.Text(0), 0, context.Cancellation))
        {
            foreach (string? part in TextSplitting.PartsOf(match))
            {
                if (part is null)
                    array.Elements.AppendNull();
                else
                    ((BinaryColumnBuilder)array.Elements).Append(part);
            }
            array.AppendTo(target);
            if (!regex.Flags.IsGlobal)
                break;
        }
        int count = target.Length;
        return SetBatches.Split([target.Build()], count);
    }
}

/// <summary>pg_get_keywords().</summary>
internal sealed class KeywordRows : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        BinaryColumnBuilder word = new(), description = new(), bareDescription = new();
        ColumnBuilder letter = ColumnBuilder.Create(PhysicalType.Int16),
            isBare = ColumnBuilder.Create(PhysicalType.Bool);
        foreach ((string name, char letterOf, bool isBareLabel) in Keywords.All())
        {
            word.Append(name);
            ((FixedColumnBuilder<short>)letter).Append((short)letterOf);
            ((BoolColumnBuilder)isBare).Append(isBareLabel);
            description.Append(letterOf switch
            {
                'U' => "unreserved",
                'C' => "unreserved (cannot be function or type name)",
                'T' => "reserved (can be function or type name)",
                _ => "reserved",
            });
            bareDescription.Append(isBareLabel ? "can be bare label" : "requires AS");
        }
        int count = word.Length;
        return SetBatches.Split([word.Build(), letter.Build(), isBare.Build(), description.Build(),
            bareDescription.Build()], count);
    }
}

/// <summary>pg_options_to_table: name=value texts in two columns.</summary>
internal sealed class OptionRows : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        BinaryColumnBuilder names = new(), values = new();
        var options = new ArrayValue(((BinaryColumn)arguments[0])[0]);
        for (int i = 0; i < options.Count; i++)
        {
            ReadOnlySpan<byte> option = options[i];
            int equals = option.IndexOf((byte)'=');
            names.Append(equals < 0 ? option : option[..equals]);
            if (equals < 0)
                values.AppendNull();
            else
                values.Append(option[(equals + 1)..]);
        }
        int count = names.Length;
        return SetBatches.Split([names.Build(), values.Build()], count);
    }
}
