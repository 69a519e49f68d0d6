namespace StreamSQL.Storage.Cleaning;

/// <summary>An aborted transaction in a log: whose, its first record, and its marker.</summary>
/// <param name="ProducerId">The producer.</param>
/// <param name="FirstOffset">The offset of its first record.</param>
/// <param name="MarkerOffset">The offset of its abort marker.</param>
public readonly record struct AbortedRange(long ProducerId, long FirstOffset, long MarkerOffset);

/// <summary>What of a producer a log's owner must find again after a scan of the log.</summary>
/// <param name="Epoch">The producer's epoch.</param>
/// <param name="LastBatchOffset">The base offset of its last batch in this epoch; -1 when there is only a marker.</param>
public readonly record struct ProducerTail(short Epoch, long LastBatchOffset);

/// <summary>What the owner of a log knows that cleaning must respect, at one moment.</summary>
/// <param name="Aborted">All aborted transactions whose markers the log holds.</param>
/// <param name="Producers">The producers that are remembered: their last batch, or marker, stays (without its records, if need be).</param>
public sealed record CleaningState(IReadOnlyList<AbortedRange> Aborted, IReadOnlyDictionary<long, ProducerTail> Producers);

/// <summary>Where the cleaner asks a log's owner. Called on the cleaner's thread, under no lock.</summary>
/// <param name="LastStableOffset">Records from here on are not decided, and stay.</param>
/// <param name="Describe">The rest; asked after the last stable offset, so it knows of every transaction that ended below.</param>
/// <param name="Emptied">
/// Told, by the offsets of their markers, of the aborted transactions of which no batch is left. Their markers go later.
/// </param>
public sealed record CleaningSource(
    Func<long> LastStableOffset, Func<CleaningState> Describe, Action<IReadOnlySet<long>> Emptied);
