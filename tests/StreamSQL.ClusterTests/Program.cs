using StreamSQL.ClusterTests;
using StreamSQL.ClusterTests.Crashes;
using StreamSQL.ClusterTests.CrashStates;
using StreamSQL.ClusterTests.ExactlyOnce;
using StreamSQL.ClusterTests.Postgres.Protocol;
using StreamSQL.ClusterTests.Postgres.Tools;
using StreamSQL.ClusterTests.Pushes;
using StreamSQL.ClusterTests.Soak;
using StreamSQL.PlantedBugs;
using Xunit.MicrosoftTestingPlatform;

// Reading the output of a child process holds a thread of the pool for as long as the child is silent. Brokers run in this process too and
// must not wait for the pool to grow, one thread every half second.
ThreadPool.SetMinThreads(workerThreads: 64, completionPortThreads: 64);

return args switch
{
    ["crash", .. var options] => await CrashCommand.RunAsync(options),
    ["power-cut", .. var options] => await PowerCutCommand.RunAsync(options),
    ["crash-states", .. var options] => CrashStatesCommand.Run(options),
    ["exactly-once", .. var options] => await ExactlyOnceCommand.RunAsync(options),
    ["record-protocol", var host, var port, var user, var database] =>
        await ProtocolCase.RecordAsync(host, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), user, database),
    ["record-tools", var host, var port, var user, var database] =>
        await ToolStatement.RecordAsync(host, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), user, database),
    ["cancelled-pushes", .. var options] => await CancelledPushes.RunAsync(options),
    ["stalled-pushes", .. var options] => await StalledPushes.RunAsync(options),
    ["soak", .. var options] => await SoakCommand.RunAsync(options),
    ["planted-bugs", .. var options] => await PlantedBugsCommand.RunAsync(options),
    _ => await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
};
