using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Ipc;

namespace VecSQL.Engine.Arrow;

/// <summary>Turns batches of rows into messages: the dictionaries that a batch needs first, then the batch.</summary>
internal sealed class ArrowBatches(ArrowSchema schema, ArrowForm[] forms, ArrowStreamOptions options)
{
    private readonly IpcEncoder _encoder = new(schema, options.AcceptsZstd);
    private readonly Queue<ArrowArray> _dictionaries = new();
    private ArrowArray[]? _columns;
    private int _rowCount;

    /// <summary>Takes the next rows; what came of those before has been taken.</summary>
    internal void Add(ColumnBatch rows)
    {
        ArrowArray[] columns = new ArrowArray[forms.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = forms[i].Encode(rows.Columns[i]);
        Add(columns, rows.RowCount);
    }

    internal void Add(ArrowArray[] columns, int rowCount)
    {
        _columns = columns;
        _rowCount = rowCount;
        foreach (ArrowArray column in _encoder.FreshDictionaries(columns))
            _dictionaries.Enqueue(column);
    }

    /// <summary>The next message of the rows given; null where all were taken.</summary>
    internal IpcMessage? TryTake()
    {
        if (_dictionaries.TryDequeue(out ArrowArray? dictionary))
            return _encoder.Dictionary(dictionary);
        if (_columns is not { } columns)
            return null;
        _columns = null;
        return _encoder.Batch(columns, _rowCount);
    }
}
