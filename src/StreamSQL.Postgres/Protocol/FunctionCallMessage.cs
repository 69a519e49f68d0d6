using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Protocol;

/// <summary>FunctionCall: a function, by its identifier, with its arguments.</summary>
/// <param name="FunctionOid">The function's identifier in pg_proc.</param>
/// <param name="Arguments">The arguments' bytes; null for NULL.</param>
/// <param name="Formats">Formats of the arguments: none, one for all, or one each.</param>
/// <param name="ResultFormat">Format of the result.</param>
internal sealed record FunctionCallMessage(uint FunctionOid, byte[]?[] Arguments, FormatCode[] Formats, FormatCode ResultFormat)
{
    /// <summary>Reads the body.</summary>
    /// <exception cref="SqlException">08P01: it makes no sense; 22023: an unknown format.</exception>
    public static FunctionCallMessage Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageBodyReader(body);
        var oid = (uint)reader.ReadInt32();
        var formats = new FormatCode[reader.ReadCount(sizeof(short))];
        for (var i = 0; i < formats.Length; i++)
            formats[i] = ReadFormat(ref reader);
        var arguments = new byte[reader.ReadCount(sizeof(int))][];
        if (formats.Length > 1 && formats.Length != arguments.Length)
        {
            throw new SqlException(
                PostgresErrorCodes.ProtocolViolation,
                $"function call message contains {formats.Length} argument formats but {arguments.Length} arguments");
        }

        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = reader.ReadInt32() is var length and not -1 ? reader.ReadBytes(length).ToArray() : null!;
        var result = ReadFormat(ref reader);
        reader.RequireEnd();
        return new(oid, arguments, formats, result);
    }

    /// <summary>The format of an argument.</summary>
    public FormatCode FormatOf(int argument) => Formats.Length switch { 0 => FormatCode.Text, 1 => Formats[0], _ => Formats[argument] };

    private static FormatCode ReadFormat(ref MessageBodyReader reader)
    {
        var format = (FormatCode)reader.ReadInt16();
        return format is FormatCode.Text or FormatCode.Binary
            ? format
            : throw new SqlException(PostgresErrorCodes.InvalidParameterValue, $"unsupported format code: {(short)format}");
    }
}
