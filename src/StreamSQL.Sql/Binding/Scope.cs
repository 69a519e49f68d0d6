using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>A column that expressions can name.</summary>
/// <param name="Relation">The alias of its relation; null where it has none.</param>
/// <param name="Name">Its exact name.</param>
/// <param name="Index">Its index in the plan's schema.</param>
/// <param name="Type">Its type.</param>
/// <param name="Role">What it is to its row.</param>
internal sealed record ScopeColumn(string? Relation, string Name, int Index, SqlType Type, ColumnRole Role)
{
    /// <summary>Whether it is found only with its relation's name: USING and NATURAL show one of two equal columns.</summary>
    public bool IsMerged { get; init; }

    /// <summary>Whether an outer join may put NULLs where its relation has no row.</summary>
    public bool MayBeMissing { get; init; }

    /// <summary>Whether it is the value of a function of single values: then it is what the relation's name means, too.</summary>
    public bool IsWholeRow { get; init; }

    /// <summary>Whether it is a source's time or place in a join: found only with its relation's name, and in no star.</summary>
    public bool IsPseudo { get; init; }
}

/// <summary>The columns that the expressions of one query level can name, and the level around it.</summary>
internal sealed class Scope(IReadOnlyList<ScopeColumn> columns, Scope? outer)
{
    public static Scope Empty { get; } = new([], null);

    /// <summary>In the order of SELECT *.</summary>
    public IReadOnlyList<ScopeColumn> Columns { get; } = columns;

    public Scope? Outer { get; } = outer;

    /// <summary>How many levels there are, this one counted.</summary>
    public int Levels { get; } = 1 + (outer?.Levels ?? 0);

    /// <summary>Whether ROWTIME, ROWPARTITION and ROWOFFSET mean something: a stream or table stands in FROM.</summary>
    public bool HasPseudoColumns { get; init; }

    /// <summary>The relation whose row time is that of the joined row: the stream of a stream-table join.</summary>
    public string? TimeRelation { get; init; }

    /// <summary>
    /// Where the aggregates of this level are collected, for sub-queries that aggregate its columns; null where none may stand.
    /// </summary>
    public AggregateCollector? Aggregates { get; init; }

    /// <summary>The clause that sub-queries stand in, for errors.</summary>
    public string? Clause { get; init; }

    public IEnumerable<string> Relations => Columns.Select(static column => column.Relation).OfType<string>().Distinct();

    public bool HasSeveralRelations => Relations.Skip(1).Any();

    public Scope Around(Scope? outer) => new(Columns, outer) { HasPseudoColumns = HasPseudoColumns, TimeRelation = TimeRelation };

    /// <summary>This level, as sub-queries in one of its clauses see it.</summary>
    public Scope In(string clause, AggregateCollector? aggregates) =>
        new(Columns, Outer) { HasPseudoColumns = HasPseudoColumns, TimeRelation = TimeRelation, Aggregates = aggregates, Clause = clause };

    public static Scope Of(LogicalPlan plan, string? relation) =>
        new([.. plan.Schema.Columns.Select((column, index) => new ScopeColumn(relation, column.Name, index, column.Type, column.Role))],
            null);

    /// <summary>The column of a name here or around; null when there is none.</summary>
    public BoundExpression? Find(QualifiedName name, RuleSet rules)
    {
        var depth = 0;
        for (var scope = this; scope is not null; scope = scope.Outer, depth++)
        {
            if (scope.FindHere(name, rules) is not { } found)
                continue;
            return (found, depth) switch
            {
                (BoundColumn column, > 0) => new BoundOuterColumn(depth, column.Index, column.Name, column.Type),
                (BoundPseudoColumn, > 0) =>
                    throw BindingErrors.NotSupported($"{name} of an enclosing query is not supported", name.Position),
                _ => found,
            };
        }

        return null;
    }

    private BoundExpression? FindHere(QualifiedName name, RuleSet rules)
    {
        var column = name.Last;
        var qualifier = name.IsQualified ? name.Parts[^2] : null;
        var candidates = qualifier is null
            ? Columns.Where(static c => !c.IsMerged && !c.IsPseudo).ToList()
            : Match(Columns, qualifier, rules, static c => c.Relation ?? "");
        var matches = Match(candidates, column, rules, static c => c.Name);
        if (matches.Count > 1)
            throw BindingErrors.Ambiguous(name, matches.Select(static c => c.Relation is null ? c.Name : $"{c.Relation}.{c.Name}"), rules);
        if (matches.Count == 1)
            return new BoundColumn(matches[0].Index, matches[0].Name, matches[0].Type);
        return qualifier is null || candidates.Count > 0 ? FindPseudoColumn(name, qualifier) : null;
    }

    private BoundPseudoColumn? FindPseudoColumn(QualifiedName name, Identifier? qualifier)
    {
        if (!HasPseudoColumns)
            return null;
        PseudoColumn? kind = name.Last.Name switch
        {
            "ROWTIME" => PseudoColumn.RowTime,
            "ROWPARTITION" => PseudoColumn.RowPartition,
            "ROWOFFSET" => PseudoColumn.RowOffset,
            _ => null,
        };
        if (kind is null)
            return null;
        return qualifier is null || !HasSeveralRelations || qualifier.Name == TimeRelation
            ? new BoundPseudoColumn(kind.Value)
            : throw BindingErrors.NotSupported(
                $"{name} in a join is not supported", name.Position,
                $"{name.Last.Name} without a qualifier is the time of the joined row.");
    }

    /// <summary>
    /// Exact matches; where there are none, those by the other world's folding: pg_catalog is lower case, quoted names of clients too.
    /// </summary>
    public static List<T> Match<T>(IReadOnlyList<T> items, Identifier name, RuleSet rules, Func<T, string> nameOf)
    {
        var exact = items.Where(item => nameOf(item) == name.Name).ToList();
        if (exact.Count > 0)
            return exact;
        var folded = name.IsQuoted ? name.Text.ToUpperInvariant() : name.Text.ToLowerInvariant();
        return rules == RuleSet.Postgres ? items.Where(item => nameOf(item) == folded).ToList() : exact;
    }
}
