using System.Collections.Immutable;
using System.Text;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Calls of embed(): which version of which model they mean is found when they are bound.</summary>
/// <remarks>
/// A call whose model is known has the mark of the version for it, and vectors of known length; it no longer depends on what the
/// name comes to stand for. Views keep the model as it was written, tables what it meant then.
/// </remarks>
internal sealed class EmbedCalls(BindingState state)
{
    private const string Name = "embed";

    private const uint One = 16801, OneOfModel = 16802, Several = 16803, SeveralOfModel = 16804;

    private static readonly ImmutableArray<string> ArgumentNames = ["model", "input", "input_type"];

    internal static bool IsEmbed(ScalarExpression expression) => expression is CallExpression call && IsEmbed(call.Function);

    internal static bool IsEmbed(FunctionEntry function) => function.Oid is One or OneOfModel or Several or SeveralOfModel;

    /// <summary>The call with its arguments in their order: <c>embed(input, model =&gt; 'm')</c> is <c>embed('m', input)</c>.</summary>
    internal FunctionCall Arrange(FunctionCall call)
    {
        bool isOurs = call.Name is { Name: Name, Schema: null or "public" } && call.Arguments.Any(static argument => argument.Name is not null)
            && !state.Context.Catalog.FindFunctions(Name).Any();
        if (!isOurs || call.Arguments.Any(static argument => argument.Name is { } name && !ArgumentNames.Contains(name)))
            return call;
        FunctionArgument[] unnamed = [.. call.Arguments.Where(static argument => argument.Name is null)];
        var given = new FunctionArgument?[ArgumentNames.Length];
        for (int i = 0; i < unnamed.Length && i < given.Length; i++)
            given[unnamed.Length == 1 ? 1 : i] = unnamed[i]; // alone, it is the input
        foreach (FunctionArgument argument in call.Arguments)
        {
            int place = argument.Name is { } name ? ArgumentNames.IndexOf(name) : -1;
            if (place >= 0 && given[place] is not null)
                return call; // given twice: no function takes that
            if (place >= 0)
                given[place] = argument with { Name = null };
        }
        if (unnamed.Length > given.Length || given[1] is null)
            return call;
        if (given[0] is null && given[2] is not null)
            given[0] = new FunctionArgument(new StringLiteral(""), null); // the default model
        return call with { Arguments = [.. given.OfType<FunctionArgument>()] };
    }

    /// <summary>The call with the version of the model in it, where the model is known.</summary>
    /// <param name="isStored">It stands in SQL that a table kept: where no model is in that, the table is older than models.</param>
    internal CallExpression Settle(CallExpression call, bool isStored)
    {
        if (!IsEmbed(call))
            return call;
        bool hasModel = call.Function.Oid is OneOfModel or SeveralOfModel;
        if (hasModel && call.Arguments.Count > 2)
            CheckRole(call.Arguments[2]);
        ScalarExpression? model = hasModel ? state.Fix(call.Arguments[0]) : null;
        if (model is not null and not ConstantExpression { IsNull: false })
            return call; // found when the statement runs, row by row
        int position = state.PositionOf(model ?? call);
        string text = model is ConstantExpression given ? TextOf(given) : isStored ? ModelEntry.BuiltIn.Name : "";
        (ModelEntry entry, ModelVersion version) = ModelLookup.Find(
            state.Context.Catalog, text, state.Context.Setting(ModelLookup.DefaultSetting), position);
        state.Use(entry);
        if (state.Forms is { PinsModels: false })
            return text.Length == 0 ? call : With(call, LiteralReader.Text(CatalogMark.OfModel(entry.Oid, VersionIn(text))), version);
        return With(call, LiteralReader.Text(CatalogMark.OfModel(entry.Oid, version.Number)), version);
    }

    private CallExpression With(CallExpression call, ConstantExpression model, ModelVersion version)
    {
        bool isArray = call.Function.Oid is Several or SeveralOfModel;
        FunctionEntry function = FunctionRegistry.FindFunction(isArray ? SeveralOfModel : OneOfModel)
            ?? throw new InvariantException("embed() is not among the functions");
        IEnumerable<ScalarExpression> rest = call.Function.Oid is One or Several ? call.Arguments : call.Arguments.Skip(1);
        CallExpression settled = new(new SqlType(function.Result, version.Dimensions), function with { Volatility = Volatility.Immutable },
            Coercion.List(rest.Prepend(model)))
        {
            Form = call.Form,
        };
        return state.Mark(settled, state.PositionOf(call));
    }

    /// <summary>What the model is of a call whose model is known.</summary>
    internal static ModelUse? ModelOf(CallExpression call, CatalogSnapshot catalog)
    {
        if (call.Function is not { Oid: OneOfModel or SeveralOfModel, Volatility: Volatility.Immutable }
            || call.Arguments[0] is not ConstantExpression { IsNull: false } model)
        {
            return null;
        }
        (ModelEntry entry, ModelVersion version) = ModelLookup.Find(catalog, TextOf(model), null);
        return new ModelUse(entry.Oid, version.Number);
    }

    private void CheckRole(ScalarExpression role)
    {
        if (state.Fix(role) is ConstantExpression { IsNull: false } constant && TextOf(constant) is not ("query" or "document"))
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized input type \"{TextOf(constant)}\"",
                state.PositionOf(role), "Valid input types are \"query\" and \"document\".");
        }
    }

    private static int? VersionIn(string text) =>
        CatalogMark.TryReadModel(text, out _, out int? version) ? version : ModelName.Read(text).Version;

    private static string TextOf(ConstantExpression constant) => Encoding.UTF8.GetString(((BinaryColumn)constant.Value)[0]);
}
