using StreamSQL.Data.Schemas;

namespace StreamSQL.Connect.Schemas;

/// <summary>A change of the registry, as a record of its topic says it.</summary>
internal abstract record RegistryRecord;

/// <summary>A version of a subject is there, or is marked as deleted.</summary>
internal sealed record SchemaRecord(StoredVersion Version) : RegistryRecord;

/// <summary>A version is gone for good.</summary>
internal sealed record SchemaGoneRecord(string Subject, int Version) : RegistryRecord;

/// <summary>All versions of a subject up to one are marked as deleted.</summary>
internal sealed record SubjectDeletedRecord(string Subject, int UpTo) : RegistryRecord;

/// <summary>A compatibility level is set, or unset; the global one when the subject is null.</summary>
internal sealed record LevelRecord(string? Subject, CompatibilityLevel? Level) : RegistryRecord;

/// <summary>A mode is set, or unset; the global one when the subject is null.</summary>
internal sealed record ModeRecord(string? Subject, RegistryMode? Mode) : RegistryRecord;

/// <summary>A version of a subject as it is stored.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Version">The version, from 1.</param>
/// <param name="Id">The schema's id.</param>
/// <param name="Schema">The schema.</param>
/// <param name="IsDeleted">Whether it is marked as deleted: found only by who asks for deleted ones.</param>
internal sealed record StoredVersion(string Subject, int Version, int Id, SchemaDefinition Schema, bool IsDeleted);
