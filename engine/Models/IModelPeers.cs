using VecSQL.Storage.Files;

namespace VecSQL.Engine.Models;

/// <summary>Other nodes, which have copies of models' files.</summary>
/// <remarks>Threads: any.</remarks>
public interface IModelPeers
{
    /// <summary>The copies of this node, for the others. Set before there are sessions.</summary>
    IModelCopies? Own { get; set; }

    /// <summary>
    /// A file as other nodes that are alive have it, one after the other: pieces in order, whose enumeration ends with an <see cref="IOException"/> where that node
    /// has none or breaks off.
    /// </summary>
    IEnumerable<IAsyncEnumerable<ReadOnlyMemory<byte>>> CopiesOf(string name);

    /// <summary>Has the other nodes that are alive take copies of files of this one.</summary>
    /// <returns>Numbers of nodes that have not, and why.</returns>
    ValueTask<IReadOnlyList<(int Node, string Error)>> SpreadAsync(IReadOnlyList<string> names, CancellationToken cancellation);
}

/// <summary>A node's copies of models' files.</summary>
/// <remarks>Threads: any.</remarks>
public interface IModelCopies
{
    /// <returns>Null where there is none of that name, or the name is none of a copy.</returns>
    /// <exception cref="FileFaultException">It cannot be read.</exception>
    IFile? Find(string name);

    /// <summary>Takes a copy in, unless there is one.</summary>
    /// <exception cref="IOException">What came is not the file that the name says.</exception>
    /// <exception cref="FileFaultException">It cannot be written.</exception>
    ValueTask TakeAsync(string name, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, CancellationToken cancellation);
}
