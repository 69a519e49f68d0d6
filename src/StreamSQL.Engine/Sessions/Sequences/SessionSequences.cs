using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Sequences;

/// <summary>Sequences as one session sees them: nextval, currval, lastval, setval.</summary>
public sealed class SessionSequences
{
    private readonly SequenceTable _table;
    private readonly Dictionary<string, long> _current = new(StringComparer.Ordinal);
    private string? _last;

    internal SessionSequences(SequenceTable table) => _table = table;

    /// <summary>nextval.</summary>
    /// <param name="name">The sequence's name in the catalog.</param>
    /// <exception cref="SqlException">42P01: there is no such sequence; 2200H: it is at its end.</exception>
    public long Next(string name)
    {
        var value = _table.Next(name);
        _current[name] = value;
        _last = name;
        return value;
    }

    /// <summary>currval: the last value that this session got.</summary>
    /// <exception cref="SqlException">55000: it got none.</exception>
    public long Current(string name) => _current.TryGetValue(name, out var value) ? value : throw new SqlException(
        PostgresErrorCodes.ObjectNotInPrerequisiteState,
        $"currval of sequence \"{DisplayName.Of(name)}\" is not yet defined in this session");

    /// <summary>lastval: the last value that this session got of any sequence.</summary>
    /// <exception cref="SqlException">55000: it got none.</exception>
    public long Last() => _last is not null ? _current[_last] : throw new SqlException(
        PostgresErrorCodes.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session");

    /// <summary>setval.</summary>
    /// <exception cref="SqlException">42P01: there is no such sequence; 22003: the value is none of it.</exception>
    public long Set(string name, long value, bool isCalled)
    {
        _table.Set(name, value, isCalled);
        if (isCalled)
            _current[name] = value;
        return value;
    }

    /// <summary>The last value that anybody got since the engine's start; null for none.</summary>
    public long? LastOf(string name) => _table.LastOf(name);

    /// <summary>DISCARD SEQUENCES.</summary>
    public void Discard()
    {
        _current.Clear();
        _last = null;
    }
}
