using System.Buffers;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>COPY's text format: values between tabs, a backslash before what would be misread.</summary>
internal sealed class CopyText(RowFormat row, CopyOptions options) : CopyDelimited(row, options)
{
    private readonly SearchValues<byte> _special = SearchValues.Create([.. "\b\f\n\r\t\v\\"u8, options.Delimiter]);

    /// <inheritdoc/>
    /// <remarks>Makes room for the backslashes from the end, so that each byte moves once.</remarks>
    protected override void EscapeFrom(OutputBuffer output, int start)
    {
        var written = output.From(start);
        var first = written.IndexOfAny(_special);
        if (first < 0)
            return;
        var extra = 0;
        foreach (var value in written[first..])
            extra += EscapeOf(value) != 0 ? 1 : 0;
        var length = output.Length - start;
        output.Take(extra);
        var bytes = output.From(start);
        var to = bytes.Length;
        for (var from = length - 1; to > from + 1; from--)
        {
            var escape = EscapeOf(bytes[from]);
            bytes[--to] = escape == 0 ? bytes[from] : escape;
            if (escape != 0)
                bytes[--to] = (byte)'\\';
        }
    }

    private byte EscapeOf(byte value) => value switch
    {
        (byte)'\b' => (byte)'b',
        (byte)'\f' => (byte)'f',
        (byte)'\n' => (byte)'n',
        (byte)'\r' => (byte)'r',
        (byte)'\t' => (byte)'t',
        (byte)'\v' => (byte)'v',
        (byte)'\\' => (byte)'\\',
        _ => value == Options.Delimiter ? value : (byte)0,
    };
}
