using System.Text;
using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.Kernels.RowOverload;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>The parts of a URL (RFC 3986), decoded; NULL of what is none. And the encoding of query parameters.</summary>
internal static class UrlFunctions
{
    private const string Category = "URL";

    /// <summary>What a URL has only encoded.</summary>
    private static readonly System.Buffers.SearchValues<byte> s_encoded = System.Buffers.SearchValues.Create("\"<>\\^`{|}"u8);

    public static IEnumerable<ScalarFunction> All() =>
    [
        Part<Protocol>("URL_EXTRACT_PROTOCOL", "The protocol of a URL.", ("URL_EXTRACT_PROTOCOL('http://a.b/')", "http")),
        Part<Host>("URL_EXTRACT_HOST", "The host of a URL.", ("URL_EXTRACT_HOST('http://test@confluent.io:8080')", "confluent.io")),
        new OverloadedFunction("URL_EXTRACT_PORT", Category, "The port of a URL.", [("URL_EXTRACT_PORT('http://a.b:8080/x')", "8080")],
            Strict<Port>(SqlType.Integer, SqlType.Varchar)),
        Part<UrlPath>("URL_EXTRACT_PATH", "The path of a URL.", ("URL_EXTRACT_PATH('http://a.b/nested/path?q')", "/nested/path")),
        Part<Query>("URL_EXTRACT_QUERY", "The query of a URL.", ("URL_EXTRACT_QUERY('http://a.b/?x=1&y#z')", "x=1&y")),
        Part<Fragment>("URL_EXTRACT_FRAGMENT", "The fragment of a URL.", ("URL_EXTRACT_FRAGMENT('http://a.b/?q#frag')", "frag")),
        new OverloadedFunction("URL_EXTRACT_PARAMETER", Category, "A parameter of a URL's query, decoded.",
            [("URL_EXTRACT_PARAMETER('http://a.b/?one=a&two=url%20encoded', 'two')", "url encoded")],
            Strict<Parameter>(SqlType.Varchar, SqlType.Varchar, SqlType.Varchar)),
        Part<EncodeParameter>("URL_ENCODE_PARAM", "A text as a query parameter's value.",
            ("URL_ENCODE_PARAM('url encoded')", "url+encoded")),
        Part<DecodeParameter>("URL_DECODE_PARAM", "The text of a query parameter's value.",
            ("URL_DECODE_PARAM('url%20encoded')", "url encoded")),
    ];

    private static OverloadedFunction Part<TFunction>(string name, string description, (string, string) example)
        where TFunction : struct, IRowFunction =>
        new(name, Category, description, [example], Strict<TFunction>(SqlType.Varchar, SqlType.Varchar));

    /// <summary>The parts of a URL.</summary>
    private ref struct Parts
    {
        public ReadOnlySpan<byte> Scheme;
        public ReadOnlySpan<byte> Authority;
        public ReadOnlySpan<byte> Path;
        public ReadOnlySpan<byte> Query;
        public ReadOnlySpan<byte> Fragment;
        public bool IsUri;
        public bool HasQuery;
        public bool HasFragment;

        /// <summary>The parts; none where the text is no URI.</summary>
        public static Parts Of(ReadOnlySpan<byte> url)
        {
            var parts = default(Parts);
            if (!IsUriText(url))
                return parts;
            parts.IsUri = true;
            var hash = url.IndexOf((byte)'#');
            if (hash >= 0)
            {
                parts.HasFragment = true;
                parts.Fragment = url[(hash + 1)..];
                url = url[..hash];
            }

            var question = url.IndexOf((byte)'?');
            if (question >= 0)
            {
                parts.HasQuery = true;
                parts.Query = url[(question + 1)..];
                url = url[..question];
            }

            var colon = url.IndexOf((byte)':');
            if (colon > 0 && url[..colon].IndexOf((byte)'/') < 0)
            {
                parts.Scheme = url[..colon];
                url = url[(colon + 1)..];
            }

            if (url.StartsWith("//"u8))
            {
                url = url[2..];
                var slash = url.IndexOf((byte)'/');
                parts.Authority = slash < 0 ? url : url[..slash];
                url = slash < 0 ? default : url[slash..];
            }

            parts.Path = url;
            return parts;
        }

        // No space or control character, none of those that must be encoded, and every % begins an escape.
        private static bool IsUriText(ReadOnlySpan<byte> url)
        {
            if (url.IndexOfAnyInRange((byte)0, (byte)' ') >= 0 || url.IndexOfAny(s_encoded) >= 0)
                return false;
            return HasWholeEscapes(url);
        }

        public readonly (int Start, int End, int Port) HostAndPort()
        {
            var start = Authority.LastIndexOf((byte)'@') + 1;
            var end = Authority.Length;
            var colon = Authority.LastIndexOf((byte)':');
            var port = -1;
            if (colon >= start && colon > Authority.LastIndexOf((byte)']')
                && System.Buffers.Text.Utf8Parser.TryParse(Authority[(colon + 1)..], out port, out var used)
                && used == Authority.Length - colon - 1)
                end = colon;
            return (start, end, end == Authority.Length ? -1 : port);
        }
    }

