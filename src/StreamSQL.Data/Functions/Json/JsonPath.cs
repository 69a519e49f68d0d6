using System.Buffers.Text;
using System.Text.Json;

namespace StreamSQL.Data.Functions.Json;

/// <summary>A path into JSON text: <c>$.field['field'][0]</c>, compiled once.</summary>
internal sealed class JsonPath
{
    private readonly Step[] _steps;

    private JsonPath(Step[] steps) => _steps = steps;

    /// <summary>Compiles a path; null when it is malformed.</summary>
    public static JsonPath? TryCompile(ReadOnlySpan<byte> path)
    {
        var steps = new List<Step>();
        if (path.IsEmpty || path[0] != '$')
            return null;
        for (path = path[1..]; path.Length > 0;)
        {
            if (TryReadStep(ref path) is not { } step)
                return null;
            steps.Add(step);
        }

        return new([.. steps]);
    }

    /// <summary>Moves the reader to the value that the path names; false when there is none.</summary>
    /// <exception cref="JsonException">The text before it is not JSON.</exception>
    public bool TryFind(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        foreach (var step in _steps)
        {
            if (!(step.Name is null ? TryEnterElement(ref reader, step.Index) : TryEnterField(ref reader, step.Name)))
                return false;
        }

        return true;
    }

    private static Step? TryReadStep(ref ReadOnlySpan<byte> path)
    {
        if (path.StartsWith(".["u8))
            path = path[1..];
        if (path[0] == '.')
        {
            var end = path[1..].IndexOfAny((byte)'.', (byte)'[');
            var name = end < 0 ? path[1..] : path.Slice(1, end);
            path = path[(1 + name.Length)..];
            return name.IsEmpty ? null : new Step(name.ToArray(), 0);
        }

        var close = path.IndexOf((byte)']');
        if (path[0] != '[' || close < 0)
            return null;
        var inside = path[1..close];
        path = path[(close + 1)..];
        if (inside.Length >= 2 && inside[0] is (byte)'\'' or (byte)'"' && inside[^1] == inside[0])
            return new Step(inside[1..^1].ToArray(), 0);
        return Utf8Parser.TryParse(inside, out int index, out var used) && used == inside.Length ? new Step(null, index) : null;
    }

    private static bool TryEnterField(ref Utf8JsonReader reader, byte[] name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            if (!reader.Read())
                return false;
            if (found)
                return true;
            reader.Skip();
        }

        return false;
    }

    private static bool TryEnterElement(ref Utf8JsonReader reader, int index)
    {
        if (reader.TokenType != JsonTokenType.StartArray || index < 0)
            return false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (index-- == 0)
                return true;
            reader.Skip();
        }

        return false;
    }

    private readonly record struct Step(byte[]? Name, int Index);
}
