using System.Globalization;
using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Connect.Schemas;

/// <summary>What the Schema Registry API answers to a request that it refuses: an HTTP status and a code that says more.</summary>
/// <param name="code">The API's error code; its first three digits are the HTTP status.</param>
/// <param name="message">What was wrong.</param>
/// <param name="inner">The error behind this one.</param>
public sealed class RegistryException(int code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>There is no such subject.</summary>
    public const int SubjectNotFound = 40401;

    /// <summary>There is no such version.</summary>
    public const int VersionNotFound = 40402;

    /// <summary>There is no such schema.</summary>
    public const int SchemaNotFound = 40403;

    /// <summary>The subject is deleted already.</summary>
    public const int SubjectSoftDeleted = 40404;

    /// <summary>The subject must be deleted before it is deleted permanently.</summary>
    public const int SubjectNotSoftDeleted = 40405;

    /// <summary>The version is deleted already.</summary>
    public const int VersionSoftDeleted = 40406;

    /// <summary>The version must be deleted before it is deleted permanently.</summary>
    public const int VersionNotSoftDeleted = 40407;

    /// <summary>The subject has no compatibility level of its own.</summary>
    public const int SubjectLevelNotConfigured = 40408;

    /// <summary>The subject has no mode of its own.</summary>
    public const int SubjectModeNotConfigured = 40409;

    /// <summary>The schema is incompatible with an earlier one.</summary>
    public const int Incompatible = 409;

    /// <summary>The schema is not a schema.</summary>
    public const int InvalidSchema = 42201;

    /// <summary>The version is not a version.</summary>
    public const int InvalidVersion = 42202;

    /// <summary>The compatibility level is none of the seven.</summary>
    public const int InvalidCompatibilityLevel = 42203;

    /// <summary>The mode is not a mode.</summary>
    public const int InvalidMode = 42204;

    /// <summary>The mode in force does not permit it.</summary>
    public const int NotPermitted = 42205;

    /// <summary>Other schemas refer to it.</summary>
    public const int ReferenceExists = 42206;

    /// <summary>The subject cannot be a subject.</summary>
    public const int InvalidSubject = 42208;

    /// <summary>The store behind the registry failed.</summary>
    public const int StoreFailed = 50001;

    /// <summary>The API's error code.</summary>
    public int Code { get; } = code;

    /// <summary>The HTTP status.</summary>
    public int Status => Code < 1000 ? Code : Code / 100;

    /// <summary>The error as SQL clients are told it.</summary>
    public SqlException ToSql() => ToSql(Code, Message, this);

    /// <summary>An error of the API as SQL clients are told it.</summary>
    public static SqlException ToSql(int code, string message, Exception? inner) => code switch
    {
        Incompatible or (>= 42201 and <= 42205) or InvalidSubject => new(PostgresErrorCodes.InvalidParameterValue, message, inner: inner),
        ReferenceExists => new(PostgresErrorCodes.DependentObjectsStillExist, message, inner: inner),
        >= 40400 and <= 40499 => new(PostgresErrorCodes.UndefinedObject, message, inner: inner),
        _ => new(PostgresErrorCodes.ConnectionFailure,
            string.Create(CultureInfo.InvariantCulture, $"the schema registry answered with error {code}: {message}"), inner: inner),
    };
}
