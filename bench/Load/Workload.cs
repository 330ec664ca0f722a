using System.Buffers.Text;

namespace Actors.Bench.Load;

/// <summary>A business that sends.</summary>
/// <param name="Id">Its id.</param>
/// <param name="PhoneNumber">Id of the number that it sends from.</param>
/// <param name="Token">Its token.</param>
internal sealed record Sender(long Id, long PhoneNumber, string Token);

/// <summary>What is sent: shares of 0 to 1.</summary>
/// <param name="Service">Free-form texts, one in fifty of them outside the window.</param>
/// <param name="Marketing">Marketing templates. The rest are utility templates.</param>
/// <param name="Keyed">Sends with an idempotency key.</param>
/// <param name="Repeated">Of the keyed ones: keys used again, with the same body or with another one, afterwards or at the same time.</param>
/// <param name="New">Sends to users who opt in for it just before.</param>
/// <param name="Spread">Whom they go to.</param>
internal sealed record Mix(double Service, double Marketing, double Keyed, double Repeated, double New, Spread Spread)
{
    /// <summary>Share of the sends that the first business makes; null where all make the same. Only where users are spread uniformly.</summary>
    public double? Hot { get; init; }
}

/// <summary>Makes requests and hands answers to the checker. One thread.</summary>
internal sealed class Workload
{
    /// <summary>Room that a request needs.</summary>
    public const int RequestMax = 2_048;

    private const int Remembered = 4_096;

    private static readonly Kind[] s_templated = [Kind.Utility, Kind.Service, Kind.Marketing, Kind.OptIn];

    private readonly Mix _mix;
    private readonly Population _population;
    private readonly Random _random;
    private readonly Picker _picker;
    private readonly RequestTemplate[] _templates;
    private readonly Ticket[] _inFlight;
    private readonly Ticket[] _accepted = new Ticket[Remembered];
    private readonly Devices? _devices;
    private long _acceptedCount;
    private uint _serial;

    /// <param name="devices">What the users' devices report of what is accepted; null where they are silent.</param>
    public Workload(
        Mix mix, Population population, IReadOnlyList<Sender> senders, Checker checker, int connections, int seed, string host, Devices? devices = null)
    {
        _devices = devices;
        (_mix, _population, Checker, _random) = (mix, population, checker, new Random(seed));
        _picker = new Picker(mix.Spread, population.Users, seed + 1);
        _inFlight = new Ticket[connections];
        _serial = (uint)seed * 1_000_003;
        _templates = [.. senders.SelectMany(sender => s_templated.SelectMany(kind => new[]
        {
            new RequestTemplate(sender, kind, keyed: false, host),
            new RequestTemplate(sender, kind, keyed: true, host),
        }))];
    }

    public Checker Checker { get; }

    /// <summary>Whether nothing is left to send.</summary>
    public bool IsExhausted => _picker.IsExhausted;

    /// <summary>Lets so many users have had their one send, where each has one.</summary>
    public void LimitTo(int users) => _picker.Limit = users;

    /// <summary>Writes the next request of a connection.</summary>
    /// <returns>Its length.</returns>
    public int Write(int connection, Span<byte> request)
    {
        ref var ticket = ref _inFlight[connection];
        ticket = ticket.FirstSendIsDue ? FirstSend(ticket) : Next(connection);
        Checker.Sent(ticket);
        if (ticket.Kind is Kind.Delivered or Kind.Read)
        {
            return _devices!.Write(connection, request);
        }

        return _templates[(((ticket.Business * 4) + (int)ticket.Kind) * 2) + (ticket.Key == 0 ? 0 : 1)]
            .Fill(request, _population.WaId(ticket.User), ticket.Serial, ticket.Key);
    }

    /// <summary>The answer to a connection's request, when it is there.</summary>
    public bool TryRead(int connection, Span<byte> received, out Answer answer)
    {
        Span<byte> recipient = stackalloc byte[20];
        Utf8Formatter.TryFormat(_population.WaId(_inFlight[connection].User), recipient, out var digits);
        if (!Answer.TryRead(received, recipient[..digits], out answer))
        {
            return false;
        }

        if (answer is { Status: 200, Wamid: not 0, Replayed: false } && _inFlight[connection].Kind is Kind.Utility or Kind.Service or Kind.Marketing)
        {
            _devices?.Got(_inFlight[connection].User, received);
        }

        return true;
    }

