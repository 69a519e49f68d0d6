namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>A step of an oracle: what one input row changes in the result, all at once. A null is no value.</summary>
internal sealed record ResultEvent(params IReadOnlyList<(string Key, string? Value)> Changes);

/// <summary>
/// Whether a result follows an input: whenever it is compared, the values of all its keys are those of the oracle after some prefix of the
/// input, and the prefix never gets shorter. The oracle goes on only as far as it must, so if there is
/// such a chain of prefixes this one is found.
/// </summary>
/// <param name="events">The steps of the oracle.</param>
/// <param name="tellsAbsence">Whether a key that was not seen yet has no value; else nothing is known of it.</param>
internal sealed class PrefixChase(IReadOnlyList<ResultEvent> events, bool tellsAbsence)
{
    private readonly Dictionary<string, string?> _oracle = [];
    private readonly Dictionary<string, string?> _observed = [];
    private readonly HashSet<string> _unknown = [];
    private readonly HashSet<string> _differing = [];
    private int _position;

    /// <summary>A value as it is seen in the output; null for none.</summary>
    public void Observe(string key, string? value)
    {
        _unknown.Remove(key);
        _observed[key] = value;
        Compare(key);
    }

    /// <summary>The output does not tell this value any more.</summary>
    public void Forget(string key)
    {
        _unknown.Add(key);
        _differing.Remove(key);
    }

    /// <summary>Goes on to the next prefix that fits; what does not, when there is none.</summary>
    public string? CatchUp()
    {
        var from = _position;
        var (closest, fewest, differing) = (from, int.MaxValue, "");
        while (_differing.Count > 0)
        {
            if (_differing.Count < fewest)
                (closest, fewest, differing) = (_position, _differing.Count, Describe());
            if (_position == events.Count)
                return $"no prefix of {from} of {events.Count} events or more fits; with {closest}, {fewest} keys differ: {differing}";
            Step();
        }

        return null;
    }

    private void Step()
    {
        foreach (var (key, value) in events[_position++].Changes)
        {
            _oracle[key] = value;
            Compare(key);
        }
    }

    private void Compare(string key)
    {
        var isUnknown = _unknown.Contains(key) || (!tellsAbsence && !_observed.ContainsKey(key));
        if (isUnknown || _oracle.GetValueOrDefault(key) == _observed.GetValueOrDefault(key))
            _differing.Remove(key);
        else
            _differing.Add(key);
    }

    private string Describe() => string.Join(
        ", ", _differing.Take(3)
            .Select(key =>
                $"'{key}' is {_observed.GetValueOrDefault(key) ?? "nothing"}, expected {_oracle.GetValueOrDefault(key) ?? "nothing"}"));
}
