namespace StreamSQL.Kafka.Compression.Zstd;

/// <summary>
/// Reads the sequences section of a compressed block and carries it out (RFC 8878, 3.1.1.3.2 and 3.1.1.4): copy literals, then repeat what
/// was written before. Keeps the tables and the last three offsets for the next block of the frame.
/// </summary>
internal sealed class SequencesReader
{
    private const int MaxLengthAccuracyLog = 9;
    private const int MaxOffsetAccuracyLog = 8;

    private readonly long[] _lastOffsets = [1, 4, 8];
    private FseTable? _literalLengths;
    private FseTable? _matchLengths;
    private FseTable? _offsets;

    /// <summary>Forgets tables and offsets: a new frame begins.</summary>
    public void Reset()
    {
        _literalLengths = _matchLengths = _offsets = null;
        (_lastOffsets[0], _lastOffsets[1], _lastOffsets[2]) = (1, 4, 8);
    }

    /// <summary>Carries out the section, which is all of <paramref name="source"/>.</summary>
    /// <exception cref="KafkaException">
    /// <see cref="ErrorCode.CorruptMessage"/> when it is malformed, or larger than a block may be.
    /// </exception>
    public void Execute(ReadOnlySpan<byte> source, ReadOnlySpan<byte> literals, PooledBuffer target, int frameStart)
    {
        int count = ReadCount(ref source);
        if (count == 0)
        {
            if (!source.IsEmpty)
                throw ZstdFrame.Malformed();
            target.Append(literals);
            return;
        }
        int modes = ZstdFrame.Take(ref source, 1)[0];
        if ((modes & 3) != 0)
            throw ZstdFrame.Malformed();
        _literalLengths = ReadTable(
            ref source, modes >> 6, SequenceCodes.LiteralLengths, _literalLengths, SequenceCodes.MaxLiteralLengthCode,
            MaxLengthAccuracyLog);
        _offsets = ReadTable(
            ref source, modes >> 4 & 3, SequenceCodes.Offsets, _offsets, SequenceCodes.MaxOffsetCode, MaxOffsetAccuracyLog);
        _matchLengths = ReadTable(
            ref source, modes >> 2 & 3, SequenceCodes.MatchLengths, _matchLengths, SequenceCodes.MaxMatchLengthCode, MaxLengthAccuracyLog);
        Execute(count, new BackwardBitReader(source), literals, target, frameStart);
    }

    private void Execute(int count, BackwardBitReader bits, ReadOnlySpan<byte> literals, PooledBuffer target, int frameStart)
    {
        int literalState = bits.Read(_literalLengths!.AccuracyLog);
        int offsetState = bits.Read(_offsets!.AccuracyLog);
        int matchState = bits.Read(_matchLengths!.AccuracyLog);
        int blockEnd = target.Length + ZstdFrame.MaxBlockSize;
        for (int i = 0; i < count; i++)
        {
            long offsetValue = SequenceCodes.ReadOffsetValue(_offsets.Symbol(offsetState), ref bits);
            int matchLength = SequenceCodes.ReadMatchLength(_matchLengths.Symbol(matchState), ref bits);
            int literalLength = SequenceCodes.ReadLiteralLength(_literalLengths.Symbol(literalState), ref bits);
            if (i < count - 1)
            {
                literalState = _literalLengths.Next(literalState, ref bits);
                matchState = _matchLengths.Next(matchState, ref bits);
                offsetState = _offsets.Next(offsetState, ref bits);
            }
            long offset = Offset(offsetValue, literalLength);
            if (bits.Remaining < 0 || literalLength > literals.Length || literalLength + matchLength > blockEnd - target.Length
                || offset < 1 || offset > target.Length + literalLength - frameStart)
                throw ZstdFrame.Malformed();
            target.Append(literals[..literalLength]);
            literals = literals[literalLength..];
            target.AppendFromBack((int)offset, matchLength);
        }
        if (bits.Remaining != 0 || literals.Length > blockEnd - target.Length)
            throw ZstdFrame.Malformed();
        target.Append(literals);
    }

    // Values up to 3 name one of the last three offsets; when no literals come before, they are shifted by one.
    private long Offset(long value, int literalLength)
    {
        long[] last = _lastOffsets;
        if (value > 3)
        {
            (last[0], last[1], last[2]) = (value - 3, last[0], last[1]);
            return last[0];
        }
        int index = (int)value - (literalLength == 0 ? 0 : 1);
        long offset = index == 3 ? last[0] - 1 : last[index];
        if (index > 1)
            last[2] = last[1];
        if (index > 0)
            last[1] = last[0];
        last[0] = offset;
        return offset;
    }

    private static int ReadCount(ref ReadOnlySpan<byte> source)
    {
        int first = ZstdFrame.Take(ref source, 1)[0];
        if (first < 128)
            return first;
        int second = ZstdFrame.Take(ref source, 1)[0];
        return first < 255 ? ((first - 128) << 8) + second : second + (ZstdFrame.Take(ref source, 1)[0] << 8) + 0x7F00;
    }

    private static FseTable ReadTable(
        ref ReadOnlySpan<byte> source, int mode, FseTable predefined, FseTable? previous, int maxSymbol, int maxAccuracyLog)
    {
        switch (mode)
        {
            case 0:
                return predefined;
            case 1:
                byte symbol = ZstdFrame.Take(ref source, 1)[0];
                return symbol <= maxSymbol ? FseTable.Single(symbol) : throw ZstdFrame.Malformed();
            case 2:
                return FseTable.Read(ref source, maxSymbol, maxAccuracyLog);
            default:
                return previous ?? throw ZstdFrame.Malformed();
        }
    }
}
