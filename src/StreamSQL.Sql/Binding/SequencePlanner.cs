using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>Makes sequences of their options, and finds names for those of columns.</summary>
public static class SequencePlanner
{
    /// <summary>The sequence that a CREATE SEQUENCE makes.</summary>
    /// <exception cref="SqlException">22023: options that do not go together; 0A000: a type that counts nothing.</exception>
    public static SequenceDefinition Define(CreateSequenceStatement create)
    {
        if (create.Name.IsQualified && !create.Name.Parts[^2].Name.Equals("PUBLIC", StringComparison.OrdinalIgnoreCase))
            throw BindingErrors.NotSupported($"there is no schema {create.Name.Parts[^2]}", create.Name.Position,
                "Leave it out: sequences live in public.");
        var type = create.Type switch
        {
            null => "bigint",
            NamedTypeSyntax { Name.Last.Name: "BIGINT" or "INT8" } => "bigint",
            NamedTypeSyntax { Name.Last.Name: "INTEGER" or "INT" or "INT4" } => "integer",
            NamedTypeSyntax { Name.Last.Name: "SMALLINT" or "INT2" } => "smallint",
            _ => throw BindingErrors.Invalid("sequence type must be smallint, integer, or bigint", create.Type.Position),
        };
        return Of(create.Name.Last.Name, type, create.Options);
    }

    /// <summary>A sequence with its options.</summary>
    /// <exception cref="SqlException">22023: they do not go together.</exception>
    internal static SequenceDefinition Of(string name, string type, IReadOnlyList<SequenceOption> options)
    {
        var increment = Find(options, SequenceOptionKind.Increment)?.Value ?? 1;
        var (least, most) = type switch
        {
            "smallint" => (short.MinValue, short.MaxValue),
            "integer" => (int.MinValue, int.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        var minimum = Find(options, SequenceOptionKind.Minimum)?.Value ?? (increment > 0 ? 1 : least);
        var maximum = Find(options, SequenceOptionKind.Maximum)?.Value ?? (increment > 0 ? most : -1);
        var definition = new SequenceDefinition
        {
            Name = name,
            Type = type,
            Increment = increment,
            Minimum = minimum,
            Maximum = maximum,
            Start = Find(options, SequenceOptionKind.Start)?.Value ?? (increment > 0 ? minimum : maximum),
            Cycles = Find(options, SequenceOptionKind.Cycle) is not null,
        };
        Check(definition, options.Count > 0 ? options[0].Position : null);
        return definition;
    }

    /// <summary>The sequence with some options changed.</summary>
    /// <exception cref="SqlException">22023: they do not go together.</exception>
    public static SequenceDefinition Alter(SequenceDefinition sequence, AlterSequenceStatement alter)
    {
        var options = alter.Options;
        var altered = sequence with
        {
            Increment = Find(options, SequenceOptionKind.Increment)?.Value ?? sequence.Increment,
            Minimum = Find(options, SequenceOptionKind.Minimum)?.Value ?? sequence.Minimum,
            Maximum = Find(options, SequenceOptionKind.Maximum)?.Value ?? sequence.Maximum,
            Start = Find(options, SequenceOptionKind.Start)?.Value ?? sequence.Start,
            Cycles = Find(options, SequenceOptionKind.Cycle) is not null
                || (sequence.Cycles && Find(options, SequenceOptionKind.NoCycle) is null),
        };
        if (Find(options, SequenceOptionKind.Restart) is { } restart)
            altered = Set(altered, restart.Value ?? altered.Start, isCalled: false);
        Check(altered, alter.Position);
        return altered;
    }

    /// <summary>setval: the sequence whose next value is the one behind another, or that one itself.</summary>
    /// <exception cref="SqlException">22003: it is none of the sequence's values.</exception>
    public static SequenceDefinition Set(SequenceDefinition sequence, long value, bool isCalled)
    {
        if (value < sequence.Minimum || value > sequence.Maximum)
        {
            throw new SqlException(
                PostgresErrorCodes.NumericValueOutOfRange,
                $"setval: value {value} is out of bounds for sequence \"{DisplayName.Of(sequence.Name)}\" ({sequence.Minimum}.." +
                    $"{sequence.Maximum})");
        }

        if (isCalled)
            return sequence with { Reserved = value };
        var before = (Int128)value - sequence.Increment;
        return before >= long.MinValue && before <= long.MaxValue ? sequence with { Reserved = (long)before }
            : sequence with { Reserved = null, Start = value };
    }

    /// <summary>A name for the sequence of a column: table_column_seq, with a number behind it where that is taken.</summary>
    internal static string NameFor(string table, string column, CatalogImage catalog, IEnumerable<SequenceDefinition> others)
    {
        var isFolded = !table.Any(char.IsLower) && !column.Any(char.IsLower);
        var name = isFolded ? $"{table}_{column}_SEQ" : $"{DisplayName.Of(table)}_{DisplayName.Of(column)}_seq";
        var free = name;
        for (var i = 1; catalog.IsRelation(free) || others.Any(other => other.Name == free); i++)
            free = name + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return free;
    }

    private static SequenceOption? Find(IReadOnlyList<SequenceOption> options, SequenceOptionKind kind) =>
        options.FirstOrDefault(option => option.Kind == kind);

    private static void Check(SequenceDefinition sequence, TextPosition? position)
    {
        var message = sequence switch
        {
            { Increment: 0 } => "INCREMENT must not be zero",
            _ when sequence.Minimum >= sequence.Maximum => $"MINVALUE ({sequence.Minimum}) must be less than MAXVALUE ({sequence.Maximum})",
            _ when sequence.Start < sequence.Minimum => $"START value ({sequence.Start}) cannot be less than MINVALUE ({sequence.Minimum})",
            _ when sequence.Start > sequence.Maximum =>
                $"START value ({sequence.Start}) cannot be greater than MAXVALUE ({sequence.Maximum})",
            _ => null,
        };
        if (message is not null)
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue, message, position: position);
    }
}
