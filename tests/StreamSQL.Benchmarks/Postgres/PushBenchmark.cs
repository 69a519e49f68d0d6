using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using StreamSQL.Benchmarks.Brokers;

namespace StreamSQL.Benchmarks.Postgres;

/// <summary>Subscribers on one table and a writer at a steady rate: how long after its commit was answered a change reaches them.</summary>
internal static class PushBenchmark
{
    private const int PerCommit = 100;
    private const int WarmUpSeconds = 2;

    /// <summary>Runs it: <c>push [SUBSCRIBERS] [CHANGES A SECOND] [SECONDS]</c>.</summary>
    public static int Run(string[] args)
    {
        int Argument(int index, int otherwise) => index < args.Length ? int.Parse(args[index], CultureInfo.InvariantCulture) : otherwise;
        var (subscribers, rate, seconds) = (Argument(0, 100), Argument(1, 10_000), Argument(2, 10));
        using var server = BrokerProcess.Start();
        using var writer = new RawPostgres(server.PostgresPort, "bench");
        writer.Query(
            "CREATE TABLE changes (id BIGINT PRIMARY KEY, commit BIGINT) WITH (KAFKA_TOPIC='changes', VALUE_FORMAT='JSON', PARTITIONS=1);");
        var commits = (WarmUpSeconds + seconds) * rate / PerCommit;
        var (sent, answered) = (new long[commits], new long[commits]);
        var listeners = Enumerable.Range(0, subscribers).Select(_ => new Listener(server.PostgresPort, commits)).ToList();
        try
        {
            Write(writer, rate, sent, answered);
            listeners.ForEach(static listener => listener.Wait());
            var first = WarmUpSeconds * rate / PerCommit;
            Print("after the commit's answer", listeners, answered, first);
            Print("after the statement was sent", listeners, sent, first);
            Print("of the statement itself", [], sent, first, answered);
        }
        finally
        {
            listeners.ForEach(static listener => listener.Dispose());
        }

        return 0;
    }

    private static void Write(RawPostgres writer, int rate, long[] sent, long[] answered)
    {
        var start = Stopwatch.GetTimestamp();
        for (var commit = 0; commit < sent.Length; commit++)
        {
            var due = start + (long)((double)commit * PerCommit / rate * Stopwatch.Frequency);
            while (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { TotalMilliseconds: > 0 } wait)
                Thread.CurrentThread.Join(wait);
            var rows = string.Join(", ", Enumerable.Range(0, PerCommit)
                .Select(i => string.Create(CultureInfo.InvariantCulture, $"({(commit * PerCommit) + i}, {commit})")));
            sent[commit] = Stopwatch.GetTimestamp();
            writer.Query($"INSERT INTO changes (id, commit) VALUES {rows}");
            answered[commit] = Stopwatch.GetTimestamp();
        }

        StorageScratch.Print(
            $"{sent.Length * (double)PerCommit / Stopwatch.GetElapsedTime(start).TotalSeconds:F0} changes/s written, {PerCommit} a commit");
    }

    private static void Print(string what, List<Listener> listeners, long[] since, int first, long[]? until = null)
    {
        var times = until is not null
            ? until.Skip(first).Select((end, i) => Stopwatch.GetElapsedTime(since[first + i], end).TotalMilliseconds)
            : listeners.SelectMany(listener => listener.Arrived.Skip(first)
                .Select((end, i) => Math.Max(0, Stopwatch.GetElapsedTime(since[first + i], end).TotalMilliseconds)));
        var sorted = times.Order().ToArray();
        StorageScratch.Print(
            $"{what,-32}p50 {sorted[sorted.Length / 2]:F2} ms, p99 {sorted[(int)(sorted.Length * 0.99)]:F2} ms, worst {sorted[^1]:F2} ms");
    }

    /// <summary>A subscriber, on a thread of its own; it notes when the last row of each commit arrived.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly RawPostgres _client;
        private readonly Thread _thread;

        public Listener(int port, int commits)
        {
            _client = new RawPostgres(port, "bench");
            Arrived = new long[commits];
            _client.Begin("SELECT commit FROM changes EMIT CHANGES");
            _client.ReadUntil((byte)'T');
            _thread = new Thread(Read, 256 * 1024) { IsBackground = true };
            _thread.Start();
        }

        /// <summary>When the last row of each commit was there.</summary>
        public long[] Arrived { get; }

        public void Wait() => _thread.Join();

        public void Dispose() => _client.Dispose();

        private void Read()
        {
            for (var left = (long)Arrived.Length * PerCommit; left > 0;)
            {
                if (_client.ReadMessage() != 'D')
                    continue;
                left--;
                var value = _client.Body[6..];
                Arrived[int.Parse(Encoding.ASCII.GetString(value[..BinaryPrimitives.ReadInt32BigEndian(_client.Body[2..])]),
                    CultureInfo.InvariantCulture)] = Stopwatch.GetTimestamp();
            }
        }
    }
}
