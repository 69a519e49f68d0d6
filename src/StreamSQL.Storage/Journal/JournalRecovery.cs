using System.Globalization;
using System.Runtime.InteropServices;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Journal;

/// <summary>
/// Finds the journal's end and replays its frames. The first frame that does not verify is the end, unless a later frame says that it was
/// durable. A torn tail is dropped; rot in the middle is told of and left out, and what lies behind it is replayed.
/// </summary>
internal sealed class JournalRecovery(IFileSystem fileSystem, string directory)
{
    private const int WindowBytes = 1024 * 1024;
    private readonly List<JournalFile> _files = [];
    private byte[] _window = [];
    private JournalFile? _windowFile;
    private long _windowAt;
    private int _windowLength;
    private long _durableLsn = -1; // known once a frame did not verify

    /// <summary>All files afterwards, oldest first; those without live frames have none (<c>EndLsn == StartLsn</c>).</summary>
    public IReadOnlyList<JournalFile> Files => _files;

    /// <summary>Told of each range of LSNs that was durable and does not verify, before what lies behind it is replayed.</summary>
    public JournalDamage Damaged { get; init; } = static (_, _) => { };

    /// <summary>Replays from an LSN, or from the first that can be needed on; returns the LSN after the last good frame.</summary>
    public long Run(long? knownLsn, FrameReplay replay)
    {
        var used = OpenFiles();
        var next = knownLsn ?? FindStart(used);
        var fromLsn = next;
        var ended = false;
        for (var i = 0; i < used.Count; i++)
        {
            var (file, startLsn) = used[i];
            var limitLsn = i + 1 < used.Count ? used[i + 1].StartLsn : long.MaxValue;
            if (limitLsn <= fromLsn)
                continue; // released before the crash, not used again since
            if (next < startLsn && !ended)
            {
                ended = next >= DurableBeyond(used, i, startLsn);
                if (!ended)
                    Damaged(next, startLsn); // a file is missing
            }

            if (ended)
            {
                Clear(file);
                continue;
            }

            var end = SkipReleased(file, startLsn, fromLsn, limitLsn);
            var isNeeded = end >= fromLsn;
            if (isNeeded)
                end = ReplayFile(used, i, end, limitLsn, replay);
            if (end > startLsn)
                file.Resume(startLsn, end);
            else
                Clear(file); // else it would hide the file that begins at the same LSN next
            next = Math.Max(next, end);
            ended = isNeeded && end < limitLsn;
        }

        _files.Sort((a, b) => a.StartLsn.CompareTo(b.StartLsn));
        return next;
    }

    /// <summary>
    /// The first LSN of a file that is needed, behind what was given back before the crash, whether that still verifies or not; where the
    /// file ends, when that is before.
    /// </summary>
    private long SkipReleased(JournalFile file, long startLsn, long fromLsn, long limitLsn)
    {
        if (startLsn >= fromLsn)
            return startLsn;
        var end = ReplayIntact(file, startLsn, startLsn, fromLsn, static (_, _) => { });
        return end < fromLsn && FindFrame(file, startLsn, fromLsn, limitLsn, out _) >= 0 ? fromLsn : end;
    }

    /// <summary>Replays a file from an LSN on, and leaves out what was durable and does not verify; returns where it ends.</summary>
    private long ReplayFile(List<(JournalFile File, long StartLsn)> used, int index, long fromLsn, long limitLsn, FrameReplay replay)
    {
        var (file, startLsn) = used[index];
        var lsn = fromLsn;
        while (lsn < limitLsn)
        {
            lsn = ReplayIntact(file, startLsn, lsn, limitLsn, replay);
            if (lsn >= limitLsn || lsn >= DurableBeyond(used, index, lsn))
                break;
            var behind = FindFrame(file, startLsn, lsn, limitLsn, out _);
            if (behind < 0)
                behind = limitLsn; // there is a next file: a frame of it has shown that this one was durable
            Damaged(lsn, behind);
            lsn = behind;
        }

        return lsn;
    }

