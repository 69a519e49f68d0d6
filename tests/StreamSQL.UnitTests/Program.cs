using StreamSQL.UnitTests;
using StreamSQL.UnitTests.Broker.Transactions.Simulation;
using StreamSQL.UnitTests.Engine.RandomQueries;
using StreamSQL.UnitTests.Fuzzing;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

return args switch
{
    ["fuzz", .. var options] => FuzzCommand.Run(options),
    ["random-queries", .. var options] => await RandomQueriesCommand.RunAsync(options),
    ["transactions", .. var options] => await TransactionSimulationCommand.RunAsync(options),
    ["fuzz-worker", var progress, .. var options] => FuzzCommand.Work(progress, options),
    _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions), // `dotnet test`
    _ => await ConsoleRunner.Run(args),
};
