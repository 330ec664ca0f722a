namespace Actors.Api.Hosting;

/// <summary>
/// Which gateways have gone quiet: those that don't answer round after round while another one does. Calls take the others then, long before the cluster has
/// voted a silo that hangs dead.
/// </summary>
/// <remarks>
/// Time is counted in rounds of questions, not by a clock: a node that stood still itself has no fewer answers than questions. Only who has answered before is
/// judged, so a silo of a version that doesn't know the question isn't left.
/// </remarks>
internal sealed class QuietGateways
{
    /// <summary>So many rounds without an answer are too many.</summary>
    public const int QuietRounds = 4;

    /// <summary>For so many rounds a quiet one is left; longer than it takes until a silo that hangs is voted dead.</summary>
    public const int LeftRounds = 60;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _heard = [];
    private readonly Dictionary<string, long> _leftUntil = [];
    private long _round;

    /// <summary>Begins a round of questions.</summary>
    /// <returns>The gateways that are left from now on.</returns>
    public IReadOnlyList<string> Begin()
    {
        lock (_gate)
        {
            _round++;
            foreach (var (gateway, _) in _leftUntil.Where(left => left.Value <= _round).ToList())
            {
                _leftUntil.Remove(gateway);
            }

            if (!_heard.Values.Any(last => last >= _round - 1))
            {
                return [];   // nobody answers: that is this node, or its network
            }

            var quiet = _heard.Where(one => one.Value < _round - QuietRounds).Select(one => one.Key).ToList();
            foreach (var gateway in quiet)
            {
                _heard.Remove(gateway);
                _leftUntil[gateway] = _round + LeftRounds;
            }

            return quiet;
        }
    }

    /// <summary>A gateway has answered.</summary>
    public void Heard(string gateway)
    {
        lock (_gate)
        {
            if (!_leftUntil.ContainsKey(gateway))
            {
                _heard[gateway] = _round;
            }
        }
    }

    /// <summary>Those of the gateways that there are which may be used; all of them where that would be none. Of others nothing is known any more.</summary>
    public List<Uri> Of(IEnumerable<Uri> gateways)
    {
        lock (_gate)
        {
            var all = gateways.ToList();
            var addresses = all.Select(gateway => gateway.AbsoluteUri).ToHashSet();
            foreach (var gone in _heard.Keys.Where(gateway => !addresses.Contains(gateway)).ToList())
            {
                _heard.Remove(gone);
            }

            var usable = all.FindAll(gateway => !_leftUntil.ContainsKey(gateway.AbsoluteUri));
            return usable.Count == 0 ? all : usable;
        }
    }
}
