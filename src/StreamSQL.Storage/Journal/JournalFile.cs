using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Journal;

/// <summary>One file of the journal: live (it holds frames that may be needed) or spare (prewritten, waiting for its next use).</summary>
internal sealed class JournalFile(IStorageFile file, int number, long length) : IDisposable
{
    /// <summary>The file's number, which names it.</summary>
    public int Number { get; } = number;

    public IStorageFile File { get; } = file;

    /// <summary>Bytes on disk, header included.</summary>
    public long Length { get; } = length;

    /// <summary>The LSN of its first frame.</summary>
    public long StartLsn { get; private set; }

    /// <summary>The LSN after its last frame.</summary>
    public long EndLsn { get; private set; }

    /// <summary>Whether it holds writes that have not been flushed.</summary>
    public bool Unsynced { get; set; }

    public long Room => Length - JournalFormat.FileHeaderBytes - (EndLsn - StartLsn);

    public void Begin(long startLsn)
    {
        Span<byte> header = stackalloc byte[JournalFormat.FileHeaderBytes];
        JournalFormat.WriteFileHeader(header, startLsn);
        File.Write(header, 0);
        StartLsn = EndLsn = startLsn;
        Unsynced = true;
    }

    /// <summary>Takes over what recovery found in the file.</summary>
    public void Resume(long startLsn, long endLsn)
    {
        StartLsn = startLsn;
        EndLsn = endLsn;
    }

    public void Append(ReadOnlySpan<byte> frames)
    {
        File.Write(frames, JournalFormat.FileHeaderBytes + (EndLsn - StartLsn));
        EndLsn += frames.Length;
        Unsynced = true;
    }

    public void Dispose() => File.Dispose();
}