    /// <summary>
    /// Up to where the journal had been durable, as the frames behind an LSN say. Asked when one does not verify: below, that is rot, from
    /// there on, a torn write.
    /// </summary>
    private long DurableBeyond(List<(JournalFile File, long StartLsn)> used, int index, long lsn)
    {
        if (_durableLsn >= 0)
            return _durableLsn;
        _durableLsn = 0;
        for (var i = index; i < used.Count; i++)
        {
            var (file, startLsn) = used[i];
            var limitLsn = i + 1 < used.Count ? used[i + 1].StartLsn : long.MaxValue;
            var at = FindFrame(file, startLsn, Math.Max(lsn, startLsn), limitLsn, out var durableLsn);
            for (; at >= 0; at = FindFrame(file, startLsn, at + JournalFormat.Alignment, limitLsn, out durableLsn))
                _durableLsn = Math.Max(_durableLsn, durableLsn);
        }

        return _durableLsn;
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
            var end = ReplayIntact(file, startLsn, startLsn, used[first].StartLsn, static (_, _) => { });
            RefuseDurableFrames(file, startLsn, end, used[first].StartLsn);
            if (end < used[first].StartLsn)
                break;
        }

        return used[first].StartLsn;
    }

    /// <summary>Replays frames up to the first that does not verify; returns where that is.</summary>
    private long ReplayIntact(JournalFile file, long startLsn, long fromLsn, long limitLsn, FrameReplay replay)
    {
        var lsn = fromLsn;
        while (lsn < limitLsn && TryReadFrame(file, startLsn, lsn, out var payload, out _))
        {
            replay(lsn, payload);
            lsn += JournalFormat.Align(JournalFormat.FrameHeaderBytes + payload.Length);
        }

        return lsn;
    }

    /// <summary>
    /// Refuses frames beyond the end that were written after the end had been durable. Only where nobody knows from where the journal is
    /// needed: then rot cannot be told from a file that was given back.
    /// </summary>
    private void RefuseDurableFrames(JournalFile file, long startLsn, long endLsn, long limitLsn)
    {
        var at = FindFrame(file, startLsn, endLsn, limitLsn, out var durableLsn);
        for (; at >= 0; at = FindFrame(file, startLsn, at + JournalFormat.Alignment, limitLsn, out durableLsn))
        {
            if (durableLsn > endLsn)
            {
                throw new CorruptDataException(
                    $"The journal is damaged: the frame at {endLsn} does not verify, yet '{file.File.Path}' shows that it was durable; "
                    + "and the checkpoint, which says whether it is still needed, is lost. Put a copy of the newest 'meta/checkpoint-*' " +
                    "back; or move "
                    + "the 'journal' directory away, which loses what only it holds: records that no segment has yet.");
            }
        }
    }

    /// <summary>The first intact frame of a file from an LSN on; -1 when there is none.</summary>
    private long FindFrame(JournalFile file, long startLsn, long fromLsn, long limitLsn, out long durableLsn)
    {
        durableLsn = 0;
        var at = JournalFormat.FileHeaderBytes + fromLsn - startLsn;
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
            if (lsn >= limitLsn)
                break;
            if (TryReadFrame(file, startLsn, lsn, out _, out durableLsn))
                return lsn;
            at += JournalFormat.Alignment;
        }

        return -1;
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

    /// <summary>
    /// The LSN at which a file begins: as its header says or, when that does not verify, its first frame; null for a file never used.
    /// </summary>
    /// <exception cref="CorruptDataException">Neither verifies.</exception>
    private long? StartOf(JournalFile file, ReadOnlySpan<byte> header, string path)
    {
        try
        {
            return JournalFormat.TryReadFileHeader(header, path, out var startLsn) ? startLsn : null;
        }
        catch (CorruptDataException)
        {
            var frame = Window(file, JournalFormat.FileHeaderBytes, JournalFormat.FrameHeaderBytes);
            if (JournalFormat.LsnOf(frame) is { } lsn && TryReadFrame(file, lsn, lsn, out _, out _))
                return lsn;
            throw;
        }
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
            if (StartOf(journalFile, header[..count], path) is { } startLsn)
                used.Add((journalFile, startLsn));
        }

        used.Sort((a, b) => a.StartLsn.CompareTo(b.StartLsn));
        return used;
    }
}
