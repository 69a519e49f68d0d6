namespace StreamSQL.Engine.Queries;

/// <summary>How a persistent query is.</summary>
public enum QueryStatus : byte
{
    /// <summary>It restores its state.</summary>
    Starting,

    /// <summary>It reads, or waits for more to read.</summary>
    Running,

    /// <summary>PAUSE was said.</summary>
    Paused,

    /// <summary>Some or all of its tasks have failed.</summary>
    Error,

    /// <summary>It has been stopped.</summary>
    Stopped,
}
