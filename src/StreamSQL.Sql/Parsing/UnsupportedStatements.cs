using Antlr4.Runtime;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;

namespace StreamSQL.Sql.Parsing;

/// <summary>
/// Statements of PostgreSQL that are not done here: they are refused by name and with what does their work, not as errors of syntax.
/// </summary>
internal static class UnsupportedStatements
{
    private const string NoPrivileges = "Roles may do everything but for what CREATE ROLE says.";
    private const string NothingToDo = "There is nothing to do: storage is kept tidy by itself.";
    private const string NoSchema = "Streams and tables live in public.";
    private const string NoCode = "Statements are sent one by one, or as a script.";

    private static readonly string[] Definitions = ["CREATE", "DROP", "ALTER"];

    // What stands behind CREATE, DROP or ALTER.
    private static readonly Dictionary<string, string?> Objects = new(StringComparer.OrdinalIgnoreCase)
    {
        ["INDEX"] = "A table is found by its primary key; any other column is found by a scan.",
        ["UNIQUE"] = "A table is found by its primary key.",
        ["SCHEMA"] = NoSchema, ["DATABASE"] = "A server is one database, whatever name a client connects to.", ["TABLESPACE"] = null,
        ["EXTENSION"] = "What there is comes with the server.", ["SEQUENCE"] = null,
        ["FUNCTION"] = NoCode, ["PROCEDURE"] = NoCode, ["ROUTINE"] = NoCode, ["AGGREGATE"] = NoCode, ["OPERATOR"] = NoCode,
        ["LANGUAGE"] = NoCode, ["CAST"] = NoCode,
        ["TRIGGER"] = "A continuous query does something with every change.", ["EVENT"] = null, ["RULE"] = null, ["POLICY"] = NoPrivileges,
        ["TEMP"] = "Create the table and drop it at the end, or use WITH.",
        ["TEMPORARY"] = "Create the table and drop it at the end, or use WITH.",
        ["UNLOGGED"] = "Every table is durable.", ["DOMAIN"] = "CREATE TYPE gives a type a name.",
        ["PUBLICATION"] = "Any Kafka client reads the topic.",
        ["SUBSCRIPTION"] = "CREATE STREAM reads a topic.", ["FOREIGN"] = null, ["SERVER"] = null, ["COLLATION"] = null,
        ["STATISTICS"] = null, ["DEFAULT"] = NoPrivileges,
        ["GROUP"] = "CREATE ROLE makes a role.",
    };

    // First words that no statement here begins with.
    private static readonly Dictionary<string, string?> Verbs = new(StringComparer.OrdinalIgnoreCase)
    {
        ["GRANT"] = NoPrivileges, ["REVOKE"] = NoPrivileges, ["REASSIGN"] = NoPrivileges, ["SECURITY"] = NoPrivileges,
        ["ANALYSE"] = NothingToDo, ["REINDEX"] = NothingToDo, ["CLUSTER"] = NothingToDo,
        ["COMMENT"] = "Comments are kept of streams, tables, views, their columns, the database and schemas.", ["LOAD"] = null,
        ["IMPORT"] = null, ["DO"] = NoCode, ["CALL"] = NoCode,
        ["LOCK"] = "A transaction whose rows others have changed fails when it commits (40001): try again.",
        ["MERGE"] = "INSERT ... ON CONFLICT updates what is there.",
    };

    // Parts of a column or table that a definition here has not.
    private static readonly Dictionary<string, string> Constraints = new(StringComparer.OrdinalIgnoreCase)
    {
        ["DEFAULT"] = "Give the value in INSERT.", ["UNIQUE"] = "Only the primary key is unique.",
        ["CHECK"] = "Filter with WHERE what is read.",
        ["REFERENCES"] = "Join the tables where they are read.", ["FOREIGN"] = "Join the tables where they are read.",
        ["GENERATED"] = "GENERATED ... AS IDENTITY counts rows; compute all else where it is read.",
        ["CONSTRAINT"] = "A table has a primary key and no other constraint.", ["COLLATE"] = "Text is compared by its bytes.",
        ["INHERITS"] = "Write the columns out.",
    };

    /// <summary>The refusal of the statement that an error of syntax was found in; null when it is none of these.</summary>
    /// <param name="tokens">The script.</param>
    /// <param name="found">Where the error was found.</param>
    public static SqlException? Find(ITokenStream tokens, IToken found)
    {
        var words = Statement(tokens, found.TokenIndex);
        if (words.Count == 0)
            return null;
        var verb = words[0].Text;
        if (Verbs.TryGetValue(verb, out var hint))
            return Refuse(verb, hint, words[0]);
        if (words.Count < 2 || !Definitions.Contains(verb, StringComparer.OrdinalIgnoreCase))
            return null;
        var at = words.Count > 3 && words[1].Text.Equals("OR", StringComparison.OrdinalIgnoreCase) ? 3 : 1; // OR REPLACE
        if (Objects.TryGetValue(words[at].Text, out hint))
            return Refuse($"{verb} {words[at].Text}", hint, words[0]);
        return words[at].Text.Equals("TABLE", StringComparison.OrdinalIgnoreCase) && Constraints.TryGetValue(found.Text, out var other)
            ? Refuse(found.Text, other, found)
            : null;
    }

    private static SqlException Refuse(string what, string? hint, IToken at) =>
        SyntaxErrors.NotSupported($"{what.ToUpperInvariant()} is not supported", SourceText.PositionOf(at), hint);

    /// <summary>The first words of the statement that a token stands in.</summary>
    private static List<IToken> Statement(ITokenStream tokens, int index)
    {
        const int Words = 5;
        var start = index;
        while (start > 0 && tokens.Get(start - 1).Type != StreamSqlLexer.SEMICOLON)
            start--;
        var words = new List<IToken>();
        for (var i = start; i < tokens.Size && words.Count < Words
            && tokens.Get(i).Type is not (TokenConstants.EOF or StreamSqlLexer.SEMICOLON); i++)
        {
            if (tokens.Get(i).Channel == TokenConstants.DefaultChannel)
                words.Add(tokens.Get(i));
        }

        return words;
    }
}
