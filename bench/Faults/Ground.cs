namespace Actors.Bench.Faults;

/// <summary>What faults are brought about in.</summary>
/// <param name="Wire">The network between the nodes; null where they share the machine's.</param>
/// <param name="Random">Chooses victims.</param>
internal sealed record Ground(Cluster Cluster, Wire? Wire, Random Random)
{
    /// <summary>Folders of two builds' programs, of which the cluster began with the first; null where there is one build only.</summary>
    public (string Before, string After)? Builds { get; init; }

    /// <summary>A share of the time that a fault lasts: less than 1 for a short form.</summary>
    public double Length { get; init; } = 1;

    public Node Any(IReadOnlyList<Node> nodes) => nodes[Random.Next(nodes.Count)];

    public Task WaitAsync(TimeSpan time) => Task.Delay(time * Length, TimeProvider.System);
}
