using System.Globalization;

namespace StreamSQL.UnitTests.Engine.RandomQueries;

/// <summary>A query that can be asked twice: as one that goes on, and of the finished input.</summary>
internal sealed record RandomQuery
{
    /// <summary>Its number within a run.</summary>
    public required int Number { get; init; }

    /// <summary>Whether its result is a table.</summary>
    public required bool IsTable { get; init; }

    /// <summary>What follows FROM in a continuous query.</summary>
    public required string From { get; init; }

    /// <summary>What follows FROM in a bounded query, without a window.</summary>
    public required string BoundedFrom { get; init; }

    /// <summary>The key of the result.</summary>
    public required string Key { get; init; }

    /// <summary>What follows the key in SELECT.</summary>
    public required IReadOnlyList<string> Items { get; init; }

    /// <summary>All of them have to hold.</summary>
    public IReadOnlyList<string> Filters { get; init; } = [];

    /// <summary>Whether rows are grouped by the key.</summary>
    public bool IsGrouped { get; init; }

    /// <summary>Groups have to have more rows than this.</summary>
    public int Least { get; init; }

    /// <summary>Whether a group can lose its last row; it stays as a group of none then, unless HAVING says otherwise.</summary>
    public bool MayLoseRows { get; init; }

    /// <summary>Whether a stream gets the key as its new one.</summary>
    public bool IsPartitioned { get; init; }

    /// <summary>The window of a grouped stream; null for none.</summary>
    public QueryWindow? Window { get; init; }

    /// <summary>Its name.</summary>
    public string Name => $"q{Number}";

    /// <summary>The statement that makes it.</summary>
    public string Statement => string.Join(' ', new[]
    {
        $"CREATE {(IsTable ? "TABLE" : "STREAM")} {Name} WITH (KAFKA_TOPIC = '{Name}', KEY_FORMAT = 'JSON', VALUE_FORMAT = 'JSON') AS " +
            $"SELECT {Key} AS k",
        string.Concat(Items.Select(static (item, i) => $", {item} AS c{i}")),
        $"FROM {From}",
        Window?.Clause ?? "",
        Filters.Count == 0 ? "" : "WHERE " + Conjunction,
        IsGrouped ? $"GROUP BY {Key}" : "",
        IsPartitioned ? $"PARTITION BY {Key}" : "",
        Having is null ? "" : $"HAVING {Having}",
        Window is { IsFinal: true } ? "EMIT FINAL" : "EMIT CHANGES",
    }.Where(static part => part.Length > 0));

    /// <summary>Reads its result.</summary>
    public string Read => $"SELECT k{(Window is null ? "" : ", windowstart, windowend")}" +
        $"{string.Concat(Items.Select(static (_, i) => $", c{i}"))} FROM {Name}";

    /// <summary>The same of the finished input.</summary>
    public string Bounded
    {
        get
        {
            var bounds = Window is null ? "" : ", " + Window.Columns(From);
            var rows = Window is null ? $"{BoundedFrom} WHERE {Conjunction}" : Window.RowsOf(From, KeyColumn, Conjunction);
            var select = $"SELECT {Key} AS k{bounds}{string.Concat(Items.Select(static item => $", {item}"))} FROM {rows}";
            if (!IsGrouped)
                return select;
            var having = string.Join(" AND ", new[] { Window?.Having(From), Having, $"{Key} IS NOT NULL" }.OfType<string>());
            return $"{select} GROUP BY {Key}{(Window is null ? "" : $", {From}.w")} HAVING {having}";
        }
    }

    private string? Having => Least == 0 && !MayLoseRows ? null : string.Create(CultureInfo.InvariantCulture, $"COUNT(*) > {Least}");

    private string Conjunction => Filters.Count == 0 ? "TRUE" : string.Join(" AND ", Filters);

    private string KeyColumn => Key[(Key.IndexOf('.', StringComparison.Ordinal) + 1)..];
}
