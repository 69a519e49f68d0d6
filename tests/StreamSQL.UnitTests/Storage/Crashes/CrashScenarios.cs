using StreamSQL.Storage.Logs;

namespace StreamSQL.UnitTests.Storage.Crashes;

/// <summary>The scenarios, each from a seed.</summary>
internal static class CrashScenarios
{
    private static readonly StoreWorkload[] Workloads =
    [
        new("small appends"),
        new("large appends") { DirectBytes = 100, MaxValueBytes = 600 },
        new("mixed appends") { DirectBytes = 400, MaxValueBytes = 400 },
        new("groups") { AtomicPercent = 50 },
        new("groups beside large appends") { AtomicPercent = 40, DirectBytes = 300, MaxValueBytes = 400 },
        new("retention") { RetentionPercent = 20, DirectBytes = 400, MaxValueBytes = 400 },
        new("compaction")
        {
            CleanPercent = 15, Steps = 45,
            Config = new() { SegmentBytes = 900, IndexIntervalBytes = 200, IsCompacted = true, MinCleanableDirtyRatio = 0,
                RetentionMs = -1 },
        },
        new("compaction with retention")
        {
            CleanPercent = 15, RetentionPercent = 10, Steps = 45, DirectBytes = 300,
            Config = new() { SegmentBytes = 900, IndexIntervalBytes = 200, IsCompacted = true, MinCleanableDirtyRatio = 0 },
        },
        new("interval") { FlushPolicy = FlushPolicy.Interval, AtomicPercent = 20, DirectBytes = 300, MaxValueBytes = 400 },
        new("left to the operating system") { FlushPolicy = FlushPolicy.OperatingSystem, AtomicPercent = 10, DirectBytes = 300,
            MaxValueBytes = 400 },
    ];

    /// <summary>How many kinds there are.</summary>
    public static int Count => Workloads.Length + 1;

    /// <summary>Makes one.</summary>
    public static CrashScenario Of(int kind) => kind < Workloads.Length ? new StoreScenario(Workloads[kind]) : new SnapshotScenario();
}
