using VecSQL.Ml.Onnx;

namespace VecSQL.Ml.Models;

/// <summary>Puts the texts of all who embed with a model into runs.</summary>
/// <remarks>
/// A caller alone runs at once. While a run is in progress, others wait; whoever is free then takes the next run, which
/// holds texts of every request that waits, as far as it has room and they are of like length: filling up is work for
/// nothing, and without it runs were no slower.
/// Order:   requests take turns, so that a few texts never wait for all of a long request.
/// Threads: any; runs are done on callers' threads, one at a time, since each uses all processors.
/// </remarks>
internal sealed class RunQueue(OnnxTextModel model, TokenTypes types, int dimensions, ModelLibraryOptions options)
{
    private const int ShortTokens = 16; // up to this, filling up costs less than another run

    private readonly object _gate = new();
    private readonly LinkedList<EmbedRequest> _waiting = new();
    private bool _isRunning;

    internal long RunCount { get; private set; }

    /// <summary>Fills the request's vectors.</summary>
    /// <exception cref="ModelException">The model failed on a run with one of the texts.</exception>
    /// <exception cref="OperationCanceledException">Asked for before all runs had ended.</exception>
    internal void Embed(EmbedRequest request)
    {
        CancellationToken cancellation = request.Cancellation;
        using CancellationTokenRegistration waker = cancellation.Register(Wake);
        lock (_gate)
            _waiting.AddLast(request);
        while (TryBegin(request, cancellation, out List<(EmbedRequest Request, int Text)>? run))
        {
            bool isNoted = false;
            try
            {
                RunApart(run);
                isNoted = true;
            }
            finally
            {
                End(isNoted ? [] : run); // whatever happened: nobody else takes a run before
            }
        }
        if (request.Problem is OperationCanceledException)
            cancellation.ThrowIfCancellationRequested();
        if (request.Problem is ModelException fault)
            throw new ModelException(fault.Fault, fault.Message, fault.File, fault.Hint, fault);
        if (request.Problem is not null)
            throw new InsufficientMemoryException(request.Problem.Message, request.Problem);
    }

    /// <summary>Waits until a run can be begun; false once the request has all its vectors.</summary>
    private bool TryBegin(
        EmbedRequest request, CancellationToken cancellation, out List<(EmbedRequest Request, int Text)> run)
    {
        run = [];
        lock (_gate)
        {
            while (!request.IsDone)
            {
                if (cancellation.IsCancellationRequested)
                {
                    request.TakeRest();
                    _waiting.Remove(request);
                    cancellation.ThrowIfCancellationRequested();
                }
                if (!_isRunning && _waiting.Count > 0)
                {
                    Fill(run);
                    _isRunning = true;
                    RunCount++;
                    return true;
                }
                Monitor.Wait(_gate);
            }
        }
        return false;
    }

    private void Fill(List<(EmbedRequest Request, int Text)> run)
    {
        int textsMax = model.TextsFixed > 0 ? model.TextsFixed : options.BatchTextsMax;
        int longest = 0, shortest = int.MaxValue;
        for (int turns = _waiting.Count; turns > 0; turns--)
        {
            EmbedRequest next = _waiting.First!.Value;
            _waiting.RemoveFirst();
            while (next.HasRest && run.Count < textsMax)
            {
                int length = next.NextLength;
                (int most, int least) = (Math.Max(longest, length), Math.Min(shortest, length));
                bool isAlike = least == most || (model.HasMask && (least * 4L >= most * 3L || most <= ShortTokens));
                if (run.Count > 0 && (!isAlike || (long)most * (run.Count + 1) > options.BatchTokensMax))
                    break;
                (longest, shortest) = (most, least);
                run.Add((next, next.Take()));
            }
            if (next.HasRest)
                _waiting.AddLast(next);
        }
    }

    private void Run(List<(EmbedRequest Request, int Text)> run)
    {
        var texts = new ReadOnlyMemory<int>[run.Count];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = run[i].Request.Texts[run[i].Text];
        float[] vectors = new float[texts.Length * dimensions];
        using RunEnd end = new(run.Select(static text => text.Request.Cancellation));
        model.Run(texts, types, dimensions, vectors, end.Token);
        for (int i = 0; i < texts.Length; i++)
            vectors.AsSpan(i * dimensions, dimensions).CopyTo(run[i].Request.VectorOf(run[i].Text));
    }

    /// <summary>Runs the texts together, or, where that fails, each request's by themselves: nobody fails by another's text.</summary>
    private void RunApart(List<(EmbedRequest Request, int Text)> run)
    {
        Exception? problem = TryRun(run);
        List<(EmbedRequest Request, int Text)>[] parts = problem is null ? [run] : [.. run.GroupBy(static text => text.Request).Select(static part => part.ToList())];
        foreach (List<(EmbedRequest Request, int Text)> part in parts)
            Note(part, parts.Length == 1 ? problem : TryRun(part));
    }

    /// <returns>Why there are no vectors; null where there are.</returns>
    private Exception? TryRun(List<(EmbedRequest Request, int Text)> run)
    {
        try
        {
            Run(run);
            return null;
        }
        catch (ModelException failed)
        {
            return failed;
        }
        catch (OutOfMemoryException failed)
        {
            return failed;
        }
        catch (OperationCanceledException given)
        {
            return given; // by all whose texts are in it
        }
    }

    private void Note(List<(EmbedRequest Request, int Text)> part, Exception? problem)
    {
        lock (_gate)
        {
            foreach ((EmbedRequest request, _) in part)
            {
                request.DoneCount++;
                request.Problem ??= problem;
                if (problem is not null && request.HasRest)
                {
                    request.TakeRest();
                    _waiting.Remove(request);
                }
            }
        }
    }

    /// <param name="left">Texts of which nobody knows what became of them.</param>
    private void End(List<(EmbedRequest Request, int Text)> left)
    {
        Note(left, new ModelException(ModelFault.RunFailed, "a run with other texts was not brought to its end"));
        lock (_gate)
        {
            _isRunning = false;
            Monitor.PulseAll(_gate);
        }
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }
}
