using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>
/// Makes the steps that read a writer's data as SQL columns: Avro's schema resolution, with the columns' types in the reader's place, and a
/// reader's schema, where there is one, for its aliases and defaults. Beyond the specification's promotions every simple type can be read
/// as VARCHAR, and long as INTEGER, DATE and TIME within their bounds, as ksqlDB does.
/// </summary>
internal sealed class AvroResolution
{
    private readonly AvroSkip.Builder _skips = new();
    private readonly List<AvroStep> _steps = [];

    /// <summary>The steps by their numbers.</summary>
    public IReadOnlyList<AvroStep> Steps => _steps;

    /// <summary>Skips a value.</summary>
    public AvroSkip Skip(AvroSchema writer) => _skips.Of([writer]);

    /// <summary>Reads a record's fields.</summary>
    /// <param name="writer">The writer's record.</param>
    /// <param name="reader">The reader's record, or null.</param>
    /// <param name="fields">The columns.</param>
    /// <param name="isWanted">Which of them are read.</param>
    /// <param name="path">The column that the record is the value of; empty for the root.</param>
    public AvroRecordStep Record(AvroSchema writer, AvroSchema? reader, IReadOnlyList<StructField> fields, Func<int, bool> isWanted,
        string path)
    {
        var readers = fields.Select(field => AvroFieldNames.Find(reader?.Fields ?? [], field.Name)).ToArray();
        var sources = AvroFieldNames.Match(writer.Fields, [.. fields.Select(static f => f.Name)], readers);
        var parts = new List<AvroFieldPart>();
        var skipped = new List<AvroSchema>();
        for (var i = 0; i < writer.Fields.Count; i++)
        {
            var target = Array.IndexOf(sources, i);
            if (target < 0 || !isWanted(target))
            {
                skipped.Add(writer.Fields[i].Schema);
                continue;
            }

            AddSkip(parts, skipped);
            parts.Add(new(Value(writer.Fields[i].Schema, readers[target]?.Schema, fields[target].Type, Inside(path, fields[target].Name)),
                target, null));
        }

        AddSkip(parts, skipped);
        var missing = new List<AvroFieldPart>();
        for (var target = 0; target < fields.Count; target++)
        {
            if (sources[target] < 0 && isWanted(target))
                missing.Add(new(Missing(readers[target], fields[target].Type, Inside(path, fields[target].Name)), target, null));
        }

        return Add(new AvroRecordStep(parts, missing) { Path = path });
    }

    /// <summary>Reads values of one type.</summary>
    public AvroStep Value(AvroSchema writer, AvroSchema? reader, SqlType type, string path)
    {
        if (writer.Kind != AvroKind.Union)
            return ValueOf(writer, BranchFor(writer, reader), type, path, nullBranch: -1);
        if (type.Kind == SqlTypeKind.Struct && ReferenceEquals(AvroColumns.NonNull(writer), writer) && HasBranchField(writer, type))
            return Branches(writer, type, path);
        if (writer.Branches.Count == 2 && writer.Branches.Any(static b => b.Kind == AvroKind.Null))
        {
            var value = writer.Branches[0].Kind == AvroKind.Null ? 1 : 0;
            return ValueOf(writer.Branches[value], BranchFor(writer.Branches[value], reader), type, path, 1 - value);
        }

        var branches = writer.Branches
            .Select(branch => branch.Kind == AvroKind.Null ? null : ValueOf(branch, BranchFor(branch, reader), type, path, nullBranch: -1));
        return Add(new AvroUnionStep([.. branches]) { Path = path, Type = type });
    }

    private static string Inside(string path, string name) => path.Length == 0 ? name : $"{path}->{name}";

    /// <summary>The branch of the reader's union that a writer's type is read as; the reader's type itself when it is no union.</summary>
    private static AvroSchema? BranchFor(AvroSchema writer, AvroSchema? reader) =>
        reader is { Kind: AvroKind.Union }
            ? reader.Branches.FirstOrDefault(b => b.Kind == writer.Kind && b.SimpleName == writer.SimpleName)
                ?? reader.Branches.FirstOrDefault(b => b.Kind == writer.Kind)
            : reader;

    private static bool HasBranchField(AvroSchema union, SqlType type) => union.Branches.Any(branch =>
        branch.Kind != AvroKind.Null
            && type.Fields.Any(f => f.Name.Equals(AvroColumns.BranchName(branch), StringComparison.OrdinalIgnoreCase)));

