using System.Reflection;

namespace VecSQL.Executor.Fragments;

/// <summary>What a record is made of: the parameters of its constructor, then what else can be set as it is made, by name.</summary>
internal sealed class RecordShape
{
    private readonly ConstructorInvoker _make;
    private readonly Member[] _members;
    private readonly int _parameterCount;

    private RecordShape(uint number, Type type, ConstructorInfo constructor, Member[] members)
    {
        (Number, Type, _members) = (number, type, members);
        _make = ConstructorInvoker.Create(constructor);
        _parameterCount = constructor.GetParameters().Length;
    }

    /// <summary>What stands for the type in bytes.</summary>
    internal uint Number { get; }

    internal Type Type { get; }

    internal static RecordShape Of(uint number, Type type)
    {
        // A record's other constructor, which copies it, is not public.
        ConstructorInfo constructor = type.GetConstructors().Single();
        NullabilityInfoContext nulls = new();
        var members = new List<Member>();
        foreach (ParameterInfo parameter in constructor.GetParameters())
            members.Add(MemberOf(type.GetProperty(parameter.Name!)!, isSet: false, nulls));
        IEnumerable<PropertyInfo> rest = type.GetProperties().Where(
            property => property.SetMethod is { IsPublic: true } && members.TrueForAll(member => member.Name != property.Name) && !IsFixed(property));
        foreach (PropertyInfo property in rest.OrderBy(static property => property.Name, StringComparer.Ordinal))
            members.Add(MemberOf(property, isSet: true, nulls));
        return new RecordShape(number, type, constructor, [.. members]);
    }

    /// <summary>The members' names and types, for who wants to know whether they are still the same.</summary>
    internal string Describe() => $"{Number} {Type.Name}({string.Join(", ", _members.Select(static member => $"{member.Name}: {NameOf(member.Type)}"))})";

    internal void Write(object record, PlanWriter target)
    {
        foreach (Member member in _members)
            member.Code.Write(member.Get.Invoke(record), target);
    }

    internal object Read(PlanReader source)
    {
        object?[] values = new object?[_members.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = _members[i].Code.Read(source);
        object record = _make.Invoke(values.AsSpan(0, _parameterCount));
        for (int i = _parameterCount; i < values.Length; i++)
            _members[i].Set!.Invoke(record, values[i]);
        return record;
    }

    /// <summary>Visits the records directly below.</summary>
    internal void Visit(object record, Action<object> visit)
    {
        foreach (Member member in _members)
            member.Code.Visit(member.Get.Invoke(record), visit);
    }

    /// <summary>The type of a condition is what it is.</summary>
    private static bool IsFixed(PropertyInfo property) => property.DeclaringType == typeof(Planner.Physical.ScalarExpression);

    private static Member MemberOf(PropertyInfo property, bool isSet, NullabilityInfoContext nulls)
    {
        bool mayBeNull = !property.PropertyType.IsValueType && nulls.Create(property).ReadState == NullabilityState.Nullable;
        return new Member(
            property.Name, property.PropertyType, MethodInvoker.Create(property.GetMethod!), isSet ? MethodInvoker.Create(property.SetMethod!) : null,
            MemberCode.Of(property.PropertyType, mayBeNull));
    }

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GenericTypeArguments.Select(NameOf))}>" : type.Name;

    private readonly record struct Member(string Name, Type Type, MethodInvoker Get, MethodInvoker? Set, MemberCode Code);
}
