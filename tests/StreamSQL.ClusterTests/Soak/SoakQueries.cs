namespace StreamSQL.ClusterTests.Soak;

/// <summary>What runs in a soak: 20 queries over one stream and one table.</summary>
internal static class SoakQueries
{
    /// <summary>Partitions of the stream.</summary>
    public const int Partitions = 4;

    /// <summary>Queries of each of the five kinds.</summary>
    public const int OfEachKind = 4;

    private const int People = 3;

    /// <summary>Tables whose column N counts every row once.</summary>
    public static IEnumerable<string> Counting => Numbers.SelectMany(static i => new[] { $"by_id_{i}", $"by_group_{i}" });

    /// <summary>The statements, semicolons between them.</summary>
    public static string Statements => string.Join(";\n", Sources.Concat(Numbers.SelectMany(Queries)));

    /// <summary>Whether the table has that id.</summary>
    public static bool IsPerson(int id) => id < People;

    private static IEnumerable<int> Numbers => Enumerable.Range(0, OfEachKind);

    private static IEnumerable<string> Sources =>
    [
        $"CREATE STREAM events (id VARCHAR KEY, g VARCHAR, v INTEGER) WITH (KAFKA_TOPIC = 'events', PARTITIONS = {Partitions}, " +
            "KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON')",
        $"CREATE TABLE people (id VARCHAR PRIMARY KEY, name VARCHAR) WITH (KAFKA_TOPIC = 'people', PARTITIONS = {Partitions}, KEY_FORMAT " +
            "= 'KAFKA', VALUE_FORMAT = 'JSON')",
        $"INSERT INTO people VALUES {string.Join(", ", Enumerable.Range(0, People).Select(static id => $"('k{id}', 'name {id}')"))}",
    ];

    private static IEnumerable<string> Queries(int i) =>
    [
        $"CREATE STREAM filtered_{i} WITH (RETENTION_MS = 60000) AS SELECT id, v * {i + 2} AS w FROM events WHERE v % 10 = {i} EMIT " +
            "CHANGES",
        $"CREATE TABLE by_id_{i} AS SELECT id, COUNT(*) AS n, SUM(v) AS total FROM events GROUP BY id EMIT CHANGES",
        $"CREATE TABLE by_group_{i} AS SELECT g, COUNT(*) AS n, MAX(v) AS top FROM events GROUP BY g EMIT CHANGES",
        $"CREATE TABLE windows_{i} AS SELECT id, COUNT(*) AS n FROM events WINDOW TUMBLING (SIZE 10 SECONDS, RETENTION 1 MINUTE, GRACE " +
            "PERIOD 10 SECONDS) GROUP BY id EMIT CHANGES",
        $"CREATE STREAM joined_{i} WITH (RETENTION_MS = 60000) AS SELECT events.id AS id, v, name FROM events JOIN people ON events.id = " +
            $"people.id WHERE v % 10 = {i} EMIT CHANGES",
    ];
}
