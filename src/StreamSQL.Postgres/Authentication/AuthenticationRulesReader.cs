using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;

namespace StreamSQL.Postgres.Authentication;

/// <summary>Rules that cannot be used; the message names the line.</summary>
public sealed class AuthenticationRulesException(string message) : Exception(message);

/// <summary>
/// Reads rules written as in PostgreSQL's pg_hba.conf: <c>host DATABASE USER ADDRESS METHOD</c>, a rule a line, <c>#</c> before remarks, a
/// backslash at the end of a line that goes on.
/// </summary>
public static class AuthenticationRulesReader
{
    private const int MaxRules = 10_000;

    /// <summary>Reads rules.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <exception cref="AuthenticationRulesException">A line cannot be understood.</exception>
    public static AuthenticationRules Read(string text, string name)
    {
        var rules = new List<AuthenticationRule>();
        var number = 0;
        var begun = 1;
        var line = new StringBuilder();
        foreach (var piece in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            if (line.Length == 0)
                begun = number;
            if (piece.EndsWith('\\'))
            {
                line.Append(piece.AsSpan(0, piece.Length - 1));
                continue;
            }

            var place = $"{name} line {begun}";
            var fields = Split(line.Append(piece).ToString(), place);
            line.Clear();
            if (fields.Count == 0)
                continue;
            if (rules.Count == MaxRules)
                throw new AuthenticationRulesException($"{place}: there are more than {MaxRules} rules.");
            rules.Add(ReadRule(fields, place));
        }

        if (rules.Count == 0)
            throw new AuthenticationRulesException(
                $"{name}: there is no rule, so nobody could connect. A rule is such as: host all all 10.0.0.0/8 scram-sha-256");
        return new(rules);
    }

    private static AuthenticationRule ReadRule(List<List<Word>> fields, string place)
    {
        ConnectionKind kind = Only(fields, 0, place) switch
        {
            "local" => ConnectionKind.Local,
            "host" => ConnectionKind.Host,
            "hostssl" => ConnectionKind.HostSsl,
            "hostnossl" => ConnectionKind.HostNoSsl,
            var other => throw new AuthenticationRulesException(
                $"{place}: a rule begins with local, host, hostssl or hostnossl, not \"{other}\"."),
        };
        var expected = kind == ConnectionKind.Local ? "local DATABASE USER METHOD" : "host DATABASE USER ADDRESS METHOD";
        var at = kind == ConnectionKind.Local ? 3 : 4;
        if (fields.Count <= at)
            throw new AuthenticationRulesException($"{place}: there are {fields.Count} fields; expected {expected}.");
        var rule = new AuthenticationRule
        {
            Kind = kind,
            Databases = ReadDatabases(fields[1], place),
            Users = ReadUsers(fields[2], place),
            Place = place,
            Method = AuthenticationMethod.Reject,
        };
        if (kind != ConnectionKind.Local)
            rule = ReadAddress(rule, fields, ref at, place);
        if (fields.Count > at + 1)
            throw new AuthenticationRulesException(
                $"{place}: there is more behind the method, \"{fields[at + 1][0].Text}\"; methods have no options here.");
        return rule with { Method = ReadMethod(Only(fields, at, place), place) };
    }

    private static string[]? ReadDatabases(List<Word> words, string place)
    {
        if (words.Exists(static word => word is { IsQuoted: false, Text: "all" }))
            return null;
        if (words.Find(static word =>
            word is { IsQuoted: false, Text: "samerole" or "samegroup" or "replication" }) is { Text: { } unknown })
            throw new AuthenticationRulesException($"{place}: \"{unknown}\" is not supported for databases; all and sameuser are.");
        RefusePattern(words, place);
        return [.. words.Select(static word => word is { IsQuoted: false, Text: "sameuser" } ? AuthenticationRule.SameUser : word.Text)];
    }

    private static string[]? ReadUsers(List<Word> words, string place)
    {
        if (words.Exists(static word => word is { IsQuoted: false, Text: "all" }))
            return null;
        if (words.Find(static word => !word.IsQuoted && word.Text.StartsWith('+')) is { Text: { } group })
            throw new AuthenticationRulesException($"{place}: roles have no members, so \"{group}\" fits nobody; name the users.");
        RefusePattern(words, place);
        return [.. words.Select(static word => word.Text)];
    }

