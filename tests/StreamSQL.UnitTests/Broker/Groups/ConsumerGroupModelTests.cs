using StreamSQL.Broker.Groups;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Broker.Groups;

/// <summary>
/// Random commands against the rules of the consumer protocol, with the members' side played here. After each one: no partition is read by
/// two members, epochs never fall, and a group replayed from all records so far is the same. When all is quiet, each has its target.
/// </summary>
public class ConsumerGroupModelTests
{
    private const long StepMs = 1000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Whatever_happens_no_partition_has_two_readers_and_all_converge(int seed)
    {
        var model = new Model(seed);
        for (int round = 0; round < 5; round++)
        {
            for (int i = 0; i < 25; i++)
                model.Act();
            model.Settle();
        }
    }

    private sealed class Model
    {
        private readonly Random _random;
        private readonly Dictionary<string, TopicShape> _topics = new()
        {
            ["a"] = new(Guid.NewGuid(), 7), ["b"] = new(Guid.NewGuid(), 1), ["c.1"] = new(Guid.NewGuid(), 4),
        };
        private readonly ConsumerGroup _group = new("g");
        private readonly ConsumerGroup _replayed = new("g");
        private readonly List<Client> _clients = [];
        private TopicsView _view;
        private long _nowMs;
        private int _lastId;
        private int _lastEpoch;

        public Model(int seed)
        {
            _random = new Random(seed);
            _view = new TopicsView(new Dictionary<string, TopicShape>(_topics));
        }

        public void Act()
        {
            _nowMs += StepMs;
            int dice = _random.Next(100);
            if (dice < 12 && _clients.Count < 8)
                _clients.Add(new Client($"m{++_lastId}") { InstanceId = _random.Next(3) == 0 ? $"i{_lastId}" : null });
            else if (dice < 16)
                ChangeTopics();
            else if (_clients.Count > 0)
                Act(_clients[_random.Next(_clients.Count)], dice);
            Check();
        }

        public void Settle()
        {
            // Long enough for expressions to be matched again, and for each hand-over to go round once per member.
            for (int i = 0; i < 40; i++)
            {
                _nowMs += StepMs;
                foreach (Client client in _clients.ToList())
                    Heartbeat(client, loseAnswer: false);
                Check();
            }
            foreach (Client client in _clients)
            {
                ConsumerMember member = _group.Members[client.Id];
                member.HasReached(_group.TargetEpoch).ShouldBeTrue();
                client.Owned.SetEquals(member.Target).ShouldBeTrue();
            }
            _group.State.ShouldBe(_clients.Count == 0 ? "Empty" : "Stable");
            HashSet<string> read =
                [.. _clients.SelectMany(c => _view.ByName.Keys.Where(t => c.Topics.Contains(t) || (c.Regex == "c.*" && t[0] == 'c')))];
            _clients.SelectMany(c => c.Owned).Count().ShouldBe(read.Sum(t => _view.ByName[t].Partitions));
        }

        private void Act(Client client, int dice)
        {
            switch (dice)
            {
                case < 22:
                    Leave(client);
                    break;
                case < 26:
                    Expire(client);
                    break;
                case < 34:
                    client.Topics = [.. _topics.Keys.Where(_ => _random.Next(2) == 0)];
                    client.Regex = _random.Next(3) == 0 ? "c.*" : "";
                    client.SaysAll = true;
                    Heartbeat(client, loseAnswer: false);
                    break;
                case < 40:
                    Heartbeat(client, loseAnswer: true);
                    break;
                default:
                    Heartbeat(client, loseAnswer: false);
                    break;
            }
        }

        private void ChangeTopics()
        {
            string name = $"c.{_random.Next(4)}";
            if (!_topics.TryGetValue(name, out TopicShape topic))
                _topics.Add(name, new TopicShape(Guid.NewGuid(), 1 + _random.Next(5)));
            else if (_random.Next(3) == 0)
                _topics.Remove(name);
            else
                _topics[name] = topic with { Partitions = topic.Partitions + 1 };
            _view = new TopicsView(new Dictionary<string, TopicShape>(_topics));
        }

        private void Heartbeat(Client client, bool loseAnswer)
        {
            ConsumerGroupHeartbeatRequest request = client.Request();
            List<GroupRecord> records = [];
            ConsumerGroupHeartbeatResponse response = ConsumerGroupSteps.Heartbeat(_group, request, "client", "/host", Context, records);
            Apply(records);
            if (!ReferenceEquals(_group.SeenTopics, _view)
                && (_group.Patterns.Count == 0 || _nowMs - _group.PatternsRefreshedMs >= ConsumerGroupSteps.PatternRefreshMs))
                (_group.SeenTopics, _group.PatternsRefreshedMs) = (_view, _nowMs);
            if (response.ErrorCode == ErrorCode.None)
            {
                if (!loseAnswer)
                    client.Take(response);
                else
                    client.SaysAll = true;
            }
            else
            {
                response.ErrorCode.ShouldBeOneOf(ErrorCode.FencedMemberEpoch, ErrorCode.UnknownMemberId, ErrorCode.UnreleasedInstanceId);
                // A client that is fenced gives up all that it has. It waits for its session to end before it comes again.
                client.Forget();
                if (_group.Members.TryGetValue(client.Id, out ConsumerMember? member))
                    Remove(member);
            }
        }

