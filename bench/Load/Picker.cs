namespace Actors.Bench.Load;

/// <summary>Whom the next send is for.</summary>
internal enum Spread
{
    /// <summary>Every user alike.</summary>
    Uniform,

    /// <summary>Few users get most: the n-th in proportion to 1/n.</summary>
    Zipf,

    /// <summary>Each user once, in an order made at random.</summary>
    Once,
}

/// <summary>Picks users by their spread, in constant time.</summary>
internal sealed class Picker
{
    private readonly Spread _spread;
    private readonly Random _random;
    private readonly int _users;
    private readonly int[] _order;
    private readonly int[] _alias;
    private readonly double[] _keep;
    private int _next;

    public Picker(Spread spread, int users, int seed)
    {
        (_spread, _users, Limit, _random) = (spread, users, users, new Random(seed));
        _order = spread == Spread.Uniform ? [] : [.. Enumerable.Range(0, users)];
        _random.Shuffle(_order);
        (_alias, _keep) = spread == Spread.Zipf ? Alias(users) : ([], []);
    }

    /// <summary>How many users may be picked so far, where each is picked once.</summary>
    public int Limit { get; set; }

    /// <summary>Whether no more can be picked.</summary>
    public bool IsExhausted => _spread == Spread.Once && _next >= Limit;

    public int Next()
    {
        switch (_spread)
        {
            case Spread.Uniform:
                return _random.Next(_users);
            case Spread.Zipf:
                var slot = _random.Next(_users);
                return _order[_random.NextDouble() < _keep[slot] ? slot : _alias[slot]];
            case Spread.Once:
                return _order[_next++];
            default:
                throw new InvalidOperationException($"{_spread} is no spread.");
        }
    }

    /// <summary>Walker's alias table: each slot holds a share of its own rank and gives the rest to one other.</summary>
    private static (int[] Alias, double[] Keep) Alias(int users)
    {
        var weights = new double[users];
        var sum = 0.0;
        for (var rank = 0; rank < users; rank++)
        {
            sum += weights[rank] = 1.0 / (rank + 1);
        }

        var (alias, keep) = (new int[users], new double[users]);
        var (poor, rich) = (new Stack<int>(), new Stack<int>());
        for (var rank = 0; rank < users; rank++)
        {
            keep[rank] = weights[rank] * users / sum;
            (keep[rank] < 1 ? poor : rich).Push(rank);
        }

        while (poor.Count > 0 && rich.Count > 0)
        {
            var (low, high) = (poor.Pop(), rich.Pop());
            alias[low] = high;
            keep[high] -= 1 - keep[low];
            (keep[high] < 1 ? poor : rich).Push(high);
        }

        foreach (var rest in poor.Concat(rich))
        {
            keep[rest] = 1;
        }

        return (alias, keep);
    }
}
