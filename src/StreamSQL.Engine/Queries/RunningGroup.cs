using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Snapshots;

namespace StreamSQL.Engine.Queries;

/// <summary>A commit group of a query that runs in this process.</summary>
/// <param name="Slot">Its number: its tasks are those of the partitions with this remainder.</param>
/// <param name="Group">What commits its tasks.</param>
/// <param name="Tasks">Its tasks, stage by stage.</param>
/// <param name="Snapshots">Its states of which snapshots are written.</param>
internal sealed record RunningGroup(
    int Slot, CommitGroup Group, IReadOnlyList<StageTask> Tasks, IReadOnlyList<SnapshotSubject> Snapshots);

/// <summary>A task and the stage that it belongs to.</summary>
internal readonly record struct StageTask(int Stage, BuiltTask Built);