        private void Leave(Client client)
        {
            if (client.Epoch == 0)
                return;
            bool forAWhile = client.InstanceId is not null && _random.Next(2) == 0;
            var request = new ConsumerGroupHeartbeatRequest
            {
                GroupId = "g", MemberId = client.Id, InstanceId = client.InstanceId, MemberEpoch = forAWhile ? -2 : -1,
            };
            List<GroupRecord> records = [];
            ConsumerGroupSteps.Leave(_group, request, Context, records).ErrorCode.ShouldBe(ErrorCode.None);
            Apply(records);
            _clients.Remove(client);
            if (forAWhile)
                _clients.Add(new Client($"m{++_lastId}") { InstanceId = client.InstanceId, Topics = client.Topics, Regex = client.Regex });
        }

        private void Expire(Client client)
        {
            client.Forget();
            if (_group.Members.TryGetValue(client.Id, out ConsumerMember? member))
                Remove(member);
        }

        private void Remove(ConsumerMember member)
        {
            List<GroupRecord> records = [];
            ConsumerGroupSteps.Remove(_group, [member], Context, records);
            Apply(records);
        }

        private StepContext Context => new(_view, _nowMs, _nowMs, 100);

        private void Apply(List<GroupRecord> records)
        {
            using var batch = new RecordBatchBuilder();
            using var scratch = new PooledBuffer();
            foreach (GroupRecord record in records)
            {
                _group.Replay(record);
                record.AppendTo(batch, scratch, _nowMs);
            }
            if (records.Count == 0)
                return;
            ReadOnlyMemory<byte> bytes = batch.Build()[RecordBatchHeader.Size..];
            var reader = new RecordBatchReader(bytes.Span, records.Count);
            while (reader.MoveNext())
            {
                GroupRecord.TryRead(reader.Key.ToArray(), reader.Value.ToArray(), reader.HasValue, out GroupRecord record).ShouldBeTrue();
                _replayed.Replay(record);
            }
        }

        private void Check()
        {
            List<TopicIdPartition> read = [.. _clients.SelectMany(c => c.Owned)];
            read.Distinct().Count().ShouldBe(read.Count, "a partition has two readers");
            _group.Epoch.ShouldBeGreaterThanOrEqualTo(_lastEpoch);
            _group.TargetEpoch.ShouldBeLessThanOrEqualTo(_group.Epoch);
            _lastEpoch = _group.Epoch;
            Describe(_replayed).ShouldBe(Describe(_group));
        }

        private static string Describe(ConsumerGroup group) =>
            $"{group.Epoch} {group.TargetEpoch} {group.MetadataHash} {group.State} "
            + string.Join("; ", group.Patterns.OrderBy(p => p.Key).Select(p => $"{p.Key}={string.Join(',', p.Value.Topics)}"))
            + string.Join("; ", group.Members.Values.OrderBy(m => m.Id).Select(m =>
                $"{m.Id} {m.Metadata.InstanceId} {string.Join(',', m.Metadata.SubscribedTopicNames)} {m.Metadata.SubscribedTopicRegex} "
                + $"{m.Current.Epoch} {m.Current.PreviousEpoch} {m.Current.State} {Text(m.Current.Assigned)} {Text(m.Current.Revoking)} " +
                $"{Text(m.Target)}"));

        private static string Text(IEnumerable<TopicIdPartition> partitions) =>
            string.Join(',', partitions.Select(p => $"{p.TopicId}-{p.Partition}").Order());
    }

    /// <summary>A consumer as it behaves: it stops reading what it is told to give up before it says so.</summary>
    private sealed class Client(string id)
    {
        public string Id { get; } = id;

        public string? InstanceId { get; init; }

        public List<string> Topics { get; set; } = ["a", "b"];

        public string Regex { get; set; } = "";

        public int Epoch { get; private set; }

        public HashSet<TopicIdPartition> Owned { get; private set; } = [];

        public bool SaysAll { get; set; } = true;

        public ConsumerGroupHeartbeatRequest Request() => new()
        {
            GroupId = "g",
            MemberId = Id,
            InstanceId = InstanceId,
            MemberEpoch = Epoch,
            RebalanceTimeoutMs = SaysAll ? 60_000 : -1,
            SubscribedTopicNames = SaysAll ? Topics : null,
            SubscribedTopicRegex = SaysAll ? Regex : null,
            TopicPartitions = [.. Owned.GroupBy(p => p.TopicId).Select(
                t => new ConsumerGroupHeartbeatRequest.OwnedTopic { TopicId = t.Key, Partitions = [.. t.Select(p => p.Partition)] })],
        };

        public void Take(ConsumerGroupHeartbeatResponse response)
        {
            response.MemberEpoch.ShouldBeGreaterThanOrEqualTo(Epoch);
            (Epoch, SaysAll) = (response.MemberEpoch, false);
            if (response.Assignment is { } assignment)
                Owned = [.. assignment.TopicPartitions.SelectMany(t => t.Partitions.Select(p => new TopicIdPartition(t.TopicId, p)))];
        }

        public void Forget() => (Epoch, SaysAll, Owned) = (0, true, []);
    }
}
