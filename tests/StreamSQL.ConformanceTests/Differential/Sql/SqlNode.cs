using System.Globalization;
using System.Text;

namespace StreamSQL.ConformanceTests.Differential.Sql;

/// <summary>
/// A piece of a generated statement: a tree of texts that can be made smaller piece by piece. Pieces of one kind can stand for each other
/// (an expression of some type, a query with some columns), so that a piece can give way to one of its own parts.
/// </summary>
/// <param name="Kind">What can stand here; null for fixed text.</param>
/// <param name="Parts">The parts in order; a node without parts is its <paramref name="Text"/>.</param>
/// <param name="Text">The text of a leaf.</param>
/// <param name="Simplest">The smallest text of this kind.</param>
internal sealed record SqlNode(string? Kind, IReadOnlyList<SqlNode> Parts, string Text = "", string? Simplest = null)
{
    /// <summary>What stands before the first part of a list that is not empty, and between its parts; null where this is no list.</summary>
    public (string Before, string Between)? List { get; init; }

    /// <summary>How many parts of a list must stay.</summary>
    public int Least { get; init; }

    /// <summary>The value of a parameter, whose number is its place among those of the statement.</summary>
    public QueryParameter? Parameter { get; init; }

    /// <summary>Fixed text.</summary>
    public static implicit operator SqlNode(string text) => new(null, [], text);

    /// <summary>A list whose parts can be left out until so many are left.</summary>
    public static SqlNode ListOf(string before, string between, int least, IEnumerable<SqlNode> parts) =>
        new(null, [.. parts]) { List = (before, between), Least = least };

    /// <summary>A part that can be left out.</summary>
    public static SqlNode Optional(params SqlNode[] parts) => ListOf("", "", 0, [new(null, parts)]);

    /// <summary>The statement's text and the values of its parameters.</summary>
    public GeneratedStatement Render()
    {
        var text = new StringBuilder();
        var parameters = new List<QueryParameter>();
        Append(text, parameters);
        return new(text.ToString(), parameters);
    }

    public override string ToString() => Render().Text;

    private void Append(StringBuilder text, List<QueryParameter> parameters)
    {
        if (Parameter is not null)
        {
            parameters.Add(Parameter);
            text.Append(CultureInfo.InvariantCulture, $"${parameters.Count}{Text}");
            return;
        }

        text.Append(Text);
        for (var i = 0; i < Parts.Count; i++)
        {
            if (List is var (before, between))
                text.Append(i == 0 ? before : between);
            Parts[i].Append(text, parameters);
        }
    }
}

/// <summary>A statement as it is sent.</summary>
internal sealed record GeneratedStatement(string Text, IReadOnlyList<QueryParameter> Parameters);

/// <summary>The value of a parameter, as a type that Npgsql sends; null for NULL.</summary>
internal sealed record QueryParameter(object? Value, NpgsqlTypes.NpgsqlDbType Type);
