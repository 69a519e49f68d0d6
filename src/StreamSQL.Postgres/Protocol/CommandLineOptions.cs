using System.Text;
using Npgsql;

namespace StreamSQL.Postgres.Protocol;

/// <summary>
/// The start-up parameter <c>options</c>: <c>-c name=value --name=value</c>; a backslash stands before a blank that belongs to a value.
/// </summary>
internal static class CommandLineOptions
{
    /// <summary>Reads the settings.</summary>
    /// <exception cref="FatalProtocolException">42601: something else.</exception>
    public static List<KeyValuePair<string, string>> Read(string options)
    {
        var words = Split(options);
        var settings = new List<KeyValuePair<string, string>>();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word == "-c" && i + 1 < words.Count)
                word = words[++i];
            else if (word.StartsWith("-c", StringComparison.Ordinal) || word.StartsWith("--", StringComparison.Ordinal))
                word = word[2..];
            else
                throw Invalid(word);
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw Invalid(word);
            settings.Add(new(word[..equals].Replace('-', '_'), word[(equals + 1)..]));
        }

        return settings;
    }

    private static List<string> Split(string options)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        for (var i = 0; i < options.Length; i++)
        {
            var character = options[i];
            if (char.IsWhiteSpace(character))
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }

            if (character == '\\' && i + 1 < options.Length)
                character = options[++i];
            word.Append(character);
            inWord = true;
        }

        if (inWord)
            words.Add(word.ToString());
        return words;
    }

    private static FatalProtocolException Invalid(string word) =>
        new(PostgresErrorCodes.SyntaxError, $"invalid command-line argument for server process: {word}", "Options are -c name=value.");
}
