using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions.Statements;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions;

/// <summary>One statement of a script, parsed but not bound.</summary>
/// <param name="Syntax">What the parser has made of it; positions count in the whole script.</param>
public sealed record ParsedStatement(Statement Syntax)
{
    /// <summary>Its own slice of the script's text.</summary>
    public string Text => Syntax.Text;
}

/// <summary>A statement that is ready to be executed, any number of times.</summary>
public sealed class PreparedStatement
{
    internal PreparedStatement(ParsedStatement parsed, IReadOnlyList<SqlType?> declaredTypes, SessionStatement bound, long catalogVersion)
        : this(parsed, bound.ParameterTypes, bound.Columns)
    {
        DeclaredTypes = declaredTypes;
        Bound = bound;
        CatalogVersion = catalogVersion;
    }

    internal PreparedStatement(ParsedStatement parsed, IReadOnlyList<SqlType> parameterTypes, IReadOnlyList<ResultColumn>? columns)
    {
        Parsed = parsed;
        ParameterTypes = parameterTypes;
        Columns = columns;
    }

    /// <summary>What was parsed.</summary>
    public ParsedStatement Parsed { get; }

    /// <summary>Types of $1, $2, ... as declared or inferred.</summary>
    public IReadOnlyList<SqlType> ParameterTypes { get; }

    /// <summary>The columns that it will give; null when it gives no rows.</summary>
    public IReadOnlyList<ResultColumn>? Columns { get; }

    /// <summary>Whether it is done in microseconds once what it reads is in memory: it computes a row, or looks up some keys.</summary>
    public bool IsShort => Bound is { IsShort: true };

    /// <summary>
    /// Whether it is done in microseconds whatever its values are: it is bound for this version of the catalog, what it runs with is
    /// made, and it computes nothing that may take longer. What it reads may still have to be waited for.
    /// </summary>
    /// <param name="catalogVersion">The catalog's version now.</param>
    public bool IsReadyAt(long catalogVersion) => CatalogVersion == catalogVersion && Bound is { IsReady: true };

    /// <summary>Whether the same text, while catalog and settings are the same, is the same statement: a bounded query.</summary>
    public bool IsRepeatable => Bound is { IsRepeatable: true };

    internal IReadOnlyList<SqlType?> DeclaredTypes { get; } = [];

    /// <summary>The statement as it was bound at <see cref="CatalogVersion"/>; bound again when the catalog has changed since.</summary>
    internal SessionStatement? Bound { get; set; }

    internal long CatalogVersion { get; set; }
}
