using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Postgres.Commands.Copying;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Commands;

/// <summary>Asks the client for the data of COPY ... FROM STDIN and reads it to its end.</summary>
internal sealed class CopyReceiver(FrontendMessageReader reader, BackendMessageWriter writer)
{
    /// <summary>Receives all rows.</summary>
    /// <exception cref="SqlException">The data is malformed, or the client gave up (57014).</exception>
    /// <exception cref="ClientGoneException">The client has left.</exception>
    public async ValueTask ReceiveAsync(CopyIn copy, CancellationToken cancellation)
    {
        writer.CopyInResponse(copy.IsBinary, copy.ColumnCount);
        await writer.FlushAsync(cancellation);
        while (true)
        {
            var message = await reader.ReadAsync(cancellation);
            switch (message.Type)
            {
                case FrontendMessageType.CopyData:
                    await copy.AcceptAsync(message.Body, cancellation);
                    break;
                case FrontendMessageType.CopyDone:
                    await copy.CompleteAsync(cancellation);
                    return;
                case FrontendMessageType.CopyFail:
                    throw new SqlException(PostgresErrorCodes.QueryCanceled, $"COPY from stdin failed: {ReasonOf(message.Body.Span)}");
                case FrontendMessageType.Flush or FrontendMessageType.Sync:
                    break; // drivers send them without looking at what runs
                case FrontendMessageType.EndOfInput or FrontendMessageType.Terminate:
                    throw new ClientGoneException();
                default:
                    throw new SqlException(
                        PostgresErrorCodes.ProtocolViolation, $"unexpected message type 0x{(byte)message.Type:X2} during COPY from stdin");
            }
        }
    }

    private static string ReasonOf(ReadOnlySpan<byte> body) => Encoding.UTF8.GetString(body.TrimEnd((byte)0));
}