    /// <summary>Checks the answer to a connection's request.</summary>
    public Verdict Answered(int connection, in Answer answer)
    {
        ref var ticket = ref _inFlight[connection];
        var verdict = Checker.Answered(ticket, answer);
        if (ticket.Kind is Kind.Delivered or Kind.Read)
        {
            _devices!.Answered(connection, isDone: verdict == Verdict.Other);
            ticket = default;
            return verdict;
        }

        if (ticket.Kind == Kind.OptIn && verdict == Verdict.Other)
        {
            _population.OptIn(ticket.User, ticket.Business);
            ticket.FirstSendIsDue = true;
            return verdict;
        }

        if (verdict == Verdict.Accepted && ticket.Key != 0 && ticket.Kind != Kind.Marketing)
        {
            ref var place = ref _accepted[_acceptedCount++ % Remembered];
            (place, place.Wamid, place.HasTwin) = (ticket, answer.Wamid, false);
        }

        ticket = default;
        return verdict;
    }

    /// <summary>The connection was lost before an answer.</summary>
    public void Lost(int connection)
    {
        Checker.Lost(_inFlight[connection]);
        if (_inFlight[connection].Kind is Kind.Delivered or Kind.Read)
        {
            _devices!.Answered(connection, isDone: false);
        }

        _inFlight[connection] = default;
    }

    private Ticket Next(int connection)
    {
        // What is to be reported goes first: devices don't fall behind the sends.
        if (_devices?.TryTake(connection, out var user, out var isRead) == true)
        {
            return new Ticket { User = user, Kind = isRead ? Kind.Read : Kind.Delivered };
        }

        if (_mix.New > 0 && _random.NextDouble() < _mix.New && _population.Grow() is >= 0 and var fresh)
        {
            return new Ticket { User = fresh, Business = _random.Next(_population.Businesses), Kind = Kind.OptIn };
        }

        var keyed = _random.NextDouble() < _mix.Keyed;
        if (keyed && _random.NextDouble() < _mix.Repeated && TryRepeat(out var repeat))
        {
            return repeat;
        }

        var picked = _picker.Next();
        var die = _random.NextDouble();
        var kind = die < _mix.Service ? Kind.Service : die < _mix.Service + _mix.Marketing ? Kind.Marketing : Kind.Utility;
        var business = _mix.Hot is { } share ? Hot(share) : _random.Next(_population.Businesses);
        if (kind == Kind.Service && _random.Next(50) != 0)
        {
            // A text goes to whose window is open.
            while (_mix.Hot is not null && _population.WindowOf(picked) != business)
            {
                picked = _picker.Next();
            }

            business = _population.WindowOf(picked);
        }

        return new Ticket { User = picked, Business = business, Kind = kind, Serial = ++_serial, Key = keyed ? (ulong)_random.NextInt64(1, long.MaxValue) : 0 };
    }

    private int Hot(double share) => _random.NextDouble() < share ? 0 : 1 + _random.Next(_population.Businesses - 1);

    private bool TryRepeat(out Ticket ticket)
    {
        if (_random.Next(4) == 0)
        {
            ref var other = ref _inFlight[_random.Next(_inFlight.Length)];
            ticket = other;
            if (other is { Key: not 0, Repeat: Repeat.None, HasTwin: false, Kind: Kind.Utility or Kind.Service })
            {
                other.HasTwin = ticket.HasTwin = true;
                ticket.Repeat = Repeat.Twin;
                return true;
            }
        }

        ticket = default;
        if (_acceptedCount < Remembered)
        {
            return false;
        }

        ticket = _accepted[_random.Next(Remembered)];
        ticket.Repeat = _random.Next(4) == 0 ? Repeat.Conflict : Repeat.Replay;
        ticket.Serial += ticket.Repeat == Repeat.Conflict ? 1u : 0;
        return true;
    }

    private Ticket FirstSend(in Ticket optIn) => new() { User = optIn.User, Business = optIn.Business, Kind = Kind.Utility, Serial = ++_serial };
}
