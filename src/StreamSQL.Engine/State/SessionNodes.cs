using System.Runtime.CompilerServices;
using StreamSQL.Data.Functions;

namespace StreamSQL.Engine.State;

/// <summary>What the open commit has done to a session.</summary>
internal enum SessionMark : byte
{
    /// <summary>The node is not in use.</summary>
    Free,

    /// <summary>Nothing: the last commit knows it.</summary>
    Committed,

    /// <summary>It is new.</summary>
    Born,

    /// <summary>It was merged into another one.</summary>
    Removed,

    /// <summary>It is out of retention.</summary>
    Expired,
}

/// <summary>The nodes of a <see cref="SessionTable"/>: bounds, chain, mark, and the aggregates under the same number.</summary>
internal sealed class SessionNodes
{
    private Node[] _nodes = [];
    private int[] _free = [];
    private int _freeCount;

    /// <summary>Creates an empty set of nodes.</summary>
    public SessionNodes(IReadOnlyList<AggregateBinding> bindings)
    {
        Aggregates = bindings;
        States = new AggregateState[bindings.Count];
        for (var a = 0; a < States.Length; a++)
            States[a] = bindings[a].CreateState();
    }

    /// <summary>What is aggregated.</summary>
    public IReadOnlyList<AggregateBinding> Aggregates { get; }

    /// <summary>The aggregates by node.</summary>
    public AggregateState[] States { get; }

    /// <summary>All nodes are below it.</summary>
    public int Limit { get; private set; }

    /// <summary>Bytes held.</summary>
    public long MemoryBytes
    {
        get
        {
            var bytes = ((long)Unsafe.SizeOf<Node>() * _nodes.Length) + (4L * _free.Length);
            foreach (var state in States)
                bytes += state.MemoryBytes;
            return bytes;
        }
    }

    /// <summary>Time of the session's first row.</summary>
    public long StartOf(int node) => _nodes[node].Start;

    /// <summary>Time of its last row.</summary>
    public long EndOf(int node) => _nodes[node].End;

    /// <summary>Its key's slot.</summary>
    public int KeyOf(int node) => _nodes[node].Key;

    /// <summary>The next older session of the key; -1 at the end.</summary>
    public int NextOf(int node) => _nodes[node].Next;

    /// <summary>What the open commit has done to it.</summary>
    public SessionMark MarkOf(int node) => _nodes[node].Mark;

    /// <summary>Whether it is a session now, open changes included.</summary>
    public bool IsLive(int node) => _nodes[node].Mark is SessionMark.Committed or SessionMark.Born;

    /// <summary>Whether the last commit knows it.</summary>
    public bool IsCommitted(int node) => _nodes[node].Mark is SessionMark.Committed or SessionMark.Removed or SessionMark.Expired;

    /// <summary>Sets the mark.</summary>
    public void SetMark(int node, SessionMark mark) => _nodes[node].Mark = mark;

    /// <summary>Sets the next older session.</summary>
    public void SetNext(int node, int next) => _nodes[node].Next = next;

    /// <summary>Widens a session of the open commit.</summary>
    public void SetBounds(int node, long start, long end)
    {
        _nodes[node].Start = start;
        _nodes[node].End = end;
    }

    /// <summary>Takes a node that is not in use; its aggregates are empty.</summary>
    public int Take(int key, long start, long end, SessionMark mark)
    {
        var node = _freeCount > 0 ? _free[--_freeCount] : Limit++;
        if (node >= _nodes.Length)
        {
            Array.Resize(ref _nodes, Math.Max(16, _nodes.Length * 2));
            foreach (var state in States)
                state.EnsureSlots(_nodes.Length);
        }

        _nodes[node] = new Node { Start = start, End = end, Key = key, Next = -1, Mark = mark };
        return node;
    }

    /// <summary>Gives a node back.</summary>
    public void Free(int node)
    {
        _nodes[node].Mark = SessionMark.Free;
        foreach (var state in States)
            state.Clear(node);
        if (_freeCount == _free.Length)
            Array.Resize(ref _free, Math.Max(16, _free.Length * 2));
        _free[_freeCount++] = node;
    }

    /// <summary>Gives all nodes back.</summary>
    public void Reset()
    {
        for (var node = 0; node < Limit; node++)
        {
            foreach (var state in States)
                state.Clear(node);
        }

        Array.Clear(_nodes);
        Limit = 0;
        _freeCount = 0;
    }

    private struct Node
    {
        public long Start;
        public long End;
        public int Key;
        public int Next;
        public SessionMark Mark;
    }
}
