using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Postgres.Types;

/// <summary>
/// Reads the values of one parameter: with the codec of the type that they travel with, into the type that the statement takes.
/// </summary>
internal readonly struct ParameterReader(PgCodec codec, SqlType target, TextSettings settings)
{
    /// <summary>Makes the reader of a parameter.</summary>
    /// <exception cref="SqlException">0A000: values of the declared type are not understood.</exception>
    public static ParameterReader Create(uint oid, SqlType target, TextSettings settings) =>
        PgCodec.ForParameter(oid, settings) is { } codec
            ? new(codec, target, settings)
            : throw new SqlException(PostgresErrorCodes.FeatureNotSupported, $"parameters of the type with OID {oid} are not supported");

    /// <summary>Reads a value.</summary>
    /// <exception cref="SqlException">It is not a value of the type.</exception>
    public object Read(ReadOnlySpan<byte> bytes, FormatCode format) =>
        codec.Adapt(format == FormatCode.Binary ? codec.ReadBinary(bytes) : codec.ReadText(bytes), target, settings);
}
