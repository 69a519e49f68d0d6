using StreamSQL.ConformanceTests;
using StreamSQL.ConformanceTests.Postgres;

return args switch
{
    ["postgres", var address, var folder, .. var options] => await StatementReplay.RunAsync(address, folder, options, Console.Out),
    ["postgres", ..] => StatementReplay.ShowUsage(Console.Out),
    _ => await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
};
