using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;

namespace VecSQL.Planner.Binding.Types;

internal enum CastPathKind : byte { None, Function, Relabel, Elements, Text }

/// <summary>How to get from one type to another, where the context allows it at all.</summary>
internal readonly record struct CastPath(CastPathKind Kind, FunctionEntry? Function = null)
{
    internal static CastPath Find(uint source, uint target, CastContext context)
    {
        if (source == target)
            return new CastPath(CastPathKind.Relabel);
        if (FunctionRegistry.FindCast(source, target) is { } cast)
        {
            if (context < cast.Context)
                return default;
            return cast.Method switch
            {
                CastMethod.Function =>
                    new CastPath(CastPathKind.Function, FunctionRegistry.FindFunction(cast.Function)),
                CastMethod.BinaryCoercible => new CastPath(CastPathKind.Relabel),
                _ => new CastPath(CastPathKind.Text),
            };
        }
        if (FindElements(source, target, context) is { Kind: not CastPathKind.None } elements)
            return elements;
        // Any type is assigned to a string type, and read from one on request, through its text form.
        if (context >= CastContext.Assignment && TypeFacts.Category(target) == 'S')
            return new CastPath(CastPathKind.Text);
        if (context >= CastContext.Explicit && TypeFacts.Category(source) == 'S')
            return new CastPath(CastPathKind.Text);
        return default;
    }

    private static CastPath FindElements(uint source, uint target, CastContext context)
    {
        if (target is TypeOid.OidVector or TypeOid.Int2Vector)
            return default;
        uint sourceElement = BuiltinTypes.ElementOf(source), targetElement = BuiltinTypes.ElementOf(target);
        if (sourceElement == 0 || targetElement == 0)
            return default;
        return Find(sourceElement, targetElement, context).Kind switch
        {
            CastPathKind.None => default,
            CastPathKind.Relabel when TypeFacts.IsTrueArray(source) => new CastPath(CastPathKind.Relabel),
            _ => new CastPath(CastPathKind.Elements),
        };
    }

    /// <summary>
    /// Whether arguments of these types fit a signature in that context; polymorphic ones are held against each
    /// other later.
    /// </summary>
    internal static bool CanCoerce(uint source, uint target, CastContext context)
    {
        if (source == target || target == TypeOid.Any || TypeFacts.IsPolymorphic(target) || source == TypeOid.Unknown)
            return true;
        if (source is 2287 && target == TypeOid.AnyArray)
            return true; // record[]
        return Find(source, target, context).Kind != CastPathKind.None;
    }

    internal static bool CanCoerce(ReadOnlySpan<uint> sources, ReadOnlySpan<uint> targets, CastContext context)
    {
        for (int i = 0; i < sources.Length; i++)
        {
            if (!CanCoerce(sources[i], targets[i], context))
                return false;
        }
        return Polymorphism.Fits(sources, targets);
    }
}
