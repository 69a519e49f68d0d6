using StreamSQL.Kafka.Protocol;

namespace StreamSQL.ConformanceTests.Kafka;

/// <summary>
/// Writes the file of message vectors that the unit tests decode and encode again: made from Kafka's definitions by an encoder that shares
/// nothing with the product's.
/// </summary>
internal static class KafkaVectors
{
    private const string Usage =
        "usage: kafka-vectors FOLDER FILE, where FOLDER has Kafka's message definitions and internal/ those of records";

    /// <summary>
    /// Writes the vectors of all definitions in a folder whose API the product names, and of the records in its folder "internal".
    /// </summary>
    public static int Run(string folder, string file)
    {
        using var output = new StreamWriter(file) { NewLine = "\n" };
        output.WriteLine("# Made by `tests/StreamSQL.ConformanceTests -- kafka-vectors FOLDER FILE` from Kafka's message definitions.");
        output.WriteLine(
            "# Message, version, then in hexadecimal: all defaults, all values, nulls and empty arrays. = is what the version before had.");
        foreach (MessageDefinition message in MessageDefinition.ReadFolder(folder))
        {
            if (message.Type is "request" or "response" && Enum.IsDefined((ApiKey)message.ApiKey))
                Write(message, output);
        }
        foreach (MessageDefinition message in MessageDefinition.ReadFolder(Path.Combine(folder, "internal")))
            Write(message, output);
        return 0;
    }

    public static int ShowUsage()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }

    private static void Write(MessageDefinition message, StreamWriter output)
    {
        string[]? before = null;
        for (short version = message.Valid.Min; version <= message.Valid.Max; version++)
        {
            string[] vectors = [.. Enum.GetValues<Filling>()
                .Select(f => Convert.ToHexStringLower(VectorEncoder.Encode(message, version, f)))];
            IEnumerable<string> shown = vectors.Select((v, i) => v == before?[i] ? "=" : v.Length == 0 ? "-" : v);
            output.WriteLine($"{message.Name} {version} {string.Join(' ', shown)}");
            before = vectors;
        }
    }
}
