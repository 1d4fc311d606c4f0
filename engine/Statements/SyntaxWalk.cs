using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Finds nodes in trees: for DDL, which asks what a stored expression or query mentions. Not for hot paths.</summary>
internal static class SyntaxWalk
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Members = new();

    /// <summary>The node and all below it.</summary>
    internal static IEnumerable<object> All(object node)
    {
        yield return node;
        foreach (PropertyInfo member in Members.GetOrAdd(node.GetType(), MembersOf))
        {
            object? value = member.GetValue(node);
            if (value is null)
                continue;
            IEnumerable<object> children = value is IEnumerable list ? Flatten(list) : [value];
            foreach (object child in children)
            {
                foreach (object below in All(child))
                    yield return below;
            }
        }
    }

    private static IEnumerable<object> Flatten(IEnumerable list)
    {
        foreach (object? item in list)
        {
            if (item is IEnumerable inner and not string)
            {
                foreach (object below in Flatten(inner))
                    yield return below;
            }
            else if (item is not null && IsTree(item.GetType()))
            {
                yield return item;
            }
        }
    }

    private static PropertyInfo[] MembersOf(Type type) =>
    [
        .. from member in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
           where member.GetIndexParameters().Length == 0 && member.Name != "EqualityContract"
           where IsTree(member.PropertyType)
               || (member.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(member.PropertyType))
           select member,
    ];

    private static bool IsTree(Type type) =>
        typeof(SyntaxNode).IsAssignableFrom(type)
        || (type.Namespace == "VecSQL.Planner.Physical" && type.IsClass);
}
