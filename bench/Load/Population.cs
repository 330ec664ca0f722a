namespace Actors.Bench.Load;

/// <summary>What holds between one user and one business.</summary>
[Flags]
internal enum Allowed : byte
{
    /// <summary>They never heard of each other.</summary>
    Nothing = 0,

    /// <summary>Opted in to utility messages.</summary>
    Utility = 1,

    /// <summary>Opted in to marketing messages.</summary>
    Marketing = 2,

    /// <summary>The user wrote to the business before the run: its window is open all through.</summary>
    Window = 4,
}

/// <summary>The users of a run and what each allows each business: made from the seed, told to the target in the setup, known to the checker.</summary>
internal sealed class Population
{
    private readonly Allowed[] _pairs;

    /// <param name="capacity">Users that can come to be while it runs, the first ones included.</param>
    /// <param name="windows">Whether each user has an open window with one of the businesses.</param>
    public Population(int users, int capacity, int businesses, bool windows, long firstWaId, int seed)
    {
        (Users, Capacity, Businesses, FirstWaId) = (users, capacity, businesses, firstWaId);
        _pairs = new Allowed[capacity * businesses];
        var random = new Random(seed);
        for (var user = 0; user < users; user++)
        {
            for (var business = 0; business < businesses; business++)
            {
                var die = random.Next(1_000);
                var allowed = die < 2 ? Allowed.Nothing : die < 12 ? Allowed.Utility : Allowed.Utility | Allowed.Marketing;
                _pairs[(user * businesses) + business] = allowed | (windows && business == WindowOf(user) ? Allowed.Window : Allowed.Nothing);
            }
        }
    }

    /// <summary>Users so far.</summary>
    public int Users { get; private set; }

    /// <summary>Most users.</summary>
    public int Capacity { get; }

    public int Businesses { get; }

    /// <summary>The first user's number; the others follow.</summary>
    public long FirstWaId { get; }

    public Allowed this[int user, int business] => _pairs[(user * Businesses) + business];

    public long WaId(int user) => FirstWaId + user;

    /// <summary>The business that a user wrote to.</summary>
    public int WindowOf(int user) => user % Businesses;

    /// <summary>Makes room for a new user, who allows nothing yet; -1 when there is none.</summary>
    public int Grow() => Users < Capacity ? Users++ : -1;

    /// <summary>A new user opted in.</summary>
    public void OptIn(int user, int business) => _pairs[(user * Businesses) + business] |= Allowed.Utility | Allowed.Marketing;
}
