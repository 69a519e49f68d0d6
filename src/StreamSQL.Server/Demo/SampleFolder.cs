namespace StreamSQL.Server.Demo;

/// <summary>Finds the samples: beside the executable (published), or above it (a checkout), or below the current folder.</summary>
internal static class SampleFolder
{
    /// <summary>The folder of a sample.</summary>
    /// <exception cref="DirectoryNotFoundException">It is in none of these places.</exception>
    public static string Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "samples", name);
            if (Directory.Exists(candidate))
                return candidate;
        }

        var here = Path.Combine(Environment.CurrentDirectory, "samples", name);
        return Directory.Exists(here)
            ? here
            : throw new DirectoryNotFoundException($"The sample {name} was looked for in a samples folder above " +
                $"{AppContext.BaseDirectory} and in the current folder, and is in neither.");
    }
}
