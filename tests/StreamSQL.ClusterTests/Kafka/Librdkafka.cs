using System.Collections.Concurrent;
using System.Reflection;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>The C programs under <c>clients/c</c>, compiled once against each librdkafka that is here.</summary>
internal static class Librdkafka
{
    private const string SystemHeader = "/usr/include/librdkafka/rdkafka.h";
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "StreamSQL.ClusterTests", "Kafka", "clients", "c");
    private static readonly string Built = Path.Combine(AppContext.BaseDirectory, "clients");
    private static readonly ConcurrentDictionary<(LibrdkafkaVersion Version, string Program), Lazy<Task<string>>> Programs = new();

    /// <summary>Runs a scenario of a program against a broker; it checks its results itself.</summary>
    public static async Task RunAsync(TestBroker broker, LibrdkafkaVersion version, string program, string scenario)
    {
        ClientProgram.Require(await ClientProgram.WorksAsync("cc", "--version"), "There is no C compiler (apt-get install gcc libc6-dev).");
        if (version == LibrdkafkaVersion.Debian)
            ClientProgram.Require(File.Exists(SystemHeader), "librdkafka is not installed (apt-get install librdkafka-dev).");
        else
            ClientProgram.Require(OperatingSystem.IsLinux(), "The librdkafka of the NuGet package is used on Linux only.");
        string path = await Programs.GetOrAdd((version, program), key => new(() => CompileAsync(key.Version, key.Program))).Value;
        await ClientProgram.SucceedsAsync(path, broker.Address, scenario);
    }

    /// <summary>A program compiled with the newest librdkafka; null where there is none or no C compiler.</summary>
    public static async Task<string?> FindAsync(string program)
    {
        if (!OperatingSystem.IsLinux() || !await ClientProgram.WorksAsync("cc", "--version"))
            return null;
        return await Programs.GetOrAdd((LibrdkafkaVersion.Newest, program), key => new(() => CompileAsync(key.Version, key.Program))).Value;
    }

    private static async Task<string> CompileAsync(LibrdkafkaVersion version, string program)
    {
        string output = Path.Combine(Directory.CreateDirectory(Path.Combine(Built, version.ToString())).FullName, program);
        string[] arguments =
        [
            "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-O1", "-o", output,
            .. version == LibrdkafkaVersion.Newest ? NewestHeaders() : [],
            Path.Combine(Folder, program + ".c"),
            .. version == LibrdkafkaVersion.Newest ? NewestLibrary(Path.GetDirectoryName(output)!, program) : ["-lrdkafka"],
        ];
        await ClientProgram.SucceedsAsync("cc", arguments);
        return output;
    }

    private static string[] NewestHeaders() => ["-isystem", Path.Combine(PackageFolder(), "build", "native", "include")];

    /// <summary>The build that wants nothing but glibc, under the name that programs linked with it look for.</summary>
    private static string[] NewestLibrary(string folder, string program)
    {
        string directory = Directory.CreateDirectory(Path.Combine(folder, $"{program}-library")).FullName;
        string library = Path.Combine(directory, "librdkafka.so.1");
        File.Copy(Path.Combine(PackageFolder(), "runtimes", "linux-x64", "native", "centos8-librdkafka.so"), library, overwrite: true);
        return [library, $"-Wl,-rpath,{directory}"];
    }

    private static string PackageFolder() => typeof(Librdkafka).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "librdkafka.redist").Value!;
}
