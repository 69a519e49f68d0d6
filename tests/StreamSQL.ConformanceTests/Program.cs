using StreamSQL.ConformanceTests;
using StreamSQL.ConformanceTests.Differential;
using StreamSQL.ConformanceTests.Kafka;
using StreamSQL.ConformanceTests.Ksql;
using StreamSQL.ConformanceTests.Postgres;
using StreamSQL.ConformanceTests.Select;

return args switch
{
    ["postgres", var address, var folder, .. var options] => await StatementReplay.RunAsync(address, folder, options, Console.Out),
    ["postgres", ..] => StatementReplay.ShowUsage(Console.Out),
    ["ksql", var folder, .. var options] => await KsqlConformance.RunAsync(folder, options, Console.Out),
    ["ksql", ..] => KsqlConformance.ShowUsage(Console.Out),
    ["record-select", var address] => await SelectCaseRecorder.RunAsync(address, "", Console.Out),
    ["record-select", var address, var filter] => await SelectCaseRecorder.RunAsync(address, filter, Console.Out),
    ["differential", var count, .. var options] => await DifferentialCommand.RunAsync(count, options, Console.Out),
    ["differential"] => DifferentialCommand.ShowUsage(Console.Out),
    ["kafka-vectors", var folder, var file] => KafkaVectors.Run(folder, file),
    ["kafka-vectors", ..] => KafkaVectors.ShowUsage(),
    _ => await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args,
        SelfRegisteredExtensions.AddSelfRegisteredExtensions),
};
