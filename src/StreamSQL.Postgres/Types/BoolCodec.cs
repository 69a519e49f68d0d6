using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>bool: t or f; one byte.</summary>
internal sealed class BoolCodec() : PgCodec(PgTypes.Bool)
{
    public static readonly BoolCodec Instance = new();

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        output.WriteByte(((FixedColumn<byte>)column)[row] != 0 ? (byte)'t' : (byte)'f');

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) => output.WriteByte(((FixedColumn<byte>)column)[row]);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        var word = text.Trim(" \t\r\n"u8);
        if (IsStartOf(word, "true"u8, 1) || IsStartOf(word, "yes"u8, 1) || IsStartOf(word, "on"u8, 2) || IsStartOf(word, "1"u8, 1))
            return true;
        if (!IsStartOf(word, "false"u8, 1) && !IsStartOf(word, "no"u8, 1) && !IsStartOf(word, "off"u8, 2) && !IsStartOf(word, "0"u8, 1))
            InvalidValue.ThrowSyntax(Type, text);
        return false;
    }

    private static bool IsStartOf(ReadOnlySpan<byte> word, ReadOnlySpan<byte> whole, int least) =>
        word.Length >= least && word.Length <= whole.Length && Ascii.EqualsIgnoreCase(word, whole[..word.Length]);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, 1);
        return bytes[0] != 0;
    }
}
