using StreamSQL.Broker.Network;
using StreamSQL.Server.Options;
using StreamSQL.Storage.Journal;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// The most memory that the heap may take (<c>--memory-limit</c>), and the shares of it that the broker's buffers may: they are sized so
/// that clients are slowed down before the heap is full. What is beyond the ceiling is an allocation
/// that fails, and no death by the system's hand.
/// </summary>
internal static class MemoryCeiling
{
    /// <summary>The least that a server starts with.</summary>
    public const long Least = 128L * 1024 * 1024;

    private const int BufferShare = 8; // requests, answers, and appends that wait: an eighth each
    private const int TailShare = 16;

    /// <summary>Tells the runtime, at the start.</summary>
    /// <exception cref="OptionException">More than that is in use already.</exception>
    public static void Apply(long? bytes)
    {
        if (bytes is not { } limit)
            return;
        AppContext.SetData("GCHeapHardLimit", (ulong)limit);
        try
        {
            GC.RefreshMemoryLimit();
        }
        catch (InvalidOperationException error)
        {
            throw new OptionException($"--memory-limit {limit}: {error.Message}");
        }
    }

    /// <summary>The storage's bounds under a ceiling.</summary>
    public static StorageOptions Bound(StorageOptions storage, long? bytes) => bytes is not { } limit ? storage : storage with
    {
        HotTailBytes = Math.Min(storage.HotTailBytes, limit / TailShare),
        MaxQueuedBytes = Math.Min(storage.MaxQueuedBytes, limit / BufferShare),
        Journal = new JournalOptions
        {
            CheckpointBytes = Math.Min(storage.Journal.CheckpointBytes, limit / TailShare),
            MaxLiveBytes = Math.Min(storage.Journal.MaxLiveBytes, limit / BufferShare),
        },
    };

    /// <summary>The listeners' bounds under a ceiling; what was given by itself stays.</summary>
    public static KafkaListenerOptions Bound(KafkaListenerOptions listener, long? bytes) =>
        bytes is not { } limit ? listener : listener with
    {
        MaxQueuedRequestBytes = Math.Min(listener.MaxQueuedRequestBytes, limit / BufferShare),
        MaxFetchMemoryBytes = Math.Min(listener.MaxFetchMemoryBytes, limit / BufferShare),
    };
}
