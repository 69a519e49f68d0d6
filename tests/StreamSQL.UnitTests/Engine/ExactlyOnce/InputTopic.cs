using System.Globalization;
using System.Text;
using StreamSQL.Kafka.Records;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>
/// A topic that shapes read. All have the same columns; their rows differ in how orderly their times are, and in what their keys are.
/// </summary>
/// <param name="Name">The topic and the stream or table over it.</param>
/// <param name="Code">Times ten and plus the partition: what the rows' column SRC says.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="IsTable">Whether it is a table: then some rows are tombstones.</param>
/// <param name="KeyPrefix">What its keys begin with.</param>
/// <param name="Keys">How many keys there are.</param>
/// <param name="HasLateRows">Whether some rows come later than any grace period.</param>
internal sealed record InputTopic(string Name, int Code, int Partitions, bool IsTable, string KeyPrefix, int Keys, bool HasLateRows)
{
    /// <summary>How many groups the rows of all topics fall into.</summary>
    public const int Groups = 7;

    /// <summary>A stream whose times go back by up to a minute, and at times by ten.</summary>
    public static readonly InputTopic Late = new("late", 1, 3, IsTable: false, "k", 24, HasLateRows: true);

    /// <summary>A stream whose times go back by up to 20 seconds.</summary>
    public static readonly InputTopic Calm = new("calm", 2, 3, IsTable: false, "k", 24, HasLateRows: false);

    /// <summary>Another such stream.</summary>
    public static readonly InputTopic Other = new("other", 3, 3, IsTable: false, "k", 24, HasLateRows: false);

    /// <summary>A table with the keys of the streams.</summary>
    public static readonly InputTopic People = new("people", 4, 3, IsTable: true, "k", 24, HasLateRows: false);

    /// <summary>Another such table.</summary>
    public static readonly InputTopic Places = new("places", 5, 3, IsTable: true, "k", 24, HasLateRows: false);

    /// <summary>A table whose keys are the groups.</summary>
    public static readonly InputTopic Owners = new("owners", 6, 2, IsTable: true, "g", Groups, HasLateRows: false);

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<InputTopic> All = [Late, Calm, Other, People, Places, Owners];

    /// <summary>The statement that declares it, and makes the topic where it is not there.</summary>
    public string Statement => string.Create(
        CultureInfo.InvariantCulture,
        $"CREATE {(IsTable ? "TABLE" : "STREAM")} {Name} (id VARCHAR {(IsTable ? "PRIMARY KEY" : "KEY")}, src INTEGER, seq INTEGER, g VARCHAR, v INTEGER, tags ARRAY<INTEGER>) "
        + $"WITH (KAFKA_TOPIC = '{Name}', PARTITIONS = {Partitions}, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON')");

    /// <summary>What the column SRC of a partition's rows holds.</summary>
    public int Source(int partition) => (Code * 10) + partition;

    /// <summary>Where Kafka's clients send a key.</summary>
    public int PartitionOf(string key) => KeyPartitioner.PartitionOf(Encoding.UTF8.GetBytes(key), Partitions);
}
