namespace StreamSQL.Server.Hosting;

/// <summary>Small files that are made once and kept in the data directory.</summary>
internal static class KeptFile
{
    /// <summary>The text of a file that only its owner may read; it is made when it is not there, whole or not at all.</summary>
    public static string Read(string path, Func<string> make)
    {
        if (File.Exists(path))
            return File.ReadAllText(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var text = make();
        var part = path + ".part";
        File.Delete(part);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(part, options))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(part, path);
        return text;
    }
}
