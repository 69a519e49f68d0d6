using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Makes the keys and the grouping sets of a GROUP BY: ROLLUP and CUBE are written out, and the elements multiplied with each other. The
/// number of sets is bounded before any is made.
/// </summary>
/// <param name="bindKey">Binds an expression of GROUP BY.</param>
internal sealed class GroupingSetsBinder(Func<Expression, BoundExpression> bindKey)
{
    private const int MaxSets = 4096;
    private const int MaxCubeElements = 12;

    private readonly List<BoundExpression> _keys = [];

    /// <summary>All keys, each once.</summary>
    public IReadOnlyList<BoundExpression> Keys => _keys;

    /// <summary>The sets, each as indexes of keys; null when there is one set of all keys.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Bind(IReadOnlyList<GroupingElement> elements, bool isDistinct)
    {
        List<int[]> sets = [[]];
        foreach (var element in elements)
        {
            var factors = Expand(element);
            RequireFewer((long)sets.Count * factors.Count, element.Position);
            sets = [.. sets.SelectMany(_ => factors, static (set, more) => set.Union(more).ToArray())];
        }

        if (isDistinct)
            sets = [.. sets.DistinctBy(static set => string.Join(',', set.Order()))];
        return sets.Count == 1 && sets[0].Length == _keys.Count ? null : sets;
    }

    private List<int[]> Expand(GroupingElement element)
    {
        switch (element)
        {
            case GroupingSet set:
                return [KeysOf(set)];
            case GroupingSets sets:
                var all = new List<int[]>();
                foreach (var inner in sets.Sets)
                {
                    all.AddRange(Expand(inner));
                    RequireFewer(all.Count, inner.Position);
                }

                return all;
            case GroupingShorthand { IsCube: true } cube:
                return Cube(cube);
            case GroupingShorthand rollup:
                var parts = rollup.Sets.Select(KeysOf).ToArray();
                RequireFewer(parts.Length + 1, rollup.Position);
                return [.. Enumerable.Range(0, parts.Length + 1)
                    .Select(left => parts.SkipLast(left).SelectMany(static part => part).Distinct().ToArray())];
            default:
                throw new InvalidOperationException($"unknown grouping element {element.GetType().Name}");
        }
    }

    private List<int[]> Cube(GroupingShorthand cube)
    {
        var parts = cube.Sets.Select(KeysOf).ToArray();
        if (parts.Length > MaxCubeElements)
            throw new SqlException(PostgresErrorCodes.TooManyColumns, $"CUBE is limited to {MaxCubeElements} elements",
                position: cube.Position);
        var sets = new List<int[]>();
        for (var mask = (1 << parts.Length) - 1; mask >= 0; mask--)
            sets.Add([.. parts.Where((_, i) => (mask & (1 << (parts.Length - 1 - i))) != 0).SelectMany(static part => part).Distinct()]);
        return sets;
    }

    private static void RequireFewer(long count, TextPosition position)
    {
        if (count > MaxSets)
        {
            throw new SqlException(
                PostgresErrorCodes.StatementTooComplex, $"too many grouping sets present (maximum {MaxSets})",
                "Leave out elements of CUBE, ROLLUP or GROUPING SETS.", position);
        }
    }

    private int[] KeysOf(GroupingSet set) => [.. set.Expressions.Select(KeyOf).Distinct()];

    private int KeyOf(Expression syntax)
    {
        var key = bindKey(syntax);
        var index = _keys.FindIndex(known => BoundExpressionComparer.AreSame(known, key));
        if (index >= 0)
            return index;
        _keys.Add(key);
        return _keys.Count - 1;
    }
}
