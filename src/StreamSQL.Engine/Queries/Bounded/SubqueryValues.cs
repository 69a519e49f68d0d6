namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>The values of a sub-query that is asked for membership.</summary>
internal sealed class SubqueryValues
{
    private readonly HashSet<object> _values = new(LiteralComparer.Instance);
    private readonly List<object?[]> _open = [];

    /// <summary>Takes the values, in the form of literals.</summary>
    public SubqueryValues(IReadOnlyList<object?> values)
    {
        Count = values.Count;
        foreach (var value in values)
        {
            if (value is null)
                HasNull = true;
            else if (value is object?[] row && row.Contains(null))
                _open.Add(row);
            else
                _values.Add(value);
        }
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    private bool HasNull { get; }

    /// <summary>Whether a value is among them; null where that is not known.</summary>
    public object? Contains(object? value)
    {
        if (Count == 0)
            return false;
        if (value is null)
            return null;
        if (value is object?[] row && row.Contains(null))
            return HasNull || _values.Any(other => MayEqual(row, (object?[])other))
                || _open.Any(other => MayEqual(row, other)) ? null : false;
        if (_values.Contains(value))
            return true;
        return HasNull || (value is object?[] whole && _open.Any(other => MayEqual(whole, other))) ? null : false;
    }

    // Two rows that differ in a field that both have are not equal, whatever the others are.
    private static bool MayEqual(object?[] a, object?[] b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i] is { } x && b[i] is { } y && !LiteralComparer.Instance.Equals(x, y))
                return false;
        }

        return true;
    }

    private sealed class LiteralComparer : IEqualityComparer<object>
    {
        public static LiteralComparer Instance { get; } = new();

        public new bool Equals(object? x, object? y) => (x, y) switch
        {
            (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
            (object?[] a, object?[] b) => a.Length == b.Length && a.Zip(b).All(pair => Equals(pair.First, pair.Second)),
            _ => object.Equals(x, y),
        };

        public int GetHashCode(object value)
        {
            var hash = new HashCode();
            Add(ref hash, value);
            return hash.ToHashCode();
        }

        private static void Add(ref HashCode hash, object? value)
        {
            switch (value)
            {
                case byte[] bytes:
                    hash.AddBytes(bytes);
                    break;
                case object?[] elements:
                    foreach (var element in elements)
                        Add(ref hash, element);
                    break;
                default:
                    hash.Add(value);
                    break;
            }
        }
    }
}
