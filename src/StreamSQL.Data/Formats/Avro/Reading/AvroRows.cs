using System.Runtime.CompilerServices;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>A record being decoded, and how far it is read.</summary>
internal unsafe struct AvroRow
{
    /// <summary>The next byte to read.</summary>
    public byte* Position;

    /// <summary>The byte after the record.</summary>
    public byte* End;

    /// <summary>The row's number in the columns.</summary>
    public int Number;

    /// <summary>The number of the step that met the fault; -1 for none.</summary>
    public int FaultStep;

    /// <summary>The first fault. The row is then at its end, where whatever is read fails again.</summary>
    public AvroFault Fault;

    /// <summary>Goes on to a position, or fails where that is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void MoveTo(byte* position, AvroContext context)
    {
        if (position != null)
            Position = position;
        else
            Fail(context);
    }

    /// <summary>Takes over the fault that was noted, unless the row has one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Fail(AvroContext context)
    {
        if (Fault == AvroFault.None)
        {
            Fault = context.Fault;
            FaultStep = context.FaultStep?.Number ?? -1;
        }

        Position = End;
    }
}

/// <summary>The rows of a chunk: few enough that their bytes stay in the first-level cache from step to step.</summary>
internal readonly unsafe struct AvroRows(AvroContext context, AvroRow* first, int count)
{
    /// <summary>Rows of a chunk.</summary>
    public const int MaxCount = 128;

    /// <summary>What they are read with.</summary>
    public readonly AvroContext Context = context;

    /// <summary>The rows.</summary>
    public readonly AvroRow* First = first;

    /// <summary>The end of the rows.</summary>
    public readonly AvroRow* Last = first + count;
}
