using System.Collections;
using System.Reflection;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Tests;

/// <summary>Visits every node of a tree, by reflection, so that no kind of node is forgotten.</summary>
internal static class SyntaxWalk
{
    internal static void Visit(SyntaxNode node, Action<SyntaxNode> action)
    {
        action(node);
        foreach (PropertyInfo property in node.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length == 0)
                VisitValue(property.GetValue(node), action);
        }
    }

    private static void VisitValue(object? value, Action<SyntaxNode> action)
    {
        if (value is SyntaxNode child)
        {
            Visit(child, action);
        }
        else if (value is IEnumerable items and not string)
        {
            foreach (object? item in items)
                VisitValue(item, action);
        }
    }
}
