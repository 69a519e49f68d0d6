using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions;

/// <summary>The variables of a session, by name without case, and the parsing of scripts with them. Not thread-safe.</summary>
internal sealed class SessionVariables
{
    private const int MaxVariables = 1000;
    private const string Enabled = "ksql.variable.substitution.enable";

    private readonly SortedDictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>All of them.</summary>
    public IEnumerable<KeyValuePair<string, string>> All => _values;

    /// <summary>DEFINE.</summary>
    /// <exception cref="SqlException">53400: there are too many.</exception>
    public void Define(string name, string value)
    {
        if (_values.Count >= MaxVariables && !_values.ContainsKey(name))
            throw new SqlException(PostgresErrorCodes.ConfigurationLimitExceeded, $"a session holds at most {MaxVariables} variables");
        _values[name] = value;
    }

    /// <summary>UNDEFINE; false when there is no such variable.</summary>
    public bool Undefine(string name) => _values.Remove(name);

    /// <summary>Parses a script. A variable that one of its statements defines can be used by those after it.</summary>
    /// <exception cref="SqlException">It is not SQL, or a variable cannot stand where it does.</exception>
    public IReadOnlyList<Statement> Parse(string script, SessionSettings settings)
    {
        if (!VariableReferences.MayBeIn(script) || script.Length > SyntaxLimits.MaxLength
            || "false".Equals(settings.Find(Enabled), StringComparison.OrdinalIgnoreCase))
        {
            return SqlParser.ParseScript(script);
        }

        var known = new Dictionary<string, string>(_values, StringComparer.OrdinalIgnoreCase);
        var statements = new List<Statement>();
        foreach (var piece in VariableReferences.SplitStatements(script))
        {
            foreach (var statement in SqlParser.ParseScript(VariableReferences.Replace(piece, known.GetValueOrDefault)))
            {
                statements.Add(statement);
                if (statement is DefineStatement define)
                    known[define.Name.Text] = define.Value;
                else if (statement is UndefineStatement undefine)
                    known.Remove(undefine.Name.Text);
            }
        }

        return statements;
    }
}
