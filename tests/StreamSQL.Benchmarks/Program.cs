using StreamSQL.Benchmarks;
using StreamSQL.Benchmarks.Brokers;
using StreamSQL.Benchmarks.Columns;
using StreamSQL.Benchmarks.Pipes;
using StreamSQL.Benchmarks.Postgres;

if (args is [StartBenchmark.Nothing])
    return 0;

(string Name, string What, Func<string[], int> Run)[] benchmarks =
[
    ("append", "batches through a partition's log", static args => AppendBenchmark.RunAsync(args).GetAwaiter().GetResult()),
    ("read", "fetches from segments and from the hot tail", static _ => ReadBenchmark.RunAsync().GetAwaiter().GetResult()),
    ("commit", "transactions over 1, 100 and 1,000 partitions", static _ => CommitBenchmark.RunAsync().GetAwaiter().GetResult()),
    ("decode", "JSON records from log bytes into columns", static _ => DecodeBenchmark.Run()),
    ("avro-decode", "Avro records from log bytes into columns", static _ => AvroDecodeBenchmark.Run()),
    ("protobuf-decode", "Protobuf messages from log bytes into columns", static _ => ProtobufDecodeBenchmark.Run()),
    ("key-memory", "bytes a key of a count by ten million keys", static _ => KeyMemoryBenchmark.Run()),
    ("filter-columns", "filter and projection over ready columns", static _ => FilterColumns.Run()),
    ("join-columns", "stream-table join over ready columns", static _ => JoinColumns.Run()),
    ("window-count-columns", "tumbling count over ready columns", static _ => WindowCountColumns.Run()),
    ("hopping-columns", "hopping count over ready columns, by slices", static _ => HoppingColumns.Run()),
    ("filter", "JSON log to JSON log, exactly once", static _ => PipeBenchmark.Filter()),
    ("window-count", "JSON log to committed tumbling counts", static _ => PipeBenchmark.WindowCount()),
    ("commit-overhead", "the same beside commits that are plain appends", static _ => PipeBenchmark.CommitOverhead()),
    ("join", "JSON log with a table to JSON log, exactly once", static _ => PipeBenchmark.Join()),
    ("shared-scan", "1, 10 and 100 filter queries on one JSON stream", static _ => SharedScanBenchmark.RunAsync().GetAwaiter().GetResult()),
    ("restore", "start with ten million keys, from changelog and from snapshot",
        static args => RestoreBenchmark.RunAsync(args).GetAwaiter().GetResult()),
    ("recovery", "start on 1 GiB of log that was not closed in order", static _ => RecoveryBenchmark.RunAsync().GetAwaiter().GetResult()),
    ("blast", "encoded produce requests of 1 MiB over loopback", BlastBenchmark.Run),
    ("produce", "librdkafka's producer, beside its mock broker and Kafka", ProduceBenchmark.Run),
    ("consume", "librdkafka's consumer, beside Kafka; fetches of 8 MiB", ConsumeBenchmark.Run),
    ("latency", "single records, produced and consumed, fsynced", LatencyBenchmark.Run),
    ("scale", "10,000 partitions, and 5,000 idle connections", static _ => ScaleBenchmark.Run()),
    ("pull", "single keys through pgbench, beside PostgreSQL", static args => PullBenchmark.RunAsync(args).GetAwaiter().GetResult()),
    ("scan", "whole tables and all their rows, beside PostgreSQL", static args => ScanBenchmark.RunAsync(args).GetAwaiter().GetResult()),
    ("push", "changes of a table to 100 subscribers", PushBenchmark.Run),
    ("push-latency", "from a produce request to the row of a push query", static _ => PushLatencyBenchmark.Run()),
    ("idle-clients", "10,000 idle Postgres connections", IdleClientsBenchmark.Run),
    ("row-allocation", "what the server allocates for each row sent", static args => RowAllocation.RunAsync(args).GetAwaiter().GetResult()),
    ("group", "100 members join a group, and one more", static _ => GroupBenchmark.Run()),
    ("start", "process start to ready, and idle memory", StartBenchmark.Run),
];

foreach (var benchmark in benchmarks)
{
    if (args is not [var name, ..] || name != benchmark.Name)
        continue;
    try
    {
        return benchmark.Run(args[1..]);
    }
    catch (Exception error)
    {
        // Caught, so that the servers that it has started are stopped: nobody else would, and whoever
        // reads their output would wait for ever.
        Console.Error.WriteLine(error);
        return 1;
    }
}

Console.Error.WriteLine("Give the name of a benchmark:");
foreach (var benchmark in benchmarks)
    Console.Error.WriteLine($"  {benchmark.Name,-24}{benchmark.What}");
return 1;
