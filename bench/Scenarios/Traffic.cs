using System.Collections.Concurrent;

namespace Actors.Bench.Scenarios;

/// <summary>Chooses the next call. Chosen by one thread; what comes of calls is told by all.</summary>
internal sealed class Traffic
{
    /// <summary>Of the accepted sends, those whose key is used again: with the same body, or with another one.</summary>
    private const double Repeated = 0.02, Conflicting = 0.01;

    private const double Service = 0.1, Delivered = 0.8, Read = 0.6, Probed = 0.7, StatusFirst = 0.7;
    private const int Remembered = 4_096;

    /// <summary>What users do in a life, with its weight.</summary>
    private static readonly (ActKind Kind, int Weight)[] s_life =
    [
        (ActKind.Write, 30), (ActKind.StopWord, 6), (ActKind.StartWord, 6), (ActKind.StopAllWord, 3), (ActKind.OptOut, 8), (ActKind.OptIn, 14),
        (ActKind.Stop, 6), (ActKind.Resume, 6), (ActKind.Block, 4), (ActKind.Unblock, 6), (ActKind.Report, 1),
        (ActKind.Interested, 5), (ActKind.NotInterested, 3), (ActKind.OptOutByBusiness, 2),
    ];

    private static readonly ActKind[] s_storm = [ActKind.StopWord, ActKind.OptOut, ActKind.StopAllWord, ActKind.Stop];

    private readonly Scenario _scenario;
    private readonly Stage _stage;
    private readonly Random _random;
    private readonly double[] _zipf;
    private readonly ConcurrentQueue<Act> _statuses = new();
    private readonly ConcurrentQueue<Send> _again = new();
    private readonly Send?[] _marketing = new Send?[Remembered];
    private int _fresh;
    private int _stormed;
    private long _key;
    private int _remembered;

    public Traffic(Scenario scenario, Stage stage, int seed)
    {
        (_scenario, _stage, _random) = (scenario, stage, new Random(seed));
        _zipf = scenario.Spread == Spread.Zipf ? Sums(stage.Users) : [];
    }

    /// <summary>The next call.</summary>
    /// <param name="at">0 at the start of the run and 1 at its end.</param>
    public Call Next(double at)
    {
        if (_random.NextDouble() < _scenario.Acts(at) && NextAct() is { } act)
        {
            return act;
        }

        return _again.TryDequeue(out var again) ? again : NextSend();
    }

    /// <summary>A send was answered.</summary>
    public void Answered(Send send)
    {
        if (send is not { Wamid: { } message, Body: 0 })
        {
            return;
        }

        var die = Random.Shared.NextDouble();
        if (die < Repeated + Conflicting)
        {
            var body = die < Repeated ? 0 : 1;
            _again.Enqueue(new Send { Business = send.Business, User = send.User, Category = send.Category, Key = send.Key, Body = body });
        }

        if (_scenario.NeedsUsers && !_scenario.IsStorm && Random.Shared.NextDouble() < Delivered)
        {
            _statuses.Enqueue(Of(ActKind.Delivered, send.Business, send.User, message));
        }

        if (send.Category == Topics.Marketing)
        {
            _marketing[(Interlocked.Increment(ref _remembered) & int.MaxValue) % Remembered] = send;
        }
    }

    /// <summary>An act was answered.</summary>
    public void Answered(Act act)
    {
        if (act.Outcome != Outcome.Done)
        {
            return;
        }

        if (act.Kind == ActKind.Delivered && Random.Shared.NextDouble() < Read)
        {
            _statuses.Enqueue(Of(ActKind.Read, act.Business, act.User, act.Message));
        }

        // Who has just said no is whom a late node would still accept.
        if (act.Kind is ActKind.StopWord or ActKind.StopAllWord or ActKind.OptOut or ActKind.OptOutByBusiness or ActKind.Stop or ActKind.Block
            && Random.Shared.NextDouble() < Probed)
        {
            _again.Enqueue(new Send { Business = act.Business, User = act.User, Category = Topics.Marketing, Key = NextKey() });
        }
    }

    private Send NextSend()
    {
        if (_stage.Windows > 0 && _random.NextDouble() < Service)
        {
            var written = _random.Next(_stage.Windows);
            var business = _random.Next(20) == 0 ? _random.Next(_stage.Senders.Count) : written % _stage.Senders.Count;
            return SendTo(written, business, Topics.Service);
        }

        var user = _scenario.Spread switch
        {
            Spread.Uniform => _random.Next(_stage.Users),
            Spread.Zipf => Pick(_zipf),
            Spread.Fresh => _fresh++ % _stage.Users,
        };
        var sender = _scenario.Spread == Spread.Fresh ? _stage.OwnBusiness(user) : NextSender();
        return SendTo(user, sender, _random.NextDouble() < _scenario.Marketing ? Topics.Marketing : Topics.Utility);
    }

    private int NextSender() => _scenario.HotShare is { } hot
        ? _random.NextDouble() < hot ? 0 : 1 + _random.Next(_stage.Senders.Count - 1)
        : _random.Next(Stage.SmallShare) == 0 ? _stage.Senders.Count - 1 : _random.Next(_stage.Senders.Count - 1);

    private Send SendTo(int user, int business, Topics category) =>
        new() { Business = _stage.Senders[business].Id, User = _stage.WaId(user), Category = category, Key = NextKey() };

    private Act? NextAct()
    {
        if (_scenario.IsStorm)
        {
            var next = _stormed++;
            return _stage.Users <= next / _stage.Senders.Count
                ? null
                : Of(s_storm[_random.Next(s_storm.Length)], _stage.Senders[next % _stage.Senders.Count].Id, _stage.WaId(next / _stage.Senders.Count));
        }

        if (_random.NextDouble() < StatusFirst && _statuses.TryDequeue(out var status))
        {
            return status;
        }

        var die = _random.Next(s_life.Sum(entry => entry.Weight));
        var kind = s_life.First(entry => (die -= entry.Weight) < 0).Kind;
        if (kind is ActKind.Interested or ActKind.NotInterested)
        {
            return _marketing[_random.Next(Remembered)] is { } send ? Of(kind, send.Business, send.User, send.Wamid) : null;
        }

        return Of(kind, _stage.Senders[_random.Next(_stage.Senders.Count)].Id, _stage.WaId(_random.Next(_stage.Users)));
    }

    private static Act Of(ActKind kind, long business, long user, string? message = null) =>
        new() { Kind = kind, Business = business, User = user, Message = message };

    private long NextKey() => Interlocked.Increment(ref _key);

    /// <summary>Sums of 1/rank up to each rank.</summary>
    private static double[] Sums(int users)
    {
        var sums = new double[users];
        for (var rank = 0; rank < users; rank++)
        {
            sums[rank] = (rank == 0 ? 0 : sums[rank - 1]) + (1.0 / (rank + 1));
        }

        return sums;
    }

    private int Pick(double[] sums)
    {
        var place = Array.BinarySearch(sums, _random.NextDouble() * sums[^1]);
        return Math.Min(place < 0 ? ~place : place, sums.Length - 1);
    }
}
