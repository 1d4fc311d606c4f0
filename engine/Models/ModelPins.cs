using VecSQL.Storage.Files;

namespace VecSQL.Engine.Models;

/// <summary>What a transaction keeps of models' files until it ends: those of models that it makes.</summary>
/// <remarks>Threads: those of the session, one at a time.</remarks>
internal sealed class ModelPins(ModelStore store)
{
    private readonly List<(ModelFiles Files, string Name)> _pins = [];
    private bool _hasChanges;

    /// <summary>Files may go when the transaction has ended: it must then be sure that it has.</summary>
    internal bool HasChanges => _hasChanges;

    internal void Add(ModelFiles files, string name)
    {
        files.Pin(name);
        _pins.Add((files, name));
        _hasChanges = true;
    }

    /// <summary>The transaction changes models: files may be left over when it ends.</summary>
    internal void NoteChange() => _hasChanges = true;

    /// <summary>The transaction has ended, either way.</summary>
    internal void End()
    {
        if (!_hasChanges)
            return;
        foreach ((ModelFiles files, string name) in _pins)
            files.Unpin(name);
        _pins.Clear();
        _hasChanges = false;
        try
        {
            store.Sweep();
        }
        catch (FileFaultException)
        {
            // What is left over goes when the next transaction of this kind ends, or at the next start.
        }
    }
}
