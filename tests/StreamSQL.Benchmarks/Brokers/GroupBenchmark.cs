using System.Diagnostics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>
/// A group of 100 members under the classic protocol: how long from the first join until all have an assignment (the broker waits three
/// seconds for more members, and again as long as more come), and how long a rebalance takes when one more joins and the others, who send
/// heartbeats every 100 ms, hear of it.
/// </summary>
internal static class GroupBenchmark
{
    private const int Members = 100;
    private const string GroupId = "bench";
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMilliseconds(100);
    private static readonly ManualResetEventSlim Pause = new(); // never set

    /// <summary>Runs it.</summary>
    public static int Run()
    {
        using BrokerProcess broker = BrokerProcess.Start();
        using (RawClient admin = RawClient.Open(broker))
            admin.CreateTopics(["t"], Members);
        var members = new Member[Members];
        for (var i = 0; i < Members; i++)
            members[i] = new Member(broker);
        var started = Stopwatch.GetTimestamp();
        RunAll(members, static member => member.Join());
        var joined = Stopwatch.GetElapsedTime(started);

        var heartbeats = members.Select(static member => new Thread(member.StayUntilRebalanced)).ToList();
        heartbeats.ForEach(static thread => thread.Start());
        started = Stopwatch.GetTimestamp();
        using (var last = new Member(broker))
        {
            last.Join();
            heartbeats.ForEach(static thread => thread.Join());
            var rebalanced = Stopwatch.GetElapsedTime(started);
            StorageScratch.Print(
                $"group of {Members}: all assigned after {joined.TotalSeconds:F2} s (of it at least 3 s of waiting for members); rebalanced for one more within {rebalanced.TotalMilliseconds:F0} ms (heartbeats every {HeartbeatInterval.TotalMilliseconds:F0} ms)");
        }

        foreach (var member in members)
            member.Dispose();
        return 0;
    }

    private static void RunAll(Member[] members, Action<Member> work)
    {
        var threads = members.Select(member => new Thread(() => work(member))).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
    }

    private sealed class Member(BrokerProcess broker) : IDisposable
    {
        private readonly RawClient _client = RawClient.Open(broker);
        private string _id = "";
        private int _generation;

        /// <summary>Joins and is synced; again when the group is rebalanced in between.</summary>
        public void Join()
        {
            while (!TryJoin())
            {
                // the generation was over before it was synced
            }
        }

        /// <summary>Sends heartbeats until the group is rebalanced, and joins again.</summary>
        public void StayUntilRebalanced()
        {
            while (true)
            {
                HeartbeatResponse answer = _client.Call(Apis.Heartbeat, 3,
                    new HeartbeatRequest { GroupId = GroupId, GenerationId = _generation, MemberId = _id });
                if (answer.ErrorCode == ErrorCode.RebalanceInProgress)
                    break;
                Pause.Wait(HeartbeatInterval);
            }

            Join();
        }

        public void Dispose() => _client.Dispose();

        private bool TryJoin()
        {
            JoinGroupResponse joined = _client.Call(Apis.JoinGroup, 5, new JoinGroupRequest
            {
                GroupId = GroupId, SessionTimeoutMs = 30_000, RebalanceTimeoutMs = 60_000, MemberId = _id, ProtocolType = "consumer",
                Protocols = [new() { Name = "range", Metadata = new byte[] { 0, 0, 0, 0, 0, 1, 0, 1, (byte)'t', 0xFF, 0xFF, 0xFF, 0xFF } }],
            });
            _id = joined.MemberId;
            if (joined.ErrorCode != ErrorCode.None)
                return false;
            _generation = joined.GenerationId;
            SyncGroupResponse synced = _client.Call(Apis.SyncGroup, 3, new SyncGroupRequest
            {
                GroupId = GroupId, GenerationId = _generation, MemberId = _id,
                Assignments = [.. joined.Members.Select(static m => new SyncGroupRequest.MemberAssignment
                    { MemberId = m.MemberId, Assignment = new byte[] { 1 } })],
            });
            return synced.ErrorCode == ErrorCode.None;
        }
    }
}
