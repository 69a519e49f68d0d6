using System.Security.Cryptography;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>Where a text stands between 0 and 1, by its hash under a seed: what TABLESAMPLE ... REPEATABLE chooses rows by.</summary>
public static class RowShare
{
    /// <summary>The function's name, which no statement can write.</summary>
    public const string Name = "TABLESAMPLE(SHARE)";

    internal static ScalarFunction Function { get; } = new PostgresFunction(
        Name, "Numeric", "Where a text stands between 0 and 1, by its hash under a seed.", ["(VARCHAR, DOUBLE) -> DOUBLE"],
        static types => types.Count == 2 ? new([SqlType.Varchar, SqlType.Double], SqlType.Double, new DelegateKernel(Share)) : null);

    private static void Share(in RowCall call)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> seed = stackalloc byte[sizeof(double)];
        BitConverter.TryWriteBytes(seed, call.Double(1));
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(seed);
        digest.AppendData(call.Text(0));
        digest.GetHashAndReset(hash);
        // 53 bits are what a double holds.
        call.Return((BitConverter.ToUInt64(hash) >> 11) * (1.0 / (1UL << 53)));
    }
}
