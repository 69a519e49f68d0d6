using System.Globalization;

namespace StreamSQL.Storage.Logs;

/// <summary>Names a partition log for good: topic names can be used again, topic ids cannot.</summary>
public readonly record struct LogId(Guid TopicId, int Partition)
{
    /// <summary>The log's directory below the data directory's <c>logs</c>.</summary>
    internal string Directory => $"{TopicId:N}/{Partition.ToString(CultureInfo.InvariantCulture)}";

    /// <inheritdoc/>
    public override string ToString() => Directory;
}
