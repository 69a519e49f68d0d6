using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// One place of a partition where tasks of one or more queries stand: fetches, checks and decodes the records from there on once, all
/// columns that a member wants, and lends each member the batch with a selection of its own. The batch stays until the next round of the
/// worker: who has not taken it by then is left behind and reads from another scan. So there is one
/// batch and no queue, and nobody waits for a slow member.
/// </summary>
internal sealed class SharedScan
{
    private readonly ScanSet _scans;
    private readonly List<ScanMember> _members = [];
    private PartitionReader? _reader;
    private bool[] _wanted = [];
    private bool _isolatesErrors;
    private bool _membersChanged;
    private bool _hasBatch;
    private long _batchStart;
    private long _lost;
    private long _askedInRound = -1;
    private Exception? _failure;

    /// <summary>Creates a scan that begins where its first member stands.</summary>
    public SharedScan(ScanSet scans, ScanMember first)
    {
        _scans = scans;
        Partition = first.Partition;
        Source = first.View.Source;
        Position = first.Position;
        Add(first);
    }

    /// <summary>The partition that is read.</summary>
    public TopicPartition Partition { get; }

    /// <summary>The stream or table; members may name another one of the same shape.</summary>
    public SourceDefinition Source { get; }

    /// <summary>The offset at which it will go on reading; members that have taken the batch stand here.</summary>
    public long Position { get; private set; }

    /// <summary>The round of the worker in which it last gave out records.</summary>
    public long LastBatchRound { get; private set; } = -1;

    /// <summary>Records that were gone before the batch could be read.</summary>
    public long LostBeforeBatch { get; private set; }

    /// <summary>The decoded batch.</summary>
    public SourceColumns? Columns { get; private set; }

    /// <summary>Whether a member can take the batch.</summary>
    public bool Offers(ScanMember member) => _hasBatch && member.Position == _batchStart && !member.IsAtWork;

    /// <summary>Takes in a member that stands at <see cref="Position"/>.</summary>
    public void Add(ScanMember member)
    {
        _members.Add(member);
        _membersChanged = true;
    }

    /// <summary>Lets a member go; without members the scan ends.</summary>
    public void Remove(ScanMember member)
    {
        _members.Remove(member);
        _membersChanged = true;
        if (_members.Count == 0)
            _scans.Retire(this, _reader);
    }

    /// <summary>
    /// Reads and decodes the next batch; false when there is none now. Once in a round: whoever asks later in it has been served, or has
    /// come from another scan and is served in the next.
    /// </summary>
    public bool Advance()
    {
        if (_failure is not null)
            throw _failure;
        if (_askedInRound == _scans.Round || IsSomebodyAtWork())
            return false;
        _askedInRound = _scans.Round;
        LeaveStragglersBehind();
        if (_scans.FindAt(this) is { } other)
        {
            MergeInto(other);
            return _scans.AskForRound();
        }

        return _scans.MustLetPass(this) ? _scans.AskForRound() : TryReadBatch();
    }

    private bool TryReadBatch()
    {
        try
        {
            return ReadBatch();
        }
        catch (Exception error)
        {
            // Nobody knows how far it came: nothing may be read from here on.
            _failure = error;
            _scans.Forget(this);
            throw;
        }
    }

    private bool ReadBatch()
    {
        _hasBatch = false;
        _reader ??= _scans.Open(Source, Partition, Position);
        if (_reader.TryRead(_scans.NextAhead(this)) is not { } run)
        {
            SkipTo(_reader.Position);
            return false;
        }

        if (_membersChanged)
            FitColumns();
        Columns!.Decode(run);
        LostBeforeBatch = _reader.Lost - _lost;
        _lost = _reader.Lost;
        _batchStart = Position;
        Position = run.NextOffset;
        LastBatchRound = _scans.Round;
        _hasBatch = true;
        return true;
    }

    private bool IsSomebodyAtWork()
    {
        foreach (var member in _members)
        {
            if (member.IsAtWork)
                return true;
        }

        return false;
    }

    private void LeaveStragglersBehind()
    {
        for (var i = _members.Count - 1; i >= 0; i--)
        {
            if (_members[i].Position == Position)
                continue;
            _members[i].LeaveBehind();
            _members.RemoveAt(i);
            _membersChanged = true;
        }
    }

    private void MergeInto(SharedScan other)
    {
        foreach (var member in _members)
        {
            member.MoveTo(other);
            other.Add(member);
        }

        _members.Clear();
        if (other._reader is null)
            (other._reader, other._lost, _reader) = (_reader, _lost, null);
        _scans.Retire(this, _reader);
    }

    private void SkipTo(long position)
    {
        if (position == Position)
            return;
        foreach (var member in _members)
            member.SkipTo(position);
        Position = position;
        _scans.AskForRound();
    }

    /// <summary>Decodes the union of the members' columns from now on; new columns only where it differs from what there is.</summary>
    private void FitColumns()
    {
        _membersChanged = false;
        var wanted = new bool[Source.Columns.Count];
        var isolates = false;
        foreach (var member in _members)
        {
            for (var i = 0; i < wanted.Length; i++)
                wanted[i] |= member.View.Wanted[i];
            isolates |= !member.View.Wanted.SequenceEqual(_members[0].View.Wanted);
        }

        if (Columns is not null && isolates == _isolatesErrors && wanted.AsSpan().SequenceEqual(_wanted))
            return;
        _wanted = wanted;
        _isolatesErrors = isolates;
        Columns = _scans.CreateColumns(Source, wanted, Partition.Partition, isolates);
    }
}
