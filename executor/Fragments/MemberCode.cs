using System.Collections.Immutable;
using System.Reflection;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;

namespace VecSQL.Executor.Fragments;

/// <summary>How a member of a record becomes bytes, by its declared type.</summary>
internal abstract class MemberCode
{
    internal abstract void Write(object? value, PlanWriter target);

    internal abstract object? Read(PlanReader source);

    /// <summary>Visits the records in a value.</summary>
    internal virtual void Visit(object? value, Action<object> visit)
    {
    }

    /// <exception cref="NotSupportedException">No record that travels has such a member.</exception>
    internal static MemberCode Of(Type type, bool mayBeNull)
    {
        if (type == typeof(bool))
            return new Plain<bool>(static (value, target) => target.Flag(value), static source => source.Flag());
        if (type == typeof(bool?))
            return new Plain<bool?>(static (value, target) => target.Int(value is { } known ? known ? 1 : 0 : -1), static source => OfTruth(source.Int()));
        if (type == typeof(short))
            return new Plain<short>(static (value, target) => target.Int(value), static source => Short(source.Int()));
        if (type == typeof(int))
            return new Plain<int>(static (value, target) => target.Int(value), static source => source.Int32());
        if (type == typeof(uint))
            return new Plain<uint>(static (value, target) => target.UInt(value), static source => source.UInt32());
        if (type == typeof(double))
            return new Plain<double>(static (value, target) => target.Double(value), static source => source.Double());
        if (type == typeof(string) && !mayBeNull)
            return new Plain<string>(static (value, target) => target.Text(value), static source => source.Text());
        if (type == typeof(Column))
            return new Plain<Column>(static (value, target) => target.Value(value), static source => source.Value());
        if (type == typeof(TableId))
            return new Plain<TableId>(static (value, target) => target.UInt(value.Oid), static source => new TableId(source.UInt32()));
        if (type == typeof(SqlType))
            return new Plain<SqlType>(Write, ReadType);
        if (type == typeof(FunctionEntry))
            return new FunctionCode();
        if (type.IsEnum)
            return new EnumCode(type);
        if (type.IsGenericType && type.GetGenericTypeDefinition() is var definition && (definition == typeof(ImmutableArray<>) || definition == typeof(ValueList<>)))
        {
            Type code = (definition == typeof(ImmutableArray<>) ? typeof(ArrayCode<>) : typeof(ListCode<>)).MakeGenericType(type.GenericTypeArguments);
            return (MemberCode)Activator.CreateInstance(code, BindingFlags.NonPublic | BindingFlags.Instance, null, [Of(type.GenericTypeArguments[0], false)], null)!;
        }
        return PlanRecords.Travels(type) ? new RecordCode(type, mayBeNull) : throw new NotSupportedException($"a member of type {type}");
    }

    private static bool? OfTruth(long value) => value switch
    {
        -1 => null,
        0 => false,
        1 => true,
        _ => throw ByteReader.Wrong("neither yes, no nor unknown"),
    };

    private static short Short(long value) => value is >= short.MinValue and <= short.MaxValue ? (short)value : throw ByteReader.Wrong("a number that is too large");

    private static void Write(SqlType type, ByteWriter target)
    {
        target.UInt(type.Oid);
        target.Int(type.Modifier);
    }

    private static SqlType ReadType(ByteReader source)
    {
        SqlType type = new(source.UInt32(), source.Int32());
        return BuiltinTypes.TryFind(type.Oid, out _) ? type : throw ByteReader.Wrong($"a type {type.Oid} that is not there");
    }

    private sealed class Plain<T>(Action<T, ByteWriter> write, Func<ByteReader, T> read) : MemberCode
    {
        internal override void Write(object? value, PlanWriter target) => write((T)value!, target.Bytes);

        internal override object? Read(PlanReader source) => read(source.Bytes);
    }

