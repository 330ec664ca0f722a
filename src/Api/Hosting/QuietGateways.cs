namespace Actors.Api.Hosting;

/// <summary>
/// Which gateways have gone quiet: those that don't answer round after round while others do. Calls take the others then, long before the cluster has voted a
/// silo that hangs dead.
/// </summary>
/// <remarks>
/// <para>
/// Orleans binds each of some thousand parts of all grains to one gateway, at the first call to a grain of it. So a key is looked for that leads to each of
/// them, and then asked for round after round. Among all numbers: of a few, all would lead elsewhere where a silo has come back, while the calls to users of
/// whom nobody had heard before go there. A gateway to which none leads isn't judged: hardly any user's calls do either.
/// </para>
/// <para>
/// Time is counted in rounds of questions, not by a clock: a node that stood still itself has no fewer answers than questions. As many at
/// least must answer, or not be judged, as are left at a time.
/// </para>
/// </remarks>
internal sealed class QuietGateways
{
    /// <summary>So many rounds without an answer are too many.</summary>
    public const int QuietRounds = 4;

    /// <summary>For so many rounds a quiet one is left; longer than it takes until a silo that hangs is voted dead.</summary>
    public const int LeftRounds = 60;

    private const int SearchedInRound = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Key, long Heard)> _known = [];
    private readonly Dictionary<string, long> _leftUntil = [];
    private HashSet<string> _listed = [];
    private long _round;

    /// <summary>Begins a round.</summary>
    /// <returns>The gateways that are left from now on, and the keys to ask for.</returns>
    public (IReadOnlyList<string> Left, IReadOnlyList<long> Keys) Begin()
    {
        lock (_gate)
        {
            _round++;
            foreach (var (gateway, _) in _leftUntil.Where(left => left.Value <= _round).ToList())
            {
                _leftUntil.Remove(gateway);
            }

            var answering = _known.Values.Count(known => known.Heard >= _round - 1);
            var quiet = _known.Where(known => known.Value.Heard < _round - QuietRounds).Select(known => known.Key).ToList();
            var unknown = _listed.Count(gateway => !_known.ContainsKey(gateway) && !_leftUntil.ContainsKey(gateway));
            if (quiet.Count > answering + unknown)
            {
                quiet = [];   // that many: it is this node, its network, or too much load
            }

            foreach (var gateway in quiet)
            {
                _known.Remove(gateway);
                _leftUntil[gateway] = _round + LeftRounds;
            }

            var keys = _known.Values.Select(known => known.Key).ToList();
            if (unknown > 0)
            {
                keys.AddRange(Enumerable.Range(0, SearchedInRound).Select(_ => Random.Shared.NextInt64(1, long.MaxValue)));
            }

            return (quiet, keys);
        }
    }

    /// <summary>A gateway has answered for a key.</summary>
    public void Heard(string gateway, long key)
    {
        lock (_gate)
        {
            foreach (var (moved, _) in _known.Where(known => known.Value.Key == key && known.Key != gateway).ToList())
            {
                _known.Remove(moved);   // the key no longer leads there
            }

            if (!_leftUntil.ContainsKey(gateway))
            {
                _known[gateway] = (_known.TryGetValue(gateway, out var known) ? known.Key : key, _round);
            }
        }
    }

    /// <summary>Something was answered for a key, if only a refusal.</summary>
    public void Answered(long key)
    {
        lock (_gate)
        {
            foreach (var (gateway, _) in _known.Where(known => known.Value.Key == key).ToList())
            {
                _known[gateway] = (key, _round);
            }
        }
    }

    /// <summary>Those of the gateways that there are which may be used; all of them where that would be none.</summary>
    public List<Uri> Of(IEnumerable<Uri> gateways)
    {
        lock (_gate)
        {
            var all = gateways.ToList();
            _listed = [.. all.Select(gateway => gateway.AbsoluteUri)];
            foreach (var gone in _known.Keys.Where(gateway => !_listed.Contains(gateway)).ToList())
            {
                _known.Remove(gone);
            }

            var usable = all.FindAll(gateway => !_leftUntil.ContainsKey(gateway.AbsoluteUri));
            return usable.Count == 0 ? all : usable;
        }
    }
}
