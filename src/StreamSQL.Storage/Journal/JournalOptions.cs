namespace StreamSQL.Storage.Journal;

/// <summary>Sizes of the journal.</summary>
public sealed record JournalOptions
{
    /// <summary>Bytes of a journal file.</summary>
    public int FileBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Bytes of the very first file of a new journal: small, since it is prewritten while the process starts.</summary>
    public int FirstFileBytes { get; init; } = 1024 * 1024;

    /// <summary>Live bytes from which a checkpoint is due, so that files can be used again.</summary>
    public long CheckpointBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Live bytes beyond which commits wait for the checkpoint.</summary>
    public long MaxLiveBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Spare files that are kept; more are deleted.</summary>
    public int MaxSpareFiles { get; init; } = 8;
}
