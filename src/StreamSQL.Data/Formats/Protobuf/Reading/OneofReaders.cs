using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>The fields of a oneof: the one that came last counts, all others are NULL.</summary>
internal sealed class OneofGroup
{
    private readonly List<OneofMember> _members = [];

    /// <summary>The STRUCT that the members are fields of; null when they are columns of the message's own.</summary>
    public StructColumn? Owner { get; set; }

    /// <summary>Whether the members are fields of a STRUCT.</summary>
    public bool IsStruct { get; init; }

    /// <summary>Adds a member.</summary>
    public OneofMember Add(FieldReader reader)
    {
        var member = new OneofMember(this, reader);
        _members.Add(member);
        return member;
    }

    /// <summary>Makes all other members NULL.</summary>
    public void Choose(OneofMember chosen, int row)
    {
        var isFirst = false;
        if (Owner is { } owner)
        {
            isFirst = owner.IsNull(row);
            owner.SetValid(row);
        }

        foreach (var member in _members)
        {
            if ((member != chosen || isFirst) && member.IsBound)
                member.Init(row, 1);
        }
    }
}

/// <summary>Reads a member of a oneof.</summary>
/// <param name="group">The oneof.</param>
/// <param name="value">Reads the value; an absent one is NULL.</param>
internal sealed class OneofMember(OneofGroup group, FieldReader value) : FieldReader(value.Path, value.WireType)
{
    /// <summary>Whether there is a column to fill.</summary>
    public bool IsBound { get; private set; }

    /// <inheritdoc/>
    public override string Mismatch => value.Mismatch;

    /// <summary>Whether it must be seen although no column wants it: it makes the others NULL.</summary>
    public bool IsAlwaysSeen => !group.IsStruct;

    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        IsBound = true;
        value.Bind(column);
    }

    /// <summary>No column wants it.</summary>
    public void Unbind() => IsBound = false;

    /// <inheritdoc/>
    public override void Init(int first, int count) => value.Init(first, count);

    /// <inheritdoc/>
    public override WireFault ReadNumber(ulong number, int row)
    {
        group.Choose(this, row);
        return IsBound ? value.ReadNumber(number, row) : WireFault.None;
    }

    /// <inheritdoc/>
    public override WireFault ReadSlice(WireState state, int start, int length, int row)
    {
        group.Choose(this, row);
        return IsBound ? value.ReadSlice(state, start, length, row) : WireFault.None;
    }
}

/// <summary>The STRUCT of a oneof: it has no number of its own; NULL when no member came.</summary>
/// <param name="path">The column.</param>
/// <param name="group">The oneof.</param>
/// <param name="members">Its members by field of the STRUCT.</param>
internal sealed class OneofStruct(string path, OneofGroup group, IReadOnlyList<FieldReader> members) : FieldReader(path, WireType.EndGroup)
{
    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        group.Owner = (StructColumn)column;
        for (var i = 0; i < members.Count; i++)
            members[i].Bind(group.Owner.Fields[i]);
    }

    /// <inheritdoc/>
    public override void Init(int first, int count) => SetNulls(group.Owner!, first, count);
}

/// <summary>A member of a oneof that no column wants: it only makes the others NULL.</summary>
internal sealed class UnwantedReader(string path, WireType wireType) : FieldReader(path, wireType)
{
    /// <inheritdoc/>
    public override void Bind(Column column)
    {
    }

    /// <inheritdoc/>
    public override void Init(int first, int count)
    {
    }
}
