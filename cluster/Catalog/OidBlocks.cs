using System.Globalization;
using System.Text;
using VecSQL.Catalog.Metadata;

namespace VecSQL.Cluster.Catalog;

/// <summary>Object ids that nobody else has, from blocks that the store gives to nodes.</summary>
/// <remarks>Threads: any; who finds a block used up waits for the next.</remarks>
internal sealed class OidBlocks(IMetadataStore store)
{
    private const int BlockSize = 1024;

    private readonly Lock _lock = new();
    private Task<uint>? _next;
    private uint _first, _end;

    public uint Next()
    {
        while (true)
        {
            Task<uint> next;
            lock (_lock)
            {
                if (_first < _end)
                {
                    if (_end - _first <= BlockSize / 2)
                        _next ??= TakeAsync();
                    return _first++;
                }
                next = _next ??= TakeAsync();
            }
            uint first = Wait(next);
            lock (_lock)
            {
                if (_next == next)
                    (_first, _end, _next) = (first, first + BlockSize, null);
            }
        }
    }

    /// <summary>The key's value for a catalog whose next object id is this.</summary>
    public static byte[] Value(uint nextOid) => Encoding.ASCII.GetBytes(nextOid.ToString(CultureInfo.InvariantCulture));

    private uint Wait(Task<uint> next)
    {
        try
        {
            return next.GetAwaiter().GetResult();
        }
        catch (Exception failure) when (failure is MetadataUnavailableException or MetadataRefusedException)
        {
            lock (_lock)
                _next = _next == next ? null : _next;
            throw CatalogErrors.Unavailable(failure);
        }
    }

    private async Task<uint> TakeAsync()
    {
        while (true)
        {
            MetadataRange range = await store.ReadAsync(CatalogKeys.Oids, CancellationToken.None).ConfigureAwait(false);
            MetadataEntry entry = range.Entries.FirstOrDefault(static found => found.Key == CatalogKeys.Oids)
                ?? throw new InvalidDataException($"metadata key {CatalogKeys.Oids} is missing");
            if (!uint.TryParse(Encoding.ASCII.GetString(entry.Value.Span), NumberStyles.None, CultureInfo.InvariantCulture, out uint first) || first > uint.MaxValue - BlockSize)
                throw new InvalidDataException($"metadata key {CatalogKeys.Oids} is no object id");
            MetadataTransaction taking = new()
            {
                Compares = [MetadataCompare.IsUnchanged(entry)],
                Puts = [new MetadataPut(CatalogKeys.Oids, Value(first + BlockSize))],
            };
            // Where it is not known whether it was done, the block is left out.
            if ((await store.CommitAsync(taking, CancellationToken.None).ConfigureAwait(false)).IsDone)
                return first;
        }
    }
}
