namespace StreamSQL.Postgres.Protocol;

/// <summary>The first byte of a message to the client.</summary>
internal enum BackendMessageType : byte
{
    Authentication = (byte)'R',
    BackendKeyData = (byte)'K',
    CommandComplete = (byte)'C',
    CopyData = (byte)'d',
    CopyInResponse = (byte)'G',
    CopyOutResponse = (byte)'H',
    DataRow = (byte)'D',
    ErrorResponse = (byte)'E',
    FunctionCallResponse = (byte)'V',
    NegotiateProtocolVersion = (byte)'v',
    NoticeResponse = (byte)'N',
    NotificationResponse = (byte)'A',
    ParameterDescription = (byte)'t',
    ParameterStatus = (byte)'S',
    ReadyForQuery = (byte)'Z',
    RowDescription = (byte)'T',
}
