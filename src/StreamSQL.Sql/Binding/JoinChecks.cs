using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>What the join of two inputs of a continuous query must keep to, but for its key.</summary>
internal static class JoinChecks
{
    /// <summary>A source stands in FROM once.</summary>
    public static void CheckSources(JoinReference join, IReadOnlyList<SourceDefinition> left, IReadOnlyList<SourceDefinition> right)
    {
        if (left.FirstOrDefault(source => right.Any(other => other.Name == source.Name)) is not { } twice)
            return;
        throw BindingErrors.NotSupported(
            left.Count == 1
                ? $"Can not join '{twice.Name}' to '{twice.Name}': self joins are not yet supported."
                : $"N-way joins do not support multiple occurrences of the same source. Source: '{twice.Name}'", join.Position);
    }

    /// <summary>The value format KAFKA holds one column and cannot take a joined row on its way.</summary>
    public static void CheckFormats(JoinReference join, IEnumerable<SourceDefinition> sources)
    {
        var names = sources.Where(static source => source.ValueFormat.Name == "KAFKA").Select(static source => source.Name).ToList();
        if (names.Count > 0)
        {
            throw BindingErrors.NotSupported(
                $"Source(s) {string.Join(", ", names)} are using the 'KAFKA' value format. This format does not yet support JOIN.",
                join.Position);
        }
    }

    /// <summary>Which kinds of relations can be joined in which way.</summary>
    public static void CheckKinds(JoinReference join, RelationKind left, RelationKind right, string leftName, string rightName)
    {
        if (left == RelationKind.Table && right == RelationKind.Stream)
        {
            throw BindingErrors.NotSupported(
                $"Invalid join order: table-stream joins are not supported; only stream-table joins. Got {leftName} " +
                    $"{Describe(join.Kind)} {rightName}.", join.Position,
                "Write the stream first.");
        }

        if (left == RelationKind.Stream && right == RelationKind.Stream)
        {
            if (join.Within is null)
                throw BindingErrors.Syntax("Invalid join: stream-stream joins must have a WITHIN clause specified. None was provided.",
                    join.Position);
            if (join.Within.BeforeMs < 0 || join.Within.AfterMs < 0 || join.Within.GraceMs < 0)
                throw BindingErrors.Invalid("WITHIN and GRACE PERIOD must not be negative", join.Position);
            return;
        }

        if (join.Within is not null)
            throw BindingErrors.Syntax("Invalid join: WITHIN clause can only be used in stream-stream joins.", join.Position);
        if (left == RelationKind.Stream && join.Kind is not (JoinKind.Inner or JoinKind.Left))
        {
            throw BindingErrors.NotSupported(
                $"{join.Kind.ToString().ToUpperInvariant()} OUTER JOIN of a stream with a table is not supported", join.Position,
                "Use INNER or LEFT JOIN.");
        }
    }

    /// <summary>Windowed sources join windowed sources, sessions only sessions, and only by their keys.</summary>
    public static void CheckWindows(JoinReference join, ContinuousRelation left, ContinuousRelation right, bool areKeyed)
    {
        var (leftWindow, rightWindow) = (left.Plan.Schema.Window, right.Plan.Schema.Window);
        if (leftWindow is null && rightWindow is null)
            return;
        if (leftWindow is null || rightWindow is null)
        {
            throw BindingErrors.NotSupported(
                $"Can not join windowed source to non-windowed source.\n{Describe(left)}\n{Describe(right)}", join.Position);
        }

        if ((leftWindow.Kind == WindowKind.Session) != (rightWindow.Kind == WindowKind.Session))
        {
            throw BindingErrors.NotSupported(
                $"Incompatible windowed sources.\nLeft source: {Name(leftWindow)}\nRight source: {Name(rightWindow)}\n"
                + "Session windowed sources can only be joined to other session windowed sources, and may still not result in expected " +
                "behaviour as session bounds must be "
                + "an exact match for the join to work\nHopping and tumbling windowed sources can only be joined to other hopping and " +
                "tumbling windowed sources", join.Position);
        }

        if (!areKeyed)
            throw BindingErrors.Invalid("Implicit repartitioning of windowed sources is not supported.", join.Position,
                "Join on the keys.");
    }

    /// <summary>Tables with windows have no foreign keys.</summary>
    public static void CheckForeignKey(JoinReference join, ContinuousRelation left, ContinuousRelation right)
    {
        if (left.Plan.Schema.Window is not null && right.Plan.Schema.Window is not null)
            throw BindingErrors.NotSupported("Foreign-key table-table joins are not supported on windowed tables.", join.Position);
    }

    /// <summary>A join as ksqlDB's messages write it.</summary>
    public static string Describe(JoinKind kind) => kind switch
    {
        JoinKind.Inner => "[INNER] JOIN",
        JoinKind.Left => "LEFT [OUTER] JOIN",
        JoinKind.Right => "RIGHT [OUTER] JOIN",
        _ => "FULL [OUTER] JOIN",
    };

    private static string Describe(ContinuousRelation relation) =>
        $"`{relation.Sources[0].Name}` is {(relation.Plan.Schema.Window is { } window ? $"{Name(window)} windowed" : "not windowed")}";

    private static string Name(WindowSpec window) => window.Kind.ToString().ToUpperInvariant();
}
