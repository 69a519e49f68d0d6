using StreamSQL.Engine.Planning;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Engine.Queries.Sharing;

/// <summary>
/// The result of a query that several engines run, for reads: the states of the tasks that run here, and replicas of the others, made when
/// they are first asked for, and read on to what is committed each time.
/// </summary>
/// <param name="topology">The query's physical plan, which has a <see cref="QueryTopology.View"/>.</param>
/// <param name="groups">What runs here.</param>
/// <param name="builder">Makes states.</param>
/// <param name="environment">Broker and clock.</param>
internal sealed class SharedResult(QueryTopology topology, QueryGroups groups, TaskBuilder builder, TaskEnvironment environment)
    : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<int, StateReplica> _replicas = [];
    private readonly Stage _stage = topology.Stages[^1];
    private readonly int _node = topology.View!.Aggregate;

    /// <summary>The states of all partitions, each as it was committed at some moment since the call.</summary>
    /// <param name="trustsOwn">Whether what runs here runs nowhere else.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<IReadOnlyList<TableState>> OpenAsync(bool trustsOwn, CancellationToken cancellation)
    {
        var states = new TableState[_stage.Partitions];
        var reading = new List<Task>();
        var own = trustsOwn ? groups.TasksOf(_stage.Number).ToDictionary(static built => built.Partition) : [];
        await _turn.WaitAsync(cancellation);
        try
        {
            for (var partition = 0; partition < states.Length; partition++)
            {
                if (own.TryGetValue(partition, out var built))
                {
                    await ForgetAsync(partition);
                    states[partition] = (TableState)built.StateOfNode(_node);
                    continue;
                }

                if (_replicas.GetValueOrDefault(partition) is { IsStale: true })
                    await ForgetAsync(partition);
                states[partition] = GetReplica(partition).Store;
            }

            foreach (var replica in _replicas.Values)
                reading.Add(replica.CatchUpAsync(cancellation).AsTask());
            await Task.WhenAll(reading);
            return states;
        }
        catch
        {
            await ForgetAllAsync(); // where a read was broken off is not known
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        await ForgetAllAsync();
        _turn.Release();
    }

    private StateReplica GetReplica(int partition)
    {
        if (!_replicas.TryGetValue(partition, out var replica))
        {
            var store = (TableState)builder.CreateState(_stage, partition, _node);
            var changelog = new TopicPartition(InternalTopics.Changelog(topology.QueryId, store.Id), partition);
            _replicas.Add(partition, replica = new StateReplica(store, changelog, environment.Broker, environment.Time));
        }

        return replica;
    }

    private async ValueTask ForgetAllAsync()
    {
        foreach (var partition in _replicas.Keys.ToArray())
            await ForgetAsync(partition);
    }

    private async ValueTask ForgetAsync(int partition)
    {
        if (_replicas.Remove(partition, out var replica))
            await replica.DisposeAsync();
    }
}
