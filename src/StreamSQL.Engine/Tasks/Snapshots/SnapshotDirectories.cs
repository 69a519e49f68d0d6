using System.Security.Cryptography;
using System.Text;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks.Snapshots;

/// <summary>
/// Where snapshots lie: one directory per query, by its id, and one per table, by a digest of its definition: a table that is made anew
/// with another definition decodes its topic in another way. Ids that are not fit for a file name stand as a digest too.
/// </summary>
internal static class SnapshotDirectories
{
    private const int DigestBytes = 16;
    private const int MaxNameLength = 100;

    /// <summary>The directory of a query's states.</summary>
    public static string OfQuery(StateFiles files, string queryId) => $"{Queries(files)}/{NameOf(queryId)}";

    /// <summary>The directory of a table's partitions.</summary>
    public static string OfTable(StateFiles files, SourceDefinition source) => $"{Tables(files)}/{DigestOf(source)}";

    /// <summary>Removes the directories of what the catalog does not hold, and unfinished files; returns the directories.</summary>
    public static IReadOnlyList<string> Sweep(StateFiles files, CatalogImage image)
    {
        var orphans = new List<string>();
        SweepDirectory(files, Queries(files), image.Queries.Keys.Select(NameOf).ToHashSet(StringComparer.Ordinal), orphans);
        var tables = image.Sources.Values.Where(static source => source.Kind == RelationKind.Table).Select(DigestOf);
        SweepDirectory(files, Tables(files), tables.ToHashSet(StringComparer.Ordinal), orphans);
        return orphans;
    }

    private static string Queries(StateFiles files) => $"{files.Directory}/queries";

    private static string Tables(StateFiles files) => $"{files.Directory}/tables";

    private static void SweepDirectory(StateFiles files, string parent, HashSet<string> known, List<string> orphans)
    {
        foreach (var name in files.FileSystem.ListDirectories(parent))
        {
            var path = $"{parent}/{name}";
            if (!known.Contains(name))
            {
                files.FileSystem.DeleteDirectory(path);
                orphans.Add(path);
                continue;
            }

            foreach (var file in files.FileSystem.ListFiles(path))
            {
                if (!file.EndsWith(SnapshotFile.Extension, StringComparison.Ordinal))
                    files.FileSystem.DeleteFile($"{path}/{file}");
            }
        }
    }

    private static string NameOf(string queryId) =>
        queryId.Length is > 0 and <= MaxNameLength
            && queryId.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? queryId : Digest(queryId);

    private static string DigestOf(SourceDefinition source) => Digest($"{source.Name}\0{source.Topic}\0{source.Statement}");

    private static string Digest(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, DigestBytes));
}
