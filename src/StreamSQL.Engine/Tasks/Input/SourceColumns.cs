using System.Buffers.Binary;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// The decoded records of one run: the columns that somebody wants, event times, and what is wrong with
/// which rows. Consumers see them through a <see cref="SourceView"/> and change nothing here. Not thread-safe.
/// </summary>
internal sealed class SourceColumns
{
    private const int WindowBoundSize = sizeof(long);

    private readonly SourceDefinition _source;
    private readonly int _keyCount;
    private readonly RecordDecoder _keyDecoder;
    private readonly RecordDecoder _valueDecoder;
    private readonly Column?[] _keyTargets;
    private readonly Column?[] _valueTargets;
    private readonly Column?[] _headerTargets;
    private readonly HeaderColumns _headers = new();
    private readonly EventTimeReader? _eventTime;
    private readonly Column? _timeColumn;
    private readonly SliceList _plainKeys = new();
    private readonly DecodeErrors _windowErrors = new();
    private readonly DecodeErrors _keyErrors = new();
    private readonly DecodeErrors _valueErrors = new();
    private readonly ErrorIsolation? _keyIsolation;
    private readonly ErrorIsolation? _valueIsolation;
    private readonly List<ColumnErrors> _errors = [];
    private ChangeFlags[] _flags = [];
    private bool[] _hasNoKey = [];

