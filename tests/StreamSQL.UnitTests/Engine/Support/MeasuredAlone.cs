namespace StreamSQL.UnitTests.Engine.Support;

/// <summary>Tests that measure the memory of the process: no others run beside them.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;
