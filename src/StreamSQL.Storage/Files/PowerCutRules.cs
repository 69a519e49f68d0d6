namespace StreamSQL.Storage.Files;

/// <summary>What is left of something that was not flushed when the power went.</summary>
public enum Survival
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Everything.</summary>
    All,

    /// <summary>
    /// What came first: of a file's writes some, the last of them torn at a sector; of all changes of names, whichever directory they were
    /// made in, the first ones.
    /// </summary>
    Prefix,

    /// <summary>Any: of a file's writes any sectors; of the changes of names in each directory the first ones.</summary>
    Any,

    /// <summary>Of a file its length, but not the bytes: they are zeros.</summary>
    LengthOnly,
}

/// <summary>How a power cut treats what was not flushed.</summary>
/// <param name="Names">Created, renamed and deleted names.</param>
/// <param name="Data">Written bytes.</param>
/// <param name="Random">Decides where there is a choice.</param>
public sealed record PowerCutRules(Survival Names, Survival Data, Random? Random = null);
