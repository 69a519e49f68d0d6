using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans one join of a continuous query: what its key is, and which names stand for it.</summary>
internal sealed class ContinuousJoin(BindingContext context, JoinReference join)
{
    private const string SyntheticKey = "ROWKEY";

    public ContinuousRelation Plan(ContinuousRelation left, ContinuousRelation right)
    {
        if (join.On is not { } on)
            throw BindingErrors.NotSupported("a join in a continuous query needs ON", join.Position);
        JoinChecks.CheckSources(join, left.Sources, right.Sources);
        var leftCount = left.Plan.Schema.Columns.Count;
        var rightName = right.Scope.Relations.First();
        var both = new Scope([.. left.Scope.Columns, .. right.Scope.Columns.Select(c => c with { Index = c.Index + leftCount })], null);
        var comparisons = new JoinComparisons(context, both, leftCount, rightName).Bind(on);
        var (leftKind, rightKind) = (left.Plan.Schema.Kind, right.Plan.Schema.Kind);
        JoinChecks.CheckKinds(join, leftKind, rightKind, comparisons[0].LeftRelation, rightName);
        JoinChecks.CheckFormats(join, left.Sources.Concat(right.Sources));

        foreach (var comparison in comparisons)
            SourceFormats.RequireComparable(new SourceColumn(comparison.LeftText.Replace('.', '_'), comparison.Left.Type, IsKey: true));
        var sides = new JoinSides(left, right, comparisons);
        var leftKeyed = IsKeyedBy(left, sides.LeftKeys);
        var rightKeyed = IsKeyedBy(right, sides.RightKeys);
        if (leftKind == RelationKind.Table && !leftKeyed && rightKeyed)
            JoinChecks.CheckForeignKey(join, left, right);
        JoinChecks.CheckWindows(join, left, right, leftKeyed && rightKeyed);
        if (rightKind == RelationKind.Table && !rightKeyed)
        {
            throw BindingErrors.NotSupported(
                leftKind == RelationKind.Stream
                    ? $"Invalid join condition: stream-table joins require to join on the table's primary key. Got {sides.Text}."
                    : "Invalid join condition: table-table joins require to join on the primary key of the right input table. Got " +
                        $"{sides.Text}.", on.Position,
                $"The primary key of {right.Sources[0].Name} is {string.Join(
                    ", ", right.Plan.Schema.Columns.Where(static c => c.Role == ColumnRole.Key).Select(static c => c.Name))}.");
        }

