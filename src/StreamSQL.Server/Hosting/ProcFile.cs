using System.Text;

namespace StreamSQL.Server.Hosting;

/// <summary>Files of <c>/proc</c>, which are short, and ASCII.</summary>
internal static class ProcFile
{
    /// <summary>What a file holds now. As bytes, since the streams for text would have to be loaded first.</summary>
    public static string Read(string path) => Encoding.ASCII.GetString(File.ReadAllBytes(path));
}