    private sealed class EnumCode(Type type) : MemberCode
    {
        private readonly object[] _values = [.. Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => Enum.ToObject(type, value))];

        internal override void Write(object? value, PlanWriter target) => target.Bytes.UInt(Convert.ToUInt64(value, System.Globalization.CultureInfo.InvariantCulture));

        internal override object? Read(PlanReader source)
        {
            ulong number = source.Bytes.UInt();
            foreach (object value in _values)
            {
                if (Convert.ToUInt64(value, System.Globalization.CultureInfo.InvariantCulture) == number)
                    return value;
            }
            throw ByteReader.Wrong($"a {type.Name} of {number}");
        }
    }

    /// <summary>A function by its id. Those that somebody has made in SQL are none of a plan: it has their bodies.</summary>
    private sealed class FunctionCode : MemberCode
    {
        internal override void Write(object? value, PlanWriter target)
        {
            var function = (FunctionEntry)value!;
            if (FunctionRegistry.FindFunction(function.Oid) is null)
                target.Refuse();
            target.Bytes.UInt(function.Oid);
        }

        internal override object? Read(PlanReader source)
        {
            uint oid = source.Bytes.UInt32();
            return FunctionRegistry.FindFunction(oid) ?? throw ByteReader.Wrong($"a function {oid} that is not there");
        }
    }

    private sealed class RecordCode(Type type, bool mayBeNull) : MemberCode
    {
        internal override void Write(object? value, PlanWriter target) => target.Record(value);

        internal override object? Read(PlanReader source)
        {
            object? record = source.Record();
            return record is null ? mayBeNull ? null : throw ByteReader.Wrong($"no {type.Name} where one is needed")
                : type.IsInstanceOfType(record) ? record : throw ByteReader.Wrong($"a {record.GetType().Name} where a {type.Name} is needed");
        }

        internal override void Visit(object? value, Action<object> visit)
        {
            if (value is not null)
                visit(value);
        }
    }

    /// <summary>How many, and one more; 0 for the array that is none.</summary>
    private sealed class ArrayCode<T> : MemberCode
    {
        private readonly MemberCode _item;

        internal ArrayCode(MemberCode item) => _item = item;

        internal override void Write(object? value, PlanWriter target)
        {
            var items = (ImmutableArray<T>)value!;
            target.Bytes.UInt(items.IsDefault ? 0 : (ulong)items.Length + 1);
            if (items.IsDefault)
                return;
            foreach (T item in items)
                _item.Write(item, target);
        }

        internal override object? Read(PlanReader source)
        {
            ulong count = source.Bytes.UInt();
            if (count == 0)
                return default(ImmutableArray<T>);
            if (count - 1 > (ulong)source.Bytes.RestLength)
                throw ByteReader.Wrong("more than there is");
            var items = new T[count - 1];
            for (int i = 0; i < items.Length; i++)
                items[i] = (T)_item.Read(source)!;
            return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(items);
        }

        internal override void Visit(object? value, Action<object> visit)
        {
            if (value is not ImmutableArray<T> { IsDefault: false } items)
                return;
            foreach (T item in items)
                _item.Visit(item, visit);
        }
    }

    private sealed class ListCode<T> : MemberCode
    {
        private readonly MemberCode _item;

        internal ListCode(MemberCode item) => _item = item;

        internal override void Write(object? value, PlanWriter target)
        {
            var items = (ValueList<T>)value!;
            target.Bytes.UInt((ulong)items.Count);
            foreach (T item in items.AsSpan())
                _item.Write(item, target);
        }

        internal override object? Read(PlanReader source)
        {
            var items = new T[source.Bytes.Count()];
            for (int i = 0; i < items.Length; i++)
                items[i] = (T)_item.Read(source)!;
            return new ValueList<T>(items);
        }

        internal override void Visit(object? value, Action<object> visit)
        {
            foreach (T item in ((ValueList<T>)value!).AsSpan())
                _item.Visit(item, visit);
        }
    }
}
