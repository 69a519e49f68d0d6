namespace StreamSQL.Data.Formats.Avro.Schemas;

/// <summary>
/// Whether a program that has one schema can read what was written with another, by the specification's schema resolution. Reasons name the
/// way to the place through the reader's schema.
/// </summary>
public static class AvroCompatibility
{
    /// <summary>Reasons that are told; beyond them nothing new is learned.</summary>
    private const int MaxReasons = 50;

    /// <summary>Why the reader cannot read the writer's data, one sentence a reason; empty when it can.</summary>
    public static IReadOnlyList<string> Check(AvroSchema reader, AvroSchema writer)
    {
        var comparison = new Comparison();
        comparison.Read(reader, writer, "");
        return comparison.Reasons;
    }

    private sealed class Comparison
    {
        private readonly Dictionary<(AvroSchema Reader, AvroSchema Writer), bool> _known = [];

        public List<string> Reasons { get; } = [];

        /// <summary>Adds the reasons why a type cannot be read; returns whether it can.</summary>
        public bool Read(AvroSchema reader, AvroSchema writer, string path)
        {
            if (writer.Kind == AvroKind.Union)
            {
                var all = true;
                foreach (var branch in writer.Branches)
                    all &= Read(reader, branch, path);
                return all;
            }

            if (reader.Kind == AvroKind.Union)
                return ReadAsUnion(reader, writer, path);
            if (reader.Kind != writer.Kind)
                return IsPromotion(writer.Kind, reader.Kind)
                    || Fail(path, $"the reader's type {reader} cannot read the writer's type {writer}");
            return reader.Kind switch
            {
                AvroKind.Array => Read(reader.Element!, writer.Element!, path + "[]"),
                AvroKind.Map => Read(reader.Element!, writer.Element!, path + "{}"),
                AvroKind.Fixed => ReadName(reader, writer, path)
                    & (reader.Size == writer.Size || Fail(path, $"{reader} has {reader.Size} bytes, the writer's has {writer.Size}")),
                AvroKind.Enum => ReadName(reader, writer, path) & ReadSymbols(reader, writer, path),
                AvroKind.Record => ReadRecord(reader, writer, path),
                _ => true,
            };
        }

        private bool ReadAsUnion(AvroSchema reader, AvroSchema writer, string path)
        {
            var before = Reasons.Count;
            var likeliest = reader.Branches.FirstOrDefault(b => b.Kind == writer.Kind && b.SimpleName == writer.SimpleName);
            foreach (var branch in reader.Branches)
            {
                if (ReferenceEquals(branch, likeliest))
                    continue;
                var readable = Read(branch, writer, path);
                Reasons.RemoveRange(before, Reasons.Count - before);
                if (readable)
                    return true;
            }

            // The reasons of the branch that was meant say more than that none fits.
            return likeliest is not null
                ? Read(likeliest, writer, path)
                : Fail(path, $"the reader's {reader} has no branch that reads the writer's type {writer}");
        }

        private bool ReadRecord(AvroSchema reader, AvroSchema writer, string path)
        {
            if (_known.TryGetValue((reader, writer), out var known))
                return known;
            // A record inside itself is compatible if nothing else speaks against it.
            _known[(reader, writer)] = true;
            var result = ReadName(reader, writer, path);
            foreach (var field in reader.Fields)
            {
                var inside = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
                if (writer.Fields.FirstOrDefault(f => f.Name == field.Name) is { } same)
                    result &= Read(field.Schema, same.Schema, inside);
                else if (writer.Fields.FirstOrDefault(f => field.Aliases.Contains(f.Name)) is { } alias)
                    result &= Read(field.Schema, alias.Schema, inside);
                else if (field.Default is null)
                    result = Fail(inside, "the reader's field has no default, and the writer has no such field");
            }

            return _known[(reader, writer)] = result;
        }

        /// <summary>Names are compared without their namespace.</summary>
        private bool ReadName(AvroSchema reader, AvroSchema writer, string path) =>
            reader.SimpleName == writer.SimpleName || reader.Aliases.Contains(writer.FullName)
            || Fail(path, $"the reader's {reader} has another name than the writer's {writer}");

        private bool ReadSymbols(AvroSchema reader, AvroSchema writer, string path)
        {
            if (reader.DefaultSymbol is not null)
                return true;
            var unknown = writer.Symbols.Where(symbol => !reader.Symbols.Contains(symbol)).ToArray();
            return unknown.Length == 0
                || Fail(path, $"the reader's {reader} has no default and does not have the writer's symbols {string.Join(", ", unknown)}");
        }

        private bool Fail(string path, string reason)
        {
            if (Reasons.Count < MaxReasons)
                Reasons.Add(path.Length == 0 ? $"At the root {reason}." : $"At {path} {reason}.");
            return false;
        }

        private static bool IsPromotion(AvroKind writer, AvroKind reader) => (writer, reader) switch
        {
            (AvroKind.Int, AvroKind.Long or AvroKind.Float or AvroKind.Double) => true,
            (AvroKind.Long, AvroKind.Float or AvroKind.Double) => true,
            (AvroKind.Float, AvroKind.Double) => true,
            (AvroKind.String, AvroKind.Bytes) or (AvroKind.Bytes, AvroKind.String) => true,
            _ => false,
        };
    }
}
