using System.Buffers.Binary;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>
/// Reads messages of one type into columns: a table from field numbers to readers. Fields may come in any order; of repeated singular values the last
/// counts, sub-messages are merged, and what is not in the table is skipped.
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
        while (at < end)
        {
            var start = at;
            ulong tag = buffer[at];
            if (tag < 0x80)
                at++;
            else if (!WireFormat.TryReadVarint(buffer, ref at, end, out tag, out var tagFault))
                return state.Fail(tagFault, start, null);
            if (tag is < 8 or > uint.MaxValue)
                return state.Fail(WireFault.InvalidTag, start, null);
            var number = (uint)tag >> 3;
            var near = _near;
            var reader = number < (uint)near.Length ? near[number] : FindFar(number);
            var type = (WireType)(tag & 7);
            WireFault fault;
            ulong value;
            switch (type)
            {
                case WireType.Varint:
                    value = at < end ? buffer[at] : 0x80u;
                    if (value < 0x80)
                        at++;
                    else if (!WireFormat.TryReadVarint(buffer, ref at, end, out value, out fault))
                        return state.Fail(fault, start, reader);
                    break;
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
                case WireType.Delimited:
                    value = at < end ? buffer[at] : 0x80u;
                    if (value < 0x80)
                        at++;
                    else if (!WireFormat.TryReadVarint(buffer, ref at, end, out value, out fault))
                        return state.Fail(fault, start, reader);
                    if (value > (ulong)(end - at))
                        return state.Fail(WireFault.Truncated, start, reader);
                    if (reader is not null && (reader.WireType == WireType.Delimited || reader.TakesPacked))
                    {
                        fault = reader.ReadSlice(state, at, (int)value, row);
                        if (fault != WireFault.None)
                            return state.Fail(fault, start, reader);
                    }

                    at += (int)value;
                    continue;
                default:
                    fault = type == WireType.StartGroup ? WireFormat.SkipGroup(buffer, ref at, end, number)
                        : type == WireType.EndGroup ? WireFault.InvalidGroup : WireFault.InvalidTag;
                    if (fault != WireFault.None)
                        return state.Fail(fault, start, null);
                    continue;
            }

            if (reader is null || reader.WireType != type)
                continue;
            fault = reader.ReadNumber(value, row);
            if (fault != WireFault.None)
                return state.Fail(fault, start, reader);
        }

        foreach (var reader in _finished)
            reader.Finish(row);
        return true;
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
