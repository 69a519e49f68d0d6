using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using StreamSQL.Kafka;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Cli;

/// <summary>What a user is told when the server cannot start.</summary>
internal static class StartFailure
{
    /// <summary>One line about a failure that the user can mend; null for one that is a defect of the program.</summary>
    public static string? Explain(Exception error) => error switch
    {
        OptionException => error.Message,
        KafkaException => error.Message,
        IOException { InnerException: AddressInUseException } =>
            error.Message.Replace("http://", "", StringComparison.Ordinal) + " Choose another port, or 0 for a free one.",
        IOException or UnauthorizedAccessException or InvalidDataException => error.Message,
        SocketException => error.Message,
        _ => null,
    };
}
