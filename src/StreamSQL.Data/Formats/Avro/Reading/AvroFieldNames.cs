using StreamSQL.Data.Formats.Avro.Schemas;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>Which field of a schema a name stands for: the one of exactly that name, else one that differs from it in case only.</summary>
internal static class AvroFieldNames
{
    /// <summary>The field of a name; null for none.</summary>
    public static AvroField? Find(IReadOnlyList<AvroField> fields, string name)
    {
        var index = IndexOf([.. fields.Select(static f => f.Name)], name);
        return index < 0 ? null : fields[index];
    }

    /// <summary>The index of a name; -1 for none.</summary>
    public static int IndexOf(IReadOnlyList<string> names, string name)
    {
        var inAnyCase = -1;
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
                return i;
            if (inAnyCase < 0 && names[i].Equals(name, StringComparison.OrdinalIgnoreCase))
                inAnyCase = i;
        }

        return inAnyCase;
    }

    /// <summary>
    /// The writer's field of each column, -1 for none; no field serves two columns. A column whose field in the reader's schema has aliases
    /// is found under them where it is not found under its name.
    /// </summary>
    public static int[] Match(IReadOnlyList<AvroField> writer, IReadOnlyList<string> columns, IReadOnlyList<AvroField?> readers)
    {
        var exact = new Dictionary<string, int>(writer.Count, StringComparer.Ordinal);
        var inAnyCase = new Dictionary<string, int>(writer.Count, StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < writer.Count; i++)
        {
            exact[writer[i].Name] = i;
            inAnyCase.TryAdd(writer[i].Name, i);
        }

        var sources = new int[columns.Count];
        Array.Fill(sources, -1);
        var taken = new bool[writer.Count];
        Take(column => exact.GetValueOrDefault(columns[column], -1));
        Take(column => inAnyCase.GetValueOrDefault(columns[column], -1));
        Take(column => (readers[column]?.Aliases ?? []).Select(alias => exact.GetValueOrDefault(alias, -1))
            .FirstOrDefault(static i => i >= 0, -1));
        return sources;

        void Take(Func<int, int> find)
        {
            for (var column = 0; column < sources.Length; column++)
            {
                if (sources[column] >= 0 || find(column) is not (>= 0 and var source) || taken[source])
                    continue;
                sources[column] = source;
                taken[source] = true;
            }
        }
    }
}
