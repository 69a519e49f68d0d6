using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Moves replicas between data directories (KIP-113). There is one, so whatever is to be there is there already.</summary>
internal sealed class AlterReplicaLogDirsHandler(BrokerServices services)
    : ApiHandler<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>(Apis.AlterReplicaLogDirs)
{
    private readonly BrokerHost _host = services.Host;

    protected override ValueTask<AlterReplicaLogDirsResponse?> HandleAsync(AlterReplicaLogDirsRequest request, RequestContext context)
    {
        var response = new AlterReplicaLogDirsResponse();
        foreach (AlterReplicaLogDirsRequest.LogDirectory directory in request.Dirs)
        {
            foreach (AlterReplicaLogDirsRequest.Topic topic in directory.Topics)
            {
                response.Results.Add(new()
                {
                    TopicName = topic.Name,
                    Partitions =
                    [
                        .. topic.Partitions.Select(i => new AlterReplicaLogDirsResponse.Partition
                        {
                            PartitionIndex = i,
                            ErrorCode = Judge(directory.Path, new TopicPartition(topic.Name, i)),
                        }),
                    ],
                });
            }
        }
        return new(response);
    }

    private ErrorCode Judge(string path, TopicPartition partition)
    {
        if (path != _host.DataPath)
            return ErrorCode.LogDirNotFound;
        return _host.Topics.Find(partition) is null ? ErrorCode.ReplicaNotAvailable : ErrorCode.None;
    }
}
