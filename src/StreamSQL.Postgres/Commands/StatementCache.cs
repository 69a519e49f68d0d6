namespace StreamSQL.Postgres.Commands;

/// <summary>
/// Queries of this connection by their text, so that a client that sends the same text again and again has it parsed and planned once. They
/// hold for one state of catalog and settings. A text is kept when it comes for the second time: most connections send theirs once. Not
/// thread-safe.
/// </summary>
internal sealed class StatementCache(ClientState state)
{
    private const int MaxStatements = 16;
    private const int MaxTextLength = 4096;

    private readonly Dictionary<(string Text, string Types), ClientStatement> _statements = [];
    private readonly int[] _seen = new int[MaxStatements];
    private int _nextSeen;
    private long _catalogVersion;
    private object? _settings;

    /// <summary>How often a text was found.</summary>
    public long Hits { get; private set; }

    /// <summary>The statement of a text with its declared parameter types; null when it is not known.</summary>
    public ClientStatement? Find(string text, uint[] types)
    {
        if (_statements.Count == 0)
            return null;
        if (_catalogVersion != state.Session.CatalogVersion || !ReferenceEquals(_settings, state.Session.Settings.Generation))
        {
            _statements.Clear();
            return null;
        }

        if (!_statements.TryGetValue(KeyOf(text, types), out var statement))
            return null;
        Hits++;
        return statement;
    }

    /// <summary>Keeps a statement that was made of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="types">The declared parameter types.</param>
    /// <param name="statement">What was made of it.</param>
    public void Add(string text, uint[] types, ClientStatement statement)
    {
        if (!statement.IsRepeatable || text.Length > MaxTextLength || text.Contains("${", StringComparison.Ordinal) || !IsSeenAgain(text))
            return;
        if (_statements.Count >= MaxStatements)
            _statements.Clear();
        (_catalogVersion, _settings) = (state.Session.CatalogVersion, state.Session.Settings.Generation);
        _statements[KeyOf(text, types)] = statement;
    }

    private static (string Text, string Types) KeyOf(string text, uint[] types) => (text, types.Length == 0 ? "" : string.Join(',', types));

    private bool IsSeenAgain(string text)
    {
        var hash = text.GetHashCode(StringComparison.Ordinal);
        if (Array.IndexOf(_seen, hash) >= 0)
            return true;
        _seen[_nextSeen] = hash;
        _nextSeen = (_nextSeen + 1) % _seen.Length;
        return false;
    }
}
