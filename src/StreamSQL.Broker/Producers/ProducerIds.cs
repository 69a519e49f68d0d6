using System.Buffers.Binary;
using StreamSQL.Broker.Topics;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;
using StreamSQL.Storage.Snapshots;

namespace StreamSQL.Broker.Producers;

/// <summary>
/// Gives out producer ids, each once in the life of the data directory. Ids are reserved in blocks: the end of a block is durable before an
/// id of it is given out, so a restart skips what was left of the block.
/// </summary>
public sealed class ProducerIds
{
    private const int Version = 1;
    private const int BlockSize = 1000;
    private readonly MetadataThread _metadata;
    private readonly SnapshotStore _store;
    private readonly Lock _gate = new();
    private long _next;
    private long _end;
    private Task<long>? _reserving;

    internal ProducerIds(DataDirectory directory, MetadataThread metadata)
    {
        _metadata = metadata;
        _store = new SnapshotStore(directory.FileSystem, directory.MetaPath, "producer-ids", Version, twice: true);
        if (_store.ReadNewest() is { } stored)
        {
            _next = _end = stored.Length == sizeof(long)
                ? BinaryPrimitives.ReadInt64LittleEndian(stored)
                : throw new CorruptDataException("The producer id block verifies but is not a number.");
        }
    }

    /// <summary>What was repaired while it was read, as messages.</summary>
    internal IReadOnlyList<string> Repairs => _store.Repairs;

    /// <summary>A producer id that was never given out before.</summary>
    public async ValueTask<long> NextAsync()
    {
        while (true)
        {
            Task<long> reserving;
            lock (_gate)
            {
                if (_next < _end)
                    return _next++;
                reserving = _reserving ??= _metadata.ChangeAsync(Reserve);
            }

            await reserving;
        }
    }

    private long Reserve()
    {
        var end = _end + BlockSize;
        Span<byte> content = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(content, end);
        try
        {
            _store.Write(content);
        }
        finally
        {
            lock (_gate)
                _reserving = null;
        }

        lock (_gate)
            _end = end;
        return end;
    }
}
