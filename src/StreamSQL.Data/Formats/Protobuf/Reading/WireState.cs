namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>The bytes that a decoder reads, and the place of the first fault in the message being read.</summary>
internal sealed class WireState
{
    /// <summary>The buffer that all messages lie in.</summary>
    public byte[] Buffer { get; set; } = [];

    /// <summary>What is wrong.</summary>
    public WireFault Fault { get; private set; }

    /// <summary>Where in the buffer.</summary>
    public int Position { get; private set; }

    /// <summary>The field that could not be read; null when it is not one's fault.</summary>
    public FieldReader? Field { get; private set; }

    /// <summary>Notes a fault unless one is noted: the innermost says most. Returns false.</summary>
    public bool Fail(WireFault fault, int position, FieldReader? field)
    {
        if (Fault == WireFault.None)
        {
            Fault = fault;
            Position = position;
            Field = field;
        }

        return false;
    }

    /// <summary>Forgets the fault.</summary>
    public void Clear() => Fault = WireFault.None;
}