    /// <summary>Creates an empty set of columns.</summary>
    /// <param name="source">The stream or table.</param>
    /// <param name="wanted">Which of its columns are wanted.</param>
    /// <param name="partition">The partition that is read.</param>
    /// <param name="isolatesErrors">Whether a bad value may spoil its row only for those who want its column.</param>
    /// <param name="schemas">The schema registry; null when the engine has none.</param>
    public SourceColumns(SourceDefinition source, ReadOnlySpan<bool> wanted, int partition, bool isolatesErrors, ISchemaRegistry? schemas)
    {
        _source = source;
        Partition = partition;
        _keyCount = source.Columns.Count(static column => column.IsKey);
        _keyDecoder = RecordFormats.KeyDecoder(source, schemas);
        _valueDecoder = RecordFormats.ValueDecoder(source, schemas);
        _keyTargets = new Column?[_keyCount];
        _valueTargets = new Column?[source.Columns.Count(static column => column is { IsKey: false, Header: null })];
        _headerTargets = new Column?[source.Columns.Count - _keyCount - _valueTargets.Length];
        if (source.TimestampColumn is not null)
        {
            TimeIndex = RecordFormats.IndexOf(source, source.TimestampColumn);
            _eventTime = new EventTimeReader(source.TimestampFormat);
        }

        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] || i == TimeIndex)
                TargetOf(i) = Column.Create(source.Columns[i].Type);
        }

        _timeColumn = TimeIndex < 0 ? null : TargetOf(TimeIndex);
        if (source.Window is not null)
        {
            WindowStarts = new FixedColumn<long>(SqlType.BigInt);
            WindowEnds = new FixedColumn<long>(SqlType.BigInt);
        }

        if (!isolatesErrors)
            return;
        _keyIsolation = new ErrorIsolation(RecordFormats.KeyDecoder(source, schemas), firstColumn: 0);
        _valueIsolation = new ErrorIsolation(RecordFormats.ValueDecoder(source, schemas), firstColumn: _keyCount);
    }

    /// <summary>The partition that the rows are of.</summary>
    public int Partition { get; }

    /// <summary>How many rows there are, good and bad.</summary>
    public int RowCount { get; private set; }

    /// <summary>Event times, milliseconds; negative where a row has none.</summary>
    public FixedColumn<long> RowTime { get; } = new(SqlType.BigInt);

    /// <summary>The records' offsets.</summary>
    public FixedColumn<long> Offsets { get; } = new(SqlType.BigInt);

    /// <summary>Starts of the keys' windows; null where the source has none.</summary>
    public FixedColumn<long>? WindowStarts { get; }

    /// <summary>Ends of the keys' windows; null where the source has none.</summary>
    public FixedColumn<long>? WindowEnds { get; }

    /// <summary>The records' headers; null when none has any.</summary>
    public HeaderColumns? Headers { get; private set; }

    /// <summary>Flags by row; null when every record has a value.</summary>
    public ChangeFlags[]? Flags { get; private set; }

    /// <summary>The index of the column that gives event time; -1 when it is the record's timestamp.</summary>
    public int TimeIndex { get; } = -1;

    /// <summary>What did not parse.</summary>
    public IReadOnlyList<ColumnErrors> Errors => _errors;

    /// <summary>Whether a row has no valid event time, for whatever reason.</summary>
    public bool HasBadTimes { get; private set; }

    /// <summary>The rows without a key, which a table cannot have; null when there are none.</summary>
    public bool[]? RowsWithoutKey { get; private set; }

    /// <summary>The values of a column that was wanted, by its index in the source.</summary>
    public Column this[int index] => TargetOf(index)!;

    /// <summary>Decodes a run; text stays in the run's buffer.</summary>
    public void Decode(RecordRun run)
    {
        RowCount = run.Count;
        _errors.Clear();
        Reset(_keyTargets);
        Reset(_valueTargets);
        RowTime.Reset(RowCount);
        Offsets.Reset(RowCount);
        WindowStarts?.Reset(RowCount);
        WindowEnds?.Reset(RowCount);
        run.Timestamps.CopyTo(RowTime.Values);
        run.Offsets.CopyTo(Offsets.Values);
        ReadHeaders(run);
        DecodeKeys(run);
        _valueErrors.Clear();
        _valueDecoder.Decode(run.Values, _valueTargets, _valueErrors);
        AddErrors(_valueErrors, _valueIsolation, run.Values, _valueTargets);
        SetFlags(run);
        ReadEventTimes(run);
        FindRowsWithoutKey(run);
    }

    private ref Column? TargetOf(int index)
    {
        if (index < _keyCount)
            return ref _keyTargets[index];
        index -= _keyCount;
        if (index < _valueTargets.Length)
            return ref _valueTargets[index];
        return ref _headerTargets[index - _valueTargets.Length];
    }

    private void ReadHeaders(RecordRun run)
    {
        Headers = run.HeaderRows.Count > 0 ? _headers : null;
        if (Headers is not null)
        {
            _headers.Reset(RowCount);
            for (var i = 0; i < run.HeaderRows.Count; i++)
                _headers.Set(run.HeaderRows[i].Row, run.Headers[i], run.HeaderRows[i].Count);
        }

        for (var i = 0; i < _headerTargets.Length; i++)
        {
            if (_headerTargets[i] is { } target)
                HeaderReader.Fill(target, _source.Columns[_keyCount + _valueTargets.Length + i].Header!, Headers, RowCount);
        }
    }

    private void Reset(Column?[] columns)
    {
        foreach (var column in columns)
            column?.Reset(RowCount);
    }

    private void DecodeKeys(RecordRun run)
    {
        if (_keyTargets.Length == 0)
            return;
        _windowErrors.Clear();
        var keys = _source.Window is null ? run.Keys : SplitWindowedKeys(run.Keys, _source.Window);
        if (_windowErrors.Count > 0)
            _errors.Add(new ColumnErrors(ColumnErrors.WholeRow, _windowErrors));
        _keyErrors.Clear();
        _keyDecoder.Decode(keys, _keyTargets, _keyErrors);
        AddErrors(_keyErrors, _keyIsolation, keys, _keyTargets);
    }

    private void AddErrors(DecodeErrors errors, ErrorIsolation? isolation, SliceList records, Column?[] targets)
    {
        if (errors.Count == 0)
            return;
        if (isolation is null)
            _errors.Add(new ColumnErrors(ColumnErrors.WholeRow, errors));
        else
            isolation.Isolate(errors, records, targets, _errors);
    }

    /// <summary>
    /// Takes the window off the keys, in the layout of Kafka Streams: the key, then the start (time
    /// windows) or end and start (sessions), big-endian.
    /// </summary>
    private SliceList SplitWindowedKeys(SliceList keys, WindowSpec window)
    {
        _plainKeys.Reset(keys.Buffer);
        var suffix = window.Kind == WindowKind.Session ? 2 * WindowBoundSize : WindowBoundSize;
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys.Lengths[i] < suffix)
            {
                if (!keys.IsNull(i))
                    _windowErrors.Report(i, $"the key is shorter than its window bounds ({suffix} bytes)");
                _plainKeys.AddNull();
                continue;
            }

            var bounds = keys[i][^suffix..];
            var start = BinaryPrimitives.ReadInt64BigEndian(bounds[^WindowBoundSize..]);
            WindowStarts!.Values[i] = start;
            WindowEnds!.Values[i] = window.Kind == WindowKind.Session ? BinaryPrimitives.ReadInt64BigEndian(bounds) : start + window.SizeMs;
            _plainKeys.Add(keys.Starts[i], keys.Lengths[i] - suffix);
        }

        return _plainKeys;
    }

    private void SetFlags(RecordRun run)
    {
        if (_flags.Length < RowCount)
            _flags = new ChangeFlags[Math.Max(RowCount, 256)];
        var hasNull = false;
        for (var i = 0; i < RowCount; i++)
        {
            var isNull = run.Values.IsNull(i);
            hasNull |= isNull;
            _flags[i] = isNull ? ChangeFlags.None : ChangeFlags.HasNew;
        }

        Flags = hasNull && _valueTargets.Length > 0 ? _flags : null;
    }

    private void ReadEventTimes(RecordRun run)
    {
        var times = RowTime.Values.AsSpan(0, RowCount);
        for (var i = 0; _eventTime is not null && i < times.Length; i++)
        {
            // A tombstone has no columns to read: it keeps its record's time.
            if (!run.Values.IsNull(i))
                times[i] = _eventTime.Read(_timeColumn!, i);
        }

        HasBadTimes = false;
        foreach (var time in times)
            HasBadTimes |= time < 0;
    }

    private void FindRowsWithoutKey(RecordRun run)
    {
        RowsWithoutKey = null;
        for (var i = 0; _source.Kind == RelationKind.Table && i < RowCount; i++)
        {
            if (!run.Keys.IsNull(i))
                continue;
            if (_hasNoKey.Length < RowCount)
                _hasNoKey = new bool[Math.Max(RowCount, 256)];
            if (RowsWithoutKey is null)
                _hasNoKey.AsSpan(0, RowCount).Clear();
            RowsWithoutKey = _hasNoKey;
            _hasNoKey[i] = true;
        }
    }
}

/// <summary>The rows that failed in one column.</summary>
/// <param name="Column">The column's index in the source; <see cref="WholeRow"/> when the rows are bad for everybody.</param>
/// <param name="Errors">The rows and the first reason.</param>
internal readonly record struct ColumnErrors(int Column, DecodeErrors Errors)
{
    /// <summary>Stands for all columns.</summary>
    public const int WholeRow = -1;
}
