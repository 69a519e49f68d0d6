using StreamSQL.Storage.Files;

namespace StreamSQL.Engine;

/// <summary>
/// Where an engine keeps snapshots of its states. What is there can be lost at any time: it only makes the next start faster.
/// </summary>
/// <param name="FileSystem">The files.</param>
/// <param name="Directory">A directory of the engine's own; created when missing.</param>
public sealed record StateFiles(IFileSystem FileSystem, string Directory);
