using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>What a PostgreSQL client sends: the start-up packet, messages, and parameter values of every type in text and binary.</summary>
internal static class PostgresMessages
{
    private const int MaxMessageBytes = 1024 * 1024;
    private static readonly uint[] _parameterTypes =
        [.. PgTypes.ByOid.Keys.Where(static oid => PgCodec.ForParameter(oid, TextSettings.Default) is not null).Order()];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("postgres-startup", StartupPackets, DecodeStartup, typeof(FatalProtocolException), typeof(SqlException)) { Share = 16 },
        new("postgres-message", Messages, DecodeMessages, typeof(FatalProtocolException), typeof(SqlException))
            { Share = 32, Repair = RepairLength },
        new("postgres-parameter", Parameters, DecodeParameter, typeof(SqlException)) { Share = 24 },
    ];

    private static void DecodeStartup(byte[] input)
    {
        if (StartupPacket.Read(input) is not StartupMessage message)
            return;
        _ = message.ProtocolOptions;
        foreach (KeyValuePair<string, string> _ in message.Settings())
        {
        }
    }

    private static void DecodeMessages(byte[] input)
    {
        if (input.Length < 3)
            return; // no message is so short, and a pipe gives no empty segments
        // A short first segment: a message that lies in several is copied.
        using var reader = new FrontendMessageReader(PipeReader.Create(Segmented(input)), MaxMessageBytes);
        while (true)
        {
            FrontendMessage message = reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
            if (message.Type == FrontendMessageType.EndOfInput)
                return;
            DecodeBody(message);
        }
    }

    private static void DecodeBody(FrontendMessage message)
    {
        ReadOnlySpan<byte> body = message.Body.Span;
        switch (message.Type)
        {
            case FrontendMessageType.Parse:
                ParseMessage.Read(body);
                break;
            case FrontendMessageType.Bind:
                BindMessage bind = BindMessage.Read(body);
                var readers = new ParameterReader[bind.ParameterCount];
                Array.Fill(readers, ParameterReader.Create(PgTypes.Text.Oid, SqlType.Varchar, TextSettings.Default));
                bind.ReadValues(readers, out _);
                break;
            case FrontendMessageType.Describe or FrontendMessageType.Close:
                TargetMessage.Read(body, "DESCRIBE");
                break;
            case FrontendMessageType.Execute:
                ExecuteMessage.Read(body);
                break;
            case FrontendMessageType.Query or FrontendMessageType.CopyFail or FrontendMessageType.Password:
                new MessageBodyReader(body).ReadString();
                break;
        }
    }

    /// <summary>The type's object identifier (32 bits), the format (8 bits), the value.</summary>
    private static void DecodeParameter(byte[] input)
    {
        if (input.Length < 5)
            return;
        uint oid = _parameterTypes[BinaryPrimitives.ReadUInt32BigEndian(input) % _parameterTypes.Length];
        PgCodec codec = PgCodec.ForParameter(oid, TextSettings.Default)!;
        object value = (input[4] & 1) == 1 ? codec.ReadBinary(input.AsSpan(5)) : codec.ReadText(input.AsSpan(5));
        ParameterValue.Convert(value, PgTypes.ToSqlType(oid) is { } type && type.Kind != SqlTypeKind.Unknown ? type : SqlType.Varchar);
    }

    /// <summary>Makes the length of the first message right.</summary>
    private static byte[] RepairLength(byte[] input)
    {
        if (input.Length < 5)
            return input;
        byte[] copy = [.. input];
        BinaryPrimitives.WriteInt32BigEndian(copy.AsSpan(1), copy.Length - 1);
        return copy;
    }

    private static ReadOnlySequence<byte> Segmented(byte[] input)
    {
        var first = new Segment(input.AsMemory(0, input.Length / 3));
        Segment last = first.Append(input.AsMemory(input.Length / 3));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private static IEnumerable<byte[]> StartupPackets()
    {
        yield return Packet(1234 << 16 | 5679, "");
        yield return Packet(1234 << 16 | 5678, "abcdefgh");
        yield return Packet(3 << 16, "user\0me\0database\0streamsql\0\0");
        yield return Packet(StartupPacket.NewestVersion,
            "user\0me\0options\0-c timezone=UTC --ksql.compat=true\0_pq_.x\0y\0client_encoding\0UTF8\0\0");
    }

    private static byte[] Packet(int code, string rest)
    {
        byte[] bytes = [0, 0, 0, 0, .. Encoding.UTF8.GetBytes(rest)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, code);
        return bytes;
    }

    private static IEnumerable<byte[]> Messages()
    {
        yield return Message('Q', "SELECT 1\0"u8);
        yield return Message('P', "name\0SELECT $1, $2\0\0\x02\0\0\0\x17\0\0\0\x19"u8);
        yield return Message('B', "portal\0name\0\0\x02\0\0\0\x01\0\x02\0\0\0\x01"u8, [(byte)'1', 255, 255, 255, 255, 0, 1, 0, 0]);
        yield return Message('D', "Sname\0"u8);
        yield return Message('C', "Pportal\0"u8);
        yield return Message('E', "portal\0\0\0\0\x05"u8);
        yield return Message('S', []);
        yield return Message('H', []);
        yield return Message('d', "1,2,3\n"u8);
        yield return Message('f', "no\0"u8);
        yield return [.. Message('S', []), .. Message('Q', "SELECT 1; SELECT 2\0"u8), .. Message('X', [])];
    }

    private static byte[] Message(char type, ReadOnlySpan<byte> body, ReadOnlySpan<byte> more = default) =>
        RepairLength([(byte)type, 0, 0, 0, 0, .. body, .. more]);

    private static IEnumerable<byte[]> Parameters()
    {
        string[] texts = ["1", "-32768", "1.5e10", "123456789.123", "t", "NaN", "2020-02-29", "12:34:56.789", "2020-02-29 12:34:56.789+02",
            "1 day 02:03:04", "{1,NULL,\"a b\"}", "\\x00ff", "{\"a\": [1, null]}", "0b6e1c9e-7a66-4b1a-9f0b-0d3c7a1f0c11"];
        string[] binaries = ["01", "fffe", "7fffffff", "8000000000000000", "3ff8000000000000", "0000016e",
            "00000000da366d400000000100000000", "000200000000000200017b1194",
            "0000000100000001000000170000000300000001000000040000000" + "1ffffffff0000000400000003"];
        for (int type = 0; type < _parameterTypes.Length; type++)
        {
            foreach (string text in texts)
                yield return [0, 0, 0, (byte)type, 0, .. Encoding.UTF8.GetBytes(text)];
            foreach (string binary in binaries)
                yield return [0, 0, 0, (byte)type, 1, .. Convert.FromHexString(binary)];
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