    private void AddSkip(List<AvroFieldPart> parts, List<AvroSchema> skipped)
    {
        if (skipped.Count > 0)
            parts.Add(new(null, -1, _skips.Of(skipped)));
        skipped.Clear();
    }

    private AvroStep Missing(AvroField? reader, SqlType type, string path) => reader?.Default is { } binary
        ? Add(new AvroDefaultStep(Value(reader.Schema, reader.Schema, type, path), binary) { Path = path, Type = type })
        : Add(new AvroNullStep { Path = path, Type = type });

    private AvroStep Branches(AvroSchema writer, SqlType type, string path)
    {
        var parts = new AvroFieldPart[writer.Branches.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            var branch = writer.Branches[i];
            if (branch.Kind == AvroKind.Null)
                continue;
            var target = AvroFieldNames.IndexOf([.. type.Fields.Select(static f => f.Name)], AvroColumns.BranchName(branch));
            parts[i] = target < 0
                ? new(null, -1, Skip(branch))
                : new(Value(branch, null, type.Fields[target].Type, Inside(path, type.Fields[target].Name)), target, null);
        }

        return Add(new AvroBranchesStep(parts) { Path = path, Type = type });
    }

    private AvroStep ValueOf(AvroSchema writer, AvroSchema? reader, SqlType type, string path, int nullBranch)
    {
        var step = new AvroScalars(type, path, nullBranch).Create(writer, reader);
        if (step is not null)
            return Add(step);
        var nested = (type.Kind, writer.Kind) switch
        {
            (SqlTypeKind.Struct, AvroKind.Record) =>
                Record(writer, reader is { Kind: AvroKind.Record } ? reader : null, type.Fields, static _ => true, path),
            (SqlTypeKind.Array, AvroKind.Array) => List(writer, reader, type, path),
            (SqlTypeKind.Map, AvroKind.Map) => Map(writer, reader, type, path),
            (SqlTypeKind.Map, AvroKind.Array) when writer.IsEntryArray => Entries(writer.Element!, type, path),
            _ => null,
        };
        nested ??= Add(new AvroMismatchStep($"Avro {writer} cannot be read as {type}") { Path = path, Type = type });
        if (nullBranch < 0)
            return nested;
        return Add(new AvroUnionStep(nullBranch == 0 ? [null, nested] : [nested, null]) { Path = path, Type = type });
    }

    private AvroStep? List(AvroSchema writer, AvroSchema? reader, SqlType type, string path)
    {
        // Items without bytes could be any number in a record of three bytes.
        var size = _skips.MinSize(writer.Element!);
        if (size == 0)
            return null;
        var element = Value(writer.Element!, ElementOf(reader, AvroKind.Array), type.Element!, path);
        return Add(new AvroArrayStep(element, size) { Path = path, Type = type });
    }

    private AvroStep Map(AvroSchema writer, AvroSchema? reader, SqlType type, string path)
    {
        var key = Value(AvroSchema.Primitive(AvroKind.String), null, type.Key!, path);
        var value = Value(writer.Element!, ElementOf(reader, AvroKind.Map), type.Element!, path);
        var entry = new AvroEntryStep([new(key, AvroEntryStep.Key, null), new(value, AvroEntryStep.Value, null)]);
        return Add(new AvroMapStep(entry, 1 + _skips.MinSize(writer.Element!)) { Path = path, Type = type });
    }

    private AvroStep? Entries(AvroSchema record, SqlType type, string path)
    {
        var size = _skips.MinSize(record);
        var parts = new AvroFieldPart[record.Fields.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            var target = record.Fields[i].Name switch { "key" => AvroEntryStep.Key, "value" => AvroEntryStep.Value, _ => -1 };
            if (target < 0)
                return null;
            parts[i] = new(Value(record.Fields[i].Schema, null, target == AvroEntryStep.Key ? type.Key! : type.Element!, path),
                target, null);
        }

        return size == 0 ? null : Add(new AvroMapStep(new AvroEntryStep(parts), size) { Path = path, Type = type });
    }

    private static AvroSchema? ElementOf(AvroSchema? reader, AvroKind kind) => reader?.Kind == kind ? reader.Element : null;

    private T Add<T>(T step)
        where T : AvroStep
    {
        step.Number = _steps.Count;
        _steps.Add(step);
        return step;
    }
}
