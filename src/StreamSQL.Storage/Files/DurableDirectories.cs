namespace StreamSQL.Storage.Files;

/// <summary>Directories that outlive a power cut as soon as they are created.</summary>
public static class DurableDirectories
{
    /// <summary>Creates a directory, and the ones above it that are missing, and makes their names durable.</summary>
    public static void CreateDirectoryDurably(this IFileSystem fileSystem, string path)
    {
        if (fileSystem.DirectoryExists(path))
            return;
        var slash = path.LastIndexOf('/');
        var parent = slash < 0 ? "" : path[..Math.Max(slash, 1)];
        if (parent.Length > 0)
            fileSystem.CreateDirectoryDurably(parent);
        fileSystem.CreateDirectory(path);
        fileSystem.FlushDirectory(parent);
    }
}
