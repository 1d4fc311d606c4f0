using VecSQL.Core.Collections;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

/// <summary>Gathers the items of a list whose length is not known yet; short lists cost one array.</summary>
internal struct ListBuilder<T>
{
    private T[]? _items;
    private int _count;

    internal readonly int Count => _count;

    internal readonly T this[int index] => _items is null ? throw new InvalidOperationException() : _items[index];

    internal void Add(T item)
    {
        if (_items is null)
            _items = new T[2];
        else if (_count == _items.Length)
            Array.Resize(ref _items, _count * 2);
        _items[_count++] = item;
    }

    internal readonly ValueList<T> ToList()
    {
        if (_items is null)
            return ValueList<T>.Empty;
        return new ValueList<T>(_count == _items.Length ? _items : _items[.._count]);
    }
}