        if (leftKind == RelationKind.Table && !leftKeyed)
            return JoinByForeignKey(sides);
        return Join(sides, Aliases(sides), KeyFormatOf(left, right, isLeft: leftKeyed || !rightKeyed || rightKind == RelationKind.Table));
    }

    /// <summary>
    /// The left input's format, but that of a right one that stays where it is when the left one does
    /// not; a stream with a table keeps its own.
    /// </summary>
    private static Catalog.FormatSpec KeyFormatOf(ContinuousRelation left, ContinuousRelation right, bool isLeft) =>
        isLeft && left.KeyFormat.Name != "NONE" ? left.KeyFormat : right.KeyFormat;

    private bool IsKeyedBy(ContinuousRelation relation, IReadOnlyList<BoundExpression> keys)
    {
        if (keys.Count != relation.Plan.Schema.KeyCount)
            return false;
        for (var i = 0; i < keys.Count; i++)
        {
            if (KeyOf(relation, keys[i]) != i)
                return false;
        }

        return true;
    }

    /// <summary>
    /// The key column that an expression stands for; -1 for none. ksqlDB takes the unmatched side of an outer join for the key too.
    /// </summary>
    private int KeyOf(ContinuousRelation relation, BoundExpression expression)
    {
        foreach (var alias in relation.KeyAliases)
        {
            if ((alias.IsExact || context.IsCompatible) && BoundExpressionComparer.AreSame(alias.Expression, expression))
                return alias.Key;
        }

        return expression is BoundColumn column && relation.Plan.Schema.Columns[column.Index].Role == ColumnRole.Key ? column.Index : -1;
    }

    /// <summary>
    /// What stands for the key of the result, over the inputs' columns one behind the other; the left side's names come first.
    /// </summary>
    private List<KeyAlias> Aliases(JoinSides sides)
    {
        var aliases = new List<KeyAlias>();
        var leftCount = sides.Left.Plan.Schema.Columns.Count;
        for (var i = 0; i < sides.Comparisons.Count && join.Kind != JoinKind.Full; i++)
        {
            var comparison = sides.Comparisons[i];
            var isExact = join.Kind != JoinKind.Right;
            var known = sides.Left.KeyAliases.Count > 0 && KeyOf(sides.Left, comparison.Left) is var key and >= 0
                ? sides.Left.KeyAliases.Where(alias => alias.Key == key)
                : [];
            aliases.AddRange(known.Select(alias => alias with { Key = i, IsExact = alias.IsExact && isExact }));
            if (!aliases.Any(alias => alias.Key == i && BoundExpressionComparer.AreSame(alias.Expression, comparison.Left)))
                aliases.Add(new KeyAlias(comparison.Left, i, isExact, comparison.LeftText));
            var right = Optimizer.ColumnSubstitution.Renumber(comparison.Right, index => index + leftCount);
            aliases.Add(new KeyAlias(right, i, join.Kind != JoinKind.Left, comparison.RightText));
        }

        return aliases;
    }

    private ContinuousRelation JoinByForeignKey(JoinSides sides)
    {
        var (left, right) = (sides.Left, sides.Right);
        if (left.Sources.Count > 1)
        {
            throw BindingErrors.NotSupported(
                $"Invalid join condition: foreign-key table-table joins are not supported as part of n-way joins. Got {sides.Text}.",
                join.Position);
        }

        if (join.Kind is not (JoinKind.Inner or JoinKind.Left))
            throw BindingErrors.NotSupported($"{join.Kind.ToString().ToUpperInvariant()} OUTER JOIN on a foreign key is not supported",
                join.Position, "Use INNER or LEFT JOIN.");
        KeyAlias[] aliases =
        [
            .. Enumerable.Range(0, left.Plan.Schema.KeyCount).Select(i => left.Plan.Schema.Columns[i]).Select((column, i) =>
                new KeyAlias(new BoundColumn(i, column.Name, column.Type), i, true,
                    JoinText.Of(new BoundColumn(i, column.Name, column.Type), left.Scope))),
        ];
        var result = Join(sides, aliases, left.KeyFormat, isForeignKey: true);
        return result with { ForeignKeyOwner = left.Scope.Relations.First() };
    }

    private ContinuousRelation Join(JoinSides sides, IReadOnlyList<KeyAlias> aliases, Catalog.FormatSpec format, bool isForeignKey = false)
    {
        var (left, right) = (sides.Left, sides.Right);
        var columns = KeyColumns(sides, aliases, isForeignKey);
        var synthetic = columns.Where((column, i) => column.Role == ColumnRole.Key && !HasColumn(aliases, i)).ToList();
        var first = columns.Count;
        var leftCount = left.Plan.Schema.Columns.Count;
        var scope = new Scope(
            [
                .. synthetic.Select(column => new ScopeColumn(null, column.Name, columns.IndexOf(column), column.Type, ColumnRole.Key)),
                .. left.Scope.Columns.Where(static c => c.Relation is not null).Select(c => Move(c, first)),
                .. right.Scope.Columns.Select(c => Move(c, first + leftCount)),
            ], null) { HasPseudoColumns = true,
                TimeRelation = right.Plan.Schema.Kind == RelationKind.Table ? left.Scope.TimeRelation : null };
        columns.AddRange(left.Plan.Schema.Columns.Concat(right.Plan.Schema.Columns).Select(static c => c with { Role = ColumnRole.Value }));
        var kind = left.Plan.Schema.Kind == RelationKind.Table ? RelationKind.Table : RelationKind.Stream;
        var (leftKeys, rightKeys) = (sides.LeftKeys.ToList(), sides.RightKeys.ToList());
        AddWindows(sides, leftKeys, rightKeys);
        var plan = new LogicalJoin(
            left.Plan, right.Plan, join.Kind, leftKeys, rightKeys, null, join.Within,
            new PlanSchema(columns, kind, left.Plan.Schema.Window))
        {
            KeyColumns = first,
            IsForeignKey = isForeignKey,
        };
        return new ContinuousRelation(plan, scope, [.. left.Sources, .. right.Sources],
            [.. aliases.Select(alias => alias.Shift(first))], format);
    }

    // The key of a joined row is in front; among the sources' columns only their window bounds still are what they were, for SELECT *.
    private static ScopeColumn Move(ScopeColumn column, int by) =>
        column with { Index = column.Index + by, Role = column.Role == ColumnRole.Key ? ColumnRole.Value : column.Role };

    private static List<PlanColumn> KeyColumns(JoinSides sides, IReadOnlyList<KeyAlias> aliases, bool isForeignKey)
    {
        var left = sides.Left.Plan.Schema;
        if (isForeignKey)
            return [.. left.Columns.Take(left.KeyCount)];
        var columns = new List<PlanColumn>();
        for (var i = 0; i < sides.Comparisons.Count; i++)
        {
            var named = aliases.FirstOrDefault(alias => alias.Key == i && alias.Expression is BoundColumn);
            var name = named is null ? Unused(sides, columns) : ((BoundColumn)named.Expression).Name;
            columns.Add(new PlanColumn(name, sides.Comparisons[i].Left.Type, ColumnRole.Key));
        }

        if (left.Window is not null)
            columns.AddRange(CatalogRelations.WindowBounds);
        return columns;
    }

    private static bool HasColumn(IReadOnlyList<KeyAlias> aliases, int key) =>
        aliases.Any(alias => alias.Key == key && alias.Expression is BoundColumn);

    /// <summary>ROWKEY, or with a number behind it where sources have such a column.</summary>
    private static string Unused(JoinSides sides, List<PlanColumn> taken)
    {
        var names = sides.Left.Scope.Columns.Where(static c => c.Relation is not null).Concat(sides.Right.Scope.Columns)
            .Select(static c => c.Name)
            .Concat(taken.Select(static column => column.Name)).ToHashSet(StringComparer.Ordinal);
        var name = SyntheticKey;
        for (var number = 1; names.Contains(name); number++)
            name = $"{SyntheticKey}_{number}";
        return name;
    }

    /// <summary>Rows of windowed sources match when their windows begin together (sessions: and end together).</summary>
    private void AddWindows(JoinSides sides, List<BoundExpression> leftKeys, List<BoundExpression> rightKeys)
    {
        var (left, right) = (sides.Left.Plan.Schema, sides.Right.Plan.Schema);
        if (left.Window is not { } window || right.Window is null)
            return;
        var (leftStart, rightStart) = (Bound(left, ColumnRole.WindowStart), Bound(right, ColumnRole.WindowStart));
        leftKeys.AddRange([leftStart, Bound(left, ColumnRole.WindowEnd)]);
        rightKeys.Add(rightStart);

        // Time windows of two sizes: the result's window is the left one.
        rightKeys.Add(window.Kind == WindowKind.Session
            ? Bound(right, ColumnRole.WindowEnd)
            : FunctionResolver.BindOperator("+", rightStart, new BoundLiteral(window.SizeMs, SqlType.BigInt), context, join.Position));
    }

    private static BoundColumn Bound(PlanSchema schema, ColumnRole role)
    {
        var index = schema.Columns.Select((column, i) => (column, i)).First(pair => pair.column.Role == role).i;
        return new BoundColumn(index, schema.Columns[index].Name, SqlType.BigInt);
    }

    /// <summary>Both inputs and their condition.</summary>
    private sealed record JoinSides(ContinuousRelation Left, ContinuousRelation Right, IReadOnlyList<JoinComparison> Comparisons)
    {
        public IReadOnlyList<BoundExpression> LeftKeys { get; } = [.. Comparisons.Select(static comparison => comparison.Left)];

        public IReadOnlyList<BoundExpression> RightKeys { get; } = [.. Comparisons.Select(static comparison => comparison.Right)];

        public string Text => string.Join(" AND ", Comparisons.Select(static comparison => comparison.Text));
    }
}
