using System.Buffers.Binary;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>
/// Reads messages of one type into columns: a table from field numbers to readers. Fields may come in any order; of repeated singular
/// values the last counts, sub-messages are merged, and what is not in the table is skipped.
/// </summary>
internal sealed class MessageReader
{
    /// <summary>Fields with larger numbers are looked up in a dictionary.</summary>
    private const int MaxDirect = 512;

    private readonly List<(int Number, int Field, FieldReader Reader)> _members = [];
    private readonly List<(int Field, FieldReader Reader)> _initial = [];
    private readonly List<FieldReader> _bound = [];
    private readonly List<FieldReader> _finished = [];
    private readonly Dictionary<uint, FieldReader> _far = [];
    private FieldReader?[] _near = [];

    /// <summary>Adds a reader for a field number; <paramref name="field"/> is the index of the column that it fills.</summary>
    public void AddMember(int number, int field, FieldReader reader) => _members.Add((number, field, reader));

    /// <summary>Adds a reader that initialises a column.</summary>
    public void AddInitial(int field, FieldReader reader) => _initial.Add((field, reader));

    /// <summary>Sets the columns by field; those that are null are not read.</summary>
    public void Bind(ReadOnlySpan<Column?> columns)
    {
        _bound.Clear();
        _finished.Clear();
        _far.Clear();
        Array.Clear(_near);
        foreach (var (field, reader) in _initial)
        {
            if (columns[field] is not { } column)
                continue;
            reader.Bind(column);
            _bound.Add(reader);
            if (reader is MapReader)
                _finished.Add(reader);
        }

        foreach (var (number, field, reader) in _members)
        {
            var member = reader as OneofMember;
            if (columns[field] is null)
                member?.Unbind();
            if (columns[field] is not null || member is { IsAlwaysSeen: true })
                Place(number, reader);
        }
    }

    /// <summary>Gives rows what they have when a message is empty.</summary>
    public void Init(int first, int count)
    {
        foreach (var reader in _bound)
            reader.Init(first, count);
    }

    /// <summary>Reads a message into a row that is initialised; false when it is not well-formed, or a value is not its column's.</summary>
    public bool Read(WireState state, int at, int end, int row)
    {
        var buffer = state.Buffer;
        var near = _near;
        while (at < end)
        {
            var start = at;
            at = WireFormat.ReadVarint(buffer, at, end, out var tag);
            if (at < 0)
                return state.Fail(WireFormat.FaultOf(at), start, null);
            if (tag is < 8 or > uint.MaxValue)
                return state.Fail(WireFault.InvalidTag, start, null);
            var number = (uint)tag >> 3;
            var reader = number < (uint)near.Length ? near[number] : FindFar(number);
            var type = (WireType)(tag & 7);
            ulong value;
            switch (type)
            {
                case WireType.Varint:
                    at = WireFormat.ReadVarint(buffer, at, end, out value);
                    if (at < 0)
                        return state.Fail(WireFormat.FaultOf(at), start, reader);
                    break;
                case WireType.Delimited:
                    at = WireFormat.ReadVarint(buffer, at, end, out value);
                    if (at < 0)
                        return state.Fail(WireFormat.FaultOf(at), start, reader);
                    if (value > (ulong)(end - at))
                        return state.Fail(WireFault.Truncated, start, reader);
                    if (reader is not null && !ReadSlice(state, reader, start, at, (int)value, row))
                        return false;
                    at += (int)value;
                    continue;
                case WireType.Fixed32:
                    if (end - at < sizeof(uint))
                        return state.Fail(WireFault.Truncated, start, reader);
                    value = BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at));
                    at += sizeof(uint);
                    break;
                case WireType.Fixed64:
                    if (end - at < sizeof(ulong))
                        return state.Fail(WireFault.Truncated, start, reader);
                    value = BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(at));
                    at += sizeof(ulong);
                    break;
                default:
                    at = SkipOther(state, start, at, end, (uint)tag);
                    if (at < 0)
                        return false;
                    continue;
            }

            if (reader is null || reader.WireType != type)
                continue;
            var fault = reader.ReadNumber(value, row);
            if (fault != WireFault.None)
                return state.Fail(fault, start, reader);
        }

        foreach (var reader in _finished)
            reader.Finish(row);
        return true;
    }

    private static bool ReadSlice(WireState state, FieldReader reader, int fieldStart, int start, int length, int row)
    {
        if (reader.WireType != WireType.Delimited && !reader.TakesPacked)
            return true;
        var fault = reader.ReadSlice(state, start, length, row);
        return fault == WireFault.None || state.Fail(fault, fieldStart, reader);
    }

    /// <summary>Skips a group; -1 for one that is not well-formed, and for tags that begin nothing.</summary>
    private static int SkipOther(WireState state, int start, int at, int end, uint tag)
    {
        var fault = (WireType)(tag & 7) switch
        {
            WireType.StartGroup => WireFormat.SkipGroup(state.Buffer, ref at, end, tag >> 3),
            WireType.EndGroup => WireFault.InvalidGroup,
            _ => WireFault.InvalidTag,
        };
        if (fault == WireFault.None)
            return at;
        state.Fail(fault, start, null);
        return -1;
    }

    private FieldReader? FindFar(uint number) => _far.Count == 0 ? null : _far.GetValueOrDefault(number);

    private void Place(int number, FieldReader reader)
    {
        if (number >= MaxDirect)
        {
            _far[(uint)number] = reader;
            return;
        }

        if (number >= _near.Length)
            Array.Resize(ref _near, number + 1);
        _near[number] = reader;
    }
}
