namespace StreamSQL.Engine.Sessions.Locks;

/// <summary>What an advisory lock is on: one number of 64 bits, or two of 32 bits, which are another space.</summary>
/// <param name="High">The upper half, or the first number.</param>
/// <param name="Low">The lower half, or the second number.</param>
/// <param name="IsPair">Whether there were two numbers.</param>
public readonly record struct AdvisoryKey(int High, int Low, bool IsPair)
{
    /// <summary>The key of one number.</summary>
    public static AdvisoryKey Of(long number) => new((int)(number >> 32), (int)number, IsPair: false);

    /// <summary>The key of two numbers.</summary>
    public static AdvisoryKey Of(int first, int second) => new(first, second, IsPair: true);
}

/// <summary>An advisory lock that a session has, or waits for.</summary>
/// <param name="Key">What is locked.</param>
/// <param name="ProcessId">The session's number.</param>
/// <param name="DatabaseName">The session's database.</param>
/// <param name="IsShared">Whether others may have it too, if they share it.</param>
/// <param name="WaitsSince">Since when the session waits; null when it has it.</param>
public sealed record AdvisoryLock(AdvisoryKey Key, int ProcessId, string DatabaseName, bool IsShared, DateTimeOffset? WaitsSince);
