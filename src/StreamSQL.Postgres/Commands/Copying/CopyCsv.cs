using System.Buffers;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>COPY's CSV: a value is quoted when it holds a delimiter, quote or line break, or would be read as null.</summary>
internal sealed class CopyCsv(RowFormat row, CopyOptions options) : CopyDelimited(row, options)
{
    private readonly SearchValues<byte> _special =
        SearchValues.Create([(byte)'\n', (byte)'\r', options.Delimiter, options.Quote, options.Escape]);

    /// <inheritdoc/>
    /// <remarks>Makes room for quotes and escapes from the end, so that each byte moves once.</remarks>
    protected override void EscapeFrom(OutputBuffer output, int start)
    {
        var value = output.From(start);
        var needed = value.SequenceEqual(Null);
        var first = value.IndexOfAny(_special);
        if (!needed && first < 0)
            return;
        var escapes = 0;
        for (var i = first; i >= 0 && i < value.Length; i++)
            escapes += NeedsEscape(value[i]) ? 1 : 0;
        var length = value.Length;
        output.Take(escapes + 2);
        var bytes = output.From(start);
        var to = bytes.Length;
        bytes[--to] = Options.Quote;
        for (var from = length - 1; from >= 0; from--)
        {
            var one = bytes[from];
            bytes[--to] = one;
            if (NeedsEscape(one))
                bytes[--to] = Options.Escape;
        }

        bytes[0] = Options.Quote;
    }

    private bool NeedsEscape(byte value) => value == Options.Quote || value == Options.Escape;
}
