namespace StreamSQL.Storage.Logs;

/// <summary>
/// Records of a log that were durable and do not verify any more. They are quarantined: reading them is refused, everything around them is
/// served, and their bytes stay as they are.
/// </summary>
/// <param name="FirstOffset">The first offset that cannot be read.</param>
/// <param name="EndOffset">The first one behind it that can.</param>
/// <param name="File">The segment file.</param>
/// <param name="Position">Where the damaged bytes begin in it.</param>
/// <param name="EndPosition">Where they end; where they begin, when bytes are missing.</param>
public sealed record DamagedRange(long FirstOffset, long EndOffset, string File, long Position, long EndPosition);

/// <summary>A read in a quarantined range.</summary>
public sealed class QuarantinedException : IOException
{
    /// <summary>Creates the exception.</summary>
    public QuarantinedException(DamagedRange range)
        : base($"Offsets {range.FirstOffset} to {range.EndOffset - 1} are damaged: '{range.File}', bytes {range.Position} to " +
            $"{range.EndPosition}.") =>
        Range = range;

    /// <summary>What cannot be read.</summary>
    public DamagedRange Range { get; }
}
