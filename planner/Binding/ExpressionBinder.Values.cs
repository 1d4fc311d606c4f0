using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Arrays, rows, subscripts and fields.</summary>
internal sealed partial class ExpressionBinder
{
    /// <param name="target">The array type of a cast around it, which the elements are then cast to one by one.</param>
    private ScalarExpression BindArray(ArrayExpression array, SqlType? target)
    {
        uint elementTarget = target is { } wanted ? BuiltinTypes.ElementOf(wanted.Oid) : 0;
        bool isNested = false;
        var items = new ScalarExpression[array.Items.Count];
        for (int i = 0; i < items.Length; i++)
        {
            if (array.Items[i] is ArrayExpression inner)
            {
                items[i] = BindArray(inner, target);
                isNested = true;
            }
            else
            {
                items[i] = Bind(array.Items[i]);
                isNested |= TypeFacts.IsTrueArray(items[i].Type.Oid) && elementTarget == 0;
            }
        }
        if (target is { } type)
            return CastItems(array, items, new SqlType(type.Oid), isNested ? type.Oid : elementTarget, isNested);
        if (items.Length == 0)
        {
            throw new SqlException(SqlState.IndeterminateDatatype, "cannot determine type of empty array",
                array.Position,
                "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
        }
        int[] positions = [.. array.Items.Select(Start)];
        uint common = CommonType.Select([.. items.Select(item => item.Type.Oid)], positions, "ARRAY");
        uint arrayType = TypeFacts.IsTrueArray(common) ? common : BuiltinTypes.ArrayOf(common);
        if (arrayType == 0)
        {
            throw new SqlException(SqlState.UndefinedObject,
                $"could not find array type for data type {TypeFacts.Name(common)}", array.Position);
        }
        for (int i = 0; i < items.Length; i++)
            items[i] = _coercion.ToCommon(items[i], common, "ARRAY", positions[i]);
        return new ArrayConstruction(
            new SqlType(arrayType), new ValueList<ScalarExpression>(items), TypeFacts.IsTrueArray(common));
    }

    private ArrayConstruction CastItems(
        ArrayExpression array, ScalarExpression[] items, SqlType arrayType, uint itemType, bool isNested)
    {
        for (int i = 0; i < items.Length; i++)
        {
            uint source = items[i].Type.Oid;
            items[i] = _coercion.TryConvert(items[i], new SqlType(itemType), CastContext.Explicit,
                Start(array.Items[i]))
                ?? throw Coercion.CannotCast(source, itemType, Start(array.Items[i]));
        }
        return new ArrayConstruction(arrayType, new ValueList<ScalarExpression>(items), isNested);
    }

    private RowConstruction BindRow(RowExpression row)
    {
        // A parameter of a type that nothing says stays without one, and is refused in the end.
        ScalarExpression[] items = [.. BindItems(row).Select(KeepParameter)];
        return new RowConstruction(SqlType.Record, Coercion.List(items),
            new ValueList<string>([.. Enumerable.Range(1, items.Length).Select(i => $"f{i}")]));
    }

    /// <summary>A row's fields, t.* spread out; bare literals stay without a type.</summary>
    private List<ScalarExpression> BindItems(RowExpression row)
    {
        List<ScalarExpression> items = [];
        foreach (Expression item in row.Items)
        {
            if (item is StarExpression star)
                items.AddRange(ExpandStar(star).Select(column => column.Value));
            else
                items.Add(Bind(item));
        }
        return items;
    }

    private SubscriptOperation BindSubscript(SubscriptExpression subscript)
    {
        List<SubscriptTarget> chain = [TargetOf(subscript)];
        SubscriptExpression first = subscript;
        while (first.ContinuesOperand && first.Operand is SubscriptExpression inner)
        {
            chain.Insert(0, TargetOf(inner));
            first = inner;
        }
        return SubscriptOf(Bind(first.Operand), chain, Start(first.Operand));

        static SubscriptTarget TargetOf(SubscriptExpression part) =>
            new(part.Lower, part.Upper, part.IsSlice) { Position = part.Position };
    }

    /// <summary>The array or jsonb with a part of it assigned to.</summary>
    /// <exception cref="SqlException">42804: the part is of another type.</exception>
    internal SubscriptAssignment AssignPart(
        ScalarExpression whole, TargetColumn target, ScalarExpression value, int position)
    {
        SubscriptOperation place = SubscriptOf(whole, target.Subscripts, target.Position);
        if (!TypeFacts.IsTrueArray(whole.Type.Oid) && whole.Type.Oid != TypeOid.Jsonb)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"assigning to an element of type {TypeFacts.Name(whole.Type.Oid)} is not supported", target.Position);
        }
        ScalarExpression part = _coercion.TryConvert(value, place.Type, CastContext.Assignment, position)
            ?? throw new SqlException(SqlState.DatatypeMismatch,
                $"subscripted assignment to \"{target.Name}\" requires type {TypeFacts.Name(place.Type.Oid)} "
                + $"but expression is of type {TypeFacts.Name(value.Type.Oid)}", position,
                "You will need to rewrite or cast the expression.");
        return new SubscriptAssignment(whole.Type, place, part);
    }

    private SubscriptOperation SubscriptOf(
        ScalarExpression container, IReadOnlyList<SubscriptTarget> chain, int position)
    {
        bool isSlice = chain.Any(static part => part.IsSlice);
        uint type = container.Type.Oid;
        if (type == TypeOid.Jsonb)
            return SubscriptJson(container, chain, isSlice);
        uint element = TypeFacts.IsTrueArray(type) || type is TypeOid.OidVector or TypeOid.Int2Vector or TypeOid.Name
            ? BuiltinTypes.Find(type).ElementOid
            : 0;
        if (element == 0)
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"cannot subscript type {TypeFacts.Name(type)} because it does not support subscripting",
                position);
        }
        var bounds = new SubscriptBounds[chain.Count];
        for (int i = 0; i < bounds.Length; i++)
        {
            SubscriptTarget part = chain[i];
            ScalarExpression? lower = part.Lower is null ? null : Index(part.Lower);
            ScalarExpression? upper = part.Upper is null ? null : Index(part.Upper);
            // In a slice, a plain subscript n means 1:n.
            bounds[i] = part.IsSlice
                ? new SubscriptBounds(lower, upper)
                : isSlice
                    ? new SubscriptBounds(LiteralReader.Int4(1), lower ?? upper)
                    : new SubscriptBounds(lower ?? upper, null);
        }
        SqlType result = isSlice ? container.Type : new SqlType(element, container.Type.Modifier);
        return new SubscriptOperation(result, container, new ValueList<SubscriptBounds>(bounds), isSlice);
    }

    private ScalarExpression Index(Expression syntax) =>
        _coercion.TryConvert(Bind(syntax), SqlType.Int4, CastContext.Assignment, Start(syntax))
        ?? throw new SqlException(SqlState.DatatypeMismatch, "array subscript must have type integer", Start(syntax));

    private SubscriptOperation SubscriptJson(
        ScalarExpression container, IReadOnlyList<SubscriptTarget> chain, bool isSlice)
    {
        if (isSlice)
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                "jsonb subscript does not support slices", chain[0].Position);
        }
        var bounds = new List<SubscriptBounds>();
        foreach (SubscriptTarget part in chain)
        {
            if ((part.Lower ?? part.Upper) is not { } syntax)
                throw new SqlException(SqlState.DatatypeMismatch, "jsonb subscript must have a value", part.Position);
            ScalarExpression index = Bind(syntax);
            ScalarExpression? key = index.Type.Oid is TypeOid.Int4 or TypeOid.Int2
                ? _coercion.TryConvert(index, SqlType.Int4, CastContext.Implicit, Start(syntax))
                : _coercion.TryConvert(index, SqlType.Text, CastContext.Implicit, Start(syntax));
            bounds.Add(new SubscriptBounds(key ?? throw new SqlException(SqlState.DatatypeMismatch,
                $"subscript type {TypeFacts.Name(index.Type.Oid)} is not supported", Start(syntax),
                "jsonb subscript must be coercible to either integer or text."), null));
        }
        return new SubscriptOperation(SqlType.Jsonb, container, new ValueList<SubscriptBounds>([.. bounds]),
            IsSlice: false);
    }

    private ScalarExpression BindField(FieldExpression field)
    {
        if (field.Field == "*")
        {
            throw new SqlException(SqlState.SyntaxError, "row expansion via \"*\" is not supported here",
                field.Position);
        }
        ScalarExpression operand = Bind(field.Operand);
        if (operand.Type.Oid != TypeOid.Record)
        {
            throw new SqlException(SqlState.WrongObjectType,
                $"column notation .{field.Field} applied to type {TypeFacts.Name(operand.Type.Oid)}, "
                + "which is not a composite type", field.Position);
        }
        RecordShape? shape = _state.ShapeOf(operand);
        int index = shape?.Names.IndexOf(field.Field) ?? -1;
        if (shape is null || index < 0)
        {
            bool isOfItem = operand is RowConstruction && field.Operand is ColumnReference;
            throw new SqlException(SqlState.UndefinedColumn, isOfItem && field.Operand is ColumnReference { Name.Name: var item }
                ? $"column {item}.{field.Field} does not exist"
                : $"could not identify column \"{field.Field}\" in record data type", field.Position);
        }
        return operand is RowConstruction row ? row.Items[index]
            : new FieldOperation(shape.Types[index], operand, index);
    }

    /// <summary>The fields of (x).* in order.</summary>
    /// <exception cref="SqlException">The operand is no record, or one whose make-up is not known.</exception>
    internal IEnumerable<NamespaceColumn> ExpandFields(FieldExpression field)
    {
        ScalarExpression operand = Bind(field.Operand);
        if (_state.ShapeOf(operand) is not { } shape)
        {
            throw operand.Type.Oid == TypeOid.Record
                ? new SqlException(SqlState.DatatypeMismatch, "record type has not been registered", field.Position)
                : new SqlException(SqlState.WrongObjectType,
                    $"type {TypeFacts.Name(operand.Type.Oid)} is not composite", field.Position);
        }
        for (int i = 0; i < shape.Names.Length; i++)
        {
            ScalarExpression value = operand is RowConstruction row
                ? row.Items[i]
                : new FieldOperation(shape.Types[i], operand, i);
            yield return new NamespaceColumn(shape.Names[i], value);
        }
    }

    /// <summary>The columns that * or t.* stands for.</summary>
    internal IReadOnlyList<NamespaceColumn> ExpandStar(StarExpression star)
    {
        if (star.Qualifier is { } qualifier)
        {
            NamespaceItem item = _names.FindTable(qualifier.Schema, qualifier.Name, _scope, star.Position)
                ?? throw NameHints.TableNotFound(_scope, qualifier.Name, star.Position);
            return [.. item.Columns.Select(column => Marked(column, star.Position))];
        }
        List<NamespaceColumn> columns = [];
        bool hasTable = false;
        foreach (NamespaceItem item in _scope.Items)
        {
            if (!item.AreColumnsVisible || item.IsLateralOnly)
                continue;
            hasTable = true;
            columns.AddRange(item.Columns.Select(column => Marked(column, star.Position)));
        }
        if (!hasTable)
            throw new SqlException(SqlState.SyntaxError, "SELECT * with no tables specified is not valid",
                star.Position);
        return columns;
    }

    private NamespaceColumn Marked(NamespaceColumn column, int position) =>
        column with { Value = _state.Mark(column.Value with { }, position) };
}
