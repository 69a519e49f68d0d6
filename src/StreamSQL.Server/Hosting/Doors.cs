using Microsoft.AspNetCore.Connections;
using StreamSQL.Connect.Schemas;
using StreamSQL.Engine;

namespace StreamSQL.Server.Hosting;

/// <summary>What answers SQL behind the listeners.</summary>
/// <param name="Postgres">Serves the connections of the Postgres listener.</param>
/// <param name="Engine">What the HTTP listener tells of.</param>
/// <param name="Registry">The schema registry that the HTTP listener gives access to; null when the server uses another one.</param>
internal sealed record Doors(ConnectionHandler Postgres, StreamEngine Engine, SubjectRegistry? Registry);
