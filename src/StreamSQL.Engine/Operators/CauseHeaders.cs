using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Operators;

/// <summary>
/// Which row of the input made each row of an output come, so that it goes on with that row's headers (Kafka Streams does the same).
/// </summary>
internal sealed class CauseHeaders
{
    private readonly HeaderColumns _headers = new();
    private int[] _causes = [];

    /// <summary>Notes the row of the input that made a row of the output come.</summary>
    public void Set(int outputRow, int inputRow)
    {
        if (outputRow >= _causes.Length)
            Array.Resize(ref _causes, Math.Max(ChangeBatch.MaxRows, outputRow * 2));
        _causes[outputRow] = inputRow;
    }

    /// <summary>Gives the first rows of an output their headers, lent until the next call.</summary>
    /// <param name="input">The headers of the input's rows; null where they have none.</param>
    /// <param name="output">The output, every row of which was noted.</param>
    public void Give(HeaderColumns? input, ChangeBatch output)
    {
        output.Headers = null;
        if (input is null)
            return;
        _headers.Take(input, _causes.AsSpan(0, output.RowCount));
        output.Headers = _headers;
    }
}
