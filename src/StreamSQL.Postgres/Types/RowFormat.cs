using System.Collections.Immutable;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>How a value travels.</summary>
internal enum FormatCode : short
{
    Text = 0,
    Binary = 1,
}

/// <summary>A column of a result as the client sees it.</summary>
internal sealed record FieldFormat(string Name, PgCodec Codec, FormatCode Format, ColumnOrigin? Origin);

/// <summary>How the rows of one result are written: a name, codec and format per column.</summary>
internal sealed class RowFormat
{
    // PostgreSQL's limit; the protocol's own is 32,767.
    private const int MaxColumns = 1664;

    private readonly IReadOnlyList<ResultColumn> _of;
    private readonly IReadOnlyList<FormatCode> _formats;
    private readonly TextSettings _settings;
    private (byte[] Message, long CatalogVersion)? _description;

    private RowFormat(
        ImmutableArray<FieldFormat> columns, IReadOnlyList<ResultColumn> of, IReadOnlyList<FormatCode> formats, TextSettings settings)
    {
        (Columns, _of, _formats, _settings) = (columns, of, formats, settings);
        HasOrigins = columns.Any(static column => column.Origin is not null);
    }

    /// <summary>The columns.</summary>
    public ImmutableArray<FieldFormat> Columns { get; }

    /// <summary>Makes the format of a result's rows.</summary>
    /// <param name="columns">The result's columns.</param>
    /// <param name="formats">None: text; one: for all columns; else one per column.</param>
    /// <param name="settings">What the session sets about values.</param>
    /// <exception cref="SqlException">08P01: another number of formats; 54011: more columns than a row can have.</exception>
    public static RowFormat Create(IReadOnlyList<ResultColumn> columns, IReadOnlyList<FormatCode> formats, TextSettings settings)
    {
        if (columns.Count > MaxColumns)
            throw new SqlException(PostgresErrorCodes.TooManyColumns, $"target lists can have at most {MaxColumns} entries");
        if (formats.Count > 1 && formats.Count != columns.Count)
        {
            throw new SqlException(
                PostgresErrorCodes.ProtocolViolation,
                $"bind message has {formats.Count} result formats but query has {columns.Count} columns");
        }

        var fields = ImmutableArray.CreateBuilder<FieldFormat>(columns.Count);
        for (var i = 0; i < columns.Count; i++)
        {
            var format = formats.Count switch { 0 => FormatCode.Text, 1 => formats[0], _ => formats[i] };
            fields.Add(new(columns[i].Name, PgCodec.For(columns[i].Type, settings), format, columns[i].Origin));
        }

        return new(fields.MoveToImmutable(), columns, formats, settings);
    }

    /// <summary>Whether it was made of just these.</summary>
    public bool IsOf(IReadOnlyList<ResultColumn> columns, IReadOnlyList<FormatCode> formats, TextSettings settings)
    {
        if (!ReferenceEquals(columns, _of) || !ReferenceEquals(settings, _settings) || formats.Count != _formats.Count)
            return false;
        for (var i = 0; i < formats.Count; i++)
        {
            if (formats[i] != _formats[i])
                return false;
        }

        return true;
    }

    /// <summary>Whether a column is one of a relation.</summary>
    public bool HasOrigins { get; }

    /// <summary>Whether its RowDescription message is known.</summary>
    public bool IsDescribedAt(long catalogVersion) => DescriptionAt(HasOrigins ? catalogVersion : 0) is not null;

    /// <summary>The RowDescription message that was written before, if the catalog is still the same; null otherwise.</summary>
    public byte[]? DescriptionAt(long catalogVersion) =>
        _description is { } known && known.CatalogVersion == catalogVersion ? known.Message : null;

    /// <summary>Keeps a RowDescription message.</summary>
    public void KeepDescription(ReadOnlySpan<byte> message, long catalogVersion) => _description = (message.ToArray(), catalogVersion);

    /// <summary>Writes a row's values: their count, then length and bytes of each.</summary>
    public void WriteRow(OutputBuffer output, ChangeBatch batch, int row)
    {
        output.WriteInt16((short)Columns.Length);
        for (var i = 0; i < Columns.Length; i++)
        {
            var column = batch.Columns[i];
            if (column.IsNull(row))
            {
                output.WriteInt32(-1);
                continue;
            }

            Columns[i].Codec.Write(output, Columns[i].Format, column, row);
        }
    }
}
