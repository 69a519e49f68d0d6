using System.Globalization;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Journal;

/// <summary>
/// The journal of a data directory: an endless sequence of frames over prewritten, recycled files. One writer at a time adds frames
/// (<see cref="Reserve"/>, <see cref="CloseFrame"/>, <see cref="WriteOut"/>); one flusher makes them durable (takes the unsynced files,
/// fdatasync, <see cref="MarkDurable"/>); <see cref="Release"/> gives files back once the segments hold what they say. A frame is found
/// whole
/// after a crash or not at all.
/// </summary>
public sealed class WriteAheadJournal : IDisposable
{
    private const int MinBufferBytes = 64 * 1024;
    private const int MaxKeptBufferBytes = 4 * 1024 * 1024;
    private const int SmallWritesBeforeShrinking = 64;
    private const int ZeroBytes = 256 * 1024;
    private readonly IFileSystem _fileSystem;
    private readonly string _directory;
    private readonly JournalOptions _options;
    private readonly Lock _filesGate = new();
    private readonly Queue<JournalFile> _sealed = new();
    private readonly Queue<JournalFile> _spares = new();
    private JournalFile _current;
    private int _lastNumber;
    private long _durableLsn;
    private byte[] _buffer = new byte[MinBufferBytes];
    private int _buffered;
    private int _smallWrites;
    private int _frameAt = -1;

    private WriteAheadJournal(
        IFileSystem fileSystem, string directory, JournalOptions options, IReadOnlyList<JournalFile> files, long nextLsn)
    {
        _fileSystem = fileSystem;
        _directory = directory;
        _options = options;
        foreach (var file in files)
        {
            _lastNumber = Math.Max(_lastNumber, file.Number);
            if (file.EndLsn > file.StartLsn)
                _sealed.Enqueue(file);
            else
                _spares.Enqueue(file);
        }

        // Always a fresh file: what a torn write left behind the last good frame of the old one can then never be taken for a frame.
        _current = files.Count == 0 ? Create(++_lastNumber, options.FirstFileBytes, Prewriting.AtOnce) : NextFile(0);
        _current.Begin(nextLsn);
        _durableLsn = nextLsn;
    }

    /// <summary>The LSN that the next frame gets.</summary>
    public long NextLsn => _current.EndLsn + _buffered;

    /// <summary>All frames below this are durable.</summary>
    public long DurableLsn => Volatile.Read(ref _durableLsn);

    /// <summary>Bytes of frames that may still be needed for recovery.</summary>
    public long LiveBytes
    {
        get
        {
            lock (_filesGate)
                return _current.EndLsn - (_sealed.TryPeek(out var oldest) ? oldest.StartLsn : _current.StartLsn);
        }
    }

    /// <summary>Whether the next file is not there yet; <see cref="PrepareSpare"/> makes it.</summary>
    public bool NeedsSpare
    {
        get
        {
            lock (_filesGate)
                return _spares.Count == 0;
        }
    }

    /// <summary>Bytes that wait for <see cref="WriteOut"/>.</summary>
    public int BufferedBytes => _buffered;

    /// <summary>
    /// Opens the journal of a directory, replays every frame from <paramref name="fromLsn"/> on (null, when nobody knows where frames are
    /// needed from: all that follow on each other up to the end), and is ready for new frames.
    /// </summary>
    /// <exception cref="CorruptDataException">
    /// The header of a file does not verify; or frames that had been durable do not, and <paramref name="fromLsn"/> is not known.
    /// </exception>
    /// <exception cref="UnknownFormatException">Another version wrote a file.</exception>
    public static WriteAheadJournal Open(
        IFileSystem fileSystem, string directory, JournalOptions options, long? fromLsn, FrameReplay replay, JournalDamage damaged)
    {
        fileSystem.CreateDirectory(directory);
        var recovery = new JournalRecovery(fileSystem, directory) { Damaged = damaged };
        var nextLsn = recovery.Run(fromLsn, replay);
        return new WriteAheadJournal(fileSystem, directory, options, recovery.Files, nextLsn);
    }

    /// <summary>Room for payload bytes in the open frame; opens one when there is none. Valid until the next call.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (_frameAt < 0)
        {
            _frameAt = _buffered;
            Grow(JournalFormat.FrameHeaderBytes);
            _buffered += JournalFormat.FrameHeaderBytes;
        }

