using System.Globalization;
using System.Runtime.InteropServices;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Journal;

/// <summary>
/// Finds the journal's end and replays its frames. The first frame that does not verify is the end, unless a later frame says that it was
/// durable: a torn tail is dropped, rot in the middle is refused.
/// </summary>
internal sealed class JournalRecovery(IFileSystem fileSystem, string directory)
{
    private const int WindowBytes = 1024 * 1024;
    private readonly List<JournalFile> _files = [];
    private byte[] _window = [];
    private JournalFile? _windowFile;
    private long _windowAt;
    private int _windowLength;

    /// <summary>All files afterwards, oldest first; those without live frames have none (<c>EndLsn == StartLsn</c>).</summary>
    public IReadOnlyList<JournalFile> Files => _files;

    /// <summary>Replays from an LSN, or from the first that can be needed on; returns the LSN after the last good frame.</summary>
    public long Run(long? knownLsn, FrameReplay replay)
    {
        var used = OpenFiles();
        var fromLsn = knownLsn ?? FindStart(used);
        var next = fromLsn;
        var ended = false;
        for (var i = 0; i < used.Count; i++)
        {
            var (file, startLsn) = used[i];
            var limitLsn = i + 1 < used.Count ? used[i + 1].StartLsn : long.MaxValue;
            if (limitLsn <= fromLsn)
                continue; // released before the crash, not used again since
            if (ended || startLsn > next)
            {
                ended = true;
                RefuseDurableFrames(file, startLsn, next);
                Clear(file);
                continue;
            }

            var end = ReplayFile(file, startLsn, fromLsn, limitLsn, replay);
            RefuseDurableFrames(file, startLsn, end);
            if (end > startLsn)
                file.Resume(startLsn, end);
            else
                Clear(file); // else it would hide the file that begins at the same LSN next
            next = Math.Max(next, end);
            ended = end < limitLsn && limitLsn != long.MaxValue;
        }

        _files.Sort((a, b) => a.StartLsn.CompareTo(b.StartLsn));
        return next;
    }

    /// <summary>
    /// Where those frames begin that follow on each other up to the newest: files are given back in order, so what lies before a gap is not
    /// needed any more.
    /// </summary>
    private long FindStart(List<(JournalFile File, long StartLsn)> used)
    {
        if (used.Count == 0)
            return 0;
        var first = used.Count - 1;
        for (; first > 0; first--)
        {
            var (file, startLsn) = used[first - 1];
            var end = ReplayFile(file, startLsn, long.MaxValue, used[first].StartLsn, static (_, _) => { });
            RefuseDurableFrames(file, startLsn, end);
            if (end < used[first].StartLsn)
                break;
        }

        return used[first].StartLsn;
    }

    private long ReplayFile(JournalFile file, long startLsn, long fromLsn, long limitLsn, FrameReplay replay)
    {
        var lsn = startLsn;
        while (lsn < limitLsn && TryReadFrame(file, startLsn, lsn, out var payload, out _))
        {
            if (lsn >= fromLsn)
                replay(lsn, payload);
            lsn += JournalFormat.Align(JournalFormat.FrameHeaderBytes + payload.Length);
        }

        return lsn;
    }

    /// <summary>
    /// Looks for frames beyond the end that were written after the end had been durable: then the end is rot, not a torn write.
    /// </summary>
    private void RefuseDurableFrames(JournalFile file, long startLsn, long endLsn)
    {
        var at = JournalFormat.FileHeaderBytes + Math.Max(0, endLsn - startLsn);
        while (at + JournalFormat.FrameHeaderBytes <= file.Length)
        {
            var words = MemoryMarshal.Cast<byte, long>(Window(file, at, JournalFormat.FrameHeaderBytes));
            var lsn = startLsn + at - JournalFormat.FileHeaderBytes;
            var skipped = FindFrameHeader(words, lsn);
            if (skipped < 0)
            {
                at += (words.Length - 1) * (long)JournalFormat.Alignment;
                continue;
            }

            at += skipped * (long)JournalFormat.Alignment;
            lsn += skipped * (long)JournalFormat.Alignment;
            if (TryReadFrame(file, startLsn, lsn, out _, out var durableLsn) && durableLsn > endLsn)
            {
                throw new CorruptDataException(
                    $"The journal is damaged: the frame at {endLsn} does not verify, yet '{file.File.Path}' shows that it was durable.");
            }

            at += JournalFormat.Alignment;
        }
    }

    /// <summary>
    /// How many words to go to the first place where a frame header could begin: its second word is its LSN. -1 without one.
    /// </summary>
    private static int FindFrameHeader(ReadOnlySpan<long> words, long firstLsn)
    {
        for (var i = 0; i < words.Length - 1; i++)
        {
            if (words[i + 1] == firstLsn + (i * (long)JournalFormat.Alignment))
                return i;
        }

        return -1;
    }

    private bool TryReadFrame(JournalFile file, long startLsn, long lsn, out ReadOnlySpan<byte> payload, out long durableLsn)
    {
        var at = JournalFormat.FileHeaderBytes + lsn - startLsn;
        payload = default;
        durableLsn = 0;
        var length = JournalFormat.PeekPayloadLength(Window(file, at, JournalFormat.FrameHeaderBytes), lsn);
        if (length < 0 || length > file.Length - at - JournalFormat.FrameHeaderBytes)
            return false;
        var frame = Window(file, at, JournalFormat.FrameHeaderBytes + length);
        if (!JournalFormat.TryReadFrame(frame, lsn, out _, out durableLsn))
            return false;
        payload = frame.Slice(JournalFormat.FrameHeaderBytes, length);
        return true;
    }

    /// <summary>The file's bytes from a position on: at least so many, unless the file ends.</summary>
    private ReadOnlySpan<byte> Window(JournalFile file, long at, int bytes)
    {
        var inWindow = at - _windowAt;
        if (file != _windowFile || inWindow < 0 || inWindow + bytes > _windowLength)
        {
            var wanted = Math.Max(bytes, (int)Math.Min(WindowBytes, file.Length));
            if (wanted > _window.Length)
                _window = new byte[wanted];
            (_windowFile, _windowAt) = (file, at);
            _windowLength = file.File.Read(_window, at);
            inWindow = 0;
        }

        return _window.AsSpan((int)inWindow, _windowLength - (int)inWindow);
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
