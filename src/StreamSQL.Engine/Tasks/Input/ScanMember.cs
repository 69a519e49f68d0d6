using StreamSQL.Data.Batches;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// The input of a task that reads a stream's or table's topic together with whoever stands at the same offset. It notes how far its task
/// has come; the reading and decoding is its <see cref="SharedScan"/>'s.
/// </summary>
internal sealed class ScanMember : TaskInput
{
    private readonly ScanSet _scans;
    private readonly SourceView _view;
    private SharedScan? _scan;
    private long _position;
    private long _lost;

    /// <summary>Creates a member that begins at an offset; it joins others when it is asked for records.</summary>
    public ScanMember(ScanSet scans, SourceView view, long position)
    {
        _scans = scans;
        _view = view;
        _position = position;
    }

    /// <inheritdoc/>
    public override TopicPartition Partition => _view.Partition;

    /// <inheritdoc/>
    public override long Position => _position;

    /// <inheritdoc/>
    public override long ReadyEnd => _scan?.Position ?? _position;

    /// <inheritdoc/>
    public override long Lost => _lost;

    /// <summary>What its task wants of the records.</summary>
    public SourceView View => _view;

    /// <summary>Whether its task is working on the batch of its scan.</summary>
    public bool IsAtWork { get; private set; }

    /// <inheritdoc/>
    public override bool IsReady()
    {
        _scan ??= _scans.Join(this);
        return _scan.Offers(this) || (_scan.Advance() && _scan.Offers(this));
    }

    /// <inheritdoc/>
    public override ChangeBatch? Take()
    {
        var scan = _scan ?? throw new InvalidOperationException("nothing is ready");
        var batch = _view.Show(scan.Columns!);
        _position = scan.Position;
        _lost += scan.LostBeforeBatch;
        IsAtWork = true;
        return batch;
    }

    /// <inheritdoc/>
    public override void Release() => IsAtWork = false;

    /// <inheritdoc/>
    public override void Leave()
    {
        _scan?.Remove(this);
        _scan = null;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The scan went on without this member: it has not taken the last batch.</summary>
    public void LeaveBehind() => _scan = null;

    /// <summary>Its scan has become part of another one at the same offset.</summary>
    public void MoveTo(SharedScan scan) => _scan = scan;

    /// <summary>There were no records up to an offset.</summary>
    public void SkipTo(long position) => _position = position;
}
