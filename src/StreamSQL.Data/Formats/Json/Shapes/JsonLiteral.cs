using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamSQL.Data.Formats.Json.Shapes;

/// <summary>
/// Up to 32 bytes that stand between two values in every record of a shape, such as <c>,"delay":</c>,
/// compared with one wide load. Longer ones are cut.
/// </summary>
internal readonly unsafe struct JsonLiteral
{
    /// <summary>The most bytes of a literal.</summary>
    public const int MaxLength = 32;

    private readonly Vector256<byte> _bytes;
    private readonly Vector256<byte> _mask;

    /// <summary>Copies up to <see cref="MaxLength"/> bytes.</summary>
    public JsonLiteral(ReadOnlySpan<byte> bytes)
    {
        Span<byte> padded = stackalloc byte[MaxLength];
        Span<byte> mask = stackalloc byte[MaxLength];
        padded.Clear();
        mask.Clear();
        bytes.CopyTo(padded);
        mask[..bytes.Length].Fill(0xFF);
        _bytes = Vector256.Create<byte>(padded);
        _mask = Vector256.Create<byte>(mask);
        Length = bytes.Length;
    }

    /// <summary>How many bytes it has.</summary>
    public int Length { get; }

    /// <summary>Whether it stands at a place with <see cref="MaxLength"/> readable bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Matches(byte* at) => ((Vector256.Load(at) ^ _bytes) & _mask) == Vector256<byte>.Zero;

    /// <summary>Whether another literal has the same bytes.</summary>
    public bool IsSame(in JsonLiteral other) => Length == other.Length && _bytes == other._bytes;
}
