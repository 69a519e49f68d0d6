using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace StreamSQL.Kafka.Compression.Zstd;

/// <summary>
/// Writes compressed blocks (RFC 8878, 3.1.1.2): literals, by a Huffman code where that is smaller, and sequences by the predefined FSE
/// tables, with the last three offsets named by numbers. Matches may reach into earlier blocks of the frame.
/// </summary>
internal ref struct BlockEncoder
{
    private const int MinMatch = 3;
    private const int MaxSequences = (ZstdFrame.MaxBlockSize / MinMatch) + 2;
    private const int ManySequences = 0x7F00;
    private const int Slack = 64;
    private readonly ReadOnlySpan<byte> _source;
    private readonly HuffmanEncoder _huffman = new();
    private readonly Sequence[] _sequences = ArrayPool<Sequence>.Shared.Rent(MaxSequences);
    private readonly byte[] _literals = ArrayPool<byte>.Shared.Rent(ZstdFrame.MaxBlockSize);
    private LzMatchFinder _finder;
    private int _matchStart;
    private int _matchEnd;
    private int _distance;
    private bool _isLast;
    private int _count;
    private int _literalCount;
    private (int First, int Second, int Third) _offsets = (1, 4, 8);

    /// <summary>
    /// An encoder for one frame of <paramref name="source"/>; for <paramref name="places"/> see <see cref="LzMatchFinder"/>.
    /// </summary>
    public BlockEncoder(ReadOnlySpan<byte> source, int places)
    {
        _source = source;
        _finder = new LzMatchFinder(source, places);
        NextMatch();
    }

    /// <summary>Encodes the next block, which is <paramref name="size"/> bytes at <paramref name="start"/>.</summary>
    /// <returns>The bytes written; 0 when they are no fewer, and the block should be written as it is.</returns>
    public int TryEncode(int start, int size, Span<byte> target)
    {
        var offsets = _offsets;
        Collect(start, start + size);
        int written = WriteLiterals(target);
        written += WriteSequences(target[written..]);
        if (written < size)
            return written;
        _offsets = offsets; // a reader of a plain block sees no sequences
        return 0;
    }

    /// <summary>The room that <see cref="TryEncode"/> needs for a block.</summary>
    public static int MaxEncodedSize(int size) => (size * 4) + Slack;

    /// <summary>Gives the buffers back to the pool.</summary>
    public readonly void Dispose()
    {
        _finder.Dispose();
        ArrayPool<Sequence>.Shared.Return(_sequences);
        ArrayPool<byte>.Shared.Return(_literals);
    }

    private void NextMatch()
    {
        _isLast = !_finder.MoveNext();
        (_matchStart, _matchEnd, _distance) = (_finder.Start, _finder.Start + _finder.Length, _finder.Distance);
    }

    /// <summary>Takes literals and matches up to the end of a block; a match that crosses it goes on in the next one.</summary>
    private void Collect(int start, int end)
    {
        (_count, _literalCount) = (0, 0);
        int at = start;
        while (!_isLast && _matchStart < end)
        {
            int stop = Math.Min(_matchEnd, end);
            if (stop - _matchStart >= MinMatch)
            {
                ReadOnlySpan<byte> literals = _source[at.._matchStart];
                AddLiterals(literals);
                _sequences[_count++] = new Sequence(literals.Length, stop - _matchStart, OffsetValue(_distance, literals.Length));
                at = stop;
            }
            if (_matchEnd > end)
            {
                _matchStart = end;
                break;
            }
            NextMatch();
        }
        AddLiterals(_source[at..end]);
    }

    private void AddLiterals(ReadOnlySpan<byte> literals)
    {
        literals.CopyTo(_literals.AsSpan(_literalCount));
        _literalCount += literals.Length;
    }

    // The reader's rule (see SequencesReader): 1 to 3 name one of the last three offsets, shifted by one when no literals come before.
    private int OffsetValue(int distance, int literalLength)
    {
        var (first, second, third) = _offsets;
        int shift = literalLength == 0 ? 1 : 0;
        if (distance == first && shift == 0)
            return 1;
        if (distance == second)
        {
            _offsets = (second, first, third);
            return 2 - shift;
        }
        _offsets = (distance, first, second);
        return distance == third ? 3 - shift : distance + 3;
    }

    private readonly int WriteLiterals(Span<byte> target)
    {
        ReadOnlySpan<byte> literals = _literals.AsSpan(0, _literalCount);
        int written = _huffman.TryEncode(literals, target);
        if (written > 0)
            return written;
        int size = literals.Length;
        switch (size)
        {
            case < 1 << 5:
                target[0] = (byte)(size << 3);
                written = 1;
                break;
            case < 1 << 12:
                BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)(size << 4 | 1 << 2));
                written = 2;
                break;
            default:
                int header = size << 4 | 3 << 2;
                (target[0], target[1], target[2]) = ((byte)header, (byte)(header >> 8), (byte)(header >> 16));
                written = 3;
                break;
        }
        literals.CopyTo(target[written..]);
        return written + size;
    }

    private readonly int WriteSequences(Span<byte> target)
    {
        int at = WriteCount(target);
        if (_count == 0)
            return at;
        target[at++] = 0; // all three by the predefined tables
        var bits = new BitWriter(target[at..]);
        Codes codes = _sequences[_count - 1].Codes;
        int literalState = SequenceCodes.LiteralLengthEncoder.Last(codes.LiteralLength);
        int matchState = SequenceCodes.MatchLengthEncoder.Last(codes.MatchLength);
        int offsetState = SequenceCodes.OffsetEncoder.Last(codes.Offset);
        WriteExtraBits(_sequences[_count - 1], codes, ref bits);
        for (int i = _count - 2; i >= 0; i--)
        {
            codes = _sequences[i].Codes;
            offsetState = SequenceCodes.OffsetEncoder.Encode(codes.Offset, offsetState, ref bits);
            matchState = SequenceCodes.MatchLengthEncoder.Encode(codes.MatchLength, matchState, ref bits);
            literalState = SequenceCodes.LiteralLengthEncoder.Encode(codes.LiteralLength, literalState, ref bits);
            WriteExtraBits(_sequences[i], codes, ref bits);
        }
        SequenceCodes.MatchLengthEncoder.Finish(matchState, ref bits);
        SequenceCodes.OffsetEncoder.Finish(offsetState, ref bits);
        SequenceCodes.LiteralLengthEncoder.Finish(literalState, ref bits);
        return at + bits.Finish();
    }

    private readonly int WriteCount(Span<byte> target)
    {
        if (_count < 128)
        {
            target[0] = (byte)_count;
            return 1;
        }
        if (_count < ManySequences)
        {
            (target[0], target[1]) = ((byte)((_count >> 8) + 128), (byte)_count);
            return 2;
        }
        target[0] = 255;
        BinaryPrimitives.WriteUInt16LittleEndian(target[1..], (ushort)(_count - ManySequences));
        return 3;
    }

    private static void WriteExtraBits(in Sequence sequence, in Codes codes, ref BitWriter bits)
    {
        SequenceCodes.WriteLiteralLength(sequence.LiteralLength, codes.LiteralLength, ref bits);
        SequenceCodes.WriteMatchLength(sequence.MatchLength, codes.MatchLength, ref bits);
        bits.Write((uint)sequence.OffsetValue - (1u << codes.Offset), codes.Offset);
    }

    /// <summary>Copy so many literals, then repeat so many bytes.</summary>
    private readonly record struct Sequence(int LiteralLength, int MatchLength, int OffsetValue)
    {
        public Codes Codes => new(
            SequenceCodes.LiteralLengthCode(LiteralLength), SequenceCodes.MatchLengthCode(MatchLength),
            BitOperations.Log2((uint)OffsetValue));
    }

    private readonly record struct Codes(int LiteralLength, int MatchLength, int Offset);
}
