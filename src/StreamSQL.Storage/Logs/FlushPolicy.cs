namespace StreamSQL.Storage.Logs;

/// <summary>What an acknowledged append of a log survives, and when it is synced (<c>flush.policy</c>).</summary>
public enum FlushPolicy
{
    /// <summary>It is acknowledged, and can be read, once it is synced: it survives a power cut.</summary>
    Commit,

    /// <summary>
    /// It is acknowledged, and can be read, once the operating system has it: it survives the process. It is synced within
    /// <see cref="LogConfig.FlushMs"/>, or a second where that is not set.
    /// </summary>
    Interval,

    /// <summary>
    /// As <see cref="Interval"/>, but the operating system decides when it goes to the disk, unless <see cref="LogConfig.FlushMs"/> or
    /// <see cref="LogConfig.FlushMessages"/> is set.
    /// </summary>
    OperatingSystem,
}
