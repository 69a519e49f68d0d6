using StreamSQL.Engine.Planning;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka;

namespace StreamSQL.Engine.Queries;

/// <summary>The consumer groups of queries.</summary>
internal static class ConsumerGroups
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Removes the consumer group of a query that does not run here. Where engines share queries, waits until the others, which hear of it
    /// from the catalog, have left it, and gives up when they have had more than a session's time to do so: then false. A broker may refuse
    /// it for other reasons (on a cluster it is a right of its own): then the offsets stay until they expire.
    /// </summary>
    public static async ValueTask<bool> TryDeleteAsync(TaskEnvironment environment, string queryId, CancellationToken cancellation)
    {
        var group = InternalTopics.ConsumerGroup(queryId);
        var patience = environment.Sharing is { } sharing ? 2 * sharing.SessionTimeout : TimeSpan.Zero;
        var began = environment.Time.GetTimestamp();
        while (true)
        {
            try
            {
                await environment.Broker.DeleteGroupAsync(group, cancellation);
                return true;
            }
            catch (KafkaException error) when (
                error.Code == ErrorCode.NonEmptyGroup && environment.Time.GetElapsedTime(began) < patience)
            {
                await Task.Delay(Pause, environment.Time, cancellation);
            }
            catch (KafkaException error)
            {
                if (error.Code != ErrorCode.GroupIdNotFound)
                    QueryLog.GroupStays(environment.Logger, group, error.Code);
                return error.Code != ErrorCode.NonEmptyGroup;
            }
        }
    }
}
