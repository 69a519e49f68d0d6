using System.Globalization;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Journal;

/// <summary>
/// Finds the journal's end and replays its frames. The first frame that does not verify is the end, unless a later frame says that it was
/// durable: a torn tail is dropped, rot in the middle is refused.
/// </summary>
internal sealed class JournalRecovery(IFileSystem fileSystem, string directory)
{
    private readonly List<JournalFile> _files = [];

    /// <summary>All files afterwards, oldest first; those without live frames have none (<c>EndLsn == StartLsn</c>).</summary>
    public IReadOnlyList<JournalFile> Files => _files;

    /// <summary>Replays from an LSN on; returns the LSN after the last good frame.</summary>
    public long Run(long fromLsn, FrameReplay replay)
    {
        var used = OpenFiles();
        var next = fromLsn;
        var ended = false;
        for (var i = 0; i < used.Count; i++)
        {
            var (file, startLsn) = used[i];
            var limitLsn = i + 1 < used.Count ? used[i + 1].StartLsn : long.MaxValue;
            if (limitLsn <= fromLsn)
                continue; // released before the crash, not used again since
            var bytes = ReadAll(file);
            if (ended || startLsn > next)
            {
                ended = true;
                RefuseDurableFrames(file, bytes, startLsn, next);
                Clear(file);
                continue;
            }

            var end = ReplayFile(bytes, startLsn, fromLsn, limitLsn, replay);
            RefuseDurableFrames(file, bytes, startLsn, end);
            file.Resume(startLsn, end);
            next = Math.Max(next, end);
            ended = end < limitLsn && limitLsn != long.MaxValue;
        }

        _files.Sort((a, b) => a.StartLsn.CompareTo(b.StartLsn));
        return next;
    }

    private static long ReplayFile(ReadOnlySpan<byte> bytes, long startLsn, long fromLsn, long limitLsn, FrameReplay replay)
    {
        var at = JournalFormat.FileHeaderBytes;
        var lsn = startLsn;
        while (lsn < limitLsn && at < bytes.Length && JournalFormat.TryReadFrame(bytes[at..], lsn, out var length, out _))
        {
            if (lsn >= fromLsn)
                replay(lsn, bytes.Slice(at + JournalFormat.FrameHeaderBytes, length));
            var size = JournalFormat.Align(JournalFormat.FrameHeaderBytes + length);
            at += size;
            lsn += size;
        }

        return lsn;
    }

    /// <summary>Looks for frames beyond the end that were written after the end had been durable: then the end is rot, not a torn write.</summary>
    private static void RefuseDurableFrames(JournalFile file, ReadOnlySpan<byte> bytes, long startLsn, long endLsn)
    {
        var first = (int)Math.Min(bytes.Length, JournalFormat.FileHeaderBytes + Math.Max(0, endLsn - startLsn));
        for (var at = first; at < bytes.Length; at += JournalFormat.Alignment)
        {
            var lsn = startLsn + at - JournalFormat.FileHeaderBytes;
            if (JournalFormat.TryReadFrame(bytes[at..], lsn, out _, out var durableLsn) && durableLsn > endLsn)
            {
                throw new CorruptDataException(
                    $"The journal is damaged: the frame at {endLsn} does not verify, yet '{file.File.Path}' shows that it was durable.");
            }
        }
    }

    private static byte[] ReadAll(JournalFile file)
    {
        var bytes = new byte[file.Length];
        file.File.Read(bytes, 0);
        return bytes;
    }

    private static void Clear(JournalFile file)
    {
        file.File.Write(new byte[JournalFormat.FileHeaderBytes], 0);
        file.File.FlushData();
        file.Resume(0, 0);
    }

    /// <summary>Opens all files; returns those that hold frames, by LSN.</summary>
    private List<(JournalFile File, long StartLsn)> OpenFiles()
    {
        var used = new List<(JournalFile File, long StartLsn)>();
        Span<byte> header = stackalloc byte[JournalFormat.FileHeaderBytes];
        foreach (var name in fileSystem.ListFiles(directory))
        {
            if (!name.EndsWith(".journal", StringComparison.Ordinal)
                || !int.TryParse(name.AsSpan(0, name.Length - 8), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                continue;
            var path = $"{directory}/{name}";
            var file = fileSystem.Open(path, FileOpening.Write);
            var length = file.Length;
            if (length <= JournalFormat.FileHeaderBytes)
            {
                file.Dispose(); // the process ended while it was being created
                fileSystem.DeleteFile(path);
                continue;
            }

            var journalFile = new JournalFile(file, number, length);
            _files.Add(journalFile);
            var count = file.Read(header, 0);
            if (JournalFormat.TryReadFileHeader(header[..count], path, out var startLsn))
                used.Add((journalFile, startLsn));
        }

        used.Sort((a, b) => a.StartLsn.CompareTo(b.StartLsn));
        return used;
    }
}