        Grow(bytes);
        var room = _buffer.AsSpan(_buffered, bytes);
        _buffered += bytes;
        return room;
    }

    /// <summary>Ends the open frame; returns the LSN after it. Without an open frame nothing happens.</summary>
    public long CloseFrame()
    {
        if (_frameAt < 0)
            return NextLsn;
        var payload = _buffered - _frameAt - JournalFormat.FrameHeaderBytes;
        var padding = JournalFormat.Align(_buffered) - _buffered;
        Grow(padding);
        _buffer.AsSpan(_buffered, padding).Clear();
        _buffered += padding;
        JournalFormat.WriteFrameHeader(_buffer.AsSpan(_frameAt), payload, _current.EndLsn + _frameAt, DurableLsn);
        _frameAt = -1;
        return NextLsn;
    }

    /// <summary>Writes the closed frames to the file (not yet durable). When it throws, they are dropped and may be added again.</summary>
    public void WriteOut()
    {
        var count = _buffered;
        _buffered = 0;
        _frameAt = -1;
        if (count == 0)
            return;
        if (_current.Room < count)
            SwitchFile(count);
        _current.Append(_buffer.AsSpan(0, count));
        ShrinkWhenUnused(count);
    }

    /// <summary>
    /// The files with writes that are not durable, oldest first, and the LSN up to which flushing them makes all durable. Called by whoever
    /// may write; the flushes then run beside further writes.
    /// </summary>
    public long TakeUnsynced(ICollection<IStorageFile> files)
    {
        lock (_filesGate)
        {
            foreach (var file in _sealed)
                TakeUnsynced(file, files);
            TakeUnsynced(_current, files);
            return _current.EndLsn;
        }
    }

    /// <summary>Notes that all frames below an LSN are durable.</summary>
    public void MarkDurable(long lsn) => Volatile.Write(ref _durableLsn, lsn);

    /// <summary>Gives back files whose frames all lie below an LSN: the segments hold their content durably.</summary>
    public void Release(long belowLsn)
    {
        lock (_filesGate)
        {
            while (_sealed.TryPeek(out var oldest) && oldest.EndLsn <= belowLsn)
            {
                _sealed.Dequeue();
                if (oldest.Length == _options.FileBytes && _spares.Count < _options.MaxSpareFiles)
                    _spares.Enqueue(oldest);
                else
                    Delete(oldest);
            }
        }
    }

    /// <summary>Prewrites a spare file when there is none, so that the writer never waits for one.</summary>
    public void PrepareSpare()
    {
        if (!NeedsSpare)
            return;
        var file = Create(Interlocked.Increment(ref _lastNumber), _options.FileBytes, Prewriting.InPieces);
        lock (_filesGate)
            _spares.Enqueue(file);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_filesGate)
        {
            foreach (var file in _sealed)
                file.Dispose();
            foreach (var file in _spares)
                file.Dispose();
            _current.Dispose();
        }
    }

    internal static string FileName(int number) => number.ToString("D8", CultureInfo.InvariantCulture) + ".journal";

    private static void TakeUnsynced(JournalFile file, ICollection<IStorageFile> files)
    {
        if (!file.Unsynced)
            return;
        file.Unsynced = false;
        files.Add(file.File);
    }

    private void SwitchFile(int bytes)
    {
        var next = NextFile(bytes);
        next.Begin(_current.EndLsn);
        lock (_filesGate)
        {
            _sealed.Enqueue(_current);
            _current = next;
        }
    }

    /// <summary>A spare with enough room, or a new file.</summary>
    private JournalFile NextFile(int bytes)
    {
        lock (_filesGate)
        {
            if (_spares.TryPeek(out var spare) && spare.Length - JournalFormat.FileHeaderBytes >= bytes)
                return _spares.Dequeue();
        }

        // The writer does not wait for zeros: without them, flushes into this file cost more until it is used again.
        var length = Math.Max(_options.FileBytes, bytes + JournalFormat.FileHeaderBytes);
        return Create(Interlocked.Increment(ref _lastNumber), length, Prewriting.None);
    }

    /// <summary>Creates a file; a prewritten one is full of zeros, so that flushing a write into it changes no file metadata.</summary>
    private JournalFile Create(int number, int length, Prewriting prewriting)
    {
        var path = $"{_directory}/{FileName(number)}";
        var file = _fileSystem.Open(path, FileOpening.CreateNew);
        try
        {
            file.Preallocate(length);
            if (prewriting != Prewriting.None)
                WriteZeros(file, length, prewriting);
#if PLANTED_BUGS
            if (!Planted.IsAwake(PlantedBug.ForgetJournalDirectorySync))
#endif
            _fileSystem.FlushDirectory(_directory);
            return new JournalFile(file, number, length);
        }
        catch
        {
            file.Dispose();
            _fileSystem.DeleteFile(path);
            throw;
        }
    }

    private static void WriteZeros(IStorageFile file, int length, Prewriting prewriting)
    {
        var zeros = new byte[Math.Min(length, ZeroBytes)];
        for (var at = 0; at < length; at += zeros.Length)
        {
            file.Write(zeros.AsSpan(0, Math.Min(zeros.Length, length - at)), at);
            if (prewriting == Prewriting.InPieces || at + zeros.Length >= length)
                file.FlushData();
        }
    }

    private void Delete(JournalFile file)
    {
        file.Dispose();
        _fileSystem.DeleteFile($"{_directory}/{FileName(file.Number)}");
    }

    /// <summary>Gives a large buffer up once nothing large has been written for a while: a flow of large commits keeps it.</summary>
    private void ShrinkWhenUnused(int written)
    {
        _smallWrites = written > MaxKeptBufferBytes ? 0 : _smallWrites + 1;
        if (_buffer.Length <= MaxKeptBufferBytes || _smallWrites < SmallWritesBeforeShrinking)
            return;
        _buffer = new byte[MinBufferBytes];
    }

    private void Grow(int bytes)
    {
        var needed = _buffered + bytes;
        if (needed > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(needed, _buffer.Length * 2));
    }

    /// <summary>How a new file is filled with zeros.</summary>
    private enum Prewriting
    {
        /// <summary>Not at all: who writes does not wait for it.</summary>
        None,

        /// <summary>And flushed once: while nothing else is written.</summary>
        AtOnce,

        /// <summary>And flushed piece by piece: a commit that syncs meanwhile waits behind one piece, not behind the whole file.</summary>
        InPieces,
    }
}

/// <summary>Is told of a part of the journal that was durable and does not verify, before frames behind it are replayed.</summary>
/// <param name="fromLsn">Where it begins.</param>
/// <param name="toLsn">The next frame that verifies, or the end of the file.</param>
public delegate void JournalDamage(long fromLsn, long toLsn);

/// <summary>Receives a journal frame at recovery.</summary>
/// <param name="lsn">The frame's LSN.</param>
/// <param name="payload">Its payload, valid during the call.</param>
public delegate void FrameReplay(long lsn, ReadOnlySpan<byte> payload);
