using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>The data directory and what the partitions in it take (KIP-113, KIP-827).</summary>
internal sealed class DescribeLogDirsHandler(BrokerServices services)
    : ApiHandler<DescribeLogDirsRequest, DescribeLogDirsResponse>(Apis.DescribeLogDirs)
{
    private readonly BrokerHost _host = services.Host;

    protected override ValueTask<DescribeLogDirsResponse?> HandleAsync(DescribeLogDirsRequest request, RequestContext context)
    {
        var directory = new DescribeLogDirsResponse.LogDirectory { LogDir = _host.DataPath };
        var response = new DescribeLogDirsResponse { Results = [directory] };
        if (_host.StorageFailure is not null)
        {
            directory.ErrorCode = ErrorCode.KafkaStorageError;
            return new(response);
        }
        (directory.TotalBytes, directory.UsableBytes) = _host.DataSpace;
        if (request.Topics is null)
        {
            foreach (Topic topic in services.Topics.All)
                directory.Topics.Add(Describe(topic.Name, topic.Partitions));
            return new(response);
        }
        foreach (DescribeLogDirsRequest.Topic asked in request.Topics)
        {
            List<Partition> found =
                [.. asked.Partitions.Select(i => services.Topics.Find(new TopicPartition(asked.Name, i))).OfType<Partition>()];
            if (found.Count > 0)
                directory.Topics.Add(Describe(asked.Name, found));
        }
        return new(response);
    }

    private static DescribeLogDirsResponse.Topic Describe(string topic, IEnumerable<Partition> partitions) => new()
    {
        Name = topic,
        Partitions =
        [
            .. partitions.Select(p => new DescribeLogDirsResponse.Partition
            {
                PartitionIndex = p.Name.Partition,
                PartitionSize = p.SizeInBytes,
            }),
        ],
    };
}
