using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>Bytes that stand between two values in every record of a shape, such as <c>,"delay":</c>, ready to be compared with one wide load.</summary>
internal sealed class JsonLiteral
{
    /// <summary>The most bytes of a literal; records with longer names take the general decoder.</summary>
    public const int MaxLength = 160;

    private readonly byte[] _bytes;
    private readonly Vector256<byte> _front;
    private readonly Vector256<byte> _mask;

    /// <summary>Copies the bytes.</summary>
    public JsonLiteral(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes.ToArray();
        Span<byte> front = stackalloc byte[32];
        Span<byte> mask = stackalloc byte[32];
        front.Clear();
        mask.Clear();
        var length = Math.Min(bytes.Length, 32);
        bytes[..length].CopyTo(front);
        mask[..length].Fill(0xFF);
        _front = Vector256.Create<byte>(front);
        _mask = Vector256.Create<byte>(mask);
    }

    /// <summary>How many bytes it has.</summary>
    public int Length => _bytes.Length;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Its values for a loop's registers.</summary>
    public Front Load() => new(_front, _mask, _bytes);

    /// <summary>A literal in registers.</summary>
    public readonly ref struct Front
    {
        private readonly Vector256<byte> _front;
        private readonly Vector256<byte> _mask;
        private readonly ReadOnlySpan<byte> _bytes;

        internal Front(Vector256<byte> front, Vector256<byte> mask, ReadOnlySpan<byte> bytes)
        {
            _front = front;
            _mask = mask;
            _bytes = bytes;
        }

        /// <summary>How many bytes it has.</summary>
        public int Length => _bytes.Length;

        /// <summary>Whether it stands at a place with <see cref="JsonRows.Slack"/> readable bytes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe bool Matches(byte* at) =>
            ((Vector256.Load(at) ^ _front) & _mask) == Vector256<byte>.Zero && (_bytes.Length <= 32 || MatchesRest(at));

        [MethodImpl(MethodImplOptions.NoInlining)]
        private unsafe bool MatchesRest(byte* at) => new ReadOnlySpan<byte>(at + 32, _bytes.Length - 32).SequenceEqual(_bytes[32..]);
    }
}
