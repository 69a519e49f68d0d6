using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>Messages that stand for single values, by their full names, and the files that declare them.</summary>
internal static class WellKnown
{
    /// <summary>An instant.</summary>
    public const string Timestamp = "google.protobuf.Timestamp";

    /// <summary>A date.</summary>
    public const string Date = "google.type.Date";

    /// <summary>A time of day.</summary>
    public const string TimeOfDay = "google.type.TimeOfDay";

    /// <summary>A decimal; precision and scale are parameters of the field.</summary>
    public const string Decimal = "confluent.type.Decimal";

    /// <summary>The parameter of a decimal field that gives its digits.</summary>
    public const string PrecisionParameter = "precision";

    /// <summary>The parameter of a decimal field that gives its digits after the point.</summary>
    public const string ScaleParameter = "scale";

    private static readonly Dictionary<string, ProtoType> Wrappers = new(StringComparer.Ordinal)
    {
        ["google.protobuf.DoubleValue"] = ProtoType.Double,
        ["google.protobuf.FloatValue"] = ProtoType.Float,
        ["google.protobuf.Int64Value"] = ProtoType.Int64,
        ["google.protobuf.UInt64Value"] = ProtoType.UInt64,
        ["google.protobuf.Int32Value"] = ProtoType.Int32,
        ["google.protobuf.UInt32Value"] = ProtoType.UInt32,
        ["google.protobuf.BoolValue"] = ProtoType.Bool,
        ["google.protobuf.StringValue"] = ProtoType.String,
        ["google.protobuf.BytesValue"] = ProtoType.Bytes,
    };

    private static readonly Dictionary<string, ProtoFile> Files = new(StringComparer.Ordinal)
    {
        ["google/protobuf/timestamp.proto"] = File("google.protobuf",
            Message(Timestamp, ("seconds", ProtoType.Int64), ("nanos", ProtoType.Int32))),
        ["google/protobuf/wrappers.proto"] = File("google.protobuf",
            [.. Wrappers.Select(static wrapper => Message(wrapper.Key, ("value", wrapper.Value)))]),
        ["google/protobuf/duration.proto"] = File(
            "google.protobuf", Message("google.protobuf.Duration", ("seconds", ProtoType.Int64), ("nanos", ProtoType.Int32))),
        ["google/protobuf/any.proto"] = File(
            "google.protobuf", Message("google.protobuf.Any", ("type_url", ProtoType.String), ("value", ProtoType.Bytes))),
        ["google/protobuf/empty.proto"] = File("google.protobuf", Message("google.protobuf.Empty")),
        ["google/protobuf/descriptor.proto"] = File("google.protobuf"),
        ["google/type/date.proto"] = File(
            "google.type", Message(Date, ("year", ProtoType.Int32), ("month", ProtoType.Int32), ("day", ProtoType.Int32))),
        ["google/type/timeofday.proto"] = File("google.type", Message(
            TimeOfDay, ("hours", ProtoType.Int32), ("minutes", ProtoType.Int32), ("seconds", ProtoType.Int32), ("nanos", ProtoType.Int32))),
        ["confluent/type/decimal.proto"] = File(
            "confluent.type", Message(Decimal, ("value", ProtoType.Bytes), ("precision", ProtoType.UInt32), ("scale", ProtoType.Int32))),
        ["confluent/meta.proto"] = File("confluent"),
    };

    /// <summary>A file that is known without being stored anywhere; null when it is none.</summary>
    public static ProtoFile? FindFile(string path) => Files.GetValueOrDefault(path);

    /// <summary>The file that declares a message; null when it is not well-known.</summary>
    public static string? FileOf(string fullName) => FileNames.GetValueOrDefault(fullName);

    /// <summary>The message of a full name. It must be there.</summary>
    public static ProtoMessage Find(string fullName) => Files[FileNames[fullName]].Messages.Find(message => message.FullName == fullName)!;

    /// <summary>Whether a message wraps a scalar so that it can be absent.</summary>
    public static bool IsWrapper(ProtoMessage message, out ProtoType type) => Wrappers.TryGetValue(message.FullName, out type);

    /// <summary>The wrapper of a scalar.</summary>
    public static ProtoMessage WrapperOf(ProtoType type) => Find(Wrappers.First(wrapper => wrapper.Value == type).Key);

    /// <summary>
    /// The SQL type of a message that stands for a value; null when it does not. A decimal's digits are those of its field.
    /// </summary>
    public static SqlType? SqlTypeOf(ProtoField field) => field.Message!.FullName switch
    {
        Timestamp => SqlType.Timestamp,
        Date => SqlType.Date,
        TimeOfDay => SqlType.Time,
        Decimal => DecimalOf(field),
        _ => null,
    };

    private static Dictionary<string, string> FileNames { get; } = Files
        .SelectMany(static file => file.Value.Messages.Select(message => (file.Key, message.FullName)))
        .ToDictionary(static pair => pair.FullName, static pair => pair.Key, StringComparer.Ordinal);

    private static SqlType DecimalOf(ProtoField field)
    {
        // Confluent's converter takes 64 digits where the field says nothing; ours has 38.
        var precision = Parameter(field, PrecisionParameter) ?? SqlType.MaxPrecision;
        var scale = Parameter(field, ScaleParameter) ?? 0;
        precision = Math.Clamp(precision, 1, SqlType.MaxPrecision);
        return SqlType.Decimal(precision, Math.Clamp(scale, 0, precision));
    }

    private static int? Parameter(ProtoField field, string name) =>
        field.Parameters.TryGetValue(name, out var text)
            && int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;

    private static ProtoFile File(string package, params ProtoMessage[] messages)
    {
        var file = new ProtoFile { IsProto3 = true, Package = package };
        file.Messages.AddRange(messages);
        return file;
    }

    private static ProtoMessage Message(string fullName, params (string Name, ProtoType Type)[] fields)
    {
        var message = new ProtoMessage(fullName[(fullName.LastIndexOf('.') + 1)..], fullName);
        for (var i = 0; i < fields.Length; i++)
            message.Add(new ProtoField(fields[i].Name, i + 1, ProtoLabel.Implicit, fields[i].Type));
        return message;
    }
}
