using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Configs;

/// <summary>The words for flush policies in configs.</summary>
internal static class FlushPolicies
{
    private const string Commit = "commit";
    private const string Interval = "interval";
    private const string OperatingSystem = "os";

    public static IReadOnlyList<string> Words { get; } = [Commit, Interval, OperatingSystem];

    public static string Word(FlushPolicy policy) => policy switch
    {
        FlushPolicy.Interval => Interval,
        FlushPolicy.OperatingSystem => OperatingSystem,
        _ => Commit,
    };

    public static FlushPolicy Parse(string word) => word switch
    {
        Interval => FlushPolicy.Interval,
        OperatingSystem => FlushPolicy.OperatingSystem,
        _ => FlushPolicy.Commit,
    };
}
