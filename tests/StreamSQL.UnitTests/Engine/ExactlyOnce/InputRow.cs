using System.Globalization;
using System.Text;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>A row as it was sent.</summary>
/// <param name="Source">The partition, as <see cref="InputTopic.Source"/> gives it.</param>
/// <param name="Number">Its number in its partition.</param>
/// <param name="Key">Its key.</param>
/// <param name="Time">Its time, milliseconds.</param>
/// <param name="IsTombstone">Whether it says that its key has no row any more.</param>
/// <param name="Group">Its group.</param>
/// <param name="Value">Its value.</param>
/// <param name="Tags">Its tags.</param>
internal sealed record InputRow(int Source, int Number, string Key, long Time, bool IsTombstone, string Group, int Value, int[] Tags)
{
    /// <summary>How many records each partition of each topic held, by <see cref="Source"/>, before it was sent.</summary>
    public required IReadOnlyDictionary<int, int> Known { get; init; }

    /// <summary>The value of the record; null for a tombstone.</summary>
    public byte[]? Encode() => IsTombstone ? null : Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"SRC":{{Source}},"SEQ":{{Number}},"G":"{{Group}}","V":{{Value}},"TAGS":[{{string.Join(',', Tags)}}]}"""));
}
