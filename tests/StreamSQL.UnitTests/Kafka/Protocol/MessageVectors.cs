using System.Globalization;
using StreamSQL.UnitTests.Architecture;

namespace StreamSQL.UnitTests.Kafka.Protocol;

/// <summary>One version of a message, encoded from Kafka's definition by an encoder that knows nothing of ours.</summary>
/// <param name="Defaults">Every field has its default.</param>
/// <param name="Full">Every field has a value of its own; arrays have two elements, of which the second is like
/// <paramref name="Sparse"/>.</param>
/// <param name="Sparse">What may be null is null, arrays are empty, all else has a value of its own.</param>
public sealed record MessageVector(byte[] Defaults, byte[] Full, byte[] Sparse)
{
    /// <summary>All three.</summary>
    public IEnumerable<byte[]> All => [Defaults, Full, Sparse];
}

/// <summary>
/// The vectors of <c>message-vectors.txt</c>, which <c>tests/StreamSQL.ConformanceTests -- kafka-vectors</c> makes from Kafka's
/// definitions.
/// </summary>
internal static class MessageVectors
{
    private static readonly Lazy<Dictionary<(string Name, short Version), MessageVector>> _all = new(ReadFile);

    /// <summary>The messages in the file, with their versions.</summary>
    public static IEnumerable<(string Name, short Version)> Names => _all.Value.Keys;

    /// <summary>The vectors of a version of a message; null when there are none.</summary>
    public static MessageVector? Find(string name, short version) => _all.Value.GetValueOrDefault((name, version));

    private static Dictionary<(string Name, short Version), MessageVector> ReadFile()
    {
        string file = Path.Combine(Repository.Root, "tests/StreamSQL.UnitTests/Kafka/Protocol/message-vectors.txt");
        var all = new Dictionary<(string Name, short Version), MessageVector>();
        MessageVector? before = null;
        foreach (string line in File.ReadLines(file).Where(l => !l.StartsWith('#')))
        {
            string[] parts = line.Split(' ');
            before = new MessageVector(
                Parse(parts[2], before?.Defaults), Parse(parts[3], before?.Full), Parse(parts[4], before?.Sparse));
            all.Add((parts[0], short.Parse(parts[1], CultureInfo.InvariantCulture)), before);
        }
        return all;
    }

    private static byte[] Parse(string text, byte[]? before) => text switch
    {
        "=" => before!,
        "-" => [],
        _ => Convert.FromHexString(text),
    };
}