    private static void RefusePattern(List<Word> words, string place)
    {
        if (words.Find(static word => !word.IsQuoted && (word.Text.StartsWith('/') || word.Text.StartsWith('@'))) is { Text: { } pattern })
            throw new AuthenticationRulesException(
                $"{place}: \"{pattern}\": regular expressions and files of names are not supported; put a name in quotes.");
    }

    /// <summary>all, samehost, ADDRESS/BITS, or ADDRESS and MASK in two fields.</summary>
    private static AuthenticationRule ReadAddress(AuthenticationRule rule, List<List<Word>> fields, ref int at, string place)
    {
        var text = Only(fields, 3, place);
        switch (text)
        {
            case "all":
                return rule;
            case "samehost":
                return rule with { IsSameHost = true };
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
            throw new AuthenticationRulesException(
                $"{place}: \"{text}\" is no address; expected all, samehost, or one such as 10.0.0.0/8. Names of hosts are not supported.");
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int length;
        if (slash < 0)
        {
            if (fields.Count < 6 || !IPAddress.TryParse(Only(fields, 4, place), out var mask) || LengthOf(mask, address) is not { } masked)
                throw new AuthenticationRulesException(
                    $"{place}: how much of {text} counts is not said; write {text}/{bits} for this address alone.");
            length = masked;
            at = 5;
        }
        else if (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out length) || length > bits)
        {
            throw new AuthenticationRulesException($"{place}: \"{text[(slash + 1)..]}\" is no length of {address}; expected 0 to {bits}.");
        }

        return rule with { Networks = [new IPNetwork(BaseOf(address, length), length)] };
    }

    private static int? LengthOf(IPAddress mask, IPAddress address)
    {
        if (mask.AddressFamily != address.AddressFamily)
            return null;
        var bytes = mask.GetAddressBytes();
        var length = bytes.Sum(static value => BitOperations.PopCount(value));
        return BaseOf(new IPAddress([.. bytes.Select(static _ => byte.MaxValue)]), length).Equals(mask) ? length : null;
    }

    /// <summary>The address with what lies behind the prefix cleared.</summary>
    private static IPAddress BaseOf(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xFF00 >> Math.Clamp(length - (i * 8), 0, 8));
        return new(bytes);
    }

    private static AuthenticationMethod ReadMethod(string text, string place) => text switch
    {
        "trust" => AuthenticationMethod.Trust,
        "scram-sha-256" => AuthenticationMethod.ScramSha256,
        "reject" => AuthenticationMethod.Reject,
        "md5" or "password" => throw new AuthenticationRulesException(
            $"{place}: method \"{text}\" is not supported, for it gives passwords away; use scram-sha-256."),
        _ => throw new AuthenticationRulesException(
            $"{place}: method \"{text}\" is not supported; expected trust, scram-sha-256 or reject."),
    };

    private static string Only(List<List<Word>> fields, int at, string place) => fields[at] is [var word]
        ? word.Text
        : throw new AuthenticationRulesException($"{place}: field {at + 1} is a list; one word was expected.");

    /// <summary>Splits a line into fields, and fields into the words between commas.</summary>
    private static List<List<Word>> Split(string line, string place)
    {
        var fields = new List<List<Word>>();
        var goesOn = false;
        for (var at = 0; at < line.Length && line[at] != '#';)
        {
            if (char.IsWhiteSpace(line[at]))
            {
                at++;
                continue;
            }

            if (line[at] == ',')
            {
                if (fields.Count == 0)
                    throw new AuthenticationRulesException($"{place}: a comma stands before the first word.");
                goesOn = true;
                at++;
                continue;
            }

            var word = ReadWord(line, ref at, place);
            if (goesOn)
                fields[^1].Add(word);
            else
                fields.Add([word]);
            goesOn = false;
        }

        return goesOn ? throw new AuthenticationRulesException($"{place}: the line ends with a comma.") : fields;
    }

    private static Word ReadWord(string line, ref int at, string place)
    {
        if (line[at] != '"')
        {
            var start = at;
            while (at < line.Length && !char.IsWhiteSpace(line[at]) && line[at] is not (',' or '#' or '"'))
                at++;
            return new(line[start..at], false);
        }

        var end = line.IndexOf('"', at + 1);
        if (end < 0)
            throw new AuthenticationRulesException($"{place}: a quote is not closed.");
        var text = line[(at + 1)..end];
        at = end + 1;
        return new(text, true);
    }

    private sealed record Word(string Text, bool IsQuoted);
}
