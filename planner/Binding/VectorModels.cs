using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Which model the vectors of an expression were made by, as far as that is known; vectors of two models are not compared.</summary>
internal sealed class VectorModels(PlannerContext context)
{
    // Queries' columns that are no stored column's: what they stand for.
    private readonly Dictionary<int, ModelUse> _columns = [];

    /// <summary>Null where it is not known.</summary>
    /// <param name="originOf">The stored column whose values a column has.</param>
    internal ModelUse? Of(ScalarExpression expression, Func<ColumnExpression, (uint Table, short Number)> originOf)
    {
        return Find(expression);

        ModelUse? Find(ScalarExpression value) => value switch
        {
            ColumnExpression column => OfColumn(column, originOf(column)),
            CallExpression call => EmbedCalls.ModelOf(call, context.Catalog) ?? OfCall(call),
            InlinedCall call => Find(call.Placed),
            RelabelExpression relabelled => Find(relabelled.Operand),
            ArrayCastExpression cast => Find(cast.Operand),
            SubscriptOperation subscript => Find(subscript.Operand),
            ArrayConstruction array => Common(array.Items),
            CoalesceOperation coalesce => Common(coalesce.Operands),
            MinMaxOperation compared => Common(compared.Operands),
            NullIfOperation choice => Find(choice.Left),
            CaseOperation choice => Common([.. choice.Branches.Select(static branch => branch.Result),
                .. choice.Else is { } otherwise ? [otherwise] : Array.Empty<ScalarExpression>()]),
            SubqueryExpression { Kind: SubplanKind.Scalar or SubplanKind.Array, Columns: [var column] } => Find(column),
            _ => null,
        };

        ModelUse? OfCall(CallExpression call) => call.Function.Name switch
        {
            "vector" or "halfvec" or "vector_to_halfvec" or "halfvec_to_vector" or "l2_normalize" or "unnest" => Find(call.Arguments[0]),
            "vector_add" or "vector_sub" or "halfvec_add" or "halfvec_sub" => Common(call.Arguments),
            _ => null,
        };

        // NULL is of every model.
        ModelUse? Common(IReadOnlyList<ScalarExpression> values)
        {
            ModelUse?[] models = [.. values.Where(static value => value is not ConstantExpression { IsNull: true }).Select(Find).Distinct()];
            return models is [var only] ? only : null;
        }
    }

    /// <summary>A column stands for vectors of the model.</summary>
    internal void Note(ColumnExpression column, ModelUse? model)
    {
        if (model is { } known)
            _columns[column.ColumnId] = known;
    }

    private ModelUse? OfColumn(ColumnExpression column, (uint Table, short Number) origin)
    {
        if (origin.Number > 0 && context.Catalog.TryFindTable(new TableId(origin.Table), out TableEntry? table)
            && origin.Number <= table.Columns.Length)
        {
            return table.Column(origin.Number).Model;
        }
        return _columns.TryGetValue(column.ColumnId, out ModelUse known) ? known : null;
    }

    internal static bool Compares(FunctionEntry function) => function.Arguments.Length == 2 && function.Name is "l2_distance"
        or "inner_product" or "cosine_distance" or "l1_distance" or "vector_negative_inner_product"
        or "halfvec_negative_inner_product" or "vector_l2_squared_distance" or "vector_spherical_distance" or "max_sim";

    internal static SqlException Mismatch(ModelUse left, ModelUse right, CatalogSnapshot catalog, int position) => new(
        SqlState.ModelMismatch, $"cannot compare vectors of model \"{NameOf(left, catalog)}\" with vectors of model \"{NameOf(right, catalog)}\"",
        position, left.Model == right.Model
            ? $"Name the version that the vectors were made by: embed('{NameOf(left, catalog)}', …)."
            : "Embed both sides by one model.");

    internal static SqlException Misplaced(ColumnEntry column, ModelUse held, ModelUse made, CatalogSnapshot catalog, int position) => new(
        SqlState.ModelMismatch,
        $"column \"{column.Name}\" holds vectors of model \"{NameOf(held, catalog)}\" but expression is of model \"{NameOf(made, catalog)}\"",
        position, "Embed by the column's model, or change that by ALTER TABLE … ALTER COLUMN … SET MODEL.");

    private static string NameOf(ModelUse use, CatalogSnapshot catalog) =>
        new ModelName(catalog.FindModel(use.Model)?.Name ?? "?", use.Version).ToString();
}
