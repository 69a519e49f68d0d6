namespace StreamSQL.Postgres.Protocol;

/// <summary>A message from the client: its type and its body, valid until the next one is read.</summary>
internal readonly record struct FrontendMessage(FrontendMessageType Type, ReadOnlyMemory<byte> Body);

/// <summary>The first byte of a message from the client.</summary>
internal enum FrontendMessageType : byte
{
    /// <summary>The client has closed its side without a word.</summary>
    EndOfInput = 0,
    Bind = (byte)'B',
    Close = (byte)'C',
    CopyData = (byte)'d',
    CopyDone = (byte)'c',
    CopyFail = (byte)'f',
    Describe = (byte)'D',
    Execute = (byte)'E',
    Flush = (byte)'H',
    FunctionCall = (byte)'F',
    Parse = (byte)'P',
    Password = (byte)'p',
    Query = (byte)'Q',
    Sync = (byte)'S',
    Terminate = (byte)'X',
}
