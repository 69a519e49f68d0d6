namespace StreamSQL.Broker.Configs;

/// <summary>The type of a config, by the numbers of DescribeConfigs.</summary>
public enum ConfigType : sbyte
{
    /// <summary>true or false.</summary>
    Boolean = 1,

    /// <summary>Text.</summary>
    String = 2,

    /// <summary>32-bit.</summary>
    Int = 3,

    /// <summary>16-bit.</summary>
    Short = 4,

    /// <summary>64-bit.</summary>
    Long = 5,

    /// <summary>Floating point.</summary>
    Double = 6,

    /// <summary>Words with commas between.</summary>
    List = 7,

    /// <summary>The name of a class.</summary>
    Class = 8,

    /// <summary>Text that is never shown.</summary>
    Password = 9,
}
