namespace StreamSQL.Storage.Files;

/// <summary>Another process holds the data directory.</summary>
public sealed class DataDirectoryLockedException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="processId">Who holds it, when that could be read.</param>
    public DataDirectoryLockedException(string path, int? processId)
        : base(processId is { } id
            ? $"The data directory of '{path}' is in use by process {id}."
            : $"The data directory of '{path}' is in use by another process.") => ProcessId = processId;

    /// <summary>The process that holds the lock, when known.</summary>
    public int? ProcessId { get; }
}

/// <summary>Something on disk was written by a version that this one does not know. Nothing has been changed.</summary>
public sealed class UnknownFormatException : IOException
{
    /// <summary>Creates the exception.</summary>
    public UnknownFormatException(string path, int found, int known)
        : base($"'{path}' has format version {found}; this version of StreamSQL knows up to {known}.")
    {
    }
}

/// <summary>Bytes that had been durable do not verify any more. Nothing is repaired by guessing.</summary>
public sealed class CorruptDataException : IOException
{
    /// <summary>Creates the exception.</summary>
    public CorruptDataException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// Storage can no longer promise durability (a write or an fsync failed); appends are refused until the process starts again.
/// </summary>
public sealed class StorageFailedException : IOException
{
    /// <summary>Creates the exception.</summary>
    public StorageFailedException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

/// <summary>
/// The disk is full. What was queued before that became clear is written once there is room; new appends are refused until then.
/// </summary>
public sealed class DiskFullException : IOException
{
    private const int NoSpace = 28; // ENOSPC, as the system reports it

    /// <summary>Creates the exception.</summary>
    public DiskFullException()
        : base("The disk is full (or a quota, or the file descriptors are used up): free some space, or delete topics or records. " +
            "Writing goes on by itself.", NoSpace)
    {
    }
}

/// <summary>The disk takes longer than the caller wanted to wait. What was appended is not lost: it may become durable later.</summary>
public sealed class LateCommitException : IOException
{
    /// <summary>Creates the exception.</summary>
    public LateCommitException()
        : base("The disk did not make the append durable in time; it may still do so.")
    {
    }
}

/// <summary>Tells failures of files apart.</summary>
public static class StorageErrors
{
    private const int NoSpace = 28; // ENOSPC
    private const int QuotaExceeded = 122; // EDQUOT
    private const int NoDescriptors = 24; // EMFILE
    private const int FileTableFull = 23; // ENFILE
    private const int DiskFullResult = unchecked((int)0x80070070); // ERROR_DISK_FULL, which .NET uses on every platform in places

    /// <summary>
    /// Whether something failed because the disk is full, or a quota or the descriptors are used up:
    /// nothing is broken, and it may be tried again.
    /// </summary>
    public static bool IsDiskFull(IOException failure) =>
        failure.HResult is NoSpace or DiskFullResult or QuotaExceeded or NoDescriptors or FileTableFull;
}
