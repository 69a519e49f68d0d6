using System.Security.Cryptography;
using StreamSQL.UnitTests.Architecture;

namespace StreamSQL.UnitTests.Fuzzing;

/// <summary>Inputs that once broke a rule, kept as hexadecimal text in files named TARGET-HASH.hex; tests run them again.</summary>
internal static class FuzzFailures
{
    private static string Folder => Path.Combine(Repository.Root, "tests/StreamSQL.UnitTests/Fuzzing/Failures");

    /// <summary>All that are kept: the target's name and the input.</summary>
    public static IEnumerable<(string Target, string File)> All =>
        (Directory.Exists(Folder) ? Directory.EnumerateFiles(Folder, "*.hex") : [])
        .Order(StringComparer.Ordinal)
        .Select(static file => Path.GetFileNameWithoutExtension(file))
        .Select(static name => (name[..name.LastIndexOf('-')], name));

    /// <summary>The input of a file.</summary>
    public static byte[] Read(string file) => Convert.FromHexString(File.ReadAllText(Path.Combine(Folder, file + ".hex")).Trim());

    /// <summary>Keeps an input; returns the file.</summary>
    public static string Keep(FuzzFailure failure)
    {
        Directory.CreateDirectory(Folder);
        string hash = Convert.ToHexStringLower(SHA256.HashData(failure.Input))[..12];
        string path = Path.Combine(Folder, $"{failure.Target}-{hash}.hex");
        File.WriteAllText(path, Convert.ToHexStringLower(failure.Input) + "\n");
        return path;
    }
}
