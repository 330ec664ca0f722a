using Actors.Bench.Scenarios;

namespace Actors.Bench.Tests;

/// <summary>
/// A run of random calls against a platform that keeps every rule, in a page of code. Calls overlap, answers get lost, keys are used again, hours pass: what it
/// tells is true, and so the checker must find nothing in it.
/// </summary>
internal sealed class Story
{
    private const int Users = 6;
    private const int Limit = 4;
    private static readonly long[] _businesses = [100, 200, 300];
    private static readonly ActKind[] _acts = [.. Enum.GetValues<ActKind>().Except([ActKind.Report, ActKind.Interested, ActKind.NotInterested])];
    private readonly Random _random;
    private readonly List<Send> _sends = [];
    private readonly List<Act> _told = [];
    private readonly List<LogLine> _log = [];
    private readonly Dictionary<string, long> _keys = [];
    private readonly Dictionary<(long, long), Pair> _pairs = [];
    private readonly Rules _rules = Rules.Default;
    private long _now = 1_000_000_000;   // milliseconds
    private int _key;

    private Story(int seed) => _random = new Random(seed);

    public static History Tell(int seed, int steps = 1_500)
    {
        var story = new Story(seed);
        for (var step = 0; step < steps; step++)
        {
            story._now += story._random.Next(200) == 0 ? story._random.Next(30) * 3_600_000L : story._random.Next(1, 2_000);
            story.Step();
        }

        return new History
        {
            Rules = story._rules,
            Senders = [.. _businesses.Select(id => new Sender(id, id + 1, "", Limit))],
            Sends = story._sends,
            Acts = story._told,
            Log = story._log,
            Keys = story._keys,
        };
    }

    private void Step()
    {
        var (business, user) = (_businesses[_random.Next(_businesses.Length)], 9_990_000_000_000 + _random.Next(Users));
        if (!_pairs.TryGetValue((business, user), out var pair))
        {
            _pairs.Add((business, user), pair = new Pair(business, user));
        }

        if (_random.Next(3) == 0)
        {
            Do(_acts[_random.Next(_acts.Length)], pair);
        }
        else if (_random.Next(8) == 0 && _sends.LastOrDefault(send => send is { Wamid: not null, Body: 0 }) is { } old)
        {
            var isOther = _random.Next(2) == 0;
            var again = new Send { Business = old.Business, User = old.User, Category = old.Category, Key = old.Key, Body = isOther ? 1 : 0 };
            (again.Outcome, again.Code) = isOther ? (Outcome.Refused, 100) : (Outcome.Done, 0);
            again.Wamid = isOther ? null : old.Wamid;
            _sends.Add(Timed(again));
        }
        else
        {
            Send(pair, (Topics)(1 << _random.Next(4)));
        }
    }

    private void Send(Pair pair, Topics category)
    {
        var send = Timed(new Send { Business = pair.Business, User = pair.User, Category = category, Key = ++_key, Outcome = Outcome.Refused, Code = 1 });
        _sends.Add(send);
        send.IsOpen = _random.Next(10) == 0;
        var inWindow = pair.Window is { } from && _now < from + _rules.Window;
        if (!pair.Allows(category, inWindow) || (category == Topics.Marketing && !inWindow && !HasRoom(pair)) || (!inWindow && !MayOpen(pair)))
        {
            return;
        }

        var wamid = $"wamid.{send.Key}";
        _keys[wamid] = send.Key;
        Log(pair, LineKind.Accepted, category, wamid, inWindow);
        pair.OpenedAt = inWindow || pair.OpenedAt > _now - History.Day ? pair.OpenedAt : _now;

        // A repeat of an attempt without an answer may be refused or come to nothing, while the attempt itself went through.
        var isLost = send.IsOpen && _random.Next(2) == 0;
        (send.Outcome, send.Wamid) = isLost ? (_random.Next(2) == 0 ? Outcome.Unknown : Outcome.Refused, null) : (Outcome.Done, wamid);
    }

    private void Do(ActKind kind, Pair pair)
    {
        if (kind is ActKind.Delivered or ActKind.Read)
        {
            Advance(kind);
            return;
        }

        var act = Timed(new Act { Kind = kind, Business = pair.Business, User = pair.User, Outcome = Outcome.Done });
        _told.Add(act);
        act.IsOpen = _random.Next(40) == 0;
        var before = _log.Count;
        if (!pair.Apply(kind, _now, (line, topics) => Log(pair, line, topics)))
        {
            act.Outcome = Outcome.Refused;
        }
        else if (act.IsOpen && _log.Count > before && _random.Next(2) == 0)
        {
            act.Outcome = Outcome.Unknown;
        }
    }

    /// <summary>A message goes on: delivered, read, or expired.</summary>
    private void Advance(ActKind kind)
    {
        var accepted = _log.Where(line => line.Kind == LineKind.Accepted).ToList();
        var message = accepted.ElementAtOrDefault(_random.Next(1 + accepted.Count));
        if (message is null || _log.FindLast(line => line.Message == message.Message)!.Kind is LineKind.Read or LineKind.Expired)
        {
            return;
        }

        var pair = _pairs[(message.Business, message.User)];
        var isDelivered = _log.FindLast(line => line.Message == message.Message)!.Kind == LineKind.Delivered;
        if (!isDelivered && _random.Next(5) == 0)
        {
            Log(pair, LineKind.Expired, message.Topics, message.Message);
            return;
        }

        if (!isDelivered)
        {
            Log(pair, LineKind.Delivered, message.Topics, message.Message);
        }

        if (kind == ActKind.Read)
        {
            Log(pair, LineKind.Read, message.Topics, message.Message);
        }

        _told.Add(Timed(new Act { Kind = kind, Business = pair.Business, User = pair.User, Message = message.Message, Outcome = Outcome.Done }));
    }

