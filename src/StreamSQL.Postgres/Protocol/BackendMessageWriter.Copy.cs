using StreamSQL.Data.Batches;
using StreamSQL.Postgres.Commands.Copying;

namespace StreamSQL.Postgres.Protocol;

/// <summary>Messages of COPY.</summary>
internal sealed partial class BackendMessageWriter
{
    /// <summary>CopyOutResponse: the format of what follows and of each column.</summary>
    public void CopyOutResponse(bool binary, int columns) => CopyResponse(BackendMessageType.CopyOutResponse, binary, columns);

    /// <summary>CopyInResponse: the format that is awaited, and that of each column.</summary>
    public void CopyInResponse(bool binary, int columns) => CopyResponse(BackendMessageType.CopyInResponse, binary, columns);

    private void CopyResponse(BackendMessageType type, bool binary, int columns)
    {
        var start = Begin(type);
        _buffer.WriteByte(binary ? (byte)1 : (byte)0);
        _buffer.WriteInt16((short)columns);
        for (var i = 0; i < columns; i++)
            _buffer.WriteInt16(binary ? (short)1 : (short)0);
        End(start);
    }

    /// <summary>CopyData with what stands before the first row; nothing in most formats.</summary>
    public void CopyHeader(CopyFormat format)
    {
        var start = Begin(BackendMessageType.CopyData);
        if (format.WriteHeader(_buffer))
            End(start);
    }

    /// <summary>CopyData with one row.</summary>
    /// <param name="format">The format.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="row">Which of them.</param>
    /// <param name="withHeader">Whether the header comes in the same message: clients read the binary
    /// one only together with what follows it.</param>
    public void CopyRow(CopyFormat format, ChangeBatch batch, int row, bool withHeader)
    {
        var start = Begin(BackendMessageType.CopyData);
        if (withHeader)
            format.WriteHeader(_buffer);
        format.WriteRow(_buffer, batch, row);
        End(start);
    }

    /// <summary>CopyData with what stands behind the last row; nothing in most formats.</summary>
    /// <param name="format">The format.</param>
    /// <param name="withHeader">Whether there was no row, so that the header comes in the same message.</param>
    public void CopyTrailer(CopyFormat format, bool withHeader)
    {
        var start = Begin(BackendMessageType.CopyData);
        if (withHeader)
            format.WriteHeader(_buffer);
        if (format.WriteTrailer(_buffer))
            End(start);
    }

    /// <summary>CopyDone.</summary>
    public void CopyDone() => WriteConstant("c\0\0\0\u0004"u8);
}
