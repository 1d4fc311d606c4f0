using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace VecSQL.Wire;

/// <summary>Memory for what sockets receive and send, in blocks large enough that bulk data takes few calls to the system.</summary>
/// <remarks>
/// Cost:    the server's own blocks hold 4 KiB, and each is a call of some microseconds; one of 32 KiB costs little more.
/// Memory:  blocks given back are kept up to <see cref="KeptBytesMax"/>. A connection has blocks only while bytes are on their way.
/// Threads: any.
/// </remarks>
public sealed class BlockPool : MemoryPool<byte>
{
    private const int BlockBytes = 32 << 10;
    private const int KeptBytesMax = 16 << 20;

    private readonly ConcurrentQueue<Block> _kept = new();

    public override int MaxBufferSize => BlockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        if (!_kept.TryDequeue(out Block? block))
            return new Block(this);
        block.IsRented = true;
        return block;
    }

    protected override void Dispose(bool disposing) => _kept.Clear();

    private void Return(Block block)
    {
        if (_kept.Count < KeptBytesMax / BlockBytes)
            _kept.Enqueue(block);
    }

    /// <summary>Makes one pool for each listening socket.</summary>
    public sealed class Factory : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new BlockPool();
    }

    private sealed class Block(BlockPool pool) : IMemoryOwner<byte>
    {
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        internal bool IsRented { get; set; } = true;

        public Memory<byte> Memory => _bytes;

        public void Dispose()
        {
            if (!IsRented)
                return;
            IsRented = false;
            pool.Return(this);
        }
    }
}
