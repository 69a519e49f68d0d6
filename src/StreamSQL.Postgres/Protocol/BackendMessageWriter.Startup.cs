namespace StreamSQL.Postgres.Protocol;

/// <summary>Messages that answer a start-up packet.</summary>
internal sealed partial class BackendMessageWriter
{
    /// <summary>'N': no TLS and no GSSAPI encryption on this connection.</summary>
    public void EncryptionRefused() => WriteConstant("N"u8);

    /// <summary>'S': TLS begins.</summary>
    public void EncryptionAccepted() => WriteConstant("S"u8);

    /// <summary>AuthenticationSASL: the mechanisms that are offered.</summary>
    public void AuthenticationSasl(IReadOnlyList<string> mechanisms)
    {
        const int Sasl = 10;
        var start = Begin(BackendMessageType.Authentication);
        _buffer.WriteInt32(Sasl);
        foreach (var mechanism in mechanisms)
            _buffer.WriteString(mechanism);
        _buffer.WriteByte(0);
        End(start);
    }

    /// <summary>AuthenticationSASLContinue: the server's challenge.</summary>
    public void AuthenticationSaslContinue(ReadOnlySpan<byte> challenge) => AuthenticationData(11, challenge);

    /// <summary>AuthenticationSASLFinal: the server's proof.</summary>
    public void AuthenticationSaslFinal(ReadOnlySpan<byte> proof) => AuthenticationData(12, proof);

    /// <summary>AuthenticationOk.</summary>
    public void AuthenticationOk() => WriteConstant("R\0\0\0\u0008\0\0\0\0"u8);

    private void AuthenticationData(int kind, ReadOnlySpan<byte> data)
    {
        var start = Begin(BackendMessageType.Authentication);
        _buffer.WriteInt32(kind);
        _buffer.WriteBytes(data);
        End(start);
    }

    /// <summary>NegotiateProtocolVersion: the newest version that is spoken, and the options that are not known.</summary>
    public void NegotiateProtocolVersion(int newestVersion, IReadOnlyList<string> unknownOptions)
    {
        var start = Begin(BackendMessageType.NegotiateProtocolVersion);
        _buffer.WriteInt32(newestVersion);
        _buffer.WriteInt32(unknownOptions.Count);
        foreach (var option in unknownOptions)
            _buffer.WriteString(option);
        End(start);
    }

    /// <summary>ParameterStatus: the value of a setting that clients follow.</summary>
    public void ParameterStatus(string name, string value)
    {
        var start = Begin(BackendMessageType.ParameterStatus);
        _buffer.WriteString(name);
        _buffer.WriteString(value);
        End(start);
    }

    /// <summary>BackendKeyData: what a CancelRequest must name.</summary>
    public void BackendKeyData(BackendKey key)
    {
        var start = Begin(BackendMessageType.BackendKeyData);
        _buffer.WriteInt32(key.ProcessId);
        _buffer.WriteBytes(key.Secret.Span);
        End(start);
    }

    /// <summary>ReadyForQuery with the transaction status: I, T or E.</summary>
    public void ReadyForQuery(byte status) => WriteConstant([(byte)'Z', 0, 0, 0, 5, status]);
}