    private bool HasRoom(Pair pair)
    {
        var over = _log.Where(line => line.Kind is LineKind.Expired).Select(line => line.Message).ToHashSet();
        var counted = _log.Where(line => line is { Kind: LineKind.Accepted, Topics: Topics.Marketing, InWindow: false } && line.User == pair.User)
            .Where(line => !over.Contains(line.Message)).ToList();
        var day = counted.Where(line => line.At > _now - History.Day).ToList();
        return day.Count < _rules.PerDay && day.Count(line => line.Business == pair.Business) < _rules.PerBusinessPerDay
            && counted.Count(line => line.At > _now - (7 * History.Day)) < _rules.PerWeek;
    }

    private bool MayOpen(Pair pair) => pair.OpenedAt > _now - History.Day
        || _pairs.Values.Count(other => other.Business == pair.Business && other.OpenedAt > _now - History.Day) < Limit;

    /// <summary>It was done now; the caller saw a time around that.</summary>
    private T Timed<T>(T call)
        where T : Call
    {
        (call.Began, call.Ended) = ((_now - _random.Next(4_000)) * 1_000, (_now + _random.Next(4_000)) * 1_000);
        return call;
    }

    private void Log(Pair pair, LineKind kind, Topics topics, string? message = null, bool inWindow = false) =>
        _log.Add(new(pair.Business, 10 * (_log.Count + 1), _now, kind, pair.User, message, topics, inWindow));

    /// <summary>What holds between a user and a business.</summary>
    private sealed record Pair(long Business, long User)
    {
        private Topics _given, _taken, _takenSinceWritten, _stoppedWhileGiven;
        private bool _isBlocked, _isStoppedByWord, _isStoppedByCall;

        public long? Window { get; private set; }

        public long OpenedAt { get; set; } = long.MinValue;

        public bool Allows(Topics category, bool inWindow) => !_isBlocked && category switch
        {
            Topics.Marketing => _given.HasFlag(Topics.Marketing) && !_isStoppedByWord && !_isStoppedByCall,
            Topics.Service => inWindow && _takenSinceWritten != Topics.Consented,
            _ => _given.HasFlag(category) || (inWindow && !_takenSinceWritten.HasFlag(category)),
        };

        /// <summary>Does it, and tells what changed; false where it is refused.</summary>
        public bool Apply(ActKind act, long now, Action<LineKind, Topics> tell)
        {
            var isText = act is ActKind.StopWord or ActKind.StopAllWord or ActKind.StartWord or ActKind.Write;
            if ((isText && _isBlocked) || (act == ActKind.OptOutByBusiness && _given == Topics.None)
                || (act == ActKind.OptInByBusiness && (_taken & (Topics.Utility | Topics.Marketing)) != Topics.None))
            {
                return false;
            }

            if (act == ActKind.Block && _isBlocked)
            {
                return true;
            }

            if (isText)
            {
                tell(LineKind.Inbound, Topics.None);
            }

            switch (act)
            {
                case ActKind.OptIn or ActKind.OptInByBusiness:
                    Give(Topics.Utility | Topics.Marketing, tell);
                    break;
                case ActKind.OptOutByBusiness:
                    Take(_given, tell);
                    break;
                case ActKind.OptOut or ActKind.Block or ActKind.StopAllWord:
                    var stopped = Topics.Consented & ~(_taken & _takenSinceWritten);
                    _stoppedWhileGiven = act == ActKind.StopAllWord ? _given | _stoppedWhileGiven : Topics.None;
                    _taken = Topics.Consented;
                    Take(stopped, tell);
                    (_isBlocked, Window) = act == ActKind.Block ? (true, null) : (_isBlocked, Window);
                    break;
                case ActKind.Stop or ActKind.StopWord:
                    if (!_isStoppedByWord && !_isStoppedByCall)
                    {
                        tell(LineKind.Stopped, Topics.None);
                    }

                    (_isStoppedByWord, _isStoppedByCall) = act == ActKind.Stop ? (false, true) : (!_isStoppedByCall, _isStoppedByCall);
                    break;
                case ActKind.Resume:
                    Resume(tell);
                    break;
                case ActKind.Unblock:
                    _isBlocked = false;
                    break;
                case ActKind.StartWord or ActKind.Write:
                    (Window, _takenSinceWritten) = (now, Topics.None);
                    if (act == ActKind.StartWord)
                    {
                        Restart(tell);
                    }

                    break;
            }

            return true;
        }

        private void Restart(Action<LineKind, Topics> tell)
        {
            if (_isStoppedByWord)
            {
                Resume(tell);
            }

            Give(_stoppedWhileGiven, tell);
        }

        private void Resume(Action<LineKind, Topics> tell)
        {
            if (_isStoppedByWord || _isStoppedByCall)
            {
                tell(LineKind.Resumed, Topics.None);
            }

            (_isStoppedByWord, _isStoppedByCall) = (false, false);
        }

        private void Give(Topics topics, Action<LineKind, Topics> tell)
        {
            if ((topics & ~_given) != Topics.None)
            {
                tell(LineKind.OptedIn, topics & ~_given);
            }

            _given |= topics;
            _stoppedWhileGiven &= ~topics;
            _taken &= ~topics;
            _takenSinceWritten &= ~topics;
        }

        private void Take(Topics topics, Action<LineKind, Topics> tell)
        {
            if (topics != Topics.None)
            {
                tell(LineKind.OptedOut, topics);
            }

            _given &= ~topics;
            _takenSinceWritten |= topics;
        }
    }
}
