using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Postgres.Commands;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Protocol;

/// <summary>Messages that carry results of statements.</summary>
internal sealed partial class BackendMessageWriter
{
    /// <summary>ParseComplete.</summary>
    public void ParseComplete() => WriteConstant("1\0\0\0\u0004"u8);

    /// <summary>BindComplete.</summary>
    public void BindComplete() => WriteConstant("2\0\0\0\u0004"u8);

    /// <summary>CloseComplete.</summary>
    public void CloseComplete() => WriteConstant("3\0\0\0\u0004"u8);

    /// <summary>EmptyQueryResponse.</summary>
    public void EmptyQueryResponse() => WriteConstant("I\0\0\0\u0004"u8);

    /// <summary>NoData: the statement gives no rows.</summary>
    public void NoData() => WriteConstant("n\0\0\0\u0004"u8);

    /// <summary>PortalSuspended: the row limit was reached.</summary>
    public void PortalSuspended() => WriteConstant("s\0\0\0\u0004"u8);

    /// <summary>CommandComplete with its tag, and the count behind it where the tag has one.</summary>
    public void CommandComplete(string tag, long? count)
    {
        var start = Begin(BackendMessageType.CommandComplete);
        _buffer.WriteText(tag);
        if (count is { } number)
        {
            _buffer.WriteByte((byte)' ');
            _buffer.WriteNumber(number);
        }

        _buffer.WriteByte(0);
        End(start);
    }

    /// <summary>ParameterDescription: the types of $1, $2, ...</summary>
    public void ParameterDescription(IReadOnlyList<ClientParameter> parameters)
    {
        var start = Begin(BackendMessageType.ParameterDescription);
        _buffer.WriteInt16((short)parameters.Count);
        foreach (var parameter in parameters)
            _buffer.WriteInt32((int)parameter.Oid);
        End(start);
    }

    /// <summary>RowDescription.</summary>
    /// <param name="format">The columns.</param>
    /// <param name="state">Knows relation and number of an origin as the catalog has them; zeroes where it has none.</param>
    public void RowDescription(RowFormat format, ClientState state)
    {
        // Which relation a column is of can change with the catalog.
        var version = format.HasOrigins ? state.Session.CatalogVersion : 0;
        if (format.DescriptionAt(version) is { } known)
        {
            WriteConstant(known);
            return;
        }

        var start = Begin(BackendMessageType.RowDescription);
        _buffer.WriteInt16((short)format.Columns.Length);
        foreach (var column in format.Columns)
        {
            _buffer.WriteString(column.Name);
            var (relation, number) = column.Origin is { } origin ? state.AttributeOf(origin) : default;
            _buffer.WriteInt32((int)relation);
            _buffer.WriteInt16(number);
            _buffer.WriteInt32((int)column.Codec.Type.Oid);
            _buffer.WriteInt16(column.Codec.Type.Length);
            _buffer.WriteInt32(column.Codec.TypeModifier);
            _buffer.WriteInt16((short)column.Format);
        }

        End(start);
        format.KeepDescription(_buffer.From(start - 1), version);
    }

    /// <summary>FunctionCallResponse: a value, with its length in front.</summary>
    public void FunctionCallResponse(PgCodec codec, FormatCode format, Column column, int row)
    {
        var start = Begin(BackendMessageType.FunctionCallResponse);
        if (column.IsNull(row))
            _buffer.WriteInt32(-1);
        else
            codec.Write(_buffer, format, column, row);
        End(start);
    }

    /// <summary>DataRow from a row of a batch.</summary>
    public void DataRow(RowFormat format, ChangeBatch batch, int row)
    {
        var start = Begin(BackendMessageType.DataRow);
        format.WriteRow(_buffer, batch, row);
        End(start);
    }
}