    private static void ReturnOrNull(in RowCall call, ReadOnlySpan<byte> part, bool isThere)
    {
        if (isThere)
            call.Return(Unescape(part, plusIsSpace: false));
        else
            call.ReturnNull();
    }

    private static bool HasWholeEscapes(ReadOnlySpan<byte> text)
    {
        for (var at = text.IndexOf((byte)'%'); at >= 0; at = text.IndexOf((byte)'%'))
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit((char)text[at + 1]) || !char.IsAsciiHexDigit((char)text[at + 2]))
                return false;
            text = text[(at + 3)..];
        }

        return true;
    }

    /// <summary>A text whose escapes (%XX) are all well formed, without them.</summary>
    private static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> text, bool plusIsSpace)
    {
        if (text.IndexOf((byte)'%') < 0 && !(plusIsSpace && text.IndexOf((byte)'+') >= 0))
            return text;
        var buffer = new byte[text.Length];
        var written = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                Convert.FromHexString(text.Slice(i + 1, 2), buffer.AsSpan(written++, 1), out _, out _);
                i += 2;
                continue;
            }

            buffer[written++] = plusIsSpace && text[i] == '+' ? (byte)' ' : text[i];
        }

        return buffer.AsSpan(0, written);
    }

    private readonly struct Protocol : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var parts = Parts.Of(call.Text(0));
            ReturnOrNull(call, parts.Scheme, !parts.Scheme.IsEmpty);
        }
    }

    private readonly struct Host : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var parts = Parts.Of(call.Text(0));
            var (start, end, _) = parts.HostAndPort();
            ReturnOrNull(call, parts.Authority[start..end], end > start);
        }
    }

    private readonly struct Port : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var parts = Parts.Of(call.Text(0));
            var (_, _, port) = parts.HostAndPort();
            if (!parts.IsUri || port < 0)
                call.ReturnNull();
            else
                call.Return(port);
        }
    }

    private readonly struct UrlPath : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var parts = Parts.Of(call.Text(0));
            ReturnOrNull(call, parts.Path, parts.IsUri);
        }
    }

    private readonly struct Query : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var parts = Parts.Of(call.Text(0));
            ReturnOrNull(call, parts.Query, parts.HasQuery);
        }
    }

    private readonly struct Fragment : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var parts = Parts.Of(call.Text(0));
            ReturnOrNull(call, parts.Fragment, parts.HasFragment);
        }
    }

    private readonly struct Parameter : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var query = Parts.Of(call.Text(0)).Query;
            while (query.Length > 0)
            {
                var end = query.IndexOf((byte)'&');
                var pair = end < 0 ? query : query[..end];
                query = end < 0 ? default : query[(end + 1)..];
                var equals = pair.IndexOf((byte)'=');
                if (!Unescape(equals < 0 ? pair : pair[..equals], plusIsSpace: true).SequenceEqual(call.Text(1)))
                    continue;
                if (equals >= 0 && equals < pair.Length - 1)
                    call.Return(Unescape(pair[(equals + 1)..], plusIsSpace: true));
                else
                    call.ReturnNull();
                return;
            }

            call.ReturnNull();
        }
    }

    /// <summary>The form encoding of HTML: letters, digits and <c>-_.*</c> as they are, a space as +, the rest as %XX.</summary>
    private readonly struct EncodeParameter : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            var buffer = new byte[text.Length * 3];
            var written = 0;
            foreach (var b in text)
            {
                if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'*')
                {
                    buffer[written++] = b;
                }
                else if (b == ' ')
                {
                    buffer[written++] = (byte)'+';
                }
                else
                {
                    buffer[written++] = (byte)'%';
                    Convert.TryToHexString([b], buffer.AsSpan(written), out _);
                    written += 2;
                }
            }

            call.Return(buffer.AsSpan(0, written));
        }
    }

    private readonly struct DecodeParameter : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var text = call.Text(0);
            if (HasWholeEscapes(text))
                call.Return(Unescape(text, plusIsSpace: true));
            else
                call.Fail(PostgresErrorCodes.InvalidParameterValue, $"incomplete % escape in \"{Encoding.UTF8.GetString(text)}\"");
        }
    }
}
